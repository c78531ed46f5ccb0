"""Mends a plan that went otherwise: what is left of it is planned anew, within what was approved, or proposed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from banksman_edge.errors import PlannerError
from banksman_edge.escalation.drift import Drift, Kind, Lookout
from banksman_edge.escalation.execution import Execution, Stage
from banksman_edge.escalation.remainder import Rest, remainder, snapshot
from banksman_edge.escalation.terms import Again, Herald, Terms
from banksman_edge.fleet import Fleet, FleetError
from banksman_shared.commands import Action, Command
from banksman_shared.plans import Plan
from banksman_shared.site import Site

log = logging.getLogger(__name__)

MAX_REPLANS = 5
"""So often the rest of one plan is planned anew; then what is left of it is driven as it is."""
AGAIN_S = 20.0
"""Seconds until a planner that could not be reached is asked again."""


@dataclass(slots=True)
class _Offer:
    """A plan for the rest that waits for a yes."""

    plan: Plan
    rest: Rest
    vehicles: frozenset[str]
    answer: bool | None = None


@dataclass(slots=True)
class Mender:
    """Mends one plan on the thread that drives it; ``lock`` guards the execution. ``now``: seconds since the plan was
    asked for."""

    site: Site
    fleet: Fleet
    execution: Execution
    lookout: Lookout
    terms: Terms
    herald: Herald
    again: Again
    lock: threading.RLock
    now: Callable[[], float]
    _tries: int = 0
    _again_at: float | None = None
    _offer: _Offer | None = None

    @property
    def waits(self) -> bool:
        """Whether the planner is to be asked again later."""
        return self._again_at is not None

    @property
    def due(self) -> bool:
        """Whether it is time for that."""
        return self._again_at is not None and self.now() >= self._again_at

    def answer(self, *, yes: bool) -> None:
        """The operator's answer to what was proposed; from any thread."""
        if offer := self._offer:
            offer.answer = yes

    def give_up(self) -> None:
        """Mend nothing any more."""
        self._tries, self._again_at, self._offer = MAX_REPLANS, None, None

    def mend(self, drifts: Sequence[Drift]) -> None:
        """Count on lost vehicles no more, and have the rest planned anew. Not more often than is worth it."""
        self._again_at = self._offer = None
        lost = [drift for drift in drifts if drift.kind is not Kind.LATE]
        if lost:
            self.herald.drifted(lost)
        with self.lock:
            for vehicle in self.lookout.out:
                self._let_go(vehicle)
        if self._tries < MAX_REPLANS:
            self._tries += 1
            self._replan(only_late=bool(drifts) and not lost, taken=_taken(lost))
        self._settle({drift.goal for drift in drifts})

    def _settle(self, feared: Collection[int | None]) -> None:
        """Say what will be late by how much, and give up what waits for something that will not be done."""
        if self._offer or self._again_at is not None:
            return
        with self.lock:
            for item in self.execution.hopeless():
                item.stage = Stage.LOST
            late = self.execution.late(self.now())
            new = [goal for goal in late if goal in feared or goal not in self.lookout.late]
            self.lookout.late.update(late)
        for goal in new:
            self.herald.late(self.execution.goals[goal].words, late[goal])

    def _let_go(self, vehicle: str) -> None:
        """Count on a vehicle no more: what it has not begun is nobody's, what it has is taken back, if it carries
        nothing yet."""
        for item in self.execution.of(vehicle):
            if item.stage is Stage.WAITING:
                item.stage = Stage.LOST
            elif item.stage is Stage.GIVEN and not (item.step.origin and carries(self.fleet, vehicle)):
                item.stage = Stage.LOST
                try:
                    self.fleet.submit(f"{item.job}-undo", [Command(Action.CANCEL, (vehicle,))])
                except FleetError as error:
                    log.info("the order of %s is not taken back: %s", vehicle, error.problems[0].code)

    def _replan(self, *, only_late: bool, taken: bool) -> None:
        """Within what was approved; else, if the operator agrees, with more vehicles; else without time limits."""
        approved = self.terms.vehicles - self.lookout.out.keys()
        try:
            if self._try(approved, limits=True):
                return
            if not only_late and not taken and self._propose_more():
                return
            if not only_late:
                self._try(approved, limits=False)
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", self.execution.prefix)
            if error.retryable:
                self._again_at = self.now() + AGAIN_S

    def _rest(self, able: frozenset[str], *, limits: bool) -> Rest | None:
        with self.lock:
            views, now_s = self.fleet.vehicles(), self.now()
            fit = [v for v in able if self.execution.running(v) or views[v].idle]
            fleet = snapshot(self.site, self.execution, views, fit, now_s)
            return remainder(self.execution, fleet, now_s, limits=limits)

    def _try(self, able: frozenset[str], *, limits: bool) -> bool:
        """Whether there is a plan with these vehicles, which is driven then.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        rest = self._rest(able, limits=limits)
        if rest is None:
            return True
        try:
            plan = self.again.propose(rest)
            self.again.adopt(plan, rest.fleet)
        except PlannerError as error:
            if error.retryable:
                raise
            log.info("there is no such plan for the rest of %s", self.execution.prefix)
            return False
        self._adopt(plan, rest)
        return True

    def _propose_more(self) -> bool:
        """Whether more vehicles would do it; the operator is asked then."""
        able = self.terms.among - self.lookout.out.keys()
        rest = self._rest(able, limits=True) if able - self.terms.vehicles else None
        if rest is None:
            return False
        try:
            plan = self.again.propose(rest)
        except PlannerError:
            return False
        more = sorted({step.vehicle for step in plan.steps} - self.terms.vehicles)
        self.herald.propose(plan, more)  # an older question is declined by that
        self._offer = _Offer(plan, rest, self.terms.vehicles | set(more))
        return True

    def asks(self) -> bool:
        """Whether a question is open. Once it is answered, go on by the answer."""
        offer = self._offer
        if offer is None or offer.answer is None:
            return offer is not None
        self._offer = None
        try:
            if offer.answer:
                self.again.adopt(offer.plan, offer.rest.fleet)
                self.terms = replace(self.terms, vehicles=offer.vehicles)
                self._adopt(offer.plan, offer.rest)
            else:
                self._try(self.terms.vehicles - self.lookout.out.keys(), limits=False)
        except PlannerError:
            log.warning("what was agreed on cannot be driven any more; it is planned again")
            self._again_at = self.now()
        self._settle(())
        return False

    def _adopt(self, plan: Plan, rest: Rest) -> None:
        with self.lock:
            self.execution.withdraw()
            self.execution.add(rest.steps(plan.steps, self.now()))
        self.herald.again(max(step.end_s for step in plan.steps), tuple(dict.fromkeys(s.vehicle for s in plan.steps)))


def carries(fleet: Fleet, vehicle: str) -> bool:
    """Whether a vehicle was last seen with a load."""
    return bool(fleet.vehicles()[vehicle].loaded)


def _taken(lost: Sequence[Drift]) -> bool:
    """Whether operators took all of these vehicles: others are not to be sent in their place."""
    return bool(lost) and all(drift.kind is Kind.TAKEN for drift in lost)
