"""Actions and their states (2.1.0 §6.8, §6.11, §6.12; 3.0 §6.2.2, §6.6.9)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from banksman_firmware_sim.errors import RefusedError
from banksman_firmware_sim.motion import EPSILON
from banksman_firmware_sim.order.abilities import Ability, Scope
from banksman_shared.vda5050 import Action, ActionState, ActionStatus, BlockingType

KEPT_INSTANT_ACTIONS = 50
"""Ended instant actions still reported; the factsheet says so."""
KEPT_ZONE_ACTIONS = 50

_EXCLUSIVE = (BlockingType.SINGLE, BlockingType.HARD)
_STANDING = (BlockingType.SOFT, BlockingType.HARD)
_IN_WORK = (ActionStatus.INITIALIZING, ActionStatus.RUNNING)
_WAITING, _INITIALIZING, _RUNNING = ActionStatus.WAITING, ActionStatus.INITIALIZING, ActionStatus.RUNNING
_PAUSED, _RETRIABLE = ActionStatus.PAUSED, ActionStatus.RETRIABLE
_FINISHED, _FAILED = ActionStatus.FINISHED, ActionStatus.FAILED


@dataclass(slots=True)
class ActionRun:
    """One action and how far it is. ``setup_s`` and ``work_s``: how long preparing and doing take."""

    action: Action
    ability: Ability
    scope: Scope
    setup_s: float = 0.0
    work_s: float = 0.0
    status: ActionStatus = _WAITING
    result: str | None = None
    due_at: float = math.inf
    """When the phase that it is in will be over."""
    left_s: float = 0.0
    """What was left of that phase when it was paused."""
    paused_in: ActionStatus = _RUNNING

    @property
    def ended(self) -> bool:
        return self.status.ended

    @property
    def blocks_driving(self) -> bool:
        return self.action.blocking_type in _STANDING

    def given(self) -> dict[str, Any]:
        """Its parameters by key."""
        return {parameter.key: parameter.value for parameter in self.action.action_parameters}

    def state(self) -> ActionState:
        return ActionState(
            action_id=self.action.action_id,
            action_type=self.action.action_type,
            action_description=self.action.action_description,
            action_status=self.status,
            result_description=self.result,
        )


class Performer(Protocol):
    """Whoever does what actions ask for."""

    def hindrance(self, run: ActionRun) -> str | None:
        """Why the action cannot be done now, if it cannot."""
        ...

    def complete(self, run: ActionRun) -> str | None:
        """Let the action take effect. Returns its result in words. Raises :class:`RefusedError` where it fails."""
        ...

    def failed(self, run: ActionRun) -> None:
        """An action of the order or a zone has failed by itself."""
        ...


class ActionList:
    """All actions that are reported, and the queue of those whose node, edge or zone was reached."""

    def __init__(self, performer: Performer, changed: Callable[[], None]) -> None:
        self._performer, self._changed = performer, changed
        self.order: dict[str, ActionRun] = {}
        self.instant: dict[str, ActionRun] = {}
        self.zone: dict[str, ActionRun] = {}
        self._queue: list[ActionRun] = []
        self._aside: list[ActionRun] = []
        """Instant actions that take time: they run beside everything else."""
        self._held = False

    def __contains__(self, action_id: str) -> bool:
        return action_id in self.order or action_id in self.instant

    @property
    def order_open(self) -> bool:
        """Whether an action of the order is yet to end."""
        return any(not run.ended for run in self.order.values())

    @property
    def aside(self) -> int:
        """How many instant actions that take time are running."""
        return len(self._aside)

    @property
    def blocks_driving(self) -> bool:
        return any(run.blocks_driving and not run.ended for run in self._queue)

    def open(self, actions: Iterable[Action], *, blocking: bool = False) -> bool:
        """Whether the vehicle has to wait for any of ``actions``; with ``blocking``, standing."""
        runs = [self.order[action.action_id] for action in actions]
        if blocking:
            return any(not run.ended and run.blocks_driving for run in runs)
        return any(not run.ended and not run.ability.lasts for run in runs)

    @property
    def next_at(self) -> float:
        """When something that runs will enter its next phase."""
        return min((run.due_at for run in (*self._queue, *self._aside)), default=math.inf)

    # What is reported

    def add(self, run: ActionRun) -> None:
        runs, kept = self.order, 0
        if run.scope == "INSTANT":
            runs, kept = self.instant, KEPT_INSTANT_ACTIONS
        elif run.scope == "ZONE":
            runs, kept = self.zone, KEPT_ZONE_ACTIONS
        runs[run.action.action_id] = run
        if kept:
            ended = [key for key, old in runs.items() if old.ended]
            for key in ended[: max(0, len(ended) - kept)]:
                del runs[key]
        self._changed()

    def withdraw(self, run: ActionRun) -> None:
        """Report nothing of an instant action."""
        self.instant.pop(run.action.action_id, None)
        self._changed()

    def forget(self, action_ids: Iterable[str]) -> None:
        """Drop the states of a horizon that was replaced."""
        for action_id in action_ids:
            self.order.pop(action_id, None)

    def begin_order(self, *, keep_instant: bool) -> None:
        """A new order. Before 3.0 it also ends the report of ended instant actions (2.1.0 §6.10.6)."""
        self.order.clear()
        self._queue = [run for run in self._queue if run.scope == "ZONE"]
        if not keep_instant:
            self.clear_ended(self.instant)
        self._changed()

    def clear_ended(self, runs: dict[str, ActionRun]) -> None:
        for key in [key for key, run in runs.items() if run.ended]:
            del runs[key]
        self._changed()

    # What happens

    def trigger(self, actions: Iterable[Action]) -> bool:
        """The node or edge of ``actions`` was reached. Whether that set anything going."""
        return self.enqueue([self.order[action.action_id] for action in actions])

    def enqueue(self, runs: Iterable[ActionRun]) -> bool:
        known = {id(run) for run in self._queue}
        fresh = [run for run in runs if run.status is _WAITING and id(run) not in known]
        self._queue += fresh
        if fresh:
            self._changed()
        return bool(fresh)

    def begin(self, run: ActionRun, now: float) -> None:
        """Begin an instant action that takes time."""
        self._aside.append(run)
        self._start(run, now)

    def finish(self, run: ActionRun, status: ActionStatus, result: str | None = None) -> None:
        run.result, run.due_at = result, math.inf
        self._set(run, status)

    def settle(self, now: float) -> bool:
        """Let what is over enter its next phase, and start what the blocking types allow. Whether anything did.

        In order of the list; a SINGLE or HARD action waits for all before it and lets none after it start.
        """
        moved = False
        for run in (*self._queue, *self._aside):
            if run.due_at <= now + EPSILON:
                self._next_phase(run, run.due_at)
                moved = True
        self._queue = [run for run in self._queue if not run.ended]
        self._aside = [run for run in self._aside if not run.ended]
        if self._held:
            return moved
        for index, run in enumerate(self._queue):
            exclusive = run.action.blocking_type in _EXCLUSIVE
            if exclusive and index > 0:
                break
            if run.status is _WAITING:
                self._start(run, now)
                moved = True
            if exclusive:
                break
        return moved

    def _start(self, run: ActionRun, now: float) -> None:
        if reason := self._performer.hindrance(run):
            self._fail(run, reason)
        elif run.setup_s > 0:
            run.due_at = now + run.setup_s
            self._set(run, _INITIALIZING)
        else:
            self._work(run, now)

    def _work(self, run: ActionRun, now: float) -> None:
        run.due_at = now + run.work_s
        if run.work_s > 0:
            self._set(run, _RUNNING)
        else:
            self._complete(run)

    def _next_phase(self, run: ActionRun, now: float) -> None:
        if run.status is _INITIALIZING:
            self._work(run, now)
        else:
            self._complete(run)

    def _complete(self, run: ActionRun) -> None:
        # Two actions that began side by side may have become impossible for one another.
        if reason := self._performer.hindrance(run):
            self._fail(run, reason)
            return
        try:
            result = self._performer.complete(run)
        except RefusedError as refusal:
            self._fail(run, str(refusal))
        else:
            self.finish(run, _FINISHED, result)

    def _fail(self, run: ActionRun, reason: str) -> None:
        # Whether an action may be tried again is said with the action (3.0 §6.6.9); no other version has the field.
        again = run.action.retriable and run.scope != "INSTANT"
        self.finish(run, _RETRIABLE if again else _FAILED, reason)
        if run.status is _FAILED:
            self._performer.failed(run)

    def _set(self, run: ActionRun, status: ActionStatus) -> None:
        run.status = status
        self._changed()

    # What interferes

    def hold(self, now: float) -> None:
        """Pause what can be paused, and start nothing (2.1.0 §6.8.2)."""
        self._held = True
        for run in self._queue:
            if run.status in _IN_WORK and run.ability.pausable:
                run.left_s, run.paused_in, run.due_at = run.due_at - now, run.status, math.inf
                self._set(run, _PAUSED)

    def resume(self, now: float) -> None:
        self._held = False
        for run in self._queue:
            if run.status is _PAUSED:
                run.due_at = now + run.left_s
                self._set(run, run.paused_in)

    def abort_order(self, reason: str) -> None:
        """Every action of the order fails, but one that runs and cannot be given up (3.0 §6.1.3)."""
        for run in self.order.values():
            if not run.ended and (run.ability.cancellable or run.status is not _RUNNING):
                self.finish(run, _FAILED, reason)
        self._queue = [run for run in self._queue if not run.ended]

    def leave(self, runs: Iterable[ActionRun]) -> None:
        """An edge or zone was left: what lasts as long as that is over (2.1.0 §6.10.2)."""
        for run in runs:
            if run.ability.lasts and not run.ended:
                begun = run.status is not _WAITING
                self.finish(run, _FINISHED if begun else _FAILED, None if begun else "it could not begin in time")

    def leave_edge(self, actions: Iterable[Action]) -> None:
        self.leave([self.order[action.action_id] for action in actions])

    def release(self, wanted: Callable[[ActionRun], bool]) -> bool:
        """A trigger came. Whether an action was waiting for it."""
        runs = [r for r in self._queue if r.action.action_type == "waitForTrigger" and r.status is _RUNNING]
        runs = [run for run in runs if wanted(run)]
        for run in runs:
            self._complete(run)
        return bool(runs)

    def retriable(self, action_id: str) -> ActionRun:
        """Raises :class:`KeyError` where no such action waits to be tried again."""
        run = {**self.zone, **self.order}[action_id]
        if run.status is not _RETRIABLE:
            raise KeyError(action_id)
        return run

    def retry(self, run: ActionRun, now: float) -> None:
        self._start(run, now)
