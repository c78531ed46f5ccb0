"""Writes down how far a driven plan has come, and reads it again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from banksman_edge.fleet import EarlierJobs, JobStatus
from banksman_edge.plans.deviation import Deviation, DeviationKind
from banksman_edge.plans.execution import Execution, Item, Stage
from banksman_edge.plans.store import KeptItem, KeptPlan, PlanFile, Way

if TYPE_CHECKING:
    from banksman_edge.plans.drive_state import DriveState


class ProgressLog:
    """Of one plan. ``file`` None: nothing is written. ``way_of``: where a plan was made, by its id; empty where that is
    not known (any more). All under the plan's lock."""

    def __init__(
        self, file: PlanFile | None, plan: KeptPlan, earlier_jobs: EarlierJobs, way_of: Callable[[str], Way]
    ) -> None:
        self._file, self._plan, self._earlier_jobs, self._way_of = file, plan, earlier_jobs, way_of
        self._written: Any = None

    @property
    def lasts(self) -> bool:
        """Whether a restart knows of the plan."""
        return self._file is not None

    @property
    def misleads(self) -> bool:
        """Whether a restart would take for not given what has been given."""
        return self._file is not None and self._file.misleads

    def begin(self) -> None:
        """The plan is about to be approved."""
        if self._file:
            self._file.write(self._plan)

    def intend(self, state: DriveState, items: Iterable[Item]) -> None:
        """These steps are about to be given to the fleet. On the disk when this returns, if that can be."""
        new = [item for item in items if not item.tried]
        for item in new:
            item.tried = True
        if new:
            self.keep(state)

    def keep(self, state: DriveState) -> None:
        """The plan may have come further."""
        if self._file is None:
            return
        now = _changing(state, self._earlier_jobs.mark())
        if now == self._written:
            if state.away_since is None:
                self._file.touch()
            return
        self._plan = self._kept(state)
        self._written = now if self._file.write(self._plan) else None

    def forget(self) -> None:
        """The plan has ended."""
        if self._file:
            self._file.forget()

    def _kept(self, state: DriveState) -> KeptPlan:
        plan = state.again.plan
        changes: dict[str, Any] = {
            "state": "driven",
            "way": self._way_of(plan.id) or (self._plan.way if plan.id == self._plan.plan.id else ""),
            "plan": plan,
            "goals": state.execution.goals,
            "items": tuple(_kept_item(item) for item in state.execution.items),
            "began": state.terms.began,
            "vehicles": tuple(sorted(state.terms.vehicles)),
            "among": tuple(sorted(state.terms.among)),
            "out": {vehicle: deviation.kind for vehicle, deviation in state.watch.out.items()},
            "late": tuple(sorted(state.watch.late)),
            "replans": state.replans,
            "given_up": state.given_up,
            "away_since": state.away_since,
            "mark": self._earlier_jobs.mark(),
        }
        return self._plan.model_copy(update=changes)


def _changing(state: DriveState, mark: str) -> Any:
    """All that changes, to compare."""
    items = [(i.job, _stage(i), i.stranded, i.unknown, i.kept, i.disputed) for i in state.execution.items]
    out = {vehicle: deviation.kind for vehicle, deviation in state.watch.out.items()}
    plan = (state.again.plan.id, state.terms.vehicles, state.replans, state.given_up, state.away_since)
    return items, out, set(state.watch.late), plan, mark


def _stage(item: Item) -> Stage:
    return Stage.GIVEN if item.tried and item.stage is Stage.WAITING else item.stage


def _kept_item(item: Item) -> KeptItem:
    return KeptItem(
        step=item.step,
        job=item.job,
        stage=_stage(item),
        given_s=item.given_s,
        ended_s=None if math.isinf(item.ended_s) else item.ended_s,
        stranded=item.stranded,
        unknown=item.unknown,
        kept=item.kept,
        disputed=item.disputed,
    )


def execution_of(plan: KeptPlan, earlier_jobs: EarlierJobs, now_s: float) -> Execution:
    """How far a kept plan has come, with what the fleet knows of its steps."""
    sure = plan.mark != "" and plan.mark == earlier_jobs.mark()
    items = [_item(kept, earlier_jobs, now_s, sure=sure) for kept in plan.items]
    execution = Execution(plan.utterance, plan.goals, items)
    for kept, item in zip(plan.items, items, strict=True):
        settled = item.stage is not Stage.LOST or item.unknown
        if kept.disputed and kept.stage is Stage.LOST and settled:  # another one was to do it
            execution.drop_spare(item.step.goal)
    return execution


def lost_of(plan: KeptPlan, earlier_jobs: EarlierJobs) -> dict[str, Deviation]:
    """The vehicles that a kept plan does not count on, with those whose step was cancelled since."""
    open_ = [item for item in plan.items if item.stage in (Stage.WAITING, Stage.GIVEN) and not item.disputed]
    cancelled = (item.step.vehicle for item in open_ if earlier_jobs.became_of(item.job) is JobStatus.CANCELLED)
    taken = {vehicle: Deviation(DeviationKind.TAKEN, vehicle) for vehicle in cancelled}
    return taken | {vehicle: Deviation(why, vehicle) for vehicle, why in plan.out.items()}


def _item(kept: KeptItem, earlier_jobs: EarlierJobs, now_s: float, *, sure: bool) -> Item:
    """``sure``: what the fleet does not know of was never taken."""
    ended_s = math.inf if kept.ended_s is None else kept.ended_s
    item = Item(kept.step, kept.job, kept.stage, kept.given_s, ended_s, kept.stranded, kept.kept, kept.unknown)
    if kept.disputed:
        _dispute(item, earlier_jobs, now_s)
    if item.ended or kept.disputed:
        return item
    carries, became = kept.step.origin is not None, earlier_jobs.became_of(kept.job)
    match became:
        case None if kept.stage is Stage.WAITING or sure or not carries:
            item.stage = Stage.WAITING  # to drive somewhere twice does no harm
        case JobStatus.DONE:
            item.stage, item.ended_s = Stage.DONE, now_s
            item.unhurried()
        case None | JobStatus.FAILED | JobStatus.CANCELLED:
            item.stage, item.ended_s = Stage.LOST, now_s
            item.stranded, item.unknown = carries, carries and became is None
        case _:
            item.stage, item.tried = Stage.GIVEN, True
    return item


def _dispute(item: Item, earlier_jobs: EarlierJobs, now_s: float) -> None:
    """A step was being taken back for another vehicle: what became of it, as far as the fleet knows. What stays
    disputed is settled by what its vehicle says."""
    became, undo, given_up = (
        earlier_jobs.became_of(item.job),
        earlier_jobs.became_of(item.undo),
        item.stage is Stage.LOST,
    )
    carries = item.step.origin is not None
    item.stage, item.tried = Stage.LOST, True
    if became is JobStatus.RUNNING:
        item.disputed = undo is JobStatus.RUNNING
        if not item.disputed:  # its vehicle was not asked, or does not give it up
            item.stage, item.kept = Stage.GIVEN, given_up or undo is not None
    elif became is JobStatus.DONE:
        item.stage, item.ended_s = Stage.DONE, now_s
        item.unhurried()
    else:
        item.disputed, item.ended_s = carries and became is not None, now_s
        item.stranded = item.unknown = carries and became is None
