"""Whatever the layout, the orders and the delays: nobody meets, nobody waits in a circle, everybody arrives."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_floor import Floor, Points

from banksman_edge.fleet.traffic import Blocked, Goal, Traffic

PITCH_M = 5
TRIPS_EACH = 2
LIMIT_S, AGAIN_S, STEP_S = 20_000.0, 5.0, 1.0
OPERATIONS = ("plan", "stand", "in_the_way", "tick")
"""What may change who goes first."""


def random_floor(columns: int, rows: int, vehicles: int, chance: random.Random, *, spare: int = 0) -> Floor:
    """A connected grid with some of its lanes missing, and for each vehicle a home of its own that nobody passes; so
    many more, ``spare``, belong to nobody."""
    cells = [(x, y) for x in range(columns) for y in range(rows)]
    lanes = [(c, n) for c in cells for n in ((c[0] + 1, c[1]), (c[0], c[1] + 1)) if n in cells]
    chance.shuffle(lanes)
    parts, kept = {cell: cell for cell in cells}, []
    for a, b in lanes:
        joins = parts[a] != parts[b]
        if joins or chance.random() < 0.4:
            kept.append((a, b))
        if joins:
            old = parts[b]
            parts = {cell: parts[a] if part == old else part for cell, part in parts.items()}
    points: Points = {f"N{x}{y}": (x * PITCH_M, y * PITCH_M) for x, y in cells}
    roads = [f"N{a[0]}{a[1]}-N{b[0]}{b[1]}" for a, b in kept]
    homes = chance.sample(cells, vehicles + spare)
    for number, (x, y) in enumerate(homes):
        points[f"H{number}"] = (x * PITCH_M + 2, y * PITCH_M + 2)
        roads.append(f"N{x}{y}-H{number}")
    occupancy = Floor(points, roads, delays=chance)
    for number in range(vehicles):
        occupancy.park(f"v{number}", f"H{number}")
    return occupancy


def circle(traffic: Traffic) -> list[str]:
    """Vehicles that could not end their courses if everybody went on as planned."""
    occupancy = traffic._occupancy
    reached = {vehicle: course.position for vehicle, course in occupancy.courses.items()}

    def may(vehicle: str, step: int) -> bool:
        course = occupancy.courses[vehicle]
        before = (b for wanted in course.entering.get(step, ()) for b in occupancy.timetable.before(wanted))
        others = (b for b in before if b.leave is not None and b.vehicle in reached)
        return step <= course.granted or all(reached[b.vehicle] >= (b.leave or 0) for b in others)

    moved = True
    while moved:
        moved = False
        for vehicle, course in occupancy.courses.items():
            while reached[vehicle] < course.last and may(vehicle, reached[vehicle] + 1):
                reached[vehicle] += 1
                moved = True
    return [vehicle for vehicle, course in occupancy.courses.items() if reached[vehicle] < course.last]


def watched(traffic: Traffic, operation: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        result = operation(*args, **options)
        assert not circle(traffic), f"{circle(traffic)} wait for each other after {operation.__name__}{args}"
        return result

    return call


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(2, 4), st.integers(2, 3), st.integers(1, 5), st.randoms(use_true_random=False))
def test_with_a_home_for_each_nobody_meets_or_waits_in_a_circle_and_everybody_arrives(
    columns: int, rows: int, vehicles: int, chance: random.Random
) -> None:
    run(random_floor(columns, rows, min(vehicles, columns * rows), chance), chance)


@pytest.mark.parametrize(
    ("seed", "columns", "rows", "vehicles"), [(1043, 4, 3, 5), (1157, 5, 4, 8), (1235, 5, 4, 8), (1298, 3, 3, 7)]
)
def test_what_is_taken_back_leaves_everybody_their_turn(seed: int, columns: int, rows: int, vehicles: int) -> None:
    """In these layouts others were sent aside in vain, and who waited for ever lost their turns by it."""
    chance = random.Random(seed + 1_000_000)
    run(random_floor(columns, rows, vehicles, chance), chance)


@pytest.mark.parametrize(("seed", "columns", "rows", "vehicles"), [(1014, 2, 2, 4), (1400, 3, 4, 6)])
def test_who_is_sent_aside_goes_where_nobody_has_to_pass(seed: int, columns: int, rows: int, vehicles: int) -> None:
    """In these layouts a vehicle was left waiting: the place for the one in its way was where it meant to make way to
    itself afterwards, or on the way of the one for whose sake both were to go aside."""
    chance = random.Random(seed + 1_000_000)
    run(random_floor(columns, rows, vehicles, chance), chance)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=3000, deadline=None)
@given(st.integers(2, 5), st.integers(2, 4), st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_same_with_more_layouts(columns: int, rows: int, vehicles: int, chance: random.Random) -> None:
    """Takes some ten minutes."""
    run(random_floor(columns, rows, min(vehicles, columns * rows), chance), chance)


def run(occupancy: Floor, chance: random.Random) -> None:
    for name in OPERATIONS:
        setattr(occupancy.traffic, name, watched(occupancy.traffic, getattr(occupancy.traffic, name)))
    nodes = [node for node in occupancy.layout.nodes if node.startswith("N")]
    trips = {
        vehicle: [
            [Goal(node, chance.choice([0.0, 8.0])) for node in chance.choices(nodes, k=2)] for _ in range(TRIPS_EACH)
        ]
        for vehicle in occupancy.at
    }
    for round_ in itertools.count():
        if not any(trips.values()) and not occupancy.courses:
            break
        assert occupancy.clock.monotonic() < LIMIT_S, f"still to do: {trips}, on the way: {list(occupancy.courses)}"
        for vehicle, left in trips.items():
            due = round_ % round(AGAIN_S / STEP_S) == 0
            if due and left and vehicle not in occupancy.courses:
                made = occupancy.plan(vehicle, *left[0])
                if not isinstance(made, Blocked) and vehicle in made and made[vehicle].trip.home is not None:
                    left.pop(0)
        occupancy.step(STEP_S)
    assert all(occupancy.ended.count(vehicle) >= TRIPS_EACH for vehicle in occupancy.at)
