"""Taking back what was released, where it leads nowhere, and beginning the rest of the order anew from where the
vehicle stands. A base may only be added to (2.1.0 §6.6.2), so the order is cancelled and another is sent."""

from __future__ import annotations

import logging
import math

from banksman_edge.fleet.driving import Driving
from banksman_edge.fleet.errand import Delivery, OrderErrand, Verdict
from banksman_edge.fleet.instants import Instants
from banksman_edge.fleet.lateness import STALE_S
from banksman_edge.fleet.model import Code, JobStatus
from banksman_edge.fleet.obstacles import Obstacles
from banksman_edge.fleet.order_watch import OrderWatch
from banksman_edge.fleet.orders import Stop
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.traffic import Course
from banksman_shared.clock import Clock
from banksman_shared.vda5050 import ActionStatus, State

log = logging.getLogger(__name__)

AGAIN_S = 30.0
"""Seconds between two orders that are taken back for this."""
LOOK_S = 2.0
"""How often another way is looked for, for one that stands before an obstacle."""
MOVED_M = 0.5
"""A vehicle that was turned round and has not come farther is itself at fault."""


class CourseWithdrawal:
    """Of one vehicle."""

    def __init__(
        self,
        tracker: Tracker,
        driving: Driving,
        instants: Instants,
        watch: OrderWatch,
        obstacles: Obstacles,
        clock: Clock,
    ) -> None:
        self._tracker, self._driving, self._instants = tracker, driving, instants
        self._watch, self._obstacles, self._clock = watch, obstacles, clock
        self._met: tuple[str, str] | None = None
        """The lane on which it stands before something, until it drives or goes elsewhere."""
        self._turned_at: tuple[float, float] | None = None
        """Where it stood when its order was taken back last, until it has moved."""
        self._came: tuple[Course, int] | None = None
        """How far it has come on its course, as far as it was looked at."""
        self._next_look = -math.inf

    def look(self, errand: OrderErrand) -> None:
        """Take the order back if there is no way on from where it leads, and one from where the vehicle is."""
        course, state = errand.course, self._tracker.state
        if course is None or state is None:
            return
        stands, now = self._look_ahead(course), self._clock.monotonic()
        if not (stands or course.astray) or now < self._next_look or not self._may_take_back(errand):
            return
        self._next_look = now + LOOK_S
        left = self._left(errand, state)
        if left is not None and (left or not errand.job) and self._goes_round(errand, left):
            log.info("%s is turned round: its order is taken back, and what is left of it begins anew", errand.vehicle)
            self._next_look, self._turned_at = now + AGAIN_S, self._place()
            errand.left, errand.loaded, self._watch.turned = left, self._loaded, True
            # Who cannot be reached for long does not set off again when it can.
            errand.stale_at = now + STALE_S
            self._instants.take_back(errand)

    def begin_anew(self, errand: OrderErrand) -> Verdict | None:
        """The vehicle has given the order up: what is left of the errand waits for a way, as if it had just been given.
        Otherwise what has become of it."""
        left = self._left_now(errand)
        if left is None:
            text = f"{errand.vehicle} may have begun to handle a load when it gave its order up; see what it carries"
            return Verdict(JobStatus.FAILED, Code.ACTION_FAILED, text)
        if not left:
            return Verdict(JobStatus.DONE)
        if left != errand.left:  # it has picked or dropped meanwhile
            errand.loaded = self._loaded
        errand.stops, errand.left, errand.renewed = left, None, True
        errand.status, errand.cancelling = JobStatus.QUEUED, False
        errand.order = errand.message = errand.course = errand.blocked_by = errand.shut_off = None
        errand.actions, errand.first, errand.acknowledged_update = [], 0, -1
        errand.delivery, errand.plan_again_at = Delivery(), self._clock.monotonic()
        return None

    def _left_now(self, errand: OrderErrand) -> tuple[Stop, ...] | None:
        """The stops that were still to be made when the order was given up; None if nobody knows."""
        state, order = self._tracker.state, errand.order
        if state is None or order is None or state.order_id != order.order_id:
            stands = self._turned_at is not None and not self._has_moved(self._turned_at)
            handles = any(stop.action_type for stop in errand.left or ())
            return errand.left if stands or not handles else None
        return self._left(errand, state)

    def _look_ahead(self, course: Course) -> bool:
        """Note what it has met, and what it has passed. Whether it stands before something."""
        ahead = course.nodes[course.position], course.nodes[min(course.position + 1, course.last)]
        if self._turned_at and self._has_moved(self._turned_at):
            self._turned_at = None
        stands = self._sees_something()
        if stands and self._turned_at and self._met != ahead:  # nor can it drive another way
            self._obstacles.acquit(course.vehicle)
            stands = False
        elif stands:
            self._met = ahead
            self._obstacles.met(course.vehicle, ahead)
        elif self._met and (self._met != ahead or self._tracker.driving):
            if self._met == ahead:
                self._obstacles.passed(ahead)
            self._met = None
        self._pass(course)
        return stands

    def _pass(self, course: Course) -> None:
        """What it has come over since it was looked at last is free. Where it began between two nodes, it may have
        turned round there."""
        before = self._came[1] if self._came and self._came[0] is course else 0
        for index in range(max(before, course.begins), course.position):
            self._obstacles.passed((course.nodes[index], course.nodes[index + 1]))
        self._came = course, course.position

    def _sees_something(self) -> bool:
        """Whether it has been standing for a while and reports that something is in the way, or anything that does not
        put itself out of order. One that only stands is led nowhere: nobody knows why it does."""
        state = self._tracker.state
        if state is None or not self._watch.hindered:
            return False
        able = self._tracker.view(job=None, stopped=False, own_order=None).available
        return able and bool(state.safety_state.field_violation or state.errors)

    def _may_take_back(self, errand: OrderErrand) -> bool:
        """Not while the vehicle is stopped, nor one that does not say where it is: it may be anywhere on the lane."""
        known = not errand.unacknowledged and not errand.update_pending and errand.status is not JobStatus.QUEUED
        free = not errand.cancelling and not self._instants.stopped
        return known and free and self._tracker.reachable and self._place() is not None

    def _goes_round(self, errand: OrderErrand, left: tuple[Stop, ...]) -> bool:
        if not errand.job:  # making way: it will be asked anew where to
            return True
        return self._driving.leads_round(errand, left, loaded=self._loaded)

    @staticmethod
    def _left(errand: OrderErrand, state: State) -> tuple[Stop, ...] | None:
        """The stops that are still to be made. None if something is being done at one of them, or may have been begun:
        it has come there, and does not show that it is finished. What it gives up before that, it shows as failed."""
        status = {action.action_id: action.action_status for action in state.action_states}
        left: list[Stop] = []
        course = errand.course
        for index, stop in enumerate(errand.stops):
            actions = errand.actions[index + 1] if index + 1 < len(errand.actions) else ()
            there = course is not None and index < len(course.goals) and course.goals[index] <= course.position
            found = [status.get(action.action_id, ActionStatus.WAITING) for action in actions]
            if there and all(each is ActionStatus.FINISHED for each in found):
                continue
            if there or any(each not in (ActionStatus.WAITING, ActionStatus.FAILED) for each in found):
                return None
            left.append(stop)
        return tuple(left)

    @property
    def _loaded(self) -> bool | None:
        loads = self._tracker.state.loads if self._tracker.state else None
        return None if loads is None else bool(loads)

    def _place(self) -> tuple[float, float] | None:
        position = self._tracker.state.agv_position if self._tracker.state else None
        return (position.x, position.y) if position else None

    def _has_moved(self, before: tuple[float, float]) -> bool:
        place = self._place()
        return place is None or math.dist(place, before) >= MOVED_M
