"""Making way: where a vehicle may wait in nobody's way, and sending those away who idly stand in somebody's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from banksman_edge.fleet.traffic.booking import Found, Origin
from banksman_edge.fleet.traffic.moves import Moves
from banksman_edge.fleet.traffic.occupancy import Mover, Occupancy
from banksman_edge.fleet.traffic.timetable import Course, Goal, Trip
from banksman_shared.site import NOTHING_CLOSED

REFUGES = 12
"""So many places are looked at for a vehicle that must make way."""
IN_THE_WAY_S, OTHERS_HOME_S = 30.0, 600.0
"""Seconds of driving that it is worth to stand in a dead end, where nobody passes, and not where another belongs."""
DEEPEST, RETREATS = 4, 6
"""Vehicles that may have to make way for one another in turn, and places to make way to that are tried for the one for
whose sake they do."""


class Yielding:
    """Books courses out of the way. ``spared``: nodes that nobody is sent to for that."""

    def __init__(self, occupancy: Occupancy, spared: Collection[str]) -> None:
        self._occupancy, self._spared = occupancy, frozenset(spared)

    # Where to

    def with_retreat(self, trip: Trip) -> Trip:
        """The trip, and from its end on to where the vehicle will be in nobody's way."""
        return next(self.with_retreats(trip), trip)

    def with_retreats(self, trip: Trip) -> Iterator[Trip]:
        """The trip with one retreat after the other, the best first."""
        if trip.home is None or trip.goals[-1].node == trip.home:
            yield trip
            return
        for node in self._refuges(trip.goals[-1].node, trip, ()):
            if node == trip.goals[-1].node:
                yield trip
            elif self._free_in_the_end(node, trip.vehicle):
                yield replace(trip, goals=(*trip.goals, Goal(node, loaded=trip.loaded_after)))

    def free_of_retreats(self, node: str) -> None:
        """Somebody has business at a node where others only meant to make way to: they can do without."""
        occupancy = self._occupancy
        resources = set(occupancy.resources.node(node))
        for course in occupancy.courses.values():
            spare = course.end < course.last and course.granted <= course.end and not course.retreating
            if not spare or resources.isdisjoint(occupancy.resources.node(course.nodes[course.last])):
                continue
            stays = [c for c in course.claims if c.enter <= course.end and (c.leave is None or c.leave > course.end)]
            if not occupancy.awaited(stays):
                occupancy.shorten(course, course.end)

    def _refuges(self, start: str, trip: Trip, avoid: Sequence[str]) -> Iterator[str]:
        """Nodes where a vehicle may wait for good: its home, then the handiest from ``start``."""
        occupancy = self._occupancy
        taken = {resource for node in avoid for resource in occupancy.resources.node(node)}

        shut = {*trip.closed.nodes, *(n for n, _, _ in trip.closed.spans)}

        def fit(node: str) -> bool:
            return node not in shut and taken.isdisjoint(occupancy.resources.node(node))

        # Others may pass there before, but nobody else means to stay.
        if trip.home is not None and fit(trip.home) and self._free_in_the_end(trip.home, trip.vehicle):
            yield trip.home
        homes = {home for vehicle, home in occupancy.homes.items() if vehicle != trip.vehicle}
        costs: list[tuple[float, str]] = []
        for node, seconds in occupancy.roads.seconds_from(start, trip.kind, trip.speed).items():
            if node in self._spared or node == trip.home or not fit(node) or not occupancy.free(node, trip.vehicle):
                continue
            crowd_s = 0.0 if occupancy.roads.dead_end(node) else IN_THE_WAY_S
            costs.append((seconds + crowd_s + (OTHERS_HOME_S if node in homes else 0.0), node))
        yield from (node for _, node in sorted(costs)[:REFUGES])

    def _free_in_the_end(self, node: str, vehicle: str) -> bool:
        """Whether a vehicle can stay at a node for good, once others have passed."""
        gaps = self._occupancy.timetable.gaps(self._occupancy.resources.node(node), vehicle)
        return bool(gaps) and gaps[-1][1] == math.inf

    # Who must

    def in_the_way(self, trip: Trip) -> set[str]:
        """Vehicles that can be sent aside, where others pass, or where the trip wants to stop."""
        occupancy = self._occupancy
        wanted = {resource for goal in trip.goals for resource in occupancy.resources.node(goal.node)}
        stands = {v: occupancy.held_now(v) for v in occupancy.pliable() if v != trip.vehicle}
        return {v for v, there in stands.items() if occupancy.roads.passed(there) or not wanted.isdisjoint(there)}

    def waiting_for(self, vehicle: str, blocked: Sequence[Course]) -> list[Course]:
        """The courses of those who wait for a vehicle that stands idle; ``blocked``: those that found no way on."""
        courses = self._occupancy.courses
        behind = {
            other.vehicle: None for held in self._occupancy.standing(vehicle) for other in self._occupancy.behind(held)
        }
        behind |= {course.vehicle: None for course in blocked if vehicle in course.blocked_by}
        return [courses[other] for other in behind if other in courses]

    # Sending away

    def clear(
        self,
        trip: Trip,
        origins: Sequence[Origin],
        ideal: Found,
        moves: Moves,
        seen: frozenset[str] = frozenset(),
        avoid: Sequence[str] = (),
    ) -> bool:
        """Send away whoever stands on the ideal way and need not, then book the trip; all or nothing. ``avoid``: nodes
        that are to be free for others for whose sake this is done."""
        occupancy, mark = self._occupancy, moves.mark()
        if self.clear_way(trip.vehicle, ideal, moves, seen, avoid):
            whole = itertools.islice(self.with_retreats(trip), RETREATS)
            if found := next(filter(None, (occupancy.find(each, origins) for each in whole)), None):
                moves.book(found, trip)
                return True
        moves.undo(mark)
        return False

    def clear_without_retreat(self, trip: Trip, origins: Sequence[Origin], moves: Moves) -> bool:
        """The same, where another has no place to make way to but the one that this vehicle would make way to
        afterwards: then it goes elsewhere."""
        ideal = self._occupancy.find(trip, origins, self.in_the_way(trip))
        return ideal is not None and self.clear(trip, origins, ideal, moves)

    def clear_way(
        self,
        vehicle: str,
        ideal: Found,
        moves: Moves,
        seen: frozenset[str] = frozenset(),
        avoid: Sequence[str] = (),
    ) -> bool:
        """Send away whoever stands on a vehicle's way and need not. What was booked stays so, also where some stay."""
        occupancy, nodes = self._occupancy, ideal.nodes()
        seen |= {vehicle}
        for other in occupancy.holders(nodes, occupancy.pliable()):
            if other in moves or other == vehicle:
                continue
            if other in seen or len(seen) > DEEPEST or not self.send_away(other, (*nodes, *avoid), moves, seen):
                return False
        return True

    def send_away(self, vehicle: str, avoid: Sequence[str], moves: Moves, seen: frozenset[str] = frozenset()) -> bool:
        """Book a course to a place where a vehicle is in nobody's way."""
        occupancy = self._occupancy
        mover = occupancy.pliable()[vehicle]
        for trip in self.ways_out(vehicle, mover, avoid):
            if found := occupancy.find(trip, mover.origins):
                moves.book(found, trip)
                return True
            others = self.in_the_way(trip) - seen
            ideal = occupancy.find(trip, mover.origins, others) if others else None
            if ideal and self.clear(trip, mover.origins, ideal, moves, seen, avoid):
                return True
        return False

    def step_aside(self, trip: Trip, ideal: Found, moves: Moves) -> bool:
        """Face to face in a dead end: who wants in goes back first, so that who is inside can come out later."""
        occupancy = self._occupancy
        if trip.vehicle not in occupancy.movers:
            return False
        for other in occupancy.holders(ideal.nodes(), occupancy.movers):
            if other == trip.vehicle:
                continue
            theirs = occupancy.movers[other]
            for out in self.ways_out(other, theirs, ideal.nodes()):
                way = occupancy.find(out, theirs.origins, self.in_the_way(out))
                if way and self.send_away(trip.vehicle, way.nodes(), moves, frozenset({other})):
                    return True
        return False

    def ways_out(self, vehicle: str, mover: Mover, avoid: Sequence[str]) -> Iterator[Trip]:
        """Trips to where a vehicle would be in nobody's way, and not on the nodes to ``avoid``."""
        start, course = mover.origins[0].node, self._occupancy.courses.get(vehicle)
        closed, loaded = (course.trip.closed, course.loaded) if course else (NOTHING_CLOSED, None)
        still = Trip(vehicle, mover.kind, mover.speed, (Goal(start),), closed, mover.home)
        for node in self._refuges(start, still, (*avoid, start)):
            yield replace(still, goals=(Goal(node, loaded=loaded),), home=None)
