"""Drives one approved plan on a thread of its own: hands out steps in their turn, watches, and has the rest planned
anew when something goes otherwise. A stop wins: while one of its vehicles is stopped, nothing is handed out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, OrderEvent
from banksman_edge.plans.deviation import Deviation, DeviationKind
from banksman_edge.plans.drive_state import DriveState
from banksman_edge.plans.driving_terms import Offer
from banksman_edge.plans.driving_thread import DrivingThread
from banksman_edge.plans.execution import Execution, Stage
from banksman_edge.plans.news_inbox import News
from banksman_edge.plans.remaining_goals import can_be_freed
from banksman_edge.plans.replanning import Replanning
from banksman_edge.plans.restart_review import RestartReview
from banksman_edge.plans.validity import faults_of_rest
from banksman_shared.plans import Plan

log = logging.getLogger(__name__)

MAX_REPLANS = 5
"""So often the rest of one plan is planned anew; then what is left of it is driven as it is."""

_COUNTED_ON = (DeviationKind.LATE, DeviationKind.BARRED, DeviationKind.HINDERED)
"""What changes a plan without a vehicle being taken off it."""


class Driver:
    """One plan on its way. :meth:`tick` does what is due; :meth:`start` has it called a few times a second.

    ``ended`` is told of the end, with what was not done. ``review``: what is looked at after a restart, before anything
    is handed out.
    """

    def __init__(self, state: DriveState, ended: Callable[[str], None] = lambda _: None) -> None:
        self.state = state
        state.lock.take = self._take_in
        self.replanning = Replanning(self.state)
        self.review: RestartReview | None = None
        self._ended = ended
        self._owed: Sequence[Deviation] = ()
        """What the rest is to be planned anew for, while it could not be or the operator is asked."""
        self._thread = DrivingThread(
            f"driving the plan of {state.execution.prefix}", self.tick, lambda: self.over, self._fail
        )

    @property
    def execution(self) -> Execution:
        """How far it has come."""
        return self.state.execution

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state.over

    @property
    def given_up(self) -> bool:
        """Whether nothing more is handed out."""
        return self.state.given_up

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped a vehicle that has something left to do."""
        return self.state.is_stopped

    @property
    def is_interrupted(self) -> bool:
        """Whether it has not gone on yet after a restart."""
        return self.state.away_since is not None

    def start(self) -> None:
        """Begin to drive."""
        self._thread.start()

    def close(self) -> None:
        """Hand out nothing more, and say what is not done; vehicles finish what they have. A plan that is kept waits
        for the next agent, the others end."""
        state = self.state
        with state.lock:
            if state.over:
                return
            state.over = True
            lasts = state.progress_log.lasts and not state.given_up
            if lasts:
                state.keep()
            else:
                state.execution.withdraw(everything=True)
        self._thread.wake()
        if lasts:
            state.reporter.shelved(state.execution.to_do())
        else:
            self._end()

    @property
    def left(self) -> int:
        """How many steps have not ended; one at least until all is over. Does not wait."""
        state = self.state
        ended = state.lock.ended()
        left = sum(not item.ended and item.job not in ended for item in state.execution.items)
        return 0 if state.over or not state.execution.undone() else max(1, left)

    def note(self, event: OrderEvent) -> None:
        """The fleet's news, on the fleet's thread, which must not wait for what the plan's does under its lock."""
        state = self.state
        loaded = bool(event.status.ended and event.vehicle and state.fleet.vehicles()[event.vehicle].loaded)
        state.lock.put(News(event, state.now_s, loaded))
        self._thread.wake()

    def _take_in(self, news: News) -> None:
        """News of a step, under the lock. What an operator has taken back during a break says something about a
        vehicle, what else has come to nothing does not."""
        state = self.state
        if self.review and self.review.is_open and news.event.code not in (Code.CANCELLED, Code.SUPERSEDED):
            self.review.take_in(news)
            return
        state.watch.waits(news.event)
        state.dispatch.note(news.event, news.at_s, loaded=news.loaded)
        item = state.execution.note(news.event, news.at_s)
        if item:
            item.stranded = item.step.origin is not None and news.loaded
            state.deviations += (deviations := state.watch.failed(item, news.event))
            if not deviations and not item.stranded:  # counted as under way when its vehicle was lost
                state.retry.at = state.now_s

    def answer(self, plan: Plan, *, yes: bool) -> bool:
        """The operator's answer to what was proposed. Whether it was that plan, and still is to be had."""
        state = self.state
        had = self.review.answer(plan, yes=yes) if self.review else None
        if had is not None:
            self._thread.wake()
            return had
        with state.lock:
            if state.over or state.offer is None or state.offer.plan.id != plan.id:
                return False
            state.offer.answer = yes
        self._thread.wake()
        return True

    # What is due

    def tick(self) -> None:
        """Do what is due: after a restart the plan is reviewed first."""
        if self.review is None or not self.review.is_open:
            self._drive()
        else:
            self.review.look()
            if not self.review.is_open:
                self._thread.wake()

    def _drive(self) -> None:
        """Look, and then do one thing: plan anew, take in an answer, or hand out what is due. What takes long is
        followed by a look, so that nothing is handed out on what was seen before it."""
        state = self.state
        with state.lock:
            if state.over:
                return
            problem = state.watch.elsewhere(state.fleet.standby(), state.now_s)
            if problem and not state.given_up:
                log.warning("the plan of %s is given up: %s", state.execution.prefix, problem.sentence)
                self.give_up()
            if state.pause(state.fleet.vehicles()):
                state.keep()
                return
            state.deviations += state.watch.look(state.fleet.vehicles(), state.now_s)
            state.keep()  # what is planned anew may take minutes
            deviations, offer = state.deviations, state.offer
            outdated = state.retry.is_due(state.now_s) or any(
                deviation.kind is not DeviationKind.LATE for deviation in deviations
            )
            mends, ends = outdated or (bool(deviations) and offer is None), False
            if mends:
                state.deviations = []
            elif offer is None:
                self._give_up_hopeless()
                self._hand_out()
                state.keep()
                retries = state.retry.at is not None and not state.given_up
                ends = state.over = state.watch.is_over(state.now_s) and not (state.deviations or retries)
        if mends:
            self._mend(deviations)
        elif offer:
            self._answered(offer)
        elif ends:
            self._end()

    def _hand_out(self) -> None:
        state = self.state
        due = state.execution.due(state.fleet.vehicles(), state.now_s)
        due = [item for item in due if item.step.goal not in state.dispatch.disputed()]
        state.progress_log.intend(self.state, due)
        for item in () if state.progress_log.misleads else due:
            if problem := state.dispatch.give(item, state.terms, state.now_s):
                state.deviations += state.watch.refused(item, problem)
                self._thread.wake()

    def give_up(self) -> None:
        """Hand out nothing more; the plan ends with what is under way."""
        state = self.state
        with state.lock:
            state.give_up()
        self._thread.wake()

    @property
    def held(self) -> frozenset[str]:
        """The vehicles that the plan counts on."""
        state = self.state
        with state.lock:
            over = state.over or state.given_up
            return frozenset() if over else state.able

    def release(self, vehicles: Collection[str]) -> None:
        """Count on these vehicles no more, since an operator wants it. What one of them is doing is the fleet's to
        cancel; its news says so."""
        state = self.state
        with state.lock:
            state.deviations += state.watch.release(self.held.intersection(vehicles))
            state.keep()
        self._thread.wake()

    # Mending

    def _mend(self, deviations: Sequence[Deviation]) -> None:
        state = self.state
        lost = [deviation for deviation in deviations if deviation.kind not in _COUNTED_ON]
        with state.lock:
            state.retry.at = state.offer = None
            for vehicle, deviation in state.watch.out.items():
                state.dispatch.let_go(vehicle, may_charge=deviation.kind is DeviationKind.EMPTY and not state.given_up)
            if state.given_up:
                return
        if lost:
            state.reporter.drifted(lost)
        state.reporter.barred(
            [deviation for deviation in deviations if deviation.kind is DeviationKind.BARRED and not deviation.known]
        )
        owed, self._owed = [*self._owed, *deviations], ()
        if state.replans < MAX_REPLANS:
            self._replan(owed)
        self._settle({deviation.goal for deviation in owed})
        self._thread.wake()

    def _settle(self, feared: Collection[int | None]) -> None:
        """Say what will be late by how much, and give up what waits for something that will not be done."""
        state = self.state
        with state.lock:
            if state.offer or state.retry.at is not None or state.over or state.given_up:
                return
            self._give_up_hopeless()
            late = state.watch.missed(feared, state.now_s)
        for goal, seconds in late.items():
            state.reporter.late(state.execution.goals[goal].words, seconds)

    def _give_up_hopeless(self) -> None:
        """What waits for something that will not be done, unless the rest is still to be planned anew."""
        state = self.state
        for item in state.execution.hopeless() if state.retry.at is None else ():
            item.stage = Stage.LOST

    def _replan(self, deviations: Sequence[Deviation]) -> None:
        """Within what was approved; else, if the operator agrees, with more vehicles; else without time limits. Where
        vehicles are only barred and the others have no way round, all stays as it is."""
        state = self.state
        approved = state.able
        lost = [deviation for deviation in deviations if deviation.kind not in _COUNTED_ON]
        may_ask = any(deviation.kind is not DeviationKind.TAKEN for deviation in lost)
        only_late = bool(deviations) and all(deviation.kind is DeviationKind.LATE for deviation in deviations)
        ways: list[Callable[[], bool]] = [partial(self.replanning.plan, approved, limits=True)]
        if may_ask:
            ways.append(self.replanning.offer)
        if lost or not deviations:
            ways.append(partial(self.replanning.without_limits, approved))
        elif not only_late:
            ways.append(partial(self.replanning.plan, approved, limits=False))
        try:
            state.replans += self.replanning.first(approved, ways) is not None
            state.retry.answered()
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", state.execution.prefix)
            state.retry.failed(error, state.now_s)
        with state.lock:
            self._owed = deviations if state.offer or state.retry.at is not None else ()

    def _answered(self, offer: Offer) -> None:
        """Go on by the answer, if there is one."""
        state = self.state
        if offer.answer is None:
            return
        state.offer = None
        try:
            if offer.answer and not self._holds(offer):
                log.info("what was agreed on does not hold; the rest of %s is planned anew", state.execution.prefix)
                state.retry.at = state.now_s
            elif offer.answer:
                state.terms = replace(state.terms, vehicles=offer.vehicles)
                self.replanning.adopt(offer.plan, offer.rest)
            else:
                able = state.able
                self.replanning.first(able, [partial(self.replanning.without_limits, able)])
        except PlannerError as error:
            log.warning("what was agreed on cannot be driven any more")
            state.retry.failed(error, state.now_s)
        if not offer.answer or state.retry.at is None:
            self._owed = ()
        self._settle(())
        self._thread.wake()

    def _holds(self, offer: Offer) -> bool:
        """Whether what was agreed on can be driven from where everybody is now; time limits aside."""
        state = self.state
        with state.lock:
            now_s, views, able = state.now_s, state.fleet.vehicles(), offer.vehicles - state.watch.out.keys()
            then = Execution(state.execution.prefix, state.execution.goals, [replace(i) for i in state.execution.items])
            if not all(can_be_freed(item, views[item.step.vehicle]) for item in offer.rest.freed):
                return False
        freed = {item.job for item in offer.rest.freed}
        for item in then.items:
            item.stage = Stage.LOST if item.job in freed else item.stage
        then.withdraw()
        then.add(offer.rest.steps(offer.plan.steps, now_s))
        return not faults_of_rest(state.site, then, views, able, now_s)

    # The end

    def _fail(self) -> None:
        """By a fault of ours it cannot be driven any further; vehicles finish what they have."""
        with ExitStack() as ends:  # whatever fails of it
            ends.callback(self._end_by_fault)
            if self.review and self.review.is_open and not self.state.over:
                self.review.fail()

    def _end_by_fault(self) -> None:
        state = self.state
        with state.lock:
            if state.over:
                return
            state.over = state.given_up = True
            state.execution.withdraw(everything=True)
        self._end()

    def _end(self) -> None:
        state = self.state
        with ExitStack() as ends:  # whatever fails of it
            ends.callback(state.progress_log.forget)
            with state.lock:
                failure = ", ".join(state.execution.undone())
                late_s = 0.0 if failure else max(state.execution.late(state.now_s).values(), default=0.0)
            ends.callback(state.reporter.over, failure, late_s)
            self._ended(failure)
