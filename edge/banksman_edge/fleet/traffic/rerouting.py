"""Other ways for those who are on a course: around what stands in the way, or earlier ones as gaps open."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from banksman_edge.fleet.traffic.booking import Origin, extend
from banksman_edge.fleet.traffic.moves import Moves
from banksman_edge.fleet.traffic.occupancy import Occupancy
from banksman_edge.fleet.traffic.timetable import Course, Goal, Trip
from banksman_edge.fleet.traffic.yielding import Yielding

log = logging.getLogger(__name__)

IMPROVED_AT_ONCE, WORTH_S = 2, 2.0
"""So many courses a second are planned anew, as gaps come and go; kept is what ends so many seconds earlier."""
STUCK_S = 5.0
"""Seconds until a course that has come to a stand, and for which there was no other way, is looked at again."""
OTHER_RETREATS, BARRED_S = 5, 10.0
"""So many other places to make way to are tried for a trip whose way home is barred, after so many seconds."""
TURN_KEPT_S, RETREAT_KEPT_S = 10.0, 60.0
"""Seconds for which one that cannot go on keeps its turns at the nodes before it: on its way, and on its way out of
the way, where nobody is to meet it again."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What is in the way of somebody: the nodes of the ``way``, the vehicles that hold what it needs, and the first
    ``lane`` of it on which something stands, if there is no other."""

    way: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    lane: tuple[str, str] | None = None


class Rerouting:
    """Plans the rest of courses anew, from the end of what is granted."""

    def __init__(self, occupancy: Occupancy, yielding: Yielding) -> None:
        self._occupancy, self._yielding = occupancy, yielding
        self._unjammed_at: dict[str, float] = {}
        """When others were last to go aside for each vehicle."""

    def tick(self) -> None:
        """Find other ways for those whose way has come to a stand, and better ones."""
        occupancy, now_s = self._occupancy, self._occupancy.now()
        self._open_circle()
        self._free_turns()
        courses = list(occupancy.courses.values())
        cut_ = [c for c in courses if not c.whole and not c.held and now_s - c.improved_s >= STUCK_S]
        for course in cut_:
            self.reroute(course)
        open_ = [c for c in courses if c.fixed < c.last and c.arrive_s[c.fixed] < math.inf]
        stuck = [c for c in open_ if c.arrive_s[c.last] == math.inf and now_s - c.improved_s >= STUCK_S]
        slow = [c for c in open_ if c.arrive_s[c.last] < math.inf and self._late(c)]
        turns = sorted(slow, key=lambda c: c.improved_s)[:IMPROVED_AT_ONCE]
        for course in (*stuck, *turns):
            if course.whole:
                self.reroute(course)

    def _free_turns(self) -> None:
        """Who cannot go on keeps nobody from passing the nodes before it, and gets another way when it can."""
        now_s = self._occupancy.now()
        for course in self._occupancy.courses.values():
            kept_s = now_s - min(course.held_since_s, course.vain_since_s)
            in_vain = course.held or course.arrive_s[course.last] == math.inf
            until_s = RETREAT_KEPT_S if course.retreating else TURN_KEPT_S
            over = self._occupancy.leads_over(course) or (in_vain and kept_s >= until_s)
            if over and course.fixed < course.bound:
                self.cut(course)

    def cut(self, course: Course) -> None:
        """Leave of a course only what is granted."""
        self._occupancy.withdraw(course, course.fixed)
        self._occupancy.claim(course)
        course.improved_s = -math.inf

    def _open_circle(self) -> None:
        """Plan those anew that wait for one another, one after the other."""
        circle = self._occupancy.circle
        for course in circle:
            log.warning(
                "%s is part of a circle of vehicles that wait for each other; it is planned anew", course.vehicle
            )
            self.cut(course)
        if circle:
            self._occupancy.stir()
            self._occupancy.refresh()

    # One course

    def reroute(self, course: Course) -> bool:
        """Look for a better way from the end of what is granted. Whether there is one."""
        occupancy = self._occupancy
        start, at_s = course.nodes[course.fixed], course.arrive_s[course.fixed] + course.dwell_s[course.fixed]
        gaps = occupancy.timetable.gaps(occupancy.resources.node(start), course.vehicle)
        end_s = next((end for begin, end in gaps if begin <= at_s < end), math.inf)
        rest = self.rest(course)
        trips = [self._yielding.with_retreat(rest)]
        if occupancy.now() - course.vain_since_s >= BARRED_S:
            trips += self.other_retreats(rest)
        searches = (occupancy.search(trip) for trip in trips)
        visit = next((v for search in searches if (v := search.run(start, at_s, end_s, sent=True))), None)
        course.improved_s = occupancy.now()
        stuck = visit is None and (not course.whole or course.arrive_s[course.last] == math.inf)
        course.vain_since_s = min(course.vain_since_s, occupancy.now()) if stuck else math.inf
        if visit is None or (course.whole and visit.ready_s > course.arrive_s[course.last] - WORTH_S):
            if not course.whole:
                found = self.blockers(rest, [Origin(start)])
                course.wants, course.blocked_by, course.shut_off = found.way, found.by, found.lane
                course.astray = self._could_turn(course, rest)
            return False
        course.wants, course.blocked_by, course.shut_off, course.astray = (), (), None, False
        occupancy.turn(course, visit)
        log.debug("%s takes another way to %s", course.vehicle, course.nodes[-1])
        return True

    def _could_turn(self, course: Course, rest: Trip) -> bool:
        """Whether there is a way on from a node before the end of what was released, where there is none from there."""
        before = [Origin(node) for node in course.nodes[course.position + 1 : course.fixed]]
        met = any(course.position < goal <= course.fixed for goal in course.goals)
        return not met and any(self._occupancy.find(rest, [origin]) for origin in before)

    def rest(self, course: Course) -> Trip:
        """What of a trip is still to be decided; its retreat, if that is all."""
        met = sum(goal <= course.fixed for goal in course.goals)
        rest = course.trip.goals[met:]
        goals = rest or (Goal(course.nodes[course.last], loaded=course.trip.loaded_after),)
        return replace(course.trip, goals=goals, home=course.trip.home if rest else None)

    def _late(self, course: Course) -> bool:
        """Whether the rest of a course could end earlier at all."""
        rest, start = self.rest(course), course.nodes[course.fixed]
        goals = rest.goals
        if rest.home is not None and course.last > course.end:
            goals = (*goals, Goal(course.nodes[course.last]))
        begin_s = course.arrive_s[course.fixed] + course.dwell_s[course.fixed]
        still_s = self._occupancy.still_seconds(replace(rest, goals=goals), start)
        return course.arrive_s[course.last] - begin_s - still_s > WORTH_S

    def hoped(self, course: Course) -> Course | None:
        """A course with the way to all its goals, as if nobody were there: what it cannot be let drive yet. None: it
        has no such way from there."""
        if course.whole:
            return course
        occupancy = self._occupancy
        search = occupancy.search(self.rest(course), occupancy.everybody_but(course.vehicle), opened=True)
        visit = search.run(course.nodes[course.last], occupancy.now(), math.inf, sent=True)
        if visit is None:
            return None
        longer = occupancy.copied(course)
        extend(longer, visit.trail()[1:])
        return longer

    # Trips

    def other_retreats(self, trip: Trip) -> list[Trip]:
        """The trip with other places to make way to than the best, and nobody's home: who cannot get home can still do
        his work."""
        homes = self._occupancy.homes.values()
        others = itertools.islice(self._yielding.with_retreats(trip), 1, None)
        return list(itertools.islice((t for t in others if t.goals[-1].node not in homes), OTHER_RETREATS))

    def blockers(self, trip: Trip, origins: Sequence[Origin]) -> Hindrance:
        """What keeps a trip from the shortest way there is for it."""
        occupancy, everybody = self._occupancy, self._occupancy.everybody_but(trip.vehicle)
        found = occupancy.find(trip, origins, everybody) or occupancy.find(trip, origins, everybody, opened=True)
        nodes = found.nodes() if found else []
        return Hindrance(tuple(nodes), tuple(occupancy.holders(nodes, everybody)), occupancy.first_shut(nodes))

    # Jams

    def unjam(self, moves: Moves) -> None:
        """Send others aside for those who have come to a stand, one of them at a time."""
        now_s, courses = self._occupancy.now(), self._occupancy.courses
        due = [c for c in courses.values() if c.waits and not c.whole and c.blocked_by and self._is_due(c, now_s)]
        if due:
            course = min(due, key=lambda c: self._unjammed_at.get(c.vehicle, -math.inf))
            self._unjammed_at[course.vehicle] = now_s
            self._let_through(course, moves)

    def _is_due(self, course: Course, now_s: float) -> bool:
        vain = now_s - course.vain_since_s >= STUCK_S
        return vain and now_s - self._unjammed_at.get(course.vehicle, -math.inf) >= STUCK_S

    def _let_through(self, course: Course, moves: Moves) -> None:
        """Send those aside who keep a vehicle that has come to a stand from its way, and need not; if they can only go
        where it would make way to afterwards, there. If it has no way even then, nobody is sent anywhere."""
        occupancy, mark, start = self._occupancy, moves.mark(), Origin(course.nodes[course.fixed])
        others, rest = occupancy.pliable().keys() - {course.vehicle}, self.rest(course)
        for trip in dict.fromkeys((self._yielding.with_retreat(rest), rest)):
            if (ideal := occupancy.find(trip, [start], others)) is None:
                return
            moves.keep(course.vehicle)
            if self._yielding.clear_way(course.vehicle, ideal, moves) and self.reroute(course):
                log.info("others go aside for %s", course.vehicle)
                return
            moves.undo(mark)
