"""Courses that are booked together: all of them, or none."""

from __future__ import annotations

from banksman_edge.fleet.traffic.booking import Found
from banksman_edge.fleet.traffic.floor import Floor
from banksman_edge.fleet.traffic.timetable import Course, Trip


class Moves:
    """What was booked one after the other, and can be taken back."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._before: list[tuple[str, Course | None]] = []
        """Who was sent somewhere, and the course that the vehicle was on, if it was on one."""

    def __contains__(self, vehicle: str) -> bool:
        return any(vehicle == moved for moved, _ in self._before)

    @property
    def made(self) -> dict[str, Course]:
        """The courses that vehicles without one were given, in order."""
        courses = self._floor.courses
        return {vehicle: courses[vehicle] for vehicle, before in self._before if before is None}

    def mark(self) -> int:
        """A moment to which :meth:`undo` can go back."""
        return len(self._before)

    def book(self, found: Found, trip: Trip) -> None:
        """Send a vehicle along a way. One that is on a course steps aside, with all its goals still before it."""
        course = self._floor.courses.get(trip.vehicle)
        if course is None:
            self._before.append((trip.vehicle, None))
            self._floor.book(found, trip)
        else:
            self.keep(course)
            self._floor.turn(course, found.end, aside=True)

    def keep(self, course: Course) -> None:
        """Remember a course that is about to be changed."""
        self._before.append((course.vehicle, self._floor.copied(course)))

    def undo(self, mark: int) -> None:
        """Take back all that was booked after that moment."""
        while len(self._before) > mark:
            vehicle, before = self._before.pop()
            if before is None:
                self._floor.stand_again(vehicle)
            else:
                self._floor.go_back(self._floor.courses[vehicle], before)
