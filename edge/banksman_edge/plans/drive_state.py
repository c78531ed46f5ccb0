"""What is known of one plan while it is driven. Everybody who drives it shares this, and changes it under its lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from banksman_edge.fleet import Fleet, VehicleView
from banksman_edge.plans.deviation import Deviation, DeviationWatch
from banksman_edge.plans.driving_terms import Offer, PlanReporter, RestPlanner, Terms
from banksman_edge.plans.execution import Execution, Item, Stage
from banksman_edge.plans.news_inbox import Inbox
from banksman_edge.plans.progress_log import ProgressLog
from banksman_edge.plans.retry import Retry
from banksman_edge.plans.step_dispatch import StepDispatch
from banksman_shared.clock import Clock
from banksman_shared.plans import Plan
from banksman_shared.site import Site


@dataclass(slots=True, eq=False)
class DriveState:
    """``lock``: whoever takes it has the fleet's news until then."""

    site: Site
    fleet: Fleet
    clock: Clock
    execution: Execution
    terms: Terms
    reporter: PlanReporter
    again: RestPlanner
    progress_log: ProgressLog
    over: bool = False
    given_up: bool = False
    replans: int = 0
    """How often the rest was planned anew."""
    away_since: float | None = None
    """Since when nobody drives it, in wall-clock seconds: it has not gone on yet after a restart. 0: nobody knows."""
    lock: Inbox = field(default_factory=Inbox)
    watch: DeviationWatch = field(init=False)
    dispatch: StepDispatch = field(init=False)
    retry: Retry = field(default_factory=Retry)
    offer: Offer | None = None
    """The plan for the rest that waits for a yes."""
    lacked: frozenset[str] = frozenset()
    """Vehicles that were stopped when nobody else could do the rest."""
    deviations: list[Deviation] = field(default_factory=list)
    """What was noticed, and nothing is done about yet."""
    _paused: bool = False

    def __post_init__(self) -> None:
        self.watch = DeviationWatch(self.execution)
        self.dispatch = StepDispatch(self.site, self.fleet, self.execution)

    @property
    def now_s(self) -> float:
        """Seconds since the plan was asked for."""
        return self.clock.time() - self.terms.began

    @property
    def able(self) -> frozenset[str]:
        """The vehicles that were approved, and that can still be counted on."""
        return self.terms.vehicles - self.watch.out.keys()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped a vehicle that has something left to do."""
        views = self.fleet.vehicles()
        return any(views[vehicle].stopped for vehicle in self.execution.busy())

    def keep(self) -> None:
        """Have the next agent know how far it has come."""
        self.progress_log.keep(self)

    def pause(self, views: Mapping[str, VehicleView]) -> bool:
        """Whether nothing is handed out for now; the operator is told when that changes. Also while the disk would
        have the next agent do again what is given now, and while all are stopped without whom there is no plan for the
        rest."""
        waits = self.progress_log.misleads and any(item.stage is Stage.WAITING for item in self.execution.items)
        lacked = self.lacked - self.watch.out.keys()
        waits |= bool(lacked) and all(views[vehicle].stopped for vehicle in lacked)
        stopped = waits or any(views[vehicle].stopped for vehicle in self.execution.busy())
        if stopped is not self._paused:
            self._paused = stopped
            self.dispatch.forget()
            self.reporter.paused(on=stopped)
        return stopped

    def give_up(self) -> None:
        """Hand out nothing more; the plan ends with what is under way."""
        self.given_up = True
        self.execution.withdraw(everything=True)
        self.deviations, self.retry.at, self.offer, self.lacked = [], None, None, frozenset()
        self.keep()

    def is_current(self, plan: Plan) -> bool:
        """Whether a plan for the rest can still be driven. Of vehicles that were lost while it was made, another one is
        made."""
        with self.lock:
            if self.over or self.given_up:
                return False
            outdated = any(step.vehicle in self.watch.out for step in plan.steps)
            if outdated:
                self.retry.at = self.now_s
            return not outdated

    def held_steps(self) -> list[Item]:
        """Steps that the fleet was given before a long break, and of which it sends nothing more."""
        views = self.fleet.vehicles()
        return [i for i in self.execution.items if i.stage is Stage.GIVEN and views[i.step.vehicle].held == i.job]
