"""When everybody will be where, given where they are now and who goes first."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable

from banksman_edge.fleet.traffic.timetable import Claim, Course, Timetable

SOON_S = 0.5
"""Seconds within which a vehicle that is due already may still arrive."""
PATIENCE, PATIENCE_S = 3.0, 15.0
"""A step that takes so many times as long as expected, and so many seconds more, may never end."""


class Forecast:
    """Times of all courses, worked out anew from their positions."""

    def __init__(self, timetable: Timetable, courses: Iterable[Course], now_s: float) -> None:
        self._timetable, self._now_s = timetable, now_s
        self._courses = {course.vehicle: course for course in courses}
        self._known = {course.vehicle: course.position for course in self._courses.values()}
        """Up to which node the times of each course are worked out."""
        self._passed: dict[int, tuple[int, float]] = {}
        """Per resource: how many claims of its queue are worked out, and when the last of them is given up."""
        self.circle: list[Course] = []
        """Those that wait for one another in a circle, as after somebody was put in the way by hand."""

    def run(self) -> None:
        """Set the times of all courses and claims."""
        turns = deque(self._courses.values())
        waiting: defaultdict[str, list[tuple[int, Course]]] = defaultdict(list)
        while turns:
            course = turns.popleft()
            vehicle = course.vehicle
            if awaited := self._advance(course):
                waiting[awaited.vehicle].append((awaited.leave or 0, course))
            if vehicle in waiting:
                known = self._known[vehicle]
                turns.extend(other for step, other in waiting[vehicle] if step <= known)
                waiting[vehicle] = [(step, other) for step, other in waiting[vehicle] if step > known]
        self.circle = [course for courses in waiting.values() for _, course in courses]
        self._give_up(self.circle)
        for course in self._courses.values():
            for claim in course.claims:
                claim.from_s = -math.inf if claim.enter <= course.granted else course.depart_s[claim.enter]
                claim.until_s = math.inf if claim.leave is None else course.arrive_s[claim.leave]

    def _advance(self, course: Course) -> Claim | None:
        """Work out as many steps as can be. The claim of which the end must be known first, if there is one."""
        for step in range(self._known[course.vehicle] + 1, course.last + 1):
            ready_s = course.arrive_s[step - 1] + course.dwell_s[step - 1]
            if step <= course.granted:
                ready_s = max(ready_s, course.depart_s[step])
            else:
                ready_s = max(ready_s, self._now_s)
                for claim in course.entering.get(step, ()):
                    free_s = self._free_at(claim)
                    if isinstance(free_s, Claim):
                        return free_s
                    ready_s = max(ready_s, free_s)
                ready_s = course.opens(step, ready_s)
            course.depart_s[step] = ready_s
            course.arrive_s[step] = self._arrival(course, step)
            self._known[course.vehicle] = step
        return None

    def _free_at(self, claim: Claim) -> float | Claim:
        """When all claims before this one are given up; or one of them of which that is not known yet.

        The vehicle's own earlier claims count as well, which makes no difference: it goes there later than they end.
        """
        queue = self._timetable.queue(claim.resource)
        index, free_s = self._passed.get(claim.resource, (0, -math.inf))
        while (other := queue[index]) is not claim:
            until_s = self._until(other)
            if until_s is None:
                self._passed[claim.resource] = index, free_s
                return other
            free_s = max(free_s, until_s)
            index += 1
        self._passed[claim.resource] = index, free_s
        return free_s

    def _until(self, claim: Claim) -> float | None:
        course = self._courses.get(claim.vehicle)
        if claim.leave is None or course is None:
            return math.inf
        return course.arrive_s[claim.leave] if claim.leave <= self._known[claim.vehicle] else None

    def _arrival(self, course: Course, step: int) -> float:
        arrive_s = course.depart_s[step] + course.travel_s[step]
        if step != course.position + 1:
            return arrive_s
        if course.held:
            return math.inf
        if step > course.granted:
            return arrive_s
        overdue_s = self._now_s - arrive_s
        if overdue_s > PATIENCE * (course.travel_s[step] + course.dwell_s[step - 1]) + PATIENCE_S:
            return math.inf
        return max(arrive_s, self._now_s + SOON_S)

    def _give_up(self, courses: Iterable[Course]) -> None:
        """What waits for each other in a circle waits for ever."""
        for course in courses:
            for step in range(self._known[course.vehicle] + 1, course.last + 1):
                course.depart_s[step] = course.arrive_s[step] = math.inf
