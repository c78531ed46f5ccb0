"""Vehicles take turns at places: loads are spread where that is allowed, and times say how long waiting takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from planner_world import fleet_of, goals_of, send, transport, vehicle
from random_worlds import make_world

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.planning import Planner, Proposal
from banksman_cloud.reading.goals import check_goals
from banksman_cloud.solving.assignment import cost, lines, steps
from banksman_cloud.solving.handovers import in_turn, takes_turns
from banksman_cloud.solving.solver import solve
from banksman_cloud.solving.tasks import build_instance
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, Goals, PlanRequest, Step
from banksman_shared.site import Site
from banksman_shared.verify import violations
from banksman_shared.verify.timing import DROP_S

THREE = fleet_of(vehicle(1, "A1"), vehicle(2, "A2"), vehicle(3, "G"))


def planned(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> Proposal:
    wanted = goals_of(*goals)
    request = PlanRequest(request="x", site=dict(site.document), fleet=fleet, goals=wanted.goals)
    model: Any = None
    return Planner(model, SystemClock(), 0.4).plan(request, site, wanted, lambda: False)


def arrivals(made: tuple[Step, ...], place: str) -> list[float]:
    return sorted(step.end_s for step in made if step.destination == place)


def test_at_one_place_loads_are_put_down_one_after_the_other(yard: Site) -> None:
    made = planned(yard, THREE, transport(6, "dock-1", "aisle-2")).steps
    ends = arrivals(made, "aisle-2")
    assert len(ends) == 6
    assert all(b - a >= DROP_S for a, b in pairwise(ends))


def test_loads_are_spread_over_the_places_that_their_goal_allows(yard: Site) -> None:
    spread = transport(6, "dock-1", "bay-1") | {"origins": ["dock-1", "aisle-1"], "destinations": ["bay-1", "bay-2"]}
    made = planned(yard, THREE, spread).steps
    assert {step.destination for step in made} == {"bay-1", "bay-2"}
    assert {step.origin for step in made} == {"dock-1", "aisle-1"}
    alone = planned(yard, THREE, transport(6, "aisle-1", "bay-1")).steps
    assert max(step.end_s for step in made) < max(step.end_s for step in alone)


def test_what_waits_for_another_goal_waits_for_its_turns_too(yard: Site) -> None:
    first, second = transport(4, "dock-1", "aisle-2"), transport(2, "gate", "bay-1", after=[0])
    made = planned(yard, THREE, first, second).steps
    assert min(s.start_s for s in made if s.goal == 1) >= max(s.end_s for s in made if s.goal == 0)


def test_what_a_vehicle_is_sent_to_afterwards_comes_as_much_later(yard: Site) -> None:
    made = planned(yard, THREE, transport(6, "dock-1", "aisle-2"), send("park", ["agv-1"])).steps
    own = [step for step in made if step.vehicle == "agv-1"]
    assert all(a.end_s <= b.start_s for a, b in pairwise(own))
    assert own[-1].action == "park"


def test_a_limit_that_only_waiting_breaks_is_kept_and_the_wait_is_said(yard: Site) -> None:
    free = planned(yard, THREE, transport(6, "dock-1", "aisle-2"))
    took = max(step.end_s for step in free.steps)
    alone = solved_alone(yard, transport(6, "dock-1", "aisle-2"))
    assert alone < took
    made = planned(yard, THREE, transport(6, "dock-1", "aisle-2", within_s=(alone + took) / 2))
    assert max(step.end_s for step in made.steps) <= (alone + took) / 2
    assert "One vehicle at a time" in made.explanation
    assert "One vehicle at a time" not in free.explanation


def solved_alone(site: Site, *goals: dict[str, Any]) -> float:
    """By when all is done if nobody has to wait."""
    instance = build_instance(site, THREE, goals_of(*goals).goals)
    return max(step.end_s for step in steps(lines(instance, solve(instance, SystemClock(), 0.3).assignment)))


def test_where_places_are_closed_for_a_time_turns_are_left_out(yard: Site) -> None:
    closed = {"kind": "avoid", "places": ["gate"], "from_s": 100.0, "until_s": 200.0, "words": "gate"}
    goals = goals_of(transport(2, "dock-1", "aisle-2"), closed).goals
    assert not takes_turns(build_instance(yard, THREE, goals))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_turns_only_ever_take_longer_and_break_no_wish_without_them(seed: int) -> None:
    world = make_world(seed)
    assume(not check_goals(world.site, Goals(goals=world.goals), "x"))
    try:
        instance = build_instance(world.site, world.fleet, world.goals)
        solution = solve(instance, SystemClock(), 0.05)
    except InfeasibleError:
        return
    assume(takes_turns(instance) and not solution.cost.broken)
    rounds = iter(range(50))
    assignment, turned = in_turn(instance, solution.assignment, lambda: next(rounds, None) is None)
    alone = cost(instance, assignment)
    assert not alone.broken
    assert violations(world.site, world.fleet, world.goals, steps(lines(instance, assignment))) == []
    assert sorted(t.what.load.goal for one in turned for t in one.done if hasattr(t.what, "load")) == sorted(
        load.goal for load in instance.loads
    )
    assert max(one.end for one in turned) >= alone.makespan


def test_a_vehicle_does_not_wait_for_itself(yard: Site) -> None:
    there_and_back = (transport(2, "dock-1", "aisle-2"), transport(2, "aisle-2", "dock-1"))
    made = planned(yard, fleet_of(vehicle(1, "A1")), *there_and_back)
    assert max(step.end_s for step in made.steps) == 210
    assert "One vehicle at a time" not in made.explanation
