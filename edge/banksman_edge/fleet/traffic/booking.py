"""From a way that was found to a course with its claims."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from banksman_edge.fleet.traffic.resources import Resources
from banksman_edge.fleet.traffic.roads import travel_seconds
from banksman_edge.fleet.traffic.search import Visit
from banksman_edge.fleet.traffic.timetable import Claim, Course, Trip
from banksman_shared.site import Edge


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a trip can begin: at ``node``, or at the start of ``edge`` and along it to ``node``."""

    node: str
    edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A way from an origin through all goals."""

    origin: Origin
    end: Visit

    def nodes(self) -> list[str]:
        nodes = [visit.node for visit in self.end.trail()]
        return [self.origin.edge.start, *nodes] if self.origin.edge else nodes


def new_course(found: Found, trip: Trip, now_s: float) -> Course:
    """A course at its beginning, without claims."""
    course = Course(trip.vehicle, [], [], [], [], [], trip, [], [])
    if found.origin.edge:
        first = found.end.trail()[0]
        _append(course, found.origin.edge.start, None, 0.0, (now_s, now_s))
        _append(course, first.node, found.origin.edge, first.ready_s - first.arrive_s, (now_s, first.arrive_s))
        course.goals += [1] * first.met
        course.begins = 1
        extend(course, found.end.trail()[1:])
    else:
        extend(course, found.end.trail())
    return course


def course_along(edges: Sequence[Edge], start: str, goals: Sequence[int], trip: Trip, now_s: float) -> Course:
    """A course that is known already, edge by edge, with the index of the node of each goal of the trip."""
    course = Course(trip.vehicle, [], [], [], [], [], trip, [], [])
    _append(course, start, None, 0.0, (now_s, now_s))
    for edge in edges:
        _append(course, edge.end, edge, 0.0, (now_s, now_s))
    course.goals = list(goals)
    return course


def extend(course: Course, visits: Sequence[Visit]) -> None:
    """Append what a search has found."""
    for visit in visits:
        times = (visit.depart_s, visit.arrive_s)
        _append(course, visit.node, visit.edge, visit.ready_s - visit.arrive_s, times)
        met = visit.met - (visit.before.met if visit.before else 0)
        course.goals += [course.last] * met


def _append(course: Course, node: str, edge: Edge | None, dwell_s: float, times: tuple[float, float]) -> None:
    course.nodes.append(node)
    if edge and course.last > 0:
        course.edges.append(edge)
    course.dwell_s.append(dwell_s)
    course.travel_s.append(travel_seconds(edge, course.trip.speed) if edge else 0.0)
    course.depart_s.append(times[0])
    course.arrive_s.append(times[1])


def cut(course: Course, last: int) -> None:
    """Take away all that lies behind node ``last``."""
    del course.nodes[last + 1 :], course.dwell_s[last + 1 :], course.travel_s[last + 1 :]
    del course.depart_s[last + 1 :], course.arrive_s[last + 1 :], course.edges[last:]
    course.goals = [goal for goal in course.goals if goal <= last]


def claim(course: Course, resources: Resources) -> None:
    """Work out the claims of a course from its position on."""
    stays: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for index in range(course.position, course.last + 1):
        leave = index + 1 if index < course.last else None
        for resource in resources.node(course.nodes[index]):
            _stay(stays[resource], index, leave)
        if index > course.position:
            for resource in resources.lane(course.nodes[index - 1], course.nodes[index]):
                _stay(stays[resource], index, index)
    course.claims = [Claim(r, course.vehicle, enter, leave) for r, all_ in stays.items() for enter, leave in all_]
    course.entering = defaultdict(list)
    for one in course.claims:
        one.from_s = -math.inf if one.enter <= course.granted else course.depart_s[one.enter]
        one.until_s = math.inf if one.leave is None else course.arrive_s[one.leave]
        course.entering[one.enter].append(one)


def _stay(stays: list[tuple[int, int | None]], enter: int, leave: int | None) -> None:
    """Add a stay; one that follows on the last without a gap makes it longer."""
    if stays:
        first, until = stays[-1]
        if until is None or enter <= until:
            stays[-1] = (first, None if leave is None or until is None else max(until, leave))
            return
    stays.append((enter, leave))
