"""One vehicle under control: gives it what it shall do, until its state says that it has it, and reads the rest."""

from __future__ import annotations

import logging
import math
from collections import deque
from dataclasses import replace

from banksman_edge.fleet.course_withdrawal import CourseWithdrawal
from banksman_edge.fleet.dispatch import Dispatch
from banksman_edge.fleet.driving import SLACK_S, Driving
from banksman_edge.fleet.errand import Errand, InstantErrand, OrderErrand, Verdict, is_forward
from banksman_edge.fleet.instants import Instants, Report
from banksman_edge.fleet.lateness import STALE_S, lateness
from banksman_edge.fleet.model import Code, Facts, JobStatus, Problem, VehicleView
from banksman_edge.fleet.objections import hindrance, occupied
from banksman_edge.fleet.obstacles import Obstacles
from banksman_edge.fleet.order_watch import PASSING_TROUBLE, OrderWatch
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.traffic import Course, Traffic
from banksman_edge.fleet.wire import Wire
from banksman_shared.actions import Action as Wish
from banksman_shared.clock import Clock
from banksman_shared.vda5050 import ConnectionState, State

log = logging.getLogger(__name__)

UNASKED_S = 30.0
"""Seconds until a vehicle that did not make way is asked again."""


class VehicleControl:
    """Delivers and follows the errands of one vehicle: at most one order, and instant actions beside it."""

    def __init__(
        self,
        tracker: Tracker,
        driving: Driving,
        traffic: Traffic,
        obstacles: Obstacles,
        wire: Wire,
        clock: Clock,
        report: Report,
    ) -> None:
        """``report``: tells the master what became of an errand; it sets the errand's status."""
        self.tracker, self.report = tracker, report
        self.instants = Instants(tracker, wire, clock, self._end)
        self.dispatch = Dispatch(self.instants, driving, clock, self.view, self._end)
        self._driving, self._traffic, self._clock = driving, traffic, clock
        self.watch = OrderWatch(tracker, clock, self.instants.ask_for_state, driving.hindered_s)
        self._course_withdrawal = CourseWithdrawal(tracker, driving, self.instants, self.watch, obstacles, clock)
        self._order: OrderErrand | None = None
        self._yielding: OrderErrand | None = None
        """Its way out of the way of others, on nobody's behalf."""
        self._abandoned: deque[str] = deque(maxlen=16)
        """Orders given up on; one that turns up at the vehicle after all is cancelled there."""
        self._unasked_until = float("-inf")
        self._was_reachable = False
        self._ticked = clock.monotonic()

    @property
    def id(self) -> str:
        return self.tracker.vehicle.id

    @property
    def stopped(self) -> bool:
        """Latched by a stop: nothing is dispatched until resumed."""
        return self.instants.stopped

    @stopped.setter
    def stopped(self, on: bool) -> None:
        self.instants.stopped = on
        self._place()

    @property
    def target_node(self) -> str | None:
        """Where it is on its way to."""
        order = self._order
        destination = order.assignment.destination if order and not order.status.ended else None
        return destination.node if destination else None

    @property
    def _driven(self) -> OrderErrand | None:
        """What the vehicle drives for now: it makes way first, then goes where it was told."""
        errands = (errand for errand in (self._yielding, self._order) if errand and not errand.status.ended)
        return next(errands, None)

    def view(self, job: str | None) -> VehicleView:
        order = driven.order if (driven := self._driven) else None
        own_order, held = order.order_id if order else None, self.held
        view = self.tracker.view(job=job, stopped=self.stopped, own_order=own_order)
        return replace(view, held=held, done_in_s=self._done_in())

    def _done_in(self) -> float | None:
        order = self._order
        if order is None or order.course is None or order.status.ended or not order.course.whole or self.stopped:
            return None
        end = order.course.arrive_s[order.last] + order.course.dwell_s[order.last]
        return max(0.0, end - self._clock.monotonic()) if math.isfinite(end) else None  # held up for who knows how long

    @property
    def job(self) -> str | None:
        """The job of the order that it has, or is about to get."""
        return self._order.job if self._order and not self._order.status.ended else None

    @property
    def held(self) -> str | None:
        return self._order.job if self._order and self.instants.holds(self._order) else None

    def release(self, job: str) -> None:
        """What it has of this job from before a long break is still wanted."""
        self.instants.held -= {job}
        self._place()

    # What is asked of it

    def begin(self, errand: Errand) -> None:
        """The errand's turn has come. Stops go out before this returns."""
        errand.begun = True
        now = self._clock.monotonic()
        if errand.wish is not Wish.STOP:
            errand.stale_at = now + STALE_S
        if isinstance(errand, OrderErrand):
            errand.due = now + SLACK_S
            errand.stops = self._driving.stops_for(errand)
            self._order = errand
        elif isinstance(errand, InstantErrand) and (errand.wish is not Wish.CANCEL or self._begin_cancel(errand)):
            self.instants.begin(errand)
        self.advance()
        self._place()

    def recall(self, errand: Errand, *, wanted: bool) -> None:
        """Go on with an errand that was sent before a restart, once the vehicle shows how far it has come. ``wanted``
        False: that is long ago, so what is somebody's order is held, and making way has come to nothing."""
        if isinstance(errand, OrderErrand) and errand.begun and not errand.status.ended:
            errand.due = self._clock.monotonic() + SLACK_S
            if errand.job:
                self._order = errand
            else:
                self._yielding = errand
            if errand.order:
                self._driving.expect(errand.order)
        if not wanted and errand.job:
            self.instants.hold(errand)
        elif not wanted:
            self._end(errand, Verdict(JobStatus.CANCELLED))

    def yield_along(self, course: Course) -> None:
        """Make way along a course that the traffic has booked."""
        self._yielding = OrderErrand.making_way(self.id)
        self._driving.make_way(self._yielding, course)
        log.info("%s makes way and goes to %s", self.id, course.nodes[-1])
        self.advance()

    def _begin_cancel(self, errand: InstantErrand) -> bool:
        """False: there was nothing to send, it is done."""
        order = self._order
        if order and not order.status.ended:
            if order.status is JobStatus.QUEUED:
                self._end(order, Verdict(JobStatus.CANCELLED, Code.CANCELLED, f"{self.id} had not begun it"))
            else:
                order.cancelling, order.left, errand.target = True, None, order
        if errand.target is None and self.tracker.active_order is None:
            self._end(errand, Verdict(JobStatus.DONE))
            return False
        return True

    # What it says

    def take_connection(self, connection: ConnectionState) -> None:
        self.tracker.take_connection(connection)
        order, gone = self._driven, connection is not ConnectionState.ONLINE
        if order and gone and order.status is not JobStatus.QUEUED and order.late is not Code.VANISHED:
            self._warn(order, Code.VANISHED, f"{self.id} has gone ({connection.lower()}) with its order unfinished")
        self._place()
        self.advance()

    def take_state(self, state: State) -> None:
        if not self.tracker.take_state(state):
            return
        driven = self._driven
        if driven:
            if driven.order and driven.course is None and not self._driving.adopt(driven, state):
                gone = f"the layout no longer has the way of {self.id}; it goes on by itself, watch it"
                driven.order = None  # it is not taken back: the vehicle has been let drive it
                self._end(driven, Verdict(JobStatus.FAILED, Code.ORDER_LOST, gone))
            self._driving.follow(driven, state)
            if verdict := driven.read(state):
                self._apply(driven, verdict)
        self.instants.read(state, order_pending=driven is not None and driven.unacknowledged)
        if self.tracker.active_order in self._abandoned:
            self._abandoned.remove(state.order_id)
            self.instants.cancel_stray()
        self._place()
        self.advance()

    def lose_broker(self) -> None:
        self.tracker.lose_broker()
        self._was_reachable = False

    def _place(self) -> None:
        """Tell the traffic where it is, and whether it can be moved."""
        driven, view = self._driven, self.view(None)
        if driven and driven.status is JobStatus.QUEUED and self._driving.is_void(driven):
            driven.course = None
            if driven is self._yielding:
                driven.status = JobStatus.CANCELLED
        if driven is None or driven.course is None:
            idle = view.available and not view.foreign_order and not view.charging
            self._driving.stand(movable=idle and self._clock.monotonic() >= self._unasked_until)
        else:
            still = not view.available or driven.cancelling or self.instants.holds(driven) or self.watch.hindered
            self._traffic.hold(self.id, still, ends=driven.cancelling)

    def _apply(self, order: OrderErrand, verdict: Verdict) -> None:
        """Report a step forward, and a return to normal after trouble."""
        if order.unacknowledged and verdict.status in (JobStatus.RUNNING, JobStatus.DONE) and not order.renewed:
            self.report(order, Verdict(JobStatus.ACCEPTED))
        if verdict.status.ended:
            self._end(order, verdict)
            return
        trouble = self.watch.trouble(order)
        if trouble and order.late is not trouble.code:
            self._warn(order, trouble.code, trouble.sentence, trouble.facts)
        passed = order.late in PASSING_TROUBLE and self.tracker.connected and not trouble
        waits = self._driving.waits(order) or self._driving.shut_off(order)
        # One that was turned round goes on when it drives again.
        recovered = bool(passed and not waits and (self.tracker.driving or not order.renewed))
        if recovered:
            order.late = None
            order.due = max(order.due, self._clock.monotonic() + SLACK_S)
        forward = is_forward(verdict.status, order.status)
        if order.renewed and forward:
            self.report(order, replace(verdict, quiet=True))
            forward = False
        if forward or recovered:
            self.report(order, verdict if forward else Verdict(order.status))

    def _end(self, errand: Errand, verdict: Verdict) -> None:
        """Report what became of an errand, and what follows from its end."""
        if errand.status.ended:
            return
        self.report(errand, verdict)
        if not verdict.status.ended:
            return
        if isinstance(errand, InstantErrand):
            self.instants.remove(errand)
            self._end_target(errand.target, verdict)
        elif isinstance(errand, OrderErrand):
            if errand.order and verdict.status is not JobStatus.DONE:
                self._abandoned.append(errand.order.order_id)
            if errand is self._yielding and verdict.status is JobStatus.FAILED:
                self._unasked_until = self._clock.monotonic() + UNASKED_S
                log.warning("%s does not make way: %s", self.id, verdict.detail)
            self._leave_course(errand, verdict)

    def _leave_course(self, errand: OrderErrand, verdict: Verdict) -> None:
        """The order is over: the vehicle stays where it is, or makes way for whoever is to come."""
        course = errand.course
        there = course is not None and verdict.status is JobStatus.DONE and course is self._traffic.course(self.id)
        if course and there and not course.retreating and self._traffic.retreat(self.id):
            self.yield_along(course)
        else:
            self._place()

    def _end_target(self, order: OrderErrand | None, verdict: Verdict) -> None:
        """What the end of a cancel means for the order it was meant for."""
        if order is None or order.status.ended:
            return
        if verdict.status is JobStatus.DONE and order.left is not None and order.job:
            taken = order.order
            if ended := self._course_withdrawal.begin_anew(order):
                self._end(order, ended)
            elif taken:
                self._abandoned.append(taken.order_id)
            self._place()
        elif verdict.status is JobStatus.DONE or order.unacknowledged:
            self._end(order, Verdict(JobStatus.CANCELLED, Code.CANCELLED, f"{self.id} has given up the order"))
        order.cancelling, order.left = any(other.target is order for other in self.instants), None

    # What time brings

    def advance(self) -> None:
        """Send what is due, give up what is hopeless, report what is late."""
        now = self._clock.monotonic()
        elapsed, self._ticked = now - self._ticked, now
        reachable, driven = self.tracker.reachable, self._driven
        if reachable and not self._was_reachable:
            self.instants.hurry(now)
            if driven:
                driven.delivery.hurry(now)
        self._was_reachable = reachable
        self.instants.deliver(now)
        if self.stopped:
            self.watch.excuse()
        if driven:
            self.watch.tick()
            if self.watch.hindered:
                self._place()
            self._course_withdrawal.look(driven)
            waits, lane = self._driving.waits(driven), self._driving.shut_off(driven)
            shut, held = self._driving.kept_back(driven), self.instants.holds(driven)
            if problem := driven.wait(elapsed, waits, lane, held=held and reachable, off=self.stopped, shut=shut):
                self._warn(driven, problem.code, problem.sentence, problem.facts)
            self.dispatch.deliver(driven, now, self._waits_for)
        for errand in (*self.instants, *(e for e in (self._yielding, self._order) if e)):
            if late := lateness(errand, self._clock, connected=self.tracker.connected, waits_for=self._waits_for):
                self._warn(errand, *late)

    def _waits_for(self) -> Problem | None:
        """Why the next order cannot be sent yet."""
        view = self.view(None)
        return hindrance(view) or occupied(view)

    def _warn(self, errand: Errand, code: Code, detail: str, facts: Facts | None = None) -> None:
        errand.late = code
        self.report(errand, Verdict(JobStatus.LATE, code, detail, facts or {}))
        waiting = self._order if errand is self._yielding else None
        if waiting and not waiting.status.ended and waiting.late is not code:
            # Making way is nobody's job; what keeps the vehicle from it keeps it from its job as well.
            self._warn(waiting, code, detail, facts)
