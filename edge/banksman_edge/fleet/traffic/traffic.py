"""Plans courses, grants them piece by piece, and finds ways around what has come to a stand."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from banksman_edge.fleet.traffic.booking import Origin, cut, extend
from banksman_edge.fleet.traffic.floor import Floor, Mover
from banksman_edge.fleet.traffic.search import Search
from banksman_edge.fleet.traffic.timetable import Course, Goal, Trip
from banksman_edge.fleet.traffic.yielding import Yielding
from banksman_shared.clock import Clock
from banksman_shared.site import Layout

log = logging.getLogger(__name__)

DETOUR_S = 45.0
"""Rather than lose more seconds than this on a way around idle vehicles, ask them to make way."""
IMPROVED_AT_ONCE, WORTH_S = 2, 2.0
"""So many courses a second are planned anew, as gaps come and go; kept is what ends so many seconds earlier."""
BACK_OFF_S = 120.0
"""Seconds that a vehicle has for going out of the way of one that it shuts in."""
STUCK_S = 5.0
"""Seconds until a course that has come to a stand, and for which there was no other way, is looked at again."""
OTHER_RETREATS, BARRED_S = 5, 10.0
"""So many other places to make way to are tried for a trip whose way home is barred, after so many seconds."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """No way now; ``by``: vehicles that are in the way, as far as known."""

    by: tuple[str, ...] = ()


class Traffic:
    """The traffic controller of one layout. Knows vehicles by id, and them only as far as it is told."""

    def __init__(self, layout: Layout, clock: Clock, spared: Collection[str] = ()) -> None:
        """``spared``: nodes that nobody is sent to for making way."""
        self._floor = Floor(layout, clock)
        self._yielding = Yielding(self._floor, spared)
        self._tried_at: dict[str, float] = {}
        """When it was last tried to let each vehicle out."""

    # What is

    def stand(self, vehicle: str, nodes: Sequence[str], mover: Mover | None = None) -> None:
        """A vehicle without a course takes up ``nodes``; with a ``mover`` it may be told to make way."""
        self._floor.stand(vehicle, tuple(nodes), mover)

    def arrive(self, vehicle: str, index: int) -> None:
        """A vehicle has reached node ``index`` of its course; what lies behind it is free."""
        course = self._floor.courses[vehicle]
        if index <= course.position:
            return
        now_s = self._floor.now()
        for step in range(course.position + 1, index + 1):
            course.arrive_s[step] = now_s
        course.position = index
        course.granted = max(course.granted, index)
        gone = [c for c in course.claims if c.leave is not None and c.leave <= index]
        self._floor.timetable.remove(gone)
        course.claims = [c for c in course.claims if c.leave is None or c.leave > index]

    def hold(self, vehicle: str, held: bool, *, ends: bool = False) -> None:
        """Whether a vehicle with a course is kept from driving by something that may last; ``ends``: for good."""
        course = self._floor.courses.get(vehicle)
        if course:
            course.ends = ends
        if course and course.held != held:
            course.held = held
            self._floor.stir()

    def course(self, vehicle: str) -> Course | None:
        return self._floor.courses.get(vehicle)

    def held_by(self, vehicle: str) -> tuple[str, ...]:
        """The nodes that a vehicle stands on, or has been let drive to: nobody else passes there."""
        course = self._floor.courses.get(vehicle)
        nodes = self._floor.stands_on(vehicle) if course is None else course.nodes[course.position : course.granted + 1]
        return tuple(dict.fromkeys(nodes))

    def adopt(self, course: Course) -> None:
        """Take over a course that a vehicle is on already: what is granted as it is, the rest to be planned again."""
        cut(course, course.granted)
        self._floor.enter(course)
        self._floor.stir()

    # What shall be

    def reaches(self, trip: Trip, origins: Sequence[Origin]) -> bool:
        """Whether there is a way for the trip once nobody else is there."""
        return any(self._floor.roads.reaches(trip, origin.node) for origin in origins if not _enters(origin, trip))

    def plan(self, trip: Trip, origins: Sequence[Origin]) -> dict[str, Course] | Blocked:
        """A course for a trip, and before it those of idle vehicles that must make way; all of them are booked."""
        floor, yielding = self._floor, self._yielding
        origins = [origin for origin in origins if not _enters(origin, trip)]
        floor.refresh()
        yielding.free_of_retreats(trip.goals[-1].node)
        whole = yielding.with_retreat(trip)
        found, ideal = floor.find(whole, origins), None
        if found is None or self._loses(found.end.ready_s, whole, found.nodes()[0]):
            idle = yielding.in_the_way(trip)
            ideal = floor.find(whole, origins, idle) if idle else None
        if found and (ideal is None or found.end.ready_s - ideal.end.ready_s <= DETOUR_S):
            return {trip.vehicle: floor.book(found, trip)}
        made: dict[str, Course] = {}
        if ideal and yielding.clear(trip, origins, ideal, made):
            return made
        if found:
            return {trip.vehicle: floor.book(found, trip)}
        if ideal and yielding.step_aside(trip, ideal, made):
            return made
        blockers = self._blockers(whole, origins)[1]
        if any(self._is_fixed(other) for other in self.in_front(trip.vehicle, blockers)):
            for other in self._other_retreats(trip):
                if found := floor.find(other, origins):
                    return {trip.vehicle: floor.book(found, trip)}
        return Blocked(blockers)

    def retreat(self, vehicle: str) -> bool:
        """The trip is done. Whether the vehicle must make way now, since somebody is to come where it is."""
        course = self._floor.courses[vehicle]
        held = [claim for claim in course.claims if claim.enter <= course.granted]
        course.retreating = course.last > course.end and self._floor.awaited(held)
        return course.retreating

    def in_the_way(self) -> list[Course]:
        """Courses, booked just now, of idle vehicles that somebody on a course has come to wait for."""
        made: dict[str, Course] = {}
        blocked = [course for course in self._floor.courses.values() if course.blocked_by]
        for vehicle in list(self._floor.movers):
            if vehicle not in self._floor.movers or not (waiting := self._yielding.waiting_for(vehicle, blocked)):
                continue
            avoid = [node for course in waiting for node in (*course.nodes[course.position :], *course.wants)]
            if not self._yielding.send_away(vehicle, avoid, made):
                self._let_out(vehicle, waiting, made)
        return list(made.values())

    def _let_out(self, vehicle: str, waiting: Sequence[Course], made: dict[str, Course]) -> None:
        """Face to face in a dead end with somebody who has a course: who wants in goes back first, then comes again."""
        floor, mover = self._floor, self._floor.movers[vehicle]
        if floor.now() - self._tried_at.get(vehicle, -math.inf) < STUCK_S:
            return
        self._tried_at[vehicle] = floor.now()
        for course in waiting:
            if course.granted > course.position:
                continue
            for out in self._yielding.ways_out(vehicle, mover, ()):
                found = floor.find(out, mover.origins, {course.vehicle}, BACK_OFF_S)
                if found is None:
                    continue
                self._cut(course)
                made[vehicle] = floor.book(found, out)
                if self._reroute(course):
                    return
                floor.stand_again(made.pop(vehicle).vehicle)
                break

    def grant(self, vehicle: str, reach_m: float) -> int:
        """Release a course as far as others allow, up to ``reach_m`` metres ahead. The last node released."""
        floor = self._floor
        course = floor.courses[vehicle]
        last = course.last if course.retreating else course.end
        ahead_m = sum(edge.length for edge in course.edges[course.position : course.granted])
        while course.granted < last and ahead_m < reach_m and self._lets_on(course):
            course.granted += 1
            course.depart_s[course.granted] = floor.now()
            ahead_m += course.edges[course.granted - 1].length
            for taken in course.entering.get(course.granted, ()):
                taken.from_s = -math.inf
        return course.granted

    def _lets_on(self, course: Course) -> bool:
        """Whether the next step may be granted: nobody is before it, and it leads into nothing that is closed then."""
        return course.open_at(self._floor.now()) and not any(self._floor.ahead(course))

    def waits_for(self, vehicle: str) -> tuple[str, ...]:
        """Whose turn it is where the vehicle wants to go next."""
        course = self._floor.courses.get(vehicle)
        if course and not course.whole and course.granted == course.last:
            return course.blocked_by
        if course is None or course.granted >= (course.last if course.retreating else course.end):
            return ()
        return tuple(dict.fromkeys(other.vehicle for other in self._floor.ahead(course)))

    def in_front(self, vehicle: str, others: Sequence[str]) -> tuple[str, ...]:
        """Of those that a vehicle waits for, who waits for nobody: the ones at the front of the queue. If some of them
        cannot get out of the way by themselves, only those."""
        front, seen, left = dict[str, None](), {vehicle}, list(others)
        while left:
            other = left.pop()
            course = self._floor.courses.get(other)
            stands = course is None or course.held or course.position < course.granted
            onward = () if stands else self.waits_for(other)
            left += [another for another in onward if another not in seen]
            seen.update(onward)
            if not onward:
                front[other] = None
        fixed = tuple(other for other in front if self._is_fixed(other))
        return fixed or tuple(front) or tuple(others)

    def _is_fixed(self, vehicle: str) -> bool:
        course = self._floor.courses.get(vehicle)
        return vehicle not in self._floor.movers if course is None else course.held

    def tick(self) -> list[Course]:
        """Find other ways for those whose way has come to a stand, and better ones. Returns what changed."""
        if not self._floor.refresh():
            return []
        self._open_circle()
        now_s = self._floor.now()
        cut_ = [c for c in self._floor.courses.values() if not c.whole and now_s - c.improved_s >= STUCK_S]
        changed = [course for course in cut_ if self._reroute(course)]
        open_ = [c for c in self._floor.courses.values() if c.granted < c.last and c.arrive_s[c.granted] < math.inf]
        stuck = [c for c in open_ if c.arrive_s[c.last] == math.inf and now_s - c.improved_s >= STUCK_S]
        slow = [c for c in open_ if c.arrive_s[c.last] < math.inf and self._late(c)]
        turns = sorted(slow, key=lambda c: c.improved_s)[:IMPROVED_AT_ONCE]
        return changed + [course for course in (*stuck, *turns) if course.whole and self._reroute(course)]

    # Ways around

    def _cut(self, course: Course) -> None:
        """Leave of a course only what is granted."""
        self._floor.withdraw(course, course.granted)
        self._floor.claim(course)

    def _open_circle(self) -> None:
        """Plan those anew that wait for one another, one after the other."""
        circle = self._floor.circle
        for course in circle:
            log.warning(
                "%s is part of a circle of vehicles that wait for each other; it is planned anew", course.vehicle
            )
            self._cut(course)
            course.improved_s = -math.inf
        if circle:
            self._floor.stir()
            self._floor.refresh()

    def _other_retreats(self, trip: Trip) -> list[Trip]:
        """The trip with other places to make way to than the best, and nobody's home: who cannot get home can still do
        his work."""
        homes = self._floor.homes.values()
        others = itertools.islice(self._yielding.with_retreats(trip), 1, None)
        return list(itertools.islice((t for t in others if t.goals[-1].node not in homes), OTHER_RETREATS))

    def _loses(self, end_s: float, trip: Trip, start: str) -> bool:
        """Whether a way takes much longer than it would on empty roads."""
        return end_s - self._floor.now() - self._floor.still_seconds(trip, start) > DETOUR_S

    def _blockers(self, trip: Trip, origins: Sequence[Origin]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The shortest way there is for a trip, by its nodes, and who holds what it needs."""
        everybody = self._floor.everybody_but(trip.vehicle)
        found = self._floor.find(trip, origins, everybody)
        nodes = found.nodes() if found else []
        return tuple(nodes), tuple(self._floor.holders(nodes, everybody))

    def _rest(self, course: Course) -> Trip:
        """What of a trip is still to be decided; its retreat, if that is all."""
        met = sum(goal <= course.granted for goal in course.goals)
        rest = course.trip.goals[met:]
        goals = rest or (Goal(course.nodes[course.last], loaded=course.trip.loaded_after),)
        return replace(course.trip, goals=goals, home=course.trip.home if rest else None)

    def _late(self, course: Course) -> bool:
        """Whether the rest of a course could end earlier at all."""
        rest, start = self._rest(course), course.nodes[course.granted]
        goals = rest.goals
        if rest.home is not None and course.last > course.end:
            goals = (*goals, Goal(course.nodes[course.last]))
        begin_s = course.arrive_s[course.granted] + course.dwell_s[course.granted]
        still_s = self._floor.still_seconds(replace(rest, goals=goals), start)
        return course.arrive_s[course.last] - begin_s - still_s > WORTH_S

    def _reroute(self, course: Course) -> bool:
        """Look for a better way from the end of what is granted. Whether there is one."""
        floor = self._floor
        start, at_s = course.nodes[course.granted], course.arrive_s[course.granted] + course.dwell_s[course.granted]
        gaps = floor.timetable.gaps(floor.resources.node(start), course.vehicle)
        end_s = next((end for begin, end in gaps if begin <= at_s < end), math.inf)
        rest = self._rest(course)
        trips = [self._yielding.with_retreat(rest)]
        if floor.now() - course.vain_since_s >= BARRED_S:
            trips += self._other_retreats(rest)
        searches = (Search(floor.roads, floor.resources, floor.timetable, trip) for trip in trips)
        visit = next((v for search in searches if (v := search.run(start, at_s, end_s, sent=True))), None)
        course.improved_s = floor.now()
        stuck = visit is None and (not course.whole or course.arrive_s[course.last] == math.inf)
        course.vain_since_s = min(course.vain_since_s, floor.now()) if stuck else math.inf
        if visit is None or (course.whole and visit.ready_s > course.arrive_s[course.last] - WORTH_S):
            if not course.whole:
                course.wants, course.blocked_by = self._blockers(rest, [Origin(start)])
            return False
        course.wants = course.blocked_by = ()
        floor.withdraw(course, course.granted)
        extend(course, visit.trail()[1:])
        floor.claim(course)
        log.debug("%s takes another way to %s", course.vehicle, course.nodes[-1])
        return True


def _enters(origin: Origin, trip: Trip) -> bool:
    """Whether beginning there would lead into a closed place. Who is inside may come out."""
    edge, closed = origin.edge, trip.closed
    return edge is not None and closed.bars(edge.start, origin.node) and edge.start not in closed.nodes
