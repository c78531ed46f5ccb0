"""Whatever the layout, the orders, the delays and what falls onto the roads: as long as there are other ways, nobody
meets, nobody waits for ever, and everybody arrives."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_traffic_property import LIMIT_S, random_floor
from traffic_floor import Floor

from banksman_edge.fleet.traffic import Blocked, Course, Goal, Origin, Trip

HINDERED_S, AGAIN_S, STEP_S, TRIPS_EACH = 30.0, 5.0, 1.0, 2


class ObstructedFloor(Floor):
    """Who is to drive onto a lane with an obstacle stands before it. After a while it is turned round where another
    way leads on, and otherwise waits until the obstacle is gone."""

    obstacles: set[tuple[str, str]]
    left: dict[str, Trip]
    """What those who were turned round have still to do."""
    since: dict[str, float]

    @classmethod
    def on(cls, occupancy: Floor) -> ObstructedFloor:
        occupancy.__class__ = cls
        assert isinstance(occupancy, ObstructedFloor)
        occupancy.obstacles, occupancy.left, occupancy.since = set(), {}, {}
        return occupancy

    def obstruct(self, start: str, end: str) -> None:
        self.obstacles |= {(start, end), (end, start)}

    def clear(self) -> None:
        """All obstacles go, and are seen to be gone."""
        for start, end in self.obstacles:
            self.traffic.shut(start, end, shut=False)
        self.obstacles.clear()

    def _departs(self, vehicle: str, course: Course) -> bool:
        lane = (course.nodes[course.position], course.nodes[course.position + 1])
        now = self.clock.monotonic()
        if lane not in self.obstacles:
            if self.since.pop(vehicle, None) is not None:
                self.traffic.hold(vehicle, False)
            return True
        if now - self.since.setdefault(vehicle, now) >= HINDERED_S:
            self.traffic.hold(vehicle, True)
            self.traffic.shut(*lane, shut=True)
            met = sum(goal <= course.position for goal in course.goals)
            rest = replace(course.trip, goals=course.trip.goals[met:] or (Goal(course.nodes[course.last]),))
            if self.traffic.leads_round(rest, [Origin(lane[0])]):
                del self.courses[vehicle], self.since[vehicle]
                self.park(vehicle, lane[0], self.homes[vehicle])
                if course.trip.home is not None and not course.retreating:
                    self.left[vehicle] = rest
        return False

    def begin_again(self) -> None:
        for vehicle, trip in list(self.left.items()):
            if vehicle in self.courses:
                continue
            made = self.traffic.plan(trip, [Origin(self.at[vehicle])])
            if not isinstance(made, Blocked):
                self.courses |= made
                if vehicle in made and made[vehicle].trip is trip:
                    del self.left[vehicle]


def drive(
    occupancy: ObstructedFloor, chance: random.Random, lanes: list[tuple[str, str]], clear_at: float | None
) -> None:
    """Two trips for each vehicle; the obstacles fall one after the other."""
    nodes = [node for node in occupancy.layout.nodes if node.startswith("N")]
    trips = {
        v: [[Goal(node, chance.choice([0.0, 8.0])) for node in chance.choices(nodes, k=2)] for _ in range(TRIPS_EACH)]
        for v in occupancy.at
    }
    fall_at = [chance.uniform(0, 120) for _ in lanes]
    for round_ in itertools.count():
        now = occupancy.clock.monotonic()
        if not any(trips.values()) and not occupancy.courses and not occupancy.left:
            break
        assert now < LIMIT_S, (
            f"to do: {trips}, {occupancy.left}, on the way: {list(occupancy.courses)}, {occupancy.obstacles}"
        )
        for lane, at in zip(lanes, fall_at, strict=True):
            if at <= now < at + STEP_S:
                occupancy.obstruct(*lane)
        if clear_at is not None and clear_at <= now < clear_at + STEP_S:
            occupancy.clear()
        if round_ % round(AGAIN_S / STEP_S) == 0:
            occupancy.begin_again()
            for vehicle, left in trips.items():
                if left and vehicle not in occupancy.courses and vehicle not in occupancy.left:
                    made = occupancy.plan(vehicle, *left[0])
                    if not isinstance(made, Blocked) and vehicle in made and made[vehicle].trip.home is not None:
                        left.pop(0)
        occupancy.step(STEP_S)
    assert all(occupancy.ended.count(vehicle) >= TRIPS_EACH for vehicle in occupancy.at)


def with_ways_round(occupancy: Floor, chance: random.Random, most: int) -> list[tuple[str, str]]:
    """Some lanes without which every place can still be reached."""
    graph = nx.Graph((edge.start, edge.end) for edge in occupancy.layout.edges.values())
    taken: list[tuple[str, str]] = []
    for _ in range(most):
        bridges = {frozenset(pair) for pair in nx.bridges(graph)}
        free = sorted(tuple(sorted(pair)) for pair in graph.edges if frozenset(pair) not in bridges)
        if free:
            taken.append(chance.choice(free))
            graph.remove_edge(*taken[-1])
    return taken


def run(columns: int, rows: int, vehicles: int, chance: random.Random, *, stay: bool, spare: int = 0) -> None:
    most = columns * rows - spare
    occupancy = ObstructedFloor.on(random_floor(columns, rows, min(vehicles, most), chance, spare=spare))
    if stay:
        drive(occupancy, chance, with_ways_round(occupancy, chance, 2), None)
    else:
        lanes = sorted({(min(e.start, e.end), max(e.start, e.end)) for e in occupancy.layout.edges.values()})
        drive(occupancy, chance, chance.sample(lanes, min(2, len(lanes))), 600.0)


LAYOUTS = (st.integers(2, 4), st.integers(2, 3), st.integers(1, 5), st.randoms(use_true_random=False))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(*LAYOUTS, st.booleans())
def test_obstacles_that_stay_are_driven_round_and_those_without_a_way_round_waited_for(
    columns: int, rows: int, vehicles: int, chance: random.Random, stay: bool
) -> None:
    """Two obstacles: with ways round they stay, otherwise they go after ten minutes."""
    run(columns, rows, vehicles, chance, stay=stay)


@pytest.mark.parametrize(
    ("seed", "columns", "rows", "vehicles", "stay"),
    [
        pytest.param(100180, 2, 2, 3, True, id="in the home of one that can only go where it wants to retreat to"),
        pytest.param(363, 2, 2, 5, True, id="on the way out of the way, which is obstructed"),
        pytest.param(1519, 2, 3, 5, False, id="keeping turns on a retreat that never begins"),
        pytest.param(200057, 3, 2, 4, False, id="stepping aside for each other in turn"),
    ],
)
def test_who_was_turned_round_in_others_homes_comes_out(
    seed: int, columns: int, rows: int, vehicles: int, stay: bool
) -> None:
    """In these layouts vehicles stood for ever: each names where."""
    chance = random.Random(seed)
    run(columns, rows, vehicles, chance, stay=stay)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=2000, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(*LAYOUTS, st.booleans())
def test_the_same_with_more_layouts(columns: int, rows: int, vehicles: int, chance: random.Random, stay: bool) -> None:
    """One place more to make way to than there are vehicles: without it, about one such floor in two thousand cannot
    be disentangled by sending each vehicle aside once."""
    run(columns, rows, vehicles, chance, stay=stay, spare=1)
