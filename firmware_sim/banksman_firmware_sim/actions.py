"""Actions and their states (2.1.0 §6.8, §6.11, §6.12)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from banksman_firmware_sim.equipment import Equipment
from banksman_firmware_sim.motion import EPSILON
from banksman_shared.vda5050 import Action, ActionState, ActionStatus, BlockingType

Scope = Literal["INSTANT", "NODE", "EDGE"]

SUPPORTED: Mapping[str, tuple[Scope, ...]] = MappingProxyType(
    {
        "pick": ("NODE", "EDGE"),
        "drop": ("NODE", "EDGE"),
        "startCharging": ("INSTANT", "NODE"),
        "stopCharging": ("INSTANT", "NODE"),
        "startPause": ("INSTANT",),
        "stopPause": ("INSTANT",),
        "cancelOrder": ("INSTANT",),
        "initPosition": ("INSTANT",),
        "stateRequest": ("INSTANT",),
        "factsheetRequest": ("INSTANT",),
    }
)
"""Action types and where each may stand."""

KEPT_INSTANT_ACTIONS = 50
"""Ended instant actions still reported. The standard keeps them until the next order, which may never come."""


@dataclass(slots=True)
class ActionRun:
    """One action and how far it is."""

    action: Action
    instant: bool
    status: ActionStatus = ActionStatus.WAITING
    result: str | None = None
    setup_s: float = 0.0
    work_s: float = 0.0

    @property
    def ended(self) -> bool:
        return self.status.ended

    @property
    def blocks_driving(self) -> bool:
        return self.action.blocking_type is not BlockingType.NONE

    def end(self, status: ActionStatus, result: str | None = None) -> None:
        self.status, self.result = status, result

    def state(self) -> ActionState:
        return ActionState(
            action_id=self.action.action_id,
            action_type=self.action.action_type,
            action_description=self.action.action_description,
            action_status=self.status,
            result_description=self.result,
        )


class ActionList:
    """All actions that ``actionStates`` reports, and the queue of those whose node or edge was reached."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._runs: dict[str, ActionRun] = {}
        self._queue: list[ActionRun] = []
        self._paused = False

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._runs

    def states(self) -> tuple[ActionState, ...]:
        return tuple(run.state() for run in self._runs.values())

    def marks(self) -> tuple[tuple[str, ActionStatus], ...]:
        """What of the states may change, for noticing that it did."""
        return tuple((action_id, run.status) for action_id, run in self._runs.items())

    @property
    def order_open(self) -> bool:
        """Whether an action of the order is yet to end."""
        return any(not run.ended and not run.instant for run in self._runs.values())

    @property
    def blocks_driving(self) -> bool:
        return any(run.blocks_driving and not run.ended for run in self._queue)

    def open(self, actions: Iterable[Action], *, blocking: bool = False) -> bool:
        """Whether any of ``actions`` is yet to end; with ``blocking``, of those that forbid driving."""
        runs = (self._runs[action.action_id] for action in actions)
        return any(not run.ended and (run.blocks_driving or not blocking) for run in runs)

    def add(self, action: Action, *, instant: bool = False) -> ActionRun:
        setup_s, work_s = self._equipment.durations(action)
        run = self._runs[action.action_id] = ActionRun(action, instant, setup_s=setup_s, work_s=work_s)
        if instant:
            ended = [key for key, old in self._runs.items() if old.instant and old.ended]
            for key in ended[: max(0, len(ended) - KEPT_INSTANT_ACTIONS)]:
                del self._runs[key]
        return run

    def forget(self, action_ids: Iterable[str]) -> None:
        """Drop the states of a horizon that was replaced."""
        for action_id in action_ids:
            self._runs.pop(action_id, None)

    def begin_order(self) -> None:
        """A new order: only instant actions that still run keep their states (2.1.0 §6.10.6)."""
        self._runs = {key: run for key, run in self._runs.items() if run.instant and not run.ended}
        self._queue.clear()

    def trigger(self, actions: Iterable[Action]) -> bool:
        """The node or edge of ``actions`` was reached. Whether that set anything going."""
        known = {id(run) for run in self._queue}
        runs = [self._runs[action.action_id] for action in actions]
        fresh = [run for run in runs if run.status is ActionStatus.WAITING and id(run) not in known]
        self._queue += fresh
        return bool(fresh)

    def start_ready(self) -> list[ActionRun]:
        """Start what the blocking types allow. Returns those that ended at once.

        In order of the list; a HARD action waits for all before it and lets none after it start (2.1.0 §6.12).
        """
        self._queue = [run for run in self._queue if not run.ended]
        if self._paused:
            return []
        for index, run in enumerate(self._queue):
            hard = run.action.blocking_type is BlockingType.HARD
            if hard and index > 0:
                break
            if run.status is ActionStatus.WAITING:
                self._start(run)
            if hard:
                break
        return [run for run in self._queue if run.ended]

    def _start(self, run: ActionRun) -> None:
        if obstacle := self._equipment.obstacle(run.action):
            run.end(ActionStatus.FAILED, obstacle)
            return
        run.status = ActionStatus.INITIALIZING
        self._progress(run, 0.0)

    def next_change_s(self) -> float:
        """Seconds until a running action enters its next phase."""
        if self._paused:
            return math.inf
        return min(
            (run.setup_s or run.work_s for run in self._queue if run.status is not ActionStatus.WAITING),
            default=math.inf,
        )

    def work(self, dt_s: float) -> list[ActionRun]:
        """Let time pass for what runs; ``dt_s`` is at most :meth:`next_change_s`. Returns those that ended."""
        if self._paused:
            return []
        for run in self._queue:
            if not run.ended and run.status is not ActionStatus.WAITING:
                self._progress(run, dt_s)
        return [run for run in self._queue if run.ended]

    def _progress(self, run: ActionRun, dt_s: float) -> None:
        if run.status is ActionStatus.INITIALIZING:
            run.setup_s = _less(run.setup_s, dt_s)
            if run.setup_s > 0:
                return
            run.status, dt_s = ActionStatus.RUNNING, 0.0
        run.work_s = _less(run.work_s, dt_s)
        if run.work_s > 0:
            return
        # Two actions that began side by side may have become impossible for one another.
        if obstacle := self._equipment.obstacle(run.action):
            run.end(ActionStatus.FAILED, obstacle)
        else:
            run.end(ActionStatus.FINISHED, self._equipment.complete(run.action))

    def pause(self) -> None:
        self._paused = True
        for run in self._queue:
            if run.status in (ActionStatus.INITIALIZING, ActionStatus.RUNNING):
                run.status = ActionStatus.PAUSED

    def resume(self) -> None:
        self._paused = False
        for run in self._queue:
            if run.status is ActionStatus.PAUSED:
                run.status = ActionStatus.INITIALIZING if run.setup_s > 0 else ActionStatus.RUNNING

    def abort_order(self) -> None:
        """Every action of the order that has not ended fails."""
        for run in self._runs.values():
            if not run.ended and not run.instant:
                run.end(ActionStatus.FAILED, "the order was cancelled")
        self._queue.clear()


def _less(seconds: float, dt_s: float) -> float:
    left = seconds - dt_s
    return left if left > EPSILON else 0.0
