"""A layout with its traffic controller, and vehicles that are only numbers, on a clock that a test moves."""

from __future__ import annotations

import math
import random
from collections.abc import Collection

from banksman_edge.fleet.traffic import Blocked, Course, Goal, Mover, Origin, Traffic, Trip
from banksman_shared.clock import ManualClock
from banksman_shared.site import Closed, Edge, Layout, Node

Keep = Collection[str] | Closed
"""Nodes, or more, to keep out of."""

KIND, SPEED = "carrier", 1.0
Points = dict[str, tuple[float, float]]


def layout_of(points: Points, roads: Collection[str]) -> Layout:
    """``roads`` as "A-B" for both ways, "A>B" for one; with " !loaded" behind, no loaded vehicle may use it."""
    nodes = {name: Node(name, x, y, "m") for name, (x, y) in points.items()}
    edges = {}
    for road in roads:
        name, _, rule = road.partition(" ")
        a, b = name.replace("-", ">").split(">")
        for start, end in ((a, b), (b, a)) if "-" in name else ((a, b),):
            never = frozenset({KIND}) if rule == "!loaded" else frozenset()
            length = math.dist(points[start], points[end])
            edges[f"{start}>{end}"] = Edge(f"{start}>{end}", start, end, length, None, never_loaded=never)
    return Layout(nodes, edges, {})


class Floor:
    """A layout with its traffic, and vehicles that drive whatever they are granted."""

    def __init__(
        self,
        points: Points,
        roads: Collection[str],
        spared: Collection[str] = (),
        delays: random.Random | None = None,
    ) -> None:
        """``delays``: where each step gets a delay of its own from."""
        self.layout = layout_of(points, roads)
        self.clock = ManualClock(0.0)
        self.traffic = Traffic(self.layout, self.clock, spared)
        self.at: dict[str, str] = {}
        self.homes: dict[str, str] = {}
        self.courses: dict[str, Course] = {}
        self.stuck: set[str] = set()
        self.ended: list[str] = []
        """Vehicles whose trips have ended, making way not counted."""
        self._delays = delays
        self._arrive_at: dict[str, float] = {}

    def park(self, vehicle: str, node: str, home: str | None = None, *, movable: bool = True) -> None:
        self.at[vehicle], self.homes[vehicle] = node, home or node
        mover = Mover(KIND, SPEED, self.homes[vehicle], (Origin(node),))
        self.traffic.stand(vehicle, (node,), mover if movable else None)

    def trip(self, vehicle: str, *goals: str | Goal, closed: Keep = (), stays: bool = False) -> Trip:
        return Trip(
            vehicle,
            KIND,
            SPEED,
            tuple(goal if isinstance(goal, Goal) else Goal(goal) for goal in goals),
            closed if isinstance(closed, Closed) else Closed(frozenset(closed)),
            None if stays else self.homes[vehicle],
        )

    def send(self, vehicle: str, *goals: str | Goal, closed: Keep = (), stays: bool = False) -> Course:
        """Plan a trip that must be possible at once."""
        made = self.plan(vehicle, *goals, closed=closed, stays=stays)
        assert not isinstance(made, Blocked), made
        return made[vehicle]

    def plan(
        self, vehicle: str, *goals: str | Goal, closed: Keep = (), stays: bool = False
    ) -> dict[str, Course] | Blocked:
        trip = self.trip(vehicle, *goals, closed=closed, stays=stays)
        made = self.traffic.plan(trip, [Origin(self.at[vehicle])])
        if not isinstance(made, Blocked):
            self.courses |= made
        return made

    def step(self, seconds: float = 0.5) -> None:
        self.clock.advance(seconds)
        now = self.clock.monotonic()
        for vehicle, course in list(self.courses.items()):
            self.traffic.grant(vehicle, 8.0)
            if vehicle in self._arrive_at:
                if now >= self._arrive_at[vehicle] and vehicle not in self.stuck:
                    del self._arrive_at[vehicle]
                    self.traffic.arrive(vehicle, course.position + 1)
                    self.at[vehicle] = course.nodes[course.position]
            elif course.granted > course.position:
                if not self._departs(vehicle, course):
                    continue
                self._arrive_at[vehicle] = now + course.travel_s[course.position + 1] * self._delay()
            elif course.position == course.bound and course.whole:
                self._end(vehicle, course)
        self.check()
        self.traffic.tick()
        for course in self.traffic.in_the_way():
            self.courses[course.vehicle] = course

    def _departs(self, vehicle: str, course: Course) -> bool:  # noqa: ARG002
        """Whether a vehicle sets out for the next node, which it is let."""
        return True

    def _delay(self) -> float:
        """How many times as long as expected a step takes; once in a while very long."""
        if self._delays is None:
            return 1.1
        return 20.0 if self._delays.random() < 0.02 else self._delays.uniform(0.7, 2.0)

    def _end(self, vehicle: str, course: Course) -> None:
        if not course.retreating:
            self.ended.append(vehicle)
            if self.traffic.retreat(vehicle):
                return
        del self.courses[vehicle]
        self.park(vehicle, self.at[vehicle], self.homes[vehicle])

    def check(self) -> None:
        """Nobody is where somebody else is, or is moving to."""
        taken: dict[str, str] = {}
        for vehicle, node in self.at.items():
            ahead = (
                [self.courses[vehicle].nodes[self.courses[vehicle].position + 1]] if vehicle in self._arrive_at else []
            )
            for each in (node, *ahead):
                assert each not in taken, f"{vehicle} and {taken[each]} are both at {each}"
                taken[each] = vehicle

    def run(self, seconds: float = 600.0) -> None:
        """Until nobody drives."""
        for _ in range(round(seconds / 0.5)):
            if not self.courses:
                return
            self.step()
        raise AssertionError(f"still under way: {[(v, c.nodes[c.position :]) for v, c in self.courses.items()]}")
