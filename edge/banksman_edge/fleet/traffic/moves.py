"""Courses that are booked together: all of them, or none."""

from __future__ import annotations

from banksman_edge.fleet.traffic.booking import Found
from banksman_edge.fleet.traffic.occupancy import Kept, Occupancy
from banksman_edge.fleet.traffic.timetable import Course, Trip


class Moves:
    """What was booked one after the other, and can be taken back."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self._before: list[tuple[str, Kept]] = []
        """Who was sent somewhere, and what the vehicle had before."""

    def __contains__(self, vehicle: str) -> bool:
        return any(vehicle == moved for moved, _ in self._before)

    @property
    def made(self) -> dict[str, Course]:
        """The courses that vehicles without one were given, in order."""
        courses = self._occupancy.courses
        return {vehicle: courses[vehicle] for vehicle, before in self._before if before.course is None}

    def mark(self) -> int:
        """A moment to which :meth:`undo` can go back."""
        return len(self._before)

    def book(self, found: Found, trip: Trip) -> None:
        """Send a vehicle along a way. One that is on a course steps aside, with all its goals still before it."""
        self.keep(trip.vehicle)
        if course := self._occupancy.courses.get(trip.vehicle):
            self._occupancy.turn(course, found.end, aside=True)
        else:
            self._occupancy.book(found, trip)

    def keep(self, vehicle: str) -> None:
        """Remember what a vehicle has, that is about to be changed."""
        self._before.append((vehicle, self._occupancy.kept(vehicle)))

    def undo(self, mark: int) -> None:
        """Take back all that was booked after that moment."""
        while len(self._before) > mark:
            self._occupancy.restore(*self._before.pop())
