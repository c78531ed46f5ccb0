"""Has the rest of one plan planned anew, within what was approved, and drives that instead."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Fleet
from banksman_edge.plans.deviation import Lookout
from banksman_edge.plans.execution import Execution, Stage
from banksman_edge.plans.inbox import Inbox, News
from banksman_edge.plans.progress_log import Ledger
from banksman_edge.plans.remaining_goals import Rest, can_be_freed, remainder, snapshot
from banksman_edge.plans.retry import Retry
from banksman_edge.plans.terms import Again, Herald, Offer, Terms
from banksman_shared.clock import Clock
from banksman_shared.plans import Plan
from banksman_shared.site import Site


@dataclass(slots=True)
class Renewal(ABC):
    """A plan under way, as far as it can be replaced. See :class:`banksman_edge.plans.driver.Driver`."""

    site: Site
    fleet: Fleet
    clock: Clock
    execution: Execution
    terms: Terms
    herald: Herald
    again: Again
    ledger: Ledger
    ended: Callable[[str], None] = lambda _: None
    """Told of the end, with what was not done."""
    over: bool = False
    given_up: bool = False
    replans: int = 0
    """How often the rest was planned anew."""
    away_since: float | None = None
    """Since when nobody drives it, in wall-clock seconds: it has not gone on yet after a restart. 0: nobody knows."""
    lookout: Lookout = field(init=False)
    _retry: Retry = field(default_factory=Retry)
    _open: Offer | None = None
    _lacked: frozenset[str] = frozenset()
    """Vehicles that were stopped when nobody else could do the rest."""
    _lock: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.lookout, self._lock = Lookout(self.execution), Inbox(self._take_in)

    @abstractmethod
    def _take_in(self, news: News) -> None:
        """News of a step, under the lock."""

    @property
    def now_s(self) -> float:
        """Seconds since the plan was asked for."""
        return self.clock.time() - self.terms.began

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped a vehicle that has something left to do."""
        views = self.fleet.vehicles()
        return any(views[vehicle].stopped for vehicle in self.execution.busy())

    def _rest(self, able: frozenset[str], *, limits: bool, around: bool = True) -> Rest | None:
        with self._lock:
            if self.over or self.given_up:
                return None
            views = self.fleet.vehicles()
            shut_in = self.lookout.shut_in(views) if around else set()
            fleet = snapshot(self.site, self.execution, views, able - shut_in, self.now_s)
            if not around:
                fleet = fleet.model_copy(update={"blocked": None})
            waiting = sorted(v for v in shut_in if self.lookout.barred[v] != v)  # who stands before an obstacle goes on
            under_way = ((self.execution.running(vehicle), views[vehicle]) for vehicle in waiting)
            freed = [item for item, view in under_way if item and can_be_freed(item, view)]
            return remainder(self.execution, fleet, self.now_s, limits=limits, freed=freed)

    def _first(self, able: frozenset[str], ways: Sequence[Callable[[], bool]]) -> bool | None:
        """Whether one of these ways has led to a plan for the rest. None: stopped vehicles may have been lacking for
        it, so it is planned anew when they go on.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        self._lacked, held = frozenset(), False
        for way in ways:
            if held := self.is_stopped:
                break
            if way():
                return True
        with self._lock:
            if not held and any(self.execution.unmet(goal) for goal in range(len(self.execution.goals))):
                views = self.fleet.vehicles()
                self._lacked = frozenset(vehicle for vehicle in able if views[vehicle].stopped)
            if not (held or self._lacked):
                return False
            self._retry.at = self.now_s
            return None

    def _try_without_limits(self, able: frozenset[str]) -> bool:
        """The same without time limits; and where that leads past vehicles that are out of order only, as if they were
        not there: what others have to wait for may be repaired.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        if self._try(able, limits=False):
            return True
        barred = any(view.bars for view in self.fleet.vehicles().values())
        return barred and self._try(able, limits=False, around=False)

    def _try(self, able: frozenset[str], *, limits: bool, around: bool = True) -> bool:
        """Whether there is a plan with these vehicles, which is driven then. ``around``: it leads round vehicles that
        are out of order.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        rest = self._rest(able, limits=limits, around=around)
        if rest is None:
            return True
        try:
            self._adopt(self.again.propose(rest), rest)
        except PlannerError as error:
            if error.retryable:
                raise
            return False
        return True

    def _offer(self) -> bool:
        """Whether more vehicles would do it; the operator is asked then.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        able = self.terms.among - self.lookout.out.keys()
        rest = self._rest(able, limits=True) if able - self.terms.vehicles else None
        if rest is None:
            return False
        try:
            plan = self.again.propose(rest)
        except PlannerError as error:
            if error.retryable:
                raise
            return False
        more = sorted({step.vehicle for step in plan.steps} - self.terms.vehicles)
        with self._lock:
            if not self._is_current(plan):
                return True
            self._open = Offer(plan, rest, self.terms.vehicles | set(more))
        self.herald.propose(plan, more)
        return True

    def _is_current(self, plan: Plan) -> bool:
        """Whether a plan can still be driven. Of vehicles that were lost while it was made, another one is made."""
        with self._lock:
            if self.over or self.given_up:
                return False
            outdated = any(step.vehicle in self.lookout.out for step in plan.steps)
            if outdated:
                self._retry.at = self.now_s
            return not outdated

    def _adopt(self, plan: Plan, rest: Rest) -> None:
        """Drive a plan from now on.

        Raises:
            PlannerError: the planner does not stand by it, or cannot be asked.
        """
        if not self._is_current(plan):
            return
        self.again.adopt(plan, rest.fleet)
        with self._lock:
            if not self._is_current(plan):
                return
            if any(item.stage is not Stage.LOST or item.stranded for item in rest.freed):  # kept or fetched meanwhile
                self._retry.at = self.now_s
                return
            self.execution.withdraw()
            self.execution.add(rest.steps(plan.steps, self.now_s))
        self.herald.again(max(step.end_s for step in plan.steps), tuple(dict.fromkeys(s.vehicle for s in plan.steps)))
