"""Sends one vehicle its orders: begins them when there is a way, and keeps them coming until the vehicle has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from banksman_edge.fleet.driving import THERE_M, Driving
from banksman_edge.fleet.errand import OrderErrand, Verdict
from banksman_edge.fleet.instants import Instants, Report, drop_stale, give_up
from banksman_edge.fleet.model import Code, JobStatus, Problem, VehicleView
from banksman_edge.fleet.objections import hindrance
from banksman_edge.fleet.traffic import Course
from banksman_shared.clock import Clock


class Dispatch:
    """``end`` is told what becomes of an errand."""

    def __init__(
        self,
        instants: Instants,
        driving: Driving,
        clock: Clock,
        view: Callable[[str | None], VehicleView],
        end: Report,
    ) -> None:
        self.may_plan: Callable[[], bool] = lambda: True
        """Whether it is known where everybody is."""
        self.make_way: Callable[[Mapping[str, Course]], None] = lambda _courses: None
        """Told of the courses that others must drive before this vehicle can."""
        self._instants, self._driving, self._clock = instants, driving, clock
        self._view, self._end = view, end

    def deliver(self, errand: OrderErrand, now: float, waits_for: Callable[[], Problem | None]) -> None:
        """Send the order, more of it, or what has got lost. ``waits_for``: why a new one cannot be sent yet."""
        held = self._instants.holds(errand)
        if errand.status is JobStatus.QUEUED:
            # Nor is one sent that a cancellation, sent again, would take back.
            off = drop_stale(errand, self._clock, self._end) or held or self._instants.cancels
            if not off and waits_for() is None:
                self._start(errand, now)
        # To one that cannot drive nothing is sent that it would only refuse.
        elif not held and not errand.cancelling and hindrance(self._view(None)) is None:
            if not errand.update_pending:
                self._driving.extend(errand, now)
            # One that is away may have taken it; only its next state tells.
            elif not (errand.unacknowledged and drop_stale(errand, self._clock, self._end)) and not give_up(
                errand, now, self._end
            ):
                self._driving.repeat(errand, now)

    def _start(self, errand: OrderErrand, now: float) -> None:
        view = self._view(None)
        if errand.renewed and view.loaded != errand.loaded:
            code = Code.LOADED if view.loaded else Code.NOT_LOADED
            text = f"{errand.vehicle} was to go another way, and meanwhile its load is not what it was"
            self._end(errand, Verdict(JobStatus.FAILED, code, text))
            return
        if errand.course is None:
            if now < errand.plan_again_at or not self.may_plan():
                return
            made = self._driving.plan(errand, loaded=view.loaded, charging=view.charging)
            if isinstance(made, Problem):
                self._end(errand, Verdict(JobStatus.FAILED, made.code, made.sentence))
                return
            self.make_way(made)
        course = errand.course
        if course is None or not course.whole:  # cut short by the traffic, it leads to less than was ordered
            return
        still = errand.last == errand.first and not any(errand.actions)
        if still and self._driving.offset(course) <= THERE_M:
            self._end(errand, Verdict(JobStatus.DONE, Code.ALREADY_THERE, f"{errand.vehicle} is there already"))
        elif self._driving.begin(errand, now):
            self._end(errand, Verdict(JobStatus.SENT, quiet=errand.renewed))
