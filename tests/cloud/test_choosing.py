"""Who is sent where nobody said who: those who can. A bad choice is no reason to say that there is no plan."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import ScriptedProvider, fleet_of, goals_of, send, transport, vehicle

from banksman_cloud import Planner
from banksman_cloud.errors import InfeasibleError
from banksman_cloud.solving.conflicts import Part, Wish, find_conflict
from banksman_cloud.solving.tasks import ways_to_choose
from banksman_cloud.solving.vehicle_choice import WAYS
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, PlanRequest, Step
from banksman_shared.site import Site

HANDLING_S = 30


def plan(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> tuple[Step, ...]:
    request = PlanRequest(request="x", site={}, fleet=fleet)
    planner = Planner(ScriptedProvider(""), SystemClock(), 1.0)
    return planner.plan(request, site, goals_of(*goals), lambda: False).steps


def who(steps: tuple[Step, ...], goal: int = 0) -> set[str]:
    return {step.vehicle for step in steps if step.goal == goal}


def test_who_is_sent_can_be_there_in_time(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "A2", battery=50), vehicle(2, "D", battery=90))
    assert who(plan(yard, fleet, send("move", [], "gate"))) == {"agv-2"}
    assert who(plan(yard, fleet, send("move", [], "gate", within_s=15))) == {"agv-1"}
    busy = fleet_of(vehicle(1, "A2", battery=90, ready_s=60), vehicle(2, "D", battery=50))
    assert who(plan(yard, busy, send("move", [], "gate", within_s=45))) == {"agv-2"}


def test_who_is_sent_has_the_battery_for_it(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2", battery=5.01), vehicle(2, "D", battery=5.3))  # the first is there, nearly
    assert who(plan(yard, fleet, send("park", [], "gate"))) == {"agv-2"}


def test_who_charges_first_has_the_time_for_it(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2", battery=20), vehicle(2, "B1", battery=70))
    charge = send("charge", [], when="first", until=75, within_s=600)
    assert who(plan(yard, fleet, charge)) == {"agv-2"}


def test_those_share_in_it_who_can_do_their_part(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D", battery=5.5), vehicle(2, "A1", battery=90), vehicle(3, "C", battery=90))
    carry = transport(3, "dock-1", "aisle-1", at_most=1)
    assert who(plan(yard, fleet, carry)) == {"agv-2"}
    assert who(plan(yard, fleet, carry | {"at_most": 2})) == {"agv-2", "agv-3"}  # the nearest has charge for one
    hurry = carry | {"count": 1, "within_s": HANDLING_S + 20}
    late = fleet_of(vehicle(1, "D", ready_s=60), vehicle(2, "A1"), vehicle(3, "C"))
    assert who(plan(yard, late, hurry)) == {"agv-2"}


def test_who_has_the_least_to_choose_from_chooses_first(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "G"), vehicle(2, "D"))
    anybody, this_one = send("move", [], "gate"), send("park", [], "bay-1", among=["agv-1"])
    steps = plan(yard, fleet, anybody, this_one)
    assert (who(steps, 0), who(steps, 1)) == ({"agv-2"}, {"agv-1"})


def test_another_choice_is_tried_where_the_first_has_no_plan(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "A2"))
    limit = 2 * (HANDLING_S + 10) + 10 + 25
    goals = [transport(2, "dock-1", to, at_most=1, within_s=limit) for to in ("aisle-1", "aisle-1")]
    steps = plan(yard, fleet, *goals)  # the first vehicle is nearer for both, and has no time for both
    assert who(steps, 0) != who(steps, 1)
    assert len(who(steps, 0)) == len(who(steps, 1)) == 1


def test_nothing_is_proven_of_those_who_were_not_chosen(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "D"))
    few = goals_of(transport(4, "dock-1", "aisle-1", at_most=1, within_s=100, words="four by one"))
    found = find_conflict(yard, fleet, few.goals, SystemClock(), 2.0, lambda: False)
    assert Wish(0, Part.SHARE) in found.wishes
    assert not found.proven
    request = PlanRequest(request="x", site={}, fleet=fleet)
    with pytest.raises(InfeasibleError) as caught:
        Planner(ScriptedProvider(""), SystemClock(), 1.0).plan(request, yard, few, lambda: False)
    said = str(caught.value)
    assert said.startswith("No plan was found for this: “four by one” (vehicles at most: 1) in 1 min 40 s.")
    assert "With more vehicles for “four by one” it works" in said
    assert "batteries" not in said


def test_there_are_as_many_ways_as_are_needed(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "D"))
    certain, open_to_two = send("park", [], count=2), send("park", [], count=1)
    assert len(list(ways_to_choose(yard, fleet, goals_of(certain).goals))) == 1
    ways = list(ways_to_choose(yard, fleet, goals_of(open_to_two).goals))
    assert len(ways) == WAYS
    sent = {c.id for way in ways if not isinstance(way, InfeasibleError) for c in way.carriers if c.sends}
    assert sent == {"agv-1", "agv-2"}
