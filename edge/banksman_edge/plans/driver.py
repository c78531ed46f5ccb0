"""Drives one approved plan on a thread of its own: hands out steps in their turn, watches, and has the rest planned
anew when something goes otherwise. A stop wins: while one of its vehicles is stopped, nothing is handed out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import OrderEvent, VehicleView
from banksman_edge.plans.deviation import Drift, Kind
from banksman_edge.plans.driving_thread import Beat
from banksman_edge.plans.execution import Execution, Stage
from banksman_edge.plans.inbox import News
from banksman_edge.plans.remaining_goals import Rest, can_be_freed
from banksman_edge.plans.replanning import Renewal
from banksman_edge.plans.step_dispatch import Hands
from banksman_edge.plans.terms import Offer, Terms
from banksman_edge.plans.validity import faults_of_rest
from banksman_shared.plans import Plan

log = logging.getLogger(__name__)

MAX_REPLANS = 5
"""So often the rest of one plan is planned anew; then what is left of it is driven as it is."""

_COUNTED_ON = (Kind.LATE, Kind.BARRED, Kind.HINDERED)
"""What changes a plan without a vehicle being taken off it."""


@dataclass(slots=True)
class Driver(Renewal):
    """One plan on its way. :meth:`tick` does what is due; :meth:`start` has it called a few times a second."""

    hands: Hands = field(init=False)
    _drifts: list[Drift] = field(default_factory=list)
    _paused: bool = False
    _owed: Sequence[Drift] = ()
    """What the rest is to be planned anew for, while it could not be or the operator is asked."""
    _beat: Beat = field(init=False)

    def __post_init__(self) -> None:
        Renewal.__post_init__(self)
        self.hands = Hands(self.site, self.fleet, self.execution)
        self._beat = Beat(f"driving the plan of {self.execution.prefix}", self.tick, lambda: self.over, self._fail)

    def start(self) -> None:
        """Begin to drive."""
        self._beat.start()

    def close(self) -> None:
        """Hand out nothing more, and say what is not done; vehicles finish what they have. A plan that is kept waits
        for the next agent, the others end."""
        with self._lock:
            if self.over:
                return
            self.over = True
            lasts = self.ledger.lasts and not self.given_up
            if lasts:
                self.ledger.keep(self)
            else:
                self.execution.withdraw(everything=True)
        self._beat.wake()
        if lasts:
            self.herald.shelved(self.execution.to_do())
        else:
            self._end()

    @property
    def left(self) -> int:
        """How many steps have not ended; one at least until all is over. Does not wait."""
        ended = self._lock.ended()
        left = sum(not item.ended and item.job not in ended for item in self.execution.items)
        return 0 if self.over or not self.execution.undone() else max(1, left)

    def note(self, event: OrderEvent) -> None:
        """The fleet's news, on the fleet's thread, which must not wait for what the plan's does under its lock."""
        loaded = bool(event.status.ended and event.vehicle and self.fleet.vehicles()[event.vehicle].loaded)
        self._lock.put(News(event, self.now_s, loaded))
        self._beat.wake()

    def _take_in(self, news: News) -> None:
        self.lookout.waits(news.event)
        self.hands.note(news.event, news.at_s, loaded=news.loaded)
        item = self.execution.note(news.event, news.at_s)
        if item:
            item.stranded = item.step.origin is not None and news.loaded
            self._drifts += (drifts := self.lookout.failed(item, news.event))
            if not drifts and not item.stranded:  # counted as under way when its vehicle was lost
                self._retry.at = self.now_s

    def answer(self, plan: Plan, *, yes: bool) -> bool:
        """The operator's answer to what was proposed. Whether it was that plan, and still is to be had."""
        with self._lock:
            if self.over or self._open is None or self._open.plan.id != plan.id:
                return False
            self._open.answer = yes
        self._beat.wake()
        return True

    # What is due

    def tick(self) -> None:
        """Look, and then do one thing: plan anew, take in an answer, or hand out what is due. What takes long is
        followed by a look, so that nothing is handed out on what was seen before it."""
        with self._lock:
            if self.over:
                return
            problem = self.lookout.elsewhere(self.fleet.standby(), self.now_s)
            if problem and not self.given_up:
                log.warning("the plan of %s is given up: %s", self.execution.prefix, problem.sentence)
                self.give_up()
            if self._is_paused(self.fleet.vehicles()):
                self.ledger.keep(self)
                return
            self._drifts += self.lookout.look(self.fleet.vehicles(), self.now_s)
            self.ledger.keep(self)  # what is planned anew may take minutes
            drifts, offer = self._drifts, self._open
            outdated = self._retry.is_due(self.now_s) or any(drift.kind is not Kind.LATE for drift in drifts)
            mends, ends = outdated or (bool(drifts) and offer is None), False
            if mends:
                self._drifts = []
            elif offer is None:
                self._give_up_hopeless()
                self._hand_out()
                self.ledger.keep(self)
                retries = self._retry.at is not None and not self.given_up
                ends = self.over = self.lookout.is_over(self.now_s) and not (self._drifts or retries)
        if mends:
            self._mend(drifts)
        elif offer:
            self._answered(offer)
        elif ends:
            self._end()

    def _hand_out(self) -> None:
        due = self.execution.due(self.fleet.vehicles(), self.now_s)
        due = [item for item in due if item.step.goal not in self.hands.disputed()]
        self.ledger.intend(self, due)
        for item in () if self.ledger.misleads else due:
            if problem := self.hands.give(item, self.terms, self.now_s):
                self._drifts += self.lookout.refused(item, problem)
                self._beat.wake()

    def give_up(self) -> None:
        """Hand out nothing more; the plan ends with what is under way."""
        with self._lock:
            self.given_up = True
            self.execution.withdraw(everything=True)
            self._drifts, self._retry.at, self._open, self._lacked = [], None, None, frozenset()
            self.ledger.keep(self)
        self._beat.wake()

    @property
    def held(self) -> frozenset[str]:
        """The vehicles that the plan counts on."""
        with self._lock:
            over = self.over or self.given_up
            return frozenset() if over else self.terms.vehicles - self.lookout.out.keys()

    def release(self, vehicles: Collection[str]) -> None:
        """Count on these vehicles no more, since an operator wants it. What one of them is doing is the fleet's to
        cancel; its news says so."""
        with self._lock:
            self._drifts += self.lookout.release(self.held.intersection(vehicles))
            self.ledger.keep(self)
        self._beat.wake()

    def _is_paused(self, views: Mapping[str, VehicleView]) -> bool:
        """Also while the disk would have the next agent do again what is given now, and while all are stopped without
        whom there is no plan for the rest."""
        waits = self.ledger.misleads and any(item.stage is Stage.WAITING for item in self.execution.items)
        lacked = self._lacked - self.lookout.out.keys()
        waits |= bool(lacked) and all(views[vehicle].stopped for vehicle in lacked)
        stopped = waits or any(views[vehicle].stopped for vehicle in self.execution.busy())
        if stopped is not self._paused:
            self._paused = stopped
            self.hands.forget()
            self.herald.paused(on=stopped)
        return stopped

    # Mending

    def _mend(self, drifts: Sequence[Drift]) -> None:
        lost = [drift for drift in drifts if drift.kind not in _COUNTED_ON]
        with self._lock:
            self._retry.at = self._open = None
            for vehicle, drift in self.lookout.out.items():
                self.hands.let_go(vehicle, may_charge=drift.kind is Kind.EMPTY and not self.given_up)
            if self.given_up:
                return
        if lost:
            self.herald.drifted(lost)
        self.herald.barred([drift for drift in drifts if drift.kind is Kind.BARRED and not drift.known])
        owed, self._owed = [*self._owed, *drifts], ()
        if self.replans < MAX_REPLANS:
            self._replan(owed)
        self._settle({drift.goal for drift in owed})
        self._beat.wake()

    def _settle(self, feared: Collection[int | None]) -> None:
        """Say what will be late by how much, and give up what waits for something that will not be done."""
        with self._lock:
            if self._open or self._retry.at is not None or self.over or self.given_up:
                return
            self._give_up_hopeless()
            late = self.lookout.missed(feared, self.now_s)
        for goal, seconds in late.items():
            self.herald.late(self.execution.goals[goal].words, seconds)

    def _give_up_hopeless(self) -> None:
        """What waits for something that will not be done, unless the rest is still to be planned anew."""
        for item in self.execution.hopeless() if self._retry.at is None else ():
            item.stage = Stage.LOST

    def _replan(self, drifts: Sequence[Drift]) -> None:
        """Within what was approved; else, if the operator agrees, with more vehicles; else without time limits. Where
        vehicles are only barred and the others have no way round, all stays as it is."""
        approved = self.terms.vehicles - self.lookout.out.keys()
        lost = [drift for drift in drifts if drift.kind not in _COUNTED_ON]
        may_ask = any(drift.kind is not Kind.TAKEN for drift in lost)
        only_late = bool(drifts) and all(drift.kind is Kind.LATE for drift in drifts)
        ways: list[Callable[[], bool]] = [partial(self._try, approved, limits=True)]
        if may_ask:
            ways.append(self._offer)
        if lost or not drifts:
            ways.append(partial(self._try_without_limits, approved))
        elif not only_late:
            ways.append(partial(self._try, approved, limits=False))
        try:
            self.replans += self._first(approved, ways) is not None
            self._retry.answered()
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", self.execution.prefix)
            self._retry.failed(error, self.now_s)
        with self._lock:
            self._owed = drifts if self._open or self._retry.at is not None else ()

    def _adopt(self, plan: Plan, rest: Rest) -> None:
        """See :meth:`Renewal._adopt`. What another vehicle is to do is taken back first; if that cannot be, the plan is
        none any more. That it is begun is on the disk before the vehicle is asked."""
        if not self._is_current(plan):
            return
        with self._lock:
            for item in rest.freed:
                item.disputed = True
            self.ledger.keep(self)
            done = [self.hands.take_over(item) for item in rest.freed]
            self.ledger.keep(self)
            if not all(done):
                self._retry.at = self.now_s
                return
        Renewal._adopt(self, plan, rest)

    def _answered(self, offer: Offer) -> None:
        """Go on by the answer, if there is one."""
        if offer.answer is None:
            return
        self._open = None
        try:
            if offer.answer and not self._holds(offer):
                log.info(
                    "what was agreed on does not hold any more; the rest of %s is planned anew", self.execution.prefix
                )
                self._retry.at = self.now_s
            elif offer.answer:
                self.terms = Terms(offer.vehicles, self.terms.among, self.terms.began, self.terms.may)
                self._adopt(offer.plan, offer.rest)
            else:
                able = self.terms.vehicles - self.lookout.out.keys()
                self._first(able, [partial(self._try_without_limits, able)])
        except PlannerError as error:
            log.warning("what was agreed on cannot be driven any more")
            self._retry.failed(error, self.now_s)
        if not offer.answer or self._retry.at is None:
            self._owed = ()
        self._settle(())
        self._beat.wake()

    def _holds(self, offer: Offer) -> bool:
        """Whether what was agreed on can be driven from where everybody is now; time limits aside."""
        with self._lock:
            now_s, views, able = self.now_s, self.fleet.vehicles(), offer.vehicles - self.lookout.out.keys()
            then = Execution(self.execution.prefix, self.execution.goals, [replace(i) for i in self.execution.items])
            if not all(can_be_freed(item, views[item.step.vehicle]) for item in offer.rest.freed):
                return False
        freed = {item.job for item in offer.rest.freed}
        for item in then.items:
            item.stage = Stage.LOST if item.job in freed else item.stage
        then.withdraw()
        then.add(offer.rest.steps(offer.plan.steps, now_s))
        return not faults_of_rest(self.site, then, views, able, now_s)

    # The end

    def _fail(self) -> None:
        """By a fault of ours it cannot be driven any further; vehicles finish what they have."""
        with self._lock:
            if self.over:
                return
            self.over = self.given_up = True
            self.execution.withdraw(everything=True)
        self._end()

    def _end(self) -> None:
        with ExitStack() as ends:  # whatever fails of it
            ends.callback(self.ledger.forget)
            with self._lock:
                failure = ", ".join(self.execution.undone())
                late_s = 0.0 if failure else max(self.execution.late(self.now_s).values(), default=0.0)
            ends.callback(self.herald.over, failure, late_s)
            self.ended(failure)
