"""Drives one approved plan on a thread of its own: hands out steps in their turn, watches, and has the rest planned
anew when something goes otherwise. A stop wins: while one of its vehicles is stopped, nothing is handed out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from banksman_edge.discretion import log_failure
from banksman_edge.errors import PlannerError
from banksman_edge.escalation.check import closed_to, commands_of
from banksman_edge.escalation.drift import Drift, Kind, Lookout
from banksman_edge.escalation.execution import Execution, Item, Stage
from banksman_edge.escalation.remainder import Rest, remainder, snapshot
from banksman_edge.escalation.terms import Again, Herald, Terms
from banksman_edge.fleet import Fleet, FleetError, OrderEvent, VehicleView
from banksman_shared.clock import Clock
from banksman_shared.commands import Action, Command
from banksman_shared.plans import Plan
from banksman_shared.site import Site

log = logging.getLogger(__name__)

TICK_S = 0.5
MAX_REPLANS = 5
"""So often the rest of one plan is planned anew; then what is left of it is driven as it is."""
AGAIN_S = 20.0
"""Seconds until a planner that could not be reached is asked again."""
GIVEN_UP_S = 120.0
"""Seconds that the end of a plan waits for a vehicle that went away with a load."""


@dataclass(slots=True)
class _Open:
    """A plan for the rest that waits for a yes."""

    plan: Plan
    rest: Rest
    vehicles: frozenset[str]
    answer: bool | None = None


@dataclass(slots=True)
class Driver:
    """One plan on its way. :meth:`tick` does what is due; :meth:`start` has it called a few times a second."""

    site: Site
    fleet: Fleet
    clock: Clock
    execution: Execution
    terms: Terms
    herald: Herald
    again: Again
    ended: Callable[[str], None] = lambda _: None
    """Told of the end, with what was not done."""
    lookout: Lookout = field(init=False)
    over: bool = False
    _drifts: list[Drift] = field(default_factory=list)
    _replans: int = 0
    _paused: bool = False
    _again_at: float | None = None
    _waits_since: float | None = None
    _open: _Open | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.execution)

    def start(self) -> None:
        """Begin to drive."""
        threading.Thread(target=self._run, name="plan", daemon=True).start()

    def close(self) -> None:
        """Hand out nothing more; vehicles finish what they have."""
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed.is_set() and not self.over:
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"driving the plan of {self.execution.prefix} failed; it goes on", error)
            self._wake.wait(TICK_S)
            self._wake.clear()

    @property
    def now_s(self) -> float:
        """Seconds since the plan was asked for."""
        return self.clock.time() - self.terms.began

    @property
    def left(self) -> int:
        """How many steps have not ended; one at least until all is over."""
        with self._lock:
            return 0 if self.over or self._is_met() else max(1, self.execution.left)

    def _is_met(self) -> bool:
        """Whether all of it was done."""
        unmet = any(self.execution.unmet(index) for index, _ in enumerate(self.execution.goals))
        return self.execution.left == 0 and not unmet

    def note(self, event: OrderEvent) -> None:
        """The fleet's news, on the fleet's thread."""
        with self._lock:
            item = self.execution.note(event, self.now_s)
            if item:
                item.stranded = item.step.origin is not None and self._carries(item.step.vehicle)
                if (drift := self.lookout.failed(item, event)) and not self.over:
                    self._drifts.append(drift)
        self._wake.set()

    def answer(self, plan: Plan, *, yes: bool) -> bool:
        """The operator's answer to what was proposed. Whether it was that plan, and still is to be had."""
        with self._lock:
            if self._open is None or self._open.plan.id != plan.id:
                return False
            self._open.answer = yes
        self._wake.set()
        return True

    # What is due

    def tick(self) -> None:
        """Look, plan anew if need be, hand out what is due, end."""
        with self._lock:
            if self.over or self._is_paused(self.fleet.vehicles()):
                return
            self._drifts += self.lookout.look(self.fleet.vehicles(), self.now_s)
            drifts, self._drifts = self._drifts, []
        if drifts or self._due_again():
            self._mend(drifts)
        if self._open and not self._answered(self._open):
            return
        with self._lock:
            for item in self.execution.due(self.fleet.vehicles(), self.now_s):
                self._give(item)
            self.over = self._is_over()
        if self.over:
            self._end()

    def give_up(self) -> None:
        """Hand out nothing more; the plan ends with what is under way."""
        with self._lock:
            self.execution.withdraw()
            self._drifts, self._again_at, self._replans = [], None, MAX_REPLANS
            self._open = None
        self._wake.set()

    def _is_paused(self, views: Mapping[str, VehicleView]) -> bool:
        stopped = any(views[vehicle].stopped for vehicle in self.execution.busy())
        if stopped is not self._paused:
            self._paused = stopped
            self.herald.paused(on=stopped)
        return stopped

    def _give(self, item: Item) -> None:
        step = item.step
        closed = closed_to(step.vehicle, self.execution.goals, self.site, self.terms.began)
        item.stage, item.given_s = Stage.GIVEN, self.now_s
        try:
            self.fleet.submit(item.job, [commands_of(step)], closed=closed, may=self.terms.may)
        except FleetError as error:
            problem = error.problems[0]
            if problem.code.passing:
                item.stage = Stage.WAITING
                return
            item.stage = Stage.LOST
            if drift := self.lookout.refused(item, problem):
                self._drifts.append(drift)
                self._wake.set()

    def _carries(self, vehicle: str) -> bool:
        return bool(self.fleet.vehicles()[vehicle].loaded)

    # Mending

    def _due_again(self) -> bool:
        return self._again_at is not None and self.now_s >= self._again_at

    def _mend(self, drifts: Sequence[Drift]) -> None:
        self._again_at = None
        lost = [drift for drift in drifts if drift.kind is not Kind.LATE]
        if lost:
            self.herald.drifted(lost)
        with self._lock:
            for vehicle in self.lookout.out:
                self._let_go(vehicle)
        if self._replans < MAX_REPLANS:
            self._replans += 1
            self._replan(only_late=bool(drifts) and not lost, taken=all(drift.kind is Kind.TAKEN for drift in lost))
        self._settle({drift.goal for drift in drifts})

    def _settle(self, feared: Collection[int | None]) -> None:
        """Say what will be late by how much, and give up what waits for something that will not be done."""
        if self._open or self._again_at is not None:
            return
        with self._lock:
            for item in self.execution.hopeless():
                item.stage = Stage.LOST
            late = self.execution.late(self.now_s)
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
            elif item.stage is Stage.GIVEN and not (item.step.origin and self._carries(vehicle)):
                item.stage = Stage.LOST
                try:
                    self.fleet.submit(f"{item.job}/undo", [Command(Action.CANCEL, (vehicle,))])
                except FleetError as error:
                    log.info("the order of %s is not taken back: %s", vehicle, error.problems[0].code)

    def _replan(self, *, only_late: bool, taken: bool) -> None:
        """Within what was approved; else, if the operator agrees, with more vehicles; else without time limits."""
        approved = self.terms.vehicles - self.lookout.out.keys()
        try:
            if self._try(approved, limits=True):
                return
            if not only_late and not taken and self._offer():
                return
            if not only_late:
                self._try(approved, limits=False)
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", self.execution.prefix)
            if error.retryable:
                self._again_at = self.now_s + AGAIN_S

    def _rest(self, able: frozenset[str], *, limits: bool) -> Rest | None:
        with self._lock:
            views, now_s = self.fleet.vehicles(), self.now_s
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
            return False
        self._adopt(plan, rest)
        return True

    def _offer(self) -> bool:
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
        self._open = _Open(plan, rest, self.terms.vehicles | set(more))
        self.herald.propose(plan, more)
        return True

    def _answered(self, offer: _Open) -> bool:
        """Whether the question is settled, and if it is, go on by the answer."""
        if offer.answer is None:
            return False
        self._open = None
        try:
            if offer.answer:
                self.again.adopt(offer.plan, offer.rest.fleet)
                self.terms = Terms(offer.vehicles, self.terms.among, self.terms.began, self.terms.may)
                self._adopt(offer.plan, offer.rest)
                return True
            self._try(self.terms.vehicles - self.lookout.out.keys(), limits=False)
        except PlannerError as error:
            log.warning("what was agreed on cannot be driven any more")
            self._again_at = self.now_s + AGAIN_S if error.retryable else None
        self._settle(())
        return True

    def _adopt(self, plan: Plan, rest: Rest) -> None:
        with self._lock:
            self.execution.withdraw()
            self.execution.add(rest.steps(plan.steps, self.now_s))
        self.herald.again(max(step.end_s for step in plan.steps), tuple(dict.fromkeys(s.vehicle for s in plan.steps)))

    # The end

    def _is_over(self) -> bool:
        """Whether nothing more is to come. A vehicle that is away with a load may come back, for a while."""
        away = [item for vehicle in self.lookout.out if (item := self.execution.running(vehicle))]
        if self.execution.left > len(away) or self._drifts or self._again_at is not None:
            self._waits_since = None
            return False
        if not away:
            return True
        self._waits_since = self.now_s if self._waits_since is None else self._waits_since
        return self.now_s - self._waits_since >= GIVEN_UP_S

    def _end(self) -> None:
        with self._lock:
            unmet = [goal.words for index, goal in enumerate(self.execution.goals) if self.execution.unmet(index)]
            unmet += [item.step.vehicle for item in self.execution.items if not item.ended]
            late_s = max(self.execution.late(self.now_s).values(), default=0.0)
        failure = ", ".join(dict.fromkeys(unmet))
        self.ended(failure)
        self.herald.over(failure, late_s)
