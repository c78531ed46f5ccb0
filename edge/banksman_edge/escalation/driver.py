"""Drives one approved plan on a thread of its own: hands out steps in their turn, watches, and has the rest planned
anew when something goes otherwise. A stop wins: while one of its vehicles is stopped, nothing is handed out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from banksman_edge.discretion import log_failure
from banksman_edge.escalation.check import closed_to, commands_of
from banksman_edge.escalation.drift import Drift, Lookout
from banksman_edge.escalation.execution import Execution, Item, Stage
from banksman_edge.escalation.mending import Mender, carries
from banksman_edge.escalation.terms import Again, Herald, Terms
from banksman_edge.fleet import Fleet, FleetError, OrderEvent, VehicleView
from banksman_shared.clock import Clock
from banksman_shared.site import Site

log = logging.getLogger(__name__)

TICK_S = 0.5
GIVEN_UP_S = 120.0
"""Seconds that the end of a plan waits for a vehicle that went away with a load."""


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
    mender: Mender = field(init=False)
    over: bool = False
    _drifts: list[Drift] = field(default_factory=list)
    _paused: bool = False
    _waits_since: float | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.execution)
        parts = (self.site, self.fleet, self.execution, self.lookout, self.terms, self.herald, self.again)
        self.mender = Mender(*parts, self._lock, lambda: self.now_s)

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

    @property
    def vehicles(self) -> tuple[str, ...]:
        """Those that have something left to do."""
        with self._lock:
            return () if self.over else self.execution.busy()

    def note(self, event: OrderEvent) -> None:
        """The fleet's news, on the fleet's thread."""
        with self._lock:
            item = self.execution.note(event, self.now_s)
            if item:
                item.stranded = item.step.origin is not None and carries(self.fleet, item.step.vehicle)
                if (drift := self.lookout.failed(item, event)) and not self.over:
                    self._drifts.append(drift)
        self._wake.set()

    def answer(self, *, yes: bool) -> None:
        """The operator's answer to what was proposed."""
        self.mender.answer(yes=yes)
        self._wake.set()

    # What is due

    def tick(self) -> None:
        """Look, plan anew if need be, hand out what is due, end."""
        with self._lock:
            if self.over or self._is_paused(self.fleet.vehicles()):
                return
            self._drifts += self.lookout.look(self.fleet.vehicles(), self.now_s)
            drifts, self._drifts = self._drifts, []
        if drifts or self.mender.due:
            self.mender.mend(drifts)
        if self.mender.asks():
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
            self._drifts = []
            self.mender.give_up()
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

    # The end

    def _is_over(self) -> bool:
        """Whether nothing more is to come. A vehicle that is away with a load may come back, for a while."""
        away = [item for vehicle in self.lookout.out if (item := self.execution.running(vehicle))]
        if self.execution.left > len(away) or self._drifts or self.mender.waits:
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
