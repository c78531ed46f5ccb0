"""Plans courses, grants them piece by piece, and finds ways around what has come to a stand."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from banksman_edge.fleet.traffic.booking import Origin, cut
from banksman_edge.fleet.traffic.moves import Moves
from banksman_edge.fleet.traffic.occupancy import Mover, Occupancy
from banksman_edge.fleet.traffic.rerouting import STUCK_S, Rerouting
from banksman_edge.fleet.traffic.timetable import Course, Trip
from banksman_edge.fleet.traffic.yielding import Yielding
from banksman_shared.clock import Clock
from banksman_shared.site import Layout

DETOUR_S = 45.0
"""Rather than lose more seconds than this on a way around idle vehicles, ask them to make way."""
BACK_OFF_S = 120.0
"""Seconds that a vehicle has for going out of the way of one that it shuts in."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """No way now; ``by``: vehicles that are in the way, as far as known; ``lane``: one on which something stands."""

    by: tuple[str, ...] = ()
    lane: tuple[str, str] | None = None


class Traffic:
    """The traffic controller of one layout. Knows vehicles by id, and them only as far as it is told."""

    def __init__(self, layout: Layout, clock: Clock, spared: Collection[str] = ()) -> None:
        """``spared``: nodes that nobody is sent to for making way."""
        self._occupancy = Occupancy(layout, clock)
        self._yielding = Yielding(self._occupancy, spared)
        self._rerouting = Rerouting(self._occupancy, self._yielding)
        self._tried_at: dict[str, float] = {}
        """When it was last tried to let each vehicle out."""

    # What is

    def stand(self, vehicle: str, nodes: Sequence[str], mover: Mover | None = None) -> None:
        """A vehicle without a course takes up ``nodes``; with a ``mover`` it may be told to make way."""
        self._occupancy.stand(vehicle, tuple(nodes), mover)

    def arrive(self, vehicle: str, index: int) -> None:
        """A vehicle has reached node ``index`` of its course; what lies behind it is free."""
        course = self._occupancy.courses[vehicle]
        if index <= course.position:
            return
        now_s = self._occupancy.now()
        for step in range(course.position + 1, index + 1):
            course.arrive_s[step] = now_s
        course.position = index
        course.granted = max(course.granted, index)
        gone = [c for c in course.claims if c.leave is not None and c.leave <= index]
        self._occupancy.timetable.remove(gone)
        course.claims = [c for c in course.claims if c.leave is None or c.leave > index]

    def hold(self, vehicle: str, held: bool, *, ends: bool = False) -> None:
        """Whether a vehicle with a course is kept from driving by something that may last; ``ends``: for good."""
        course = self._occupancy.courses.get(vehicle)
        if course:
            course.ends = ends
        if course and course.held != held:
            course.held, course.held_since_s = held, self._occupancy.now() if held else math.inf
            course.improved_s = -math.inf
            self._occupancy.stir()

    def course(self, vehicle: str) -> Course | None:
        return self._occupancy.courses.get(vehicle)

    def held_by(self, vehicle: str) -> tuple[str, ...]:
        """The nodes that a vehicle stands on, or has been let drive to: nobody else passes there."""
        course = self._occupancy.courses.get(vehicle)
        nodes = (
            self._occupancy.stands_on(vehicle) if course is None else course.nodes[course.position : course.granted + 1]
        )
        return tuple(dict.fromkeys(nodes))

    def adopt(self, course: Course) -> None:
        """Take over a course that a vehicle is on already: what is granted as it is, the rest to be planned again."""
        cut(course, course.granted)
        self._occupancy.enter(course)
        self._occupancy.stir()

    # What shall be

    def reaches(self, trip: Trip, origins: Sequence[Origin]) -> bool:
        """Whether there is a way for the trip once nobody else is there."""
        return any(self._occupancy.roads.reaches(trip, origin.node) for origin in origins if not _enters(origin, trip))

    def plan(self, trip: Trip, origins: Sequence[Origin]) -> dict[str, Course] | Blocked:
        """A course for a trip, and before it those of idle vehicles that must make way; all of them are booked."""
        occupancy, yielding = self._occupancy, self._yielding
        origins = self._open(trip, origins)
        occupancy.refresh()
        yielding.free_of_retreats(trip.goals[-1].node)
        whole = yielding.with_retreat(trip)
        found, ideal = occupancy.find(whole, origins), None
        if found is None or self._loses(found.end.ready_s, whole, found.nodes()[0]):
            others = yielding.in_the_way(trip)
            ideal = occupancy.find(whole, origins, others) if others else None
        if found and (ideal is None or found.end.ready_s - ideal.end.ready_s <= DETOUR_S):
            return {trip.vehicle: occupancy.book(found, trip)}
        moves = Moves(occupancy)
        if ideal and yielding.clear(trip, origins, ideal, moves):
            return moves.made
        if found:
            return {trip.vehicle: occupancy.book(found, trip)}
        if ideal and whole != trip and yielding.clear_without_retreat(trip, origins, moves):
            return moves.made
        if ideal and yielding.step_aside(trip, ideal, moves):
            return moves.made
        hindrance = self._rerouting.blockers(whole, origins)
        if any(self._is_fixed(other) for other in self.in_front(trip.vehicle, hindrance.by)):
            for other in self._rerouting.other_retreats(trip):
                if found := occupancy.find(other, origins):
                    return {trip.vehicle: occupancy.book(found, trip)}
        return Blocked(hindrance.by, hindrance.lane)

    def leads_round(self, trip: Trip, origins: Sequence[Origin]) -> bool:
        """Whether a vehicle could do a trip from where it stands, past those who cannot be sent out of the way."""
        occupancy = self._occupancy
        fixed = {v for v in occupancy.everybody_but(trip.vehicle) if self._is_fixed(v)}
        movable = occupancy.everybody_but(trip.vehicle) - fixed
        return occupancy.find(trip, self._open(trip, origins), movable) is not None

    def _open(self, trip: Trip, origins: Sequence[Origin]) -> list[Origin]:
        """Where the trip can begin without entering what is closed, or driving on into what it has stopped before."""
        return [o for o in origins if not _enters(o, trip) and not self._occupancy.runs_into(o)]

    def whole(self, vehicle: str) -> Course | None:
        """The course of a vehicle with the way to all its goals, also where that is not known to be free. None: there
        is no such way."""
        return self._rerouting.hoped(self._occupancy.courses[vehicle])

    def shut(self, start: str, end: str, *, shut: bool) -> None:
        """Whether something stands on a lane, met by one that came from ``start``: courses lead around it."""
        self._occupancy.shut_lane(start, end, shut=shut)

    def shut_off(self, vehicle: str) -> tuple[str, str] | None:
        """The lane on which something stands, if there is no way around it for the vehicle."""
        course = self._occupancy.courses.get(vehicle)
        return course.shut_off if course and not course.whole and course.fixed == course.last else None

    def retreat(self, vehicle: str) -> bool:
        """The trip is done. Whether the vehicle must make way now, since somebody is to come where it is."""
        course = self._occupancy.courses[vehicle]
        held = [claim for claim in course.claims if claim.enter <= course.granted]
        course.retreating = course.last > course.end and self._occupancy.awaited(held)
        return course.retreating

    def in_the_way(self) -> list[Course]:
        """Courses, booked just now, of idle vehicles that somebody on a course has come to wait for. Those who have a
        course, and no way on for now, are led aside on it."""
        moves = Moves(self._occupancy)
        blocked = [course for course in self._occupancy.courses.values() if course.blocked_by]
        for vehicle in list(self._occupancy.movers):
            if vehicle not in self._occupancy.movers or not (waiting := self._yielding.waiting_for(vehicle, blocked)):
                continue
            avoid = [node for course in waiting for node in (*course.nodes[course.position :], *course.wants)]
            if not self._yielding.send_away(vehicle, avoid, moves):
                self._let_out(vehicle, waiting, moves)
        self._rerouting.unjam(moves)
        return list(moves.made.values())

    def _let_out(self, vehicle: str, waiting: Sequence[Course], moves: Moves) -> None:
        """Face to face in a dead end with somebody who has a course: who wants in goes back first, then comes again."""
        occupancy, mover, rerouting = self._occupancy, self._occupancy.movers[vehicle], self._rerouting
        if occupancy.now() - self._tried_at.get(vehicle, -math.inf) < STUCK_S:
            return
        self._tried_at[vehicle] = occupancy.now()
        for course in waiting:
            if course.granted > course.position:
                continue
            for out in self._yielding.ways_out(vehicle, mover, ()):
                found = occupancy.find(out, mover.origins, {course.vehicle}, BACK_OFF_S)
                if found is None:
                    continue
                mark = moves.mark()
                rerouting.cut(course)
                moves.book(found, out)
                if rerouting.reroute(course):
                    return
                moves.undo(mark)
                break

    def grant(self, vehicle: str, reach_m: float) -> int:
        """Release a course as far as others allow, up to ``reach_m`` metres ahead. The last node released."""
        occupancy = self._occupancy
        course = occupancy.courses[vehicle]
        ahead_m = sum(edge.length for edge in course.edges[course.position : course.granted])
        while course.granted < course.bound and ahead_m < reach_m and self._lets_on(course):
            course.granted += 1
            course.depart_s[course.granted] = occupancy.now()
            ahead_m += course.edges[course.granted - 1].length
            for taken in course.entering.get(course.granted, ()):
                taken.from_s = -math.inf
        return course.granted

    def _lets_on(self, course: Course) -> bool:
        """Whether the next step may be granted: nobody is before it, and it leads into nothing that is closed then, or
        in which something stands. Out of there, where the vehicle is, it may lead."""
        occupancy, step = self._occupancy, course.nodes[course.granted : course.granted + 2]
        clear = course.granted < course.begins or occupancy.first_shut(step) is None
        return clear and course.open_at(occupancy.now()) and not any(occupancy.ahead(course))

    def waits_for(self, vehicle: str) -> tuple[str, ...]:
        """Whose turn it is where the vehicle wants to go next."""
        course = self._occupancy.courses.get(vehicle)
        if course and not course.whole and course.granted == course.last:
            return course.blocked_by
        if course is None or course.granted >= course.bound:
            return ()
        return tuple(dict.fromkeys(other.vehicle for other in self._occupancy.ahead(course)))

    def in_front(self, vehicle: str, others: Sequence[str]) -> tuple[str, ...]:
        """Of those that a vehicle waits for, who waits for nobody: the ones at the front of the queue. If some of them
        cannot get out of the way by themselves, only those."""
        front, seen, left = dict[str, None](), {vehicle}, list(others)
        while left:
            other = left.pop()
            course = self._occupancy.courses.get(other)
            stands = course is None or course.held or course.position < course.granted
            onward = () if stands else self.waits_for(other)
            left += [another for another in onward if another not in seen]
            seen.update(onward)
            if not onward:
                front[other] = None
        fixed = tuple(other for other in front if self._is_fixed(other))
        return fixed or tuple(front) or tuple(others)

    def _is_fixed(self, vehicle: str) -> bool:
        course = self._occupancy.courses.get(vehicle)
        return vehicle not in self._occupancy.movers if course is None else course.held

    def tick(self) -> None:
        """Find other ways for those whose way has come to a stand, and better ones."""
        if self._occupancy.refresh():
            self._rerouting.tick()

    def _loses(self, end_s: float, trip: Trip, start: str) -> bool:
        """Whether a way takes much longer than it would on empty roads."""
        return end_s - self._occupancy.now() - self._occupancy.still_seconds(trip, start) > DETOUR_S


def _enters(origin: Origin, trip: Trip) -> bool:
    """Whether beginning there would lead into a closed place. Who is inside may come out."""
    edge, closed = origin.edge, trip.closed
    return edge is not None and closed.bars(edge.start, origin.node) and edge.start not in closed.nodes
