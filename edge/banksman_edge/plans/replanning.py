"""Has the rest of one plan planned anew, within what was approved, and drives that instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from banksman_edge.errors import PlannerError
from banksman_edge.plans.drive_state import DriveState
from banksman_edge.plans.driving_terms import Offer
from banksman_edge.plans.execution import Stage
from banksman_edge.plans.remaining_goals import Rest, can_be_freed, remainder, snapshot
from banksman_shared.plans import Plan


class Replanning:
    """Of one plan that is driven. Called on the plan's thread; a planner may be asked for minutes."""

    def __init__(self, state: DriveState) -> None:
        self._state = state

    def first(self, able: frozenset[str], ways: Sequence[Callable[[], bool]]) -> bool | None:
        """Whether one of these ways has led to a plan for the rest. None: stopped vehicles may have been lacking for
        it, so it is planned anew when they go on.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        state = self._state
        state.lacked, held = frozenset(), False
        for way in ways:
            if held := state.is_stopped:
                break
            if way():
                return True
        with state.lock:
            if not held and any(state.execution.unmet(goal) for goal in range(len(state.execution.goals))):
                views = state.fleet.vehicles()
                state.lacked = frozenset(vehicle for vehicle in able if views[vehicle].stopped)
            if not (held or state.lacked):
                return False
            state.retry.at = state.now_s
            return None

    def without_limits(self, able: frozenset[str]) -> bool:
        """Whether there is a plan without time limits, see :meth:`plan`; and where that leads past vehicles that are
        out of order only, as if they were not there: what others have to wait for may be repaired.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        if self.plan(able, limits=False):
            return True
        barred = any(view.bars for view in self._state.fleet.vehicles().values())
        return barred and self.plan(able, limits=False, around=False)

    def plan(self, able: frozenset[str], *, limits: bool, around: bool = True) -> bool:
        """Whether there is a plan with these vehicles, which is driven then. ``around``: it leads round vehicles that
        are out of order.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        rest = self._rest(able, limits=limits, around=around)
        if rest is None:
            return True
        try:
            self.adopt(self._state.again.propose(rest), rest)
        except PlannerError as error:
            if error.retryable:
                raise
            return False
        return True

    def offer(self) -> bool:
        """Whether more vehicles would do it; the operator is asked then.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        state = self._state
        able = state.terms.among - state.watch.out.keys()
        rest = self._rest(able, limits=True) if able - state.terms.vehicles else None
        if rest is None:
            return False
        try:
            plan = state.again.propose(rest)
        except PlannerError as error:
            if error.retryable:
                raise
            return False
        more = sorted({step.vehicle for step in plan.steps} - state.terms.vehicles)
        with state.lock:
            if not state.is_current(plan):
                return True
            state.offer = Offer(plan, rest, state.terms.vehicles | set(more))
        state.reporter.propose(plan, more)
        return True

    def adopt(self, plan: Plan, rest: Rest) -> None:
        """Drive a plan from now on. What another vehicle is to do is taken back first; if that cannot be, the plan is
        none any more. That it is begun is on the disk before the vehicle is asked.

        Raises:
            PlannerError: the planner does not stand by it, or cannot be asked.
        """
        state = self._state
        if not state.is_current(plan):
            return
        with state.lock:
            for item in rest.freed:
                item.disputed = True
            state.keep()
            done = [state.dispatch.take_over(item) for item in rest.freed]
            state.keep()
            if not all(done):
                state.retry.at = state.now_s
                return
        if not state.is_current(plan):
            return
        state.again.adopt(plan, rest.fleet)
        with state.lock:
            if not state.is_current(plan):
                return
            if any(item.stage is not Stage.LOST or item.stranded for item in rest.freed):  # kept or fetched meanwhile
                state.retry.at = state.now_s
                return
            state.execution.withdraw()
            state.execution.add(rest.steps(plan.steps, state.now_s))
        seconds = max(step.end_s for step in plan.steps)
        state.reporter.again(seconds, tuple(dict.fromkeys(step.vehicle for step in plan.steps)))

    def _rest(self, able: frozenset[str], *, limits: bool, around: bool = True) -> Rest | None:
        state = self._state
        with state.lock:
            if state.over or state.given_up:
                return None
            views, now_s = state.fleet.vehicles(), state.now_s
            shut_in = state.watch.shut_in(views) if around else set()
            fleet = snapshot(state.site, state.execution, views, able - shut_in, now_s)
            if not around:
                fleet = fleet.model_copy(update={"blocked": None})
            # Who stands before an obstacle goes on.
            waiting = sorted(vehicle for vehicle in shut_in if state.watch.barred[vehicle] != vehicle)
            under_way = ((state.execution.running(vehicle), views[vehicle]) for vehicle in waiting)
            freed = [item for item, view in under_way if item and can_be_freed(item, view)]
            return remainder(state.execution, fleet, now_s, limits=limits, freed=freed)
