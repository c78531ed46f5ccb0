"""Everybody's place and course, and what follows from them: who holds what, who waits for whom, which way is free."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from banksman_edge.fleet.traffic.booking import Found, Origin, claim, cut, extend, new_course
from banksman_edge.fleet.traffic.forecast import Forecast
from banksman_edge.fleet.traffic.resources import Resources
from banksman_edge.fleet.traffic.roads import Roads, travel_seconds
from banksman_edge.fleet.traffic.search import Search, Visit
from banksman_edge.fleet.traffic.timetable import STANDING, Claim, Course, Timetable, Trip
from banksman_shared.clock import Clock
from banksman_shared.site import Layout

FORECAST_S = 1.0
"""Seconds for which a forecast is good enough."""


@dataclass(frozen=True, slots=True)
class Mover:
    """An idle vehicle that may be told to make way. ``speed`` in m/s, ``home`` a node."""

    kind: str
    speed: float
    home: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a vehicle had, for :meth:`Occupancy.restore`: a course, or where it stood, and whose turn was when there."""

    course: Course | None
    standing: tuple[tuple[str, ...], list[Claim]] | None
    mover: Mover | None
    home: str | None
    order: Mapping[int, list[Claim]]


class Occupancy:
    """What the traffic controller knows. Each vehicle either has a course or stands somewhere."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        self.resources = Resources(layout)
        self.roads = Roads(layout, self.resources)
        self.timetable = Timetable()
        self.courses: dict[str, Course] = {}
        self.movers: dict[str, Mover] = {}
        self.homes: dict[str, str] = {}
        """The node where each vehicle belongs, as far as known."""
        self._standing: dict[str, tuple[tuple[str, ...], list[Claim]]] = {}
        self._clock = clock
        self._forecast_at = -math.inf
        self.shut: dict[tuple[str, str], None] = {}
        """Lanes on which something stands, from the node that leads to it; nobody drives them, either way."""
        self._shut_both: frozenset[tuple[str, str]] = frozenset()
        self.circle: list[Course] = []
        """Courses that wait for one another, by the latest forecast."""

    def now(self) -> float:
        return self._clock.monotonic()

    # Standing

    def stand(self, vehicle: str, nodes: tuple[str, ...], mover: Mover | None) -> None:
        """The vehicle has no course (any more) and takes up ``nodes``."""
        if mover:
            self.movers[vehicle] = mover
            self.homes[vehicle] = mover.home
        else:
            self.movers.pop(vehicle, None)
        known = self._standing.get(vehicle)
        if known and known[0] == nodes:
            return
        self.leave(vehicle)
        taken = {resource for node in nodes for resource in self.resources.node(node)}
        claims = [Claim(resource, vehicle, STANDING, None) for resource in taken]
        self._standing[vehicle] = nodes, claims
        self.timetable.insert(claims)
        self.stir()

    def standing(self, vehicle: str) -> Sequence[Claim]:
        """The claims of a vehicle without a course."""
        return self._standing[vehicle][1]

    def stands_on(self, vehicle: str) -> Sequence[str]:
        """The nodes that a vehicle without a course takes up."""
        return self._standing[vehicle][0] if vehicle in self._standing else ()

    def leave(self, vehicle: str) -> None:
        """Give up all claims of a vehicle."""
        if course := self.courses.pop(vehicle, None):
            self.timetable.remove(course.claims)
        if standing := self._standing.pop(vehicle, None):
            self.timetable.remove(standing[1])

    def pliable(self) -> dict[str, Mover]:
        """Who can be sent aside: the idle, and those on a course who have come to a stand without a way on."""
        waiting = [course for course in self.courses.values() if course.waits]
        return self.movers | {
            c.vehicle: Mover(c.trip.kind, c.trip.speed, c.trip.home or c.nodes[-1], (Origin(c.nodes[c.fixed]),))
            for c in waiting
        }

    def held_now(self, vehicle: str) -> set[int]:
        """The resources that a vehicle takes up, or was let drive to."""
        if course := self.courses.get(vehicle):
            return {claim.resource for claim in course.claims if claim.enter <= course.granted}
        return {claim.resource for claim in self.standing(vehicle)}

    # Courses

    def book(self, found: Found, trip: Trip) -> Course:
        course = new_course(found, trip, self.now())
        self.enter(course)
        return course

    def enter(self, course: Course) -> None:
        """Take a course with no claims yet into the timetable, in place of what its vehicle had."""
        self.leave(course.vehicle)
        self.movers.pop(course.vehicle, None)
        if course.trip.home:
            self.homes[course.vehicle] = course.trip.home
        self.courses[course.vehicle] = course
        claim(course, self.resources)
        self.timetable.insert(course.claims)

    def withdraw(self, course: Course, last: int) -> None:
        """Take away all of a course that lies behind node ``last``, with its claims; :meth:`claim` them anew."""
        self.timetable.remove(course.claims)
        cut(course, last)

    def shorten(self, course: Course, last: int) -> None:
        """Let a course end at node ``last``, where nobody waits for it to go on. It keeps its turns till there: claimed
        anew, a course whose times are not known would be the last everywhere."""
        self.timetable.remove([one for one in course.claims if one.enter > last])
        course.claims = [one for one in course.claims if one.enter <= last]
        for stays in (one for one in course.claims if one.leave is None or one.leave > last):
            stays.leave, stays.until_s = None, math.inf
        course.entering = {step: claims for step, claims in course.entering.items() if step <= last}
        cut(course, last)

    def claim(self, course: Course) -> None:
        claim(course, self.resources)
        self.timetable.insert(course.claims)

    def turn(self, course: Course, end: Visit, *, aside: bool = False) -> None:
        """Put another way in place of what of a course is not granted; ``aside``: one that meets none of its goals, but
        for those at its very end, where the vehicle could never come again to meet them."""
        self.withdraw(course, course.fixed)
        goals = list(course.goals)
        extend(course, end.trail()[1:])
        if aside:
            left = course.trip.goals[len(goals) :]
            there = list(itertools.takewhile(lambda goal: goal.node == course.nodes[-1], left))
            course.goals = [*goals, *[course.last] * len(there)]
            course.dwell_s[-1] += sum(goal.dwell_s for goal in there)
        self.claim(course)

    def copied(self, course: Course) -> Course:
        """A course as it is now, for going on with it elsewhere, or back to it."""
        names = ("nodes", "edges", "dwell_s", "travel_s", "goals", "depart_s", "arrive_s")
        lists: dict[str, Any] = {name: list(getattr(course, name)) for name in names}
        return replace(course, **lists)

    # Taking back

    def kept(self, vehicle: str) -> Kept:
        """What a vehicle has now, to be restored. What is kept after it is to be restored before it."""
        course, standing = self.courses.get(vehicle), self._standing.get(vehicle)
        claims = course.claims if course else standing[1] if standing else ()
        copied = self.copied(course) if course else None
        return Kept(copied, standing, self.movers.get(vehicle), self.homes.get(vehicle), self.timetable.order(claims))

    def restore(self, vehicle: str, kept: Kept) -> None:
        """Make everything again what it was, as if nothing had been booked for the vehicle."""
        if to := kept.course:
            course = self.courses[vehicle]
            self.timetable.remove(course.claims)
            course.nodes, course.edges, course.goals = to.nodes, to.edges, to.goals
            course.dwell_s, course.travel_s, course.depart_s, course.arrive_s = (
                to.dwell_s, to.travel_s, to.depart_s, to.arrive_s,
            )  # fmt: skip
            course.claims, course.entering = to.claims, to.entering
        else:
            self.leave(vehicle)
            self._standing |= {vehicle: kept.standing} if kept.standing else {}
            self.movers |= {vehicle: kept.mover} if kept.mover else {}
            self.homes |= {vehicle: kept.home} if kept.home else {}
        self.timetable.put_back(kept.order)

    # Lanes

    def shut_lane(self, start: str, end: str, *, shut: bool) -> None:
        """Whether something stands on a lane, met on the way from ``start``."""
        if shut:
            self.shut[start, end] = None
        else:
            self.shut.pop((start, end), None)
        self._shut_both = frozenset(pair for a, b in self.shut for pair in ((a, b), (b, a)))
        self.stir()

    def first_shut(self, nodes: Sequence[str]) -> tuple[str, str] | None:
        """The first lane of a way on which something stands."""
        return next((pair for pair in itertools.pairwise(nodes) if pair in self._shut_both), None)

    def runs_into(self, origin: Origin) -> bool:
        """Whether a vehicle would drive on from there into what it, or another before it, has stopped before."""
        return origin.edge is not None and (origin.edge.start, origin.node) in self.shut

    def leads_over(self, course: Course) -> bool:
        """Whether what of a course is not granted leads over a lane that is shut."""
        return self.first_shut(course.nodes[course.fixed :]) is not None

    # Times

    def stir(self) -> None:
        """Something came otherwise than forecast."""
        self._forecast_at = -math.inf

    def refresh(self) -> bool:
        """Work the times out anew if they are old. Whether they were."""
        now_s = self.now()
        if now_s - self._forecast_at < FORECAST_S:
            return False
        forecast = Forecast(self.timetable, self.courses.values(), now_s)
        forecast.run()
        self.circle, self._forecast_at = forecast.circle, now_s
        return True

    # Ways

    def search(self, trip: Trip, ignored: Collection[str] = (), *, opened: bool = False) -> Search:
        """``opened``: as if nothing stood on any lane."""
        return Search(self.roads, self.resources, self.timetable, trip, ignored, () if opened else self._shut_both)

    def find(
        self,
        trip: Trip,
        origins: Sequence[Origin],
        ignored: Collection[str] = (),
        delay_s: float = 0.0,
        *,
        opened: bool = False,
    ) -> Found | None:
        """The earliest way, as if the ``ignored`` vehicles were not there, to be begun after ``delay_s``.

        ``opened``: as if nothing stood on any lane.
        """
        search = self.search(trip, ignored, opened=opened)
        begin_s = self.now() + delay_s
        begun = [origin for origin in origins if opened or not self.runs_into(origin)]
        found = [f for origin in begun if (f := self._from(search, origin, trip.vehicle, ignored, begin_s))]
        return min(found, key=lambda f: f.end.ready_s, default=None)

    def _from(
        self, search: Search, origin: Origin, vehicle: str, ignored: Collection[str], now_s: float
    ) -> Found | None:
        gaps = self.timetable.gaps(self.resources.node(origin.node), vehicle, ignored)
        if origin.edge is None:
            # Whoever else claims to be here as well: the vehicle is here, and must be let out.
            end_s = next((end for begin, end in gaps if begin <= now_s < end), math.inf)
            visit = search.run(origin.node, now_s, end_s)
            return Found(origin, visit) if visit else None
        travel_s = travel_seconds(origin.edge, search.trip.speed)
        for begin, end in gaps:
            arrive_s = max(now_s, begin) + travel_s
            if arrive_s <= end and (visit := search.run(origin.node, arrive_s, end)):
                return Found(origin, visit)
        return None

    def still_seconds(self, trip: Trip, start: str) -> float:
        """How long the trip takes from ``start`` on empty roads."""
        seconds, node = 0.0, start
        for goal in trip.goals:
            seconds += self.roads.seconds_to(goal.node, trip.kind, trip.speed).get(node, 0.0) + goal.dwell_s
            node = goal.node
        return seconds

    # Who is where

    def free(self, node: str, vehicle: str) -> bool:
        """Whether nobody else is at a node or will be."""
        queues = (self.timetable.queue(resource) for resource in self.resources.node(node))
        return all(other.vehicle == vehicle for queue in queues for other in queue)

    def holders(self, way: Sequence[str], among: Collection[str]) -> list[str]:
        """Those of ``among`` who mean to stay on or beside a way, given by its nodes, or hold it for nobody knows how
        long."""
        taken = {resource: None for node in way for resource in self.resources.node(node)}
        for start, end in itertools.pairwise(way):
            taken |= dict.fromkeys(self.resources.lane(start, end))
        others = (other for resource in taken for other in self.timetable.queue(resource))
        return list(dict.fromkeys(o.vehicle for o in others if o.vehicle in among and _stays(o)))

    def behind(self, held: Claim) -> Iterator[Claim]:
        """Claims of others that are to follow."""
        queue = self.timetable.queue(held.resource)
        return (c for c in itertools.islice(queue, queue.index(held) + 1, None) if c.vehicle != held.vehicle)

    def awaited(self, claims: Iterable[Claim]) -> bool:
        """Whether somebody waits for one of these to be given up."""
        return any(True for one in claims for _ in self.behind(one))

    def ahead(self, course: Course) -> Iterator[Claim]:
        """Claims of others that must be given up before the next step can be granted."""
        for wanted in course.entering.get(course.granted + 1, ()):
            yield from self.timetable.before(wanted)

    def everybody_but(self, vehicle: str) -> set[str]:
        return {v for v in (*self.courses, *self._standing) if v != vehicle}


def _stays(claim: Claim) -> bool:
    return claim.leave is None or (claim.from_s == -math.inf and claim.until_s == math.inf)
