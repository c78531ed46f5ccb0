"""What each kind of wish makes of a plan, counted by hand on a lane where metres are seconds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from planner_world import (
    avoid,
    fleet_of,
    goals_of,
    one_way,
    prefer,
    reserve,
    send,
    transport,
    use,
    vehicle,
    yard_document,
)

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.solving.assignment import lines, steps
from banksman_cloud.solving.solver import Progress, Solution, solve
from banksman_cloud.solving.tasks import build_instance
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, Step
from banksman_shared.site import Site, parse_site
from banksman_shared.verify import violations
from banksman_shared.verify.timing import CHARGING, WORK_DRAIN

HANDLING_S = 30.0


def solved(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> Solution:
    return solve(build_instance(site, fleet, goals_of(*goals).goals), SystemClock(), 1.0)


def plan(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> tuple[Step, ...]:
    """A verified plan."""
    solution = solved(site, fleet, *goals)
    assert not solution.cost.broken
    made = steps(lines(solution.instance, solution.assignment))
    assert violations(site, fleet, goals_of(*goals).goals, made) == []
    return made


def test_a_vehicle_goes_around_what_is_closed_for_a_time_or_waits(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "A2"))
    carry = transport(1, "aisle-2", "bay-1")
    (around,) = plan(yard, fleet, carry, avoid("gate", until_s=300))
    assert (around.start_s, around.end_s) == (0, pytest.approx(HANDLING_S + 2 * 200**0.5, abs=0.2))
    # The gate would be passed after 15 + 10 s, and the way around takes 8.3 s longer than the way through.
    (waits,) = plan(yard, fleet, carry, avoid("gate", until_s=27))
    assert (waits.start_s, waits.end_s) == (2, 2 + HANDLING_S + 20)
    (before,) = plan(yard, fleet, carry, avoid("gate", from_s=60, until_s=300))
    assert before.end_s == HANDLING_S + 20


def test_nothing_is_put_down_where_the_vehicle_could_not_leave_in_time(yard: Site) -> None:
    carry = transport(1, "dock-1", "aisle-1")
    (step,) = plan(yard, fleet_of(vehicle(1, "D")), carry, avoid("aisle-1", from_s=60, until_s=200))
    assert step.end_s == 200 + 15  # there is time to be done by 40 s, but not to be gone: it would stay there
    free, on = avoid("aisle-1", from_s=60, until_s=200), send("move", ["agv-1"], "gate")
    first, second = plan(yard, fleet_of(vehicle(1, "D")), carry, on, free)
    assert (first.end_s, second.end_s) == (40, 60)


def test_nobody_waits_where_he_is_found_through_a_time_when_that_is_kept_free(yard: Site) -> None:
    free, late = avoid("aisle-2", from_s=60, until_s=300), transport(1, "bay-1", "bay-2", not_before_s=400)
    assert solved(yard, fleet_of(vehicle(1, "A2")), free, late).cost.broken
    (other,) = plan(yard, fleet_of(vehicle(1, "A2"), vehicle(2, "D")), free, late)
    assert other.vehicle == "agv-2"
    (first,) = plan(yard, fleet_of(vehicle(1, "A2")), free, late | {"not_before_s": 50})
    assert first.start_s == 50
    begun = avoid("aisle-2", until_s=300)  # a vehicle that is in there already cannot but be there
    assert plan(yard, fleet_of(vehicle(1, "A2")), begun, late)[0].start_s == 400
    charge = send("charge", ["agv-1"], when="first", not_before_s=400)
    with pytest.raises(InfeasibleError, match="stand where it may not"):
        solved(yard, fleet_of(vehicle(1, "A2", battery=20)), free, charge)


def test_what_waits_for_something_else_begins_when_that_is_done(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"))
    first = transport(1, "dock-1", "aisle-1", vehicles=["agv-1"])
    then = transport(1, "charger", "bay-2", vehicles=["agv-2"], after=[0])
    one, other = plan(yard, fleet, first, then)
    assert (one.end_s, other.start_s) == (40, 40)
    sent = plan(yard, fleet, first, send("park", ["agv-2"], after=[0]))
    assert [s.start_s for s in sent if s.action == "park"] == [40]


def test_urgent_loads_come_first_whatever_that_costs(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"))
    near, far = transport(2, "dock-1", "aisle-1"), transport(1, "bay-2", "charger", priority="high")
    assert [s.goal for s in plan(yard, fleet, near, far)] == [1, 0, 0]
    low = transport(1, "dock-1", "aisle-2", priority="low")
    assert [s.goal for s in plan(yard, fleet, low, near)] == [1, 1, 0]


def test_what_an_urgent_load_waits_for_is_urgent_too(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"))
    there, on = transport(1, "dock-1", "aisle-1"), transport(1, "aisle-1", "gate", priority="high", after=[0])
    rest = transport(2, "aisle-2", "gate")
    assert [s.goal for s in plan(yard, fleet, rest, there, on | {"after": [1]})] == [1, 2, 0, 0]


def test_a_vehicle_charges_first_to_what_was_said_and_works_then(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2", battery=20))
    charge = send("charge", ["agv-1"], when="first", until=50)
    charged, carried = plan(yard, fleet, charge, transport(1, "charger", "bay-2"))
    assert (charged.until, charged.end_s) == (50, pytest.approx(10 + 30 / CHARGING, abs=0.1))
    assert carried.start_s == charged.end_s


def test_vehicles_that_are_kept_charging_go_at_once_and_carry_nothing(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "C"), vehicle(2, "D"))
    keep = send("charge", [], count=1, among=["agv-1", "agv-2"], when="only")
    made = plan(yard, fleet, keep, transport(2, "dock-1", "aisle-1"))
    assert [(s.vehicle, s.start_s) for s in made if s.action == "charge"] == [("agv-1", 0)]  # it is there already
    assert {s.vehicle for s in made if s.action == "transport"} == {"agv-2"}


def test_two_vehicles_cannot_charge_at_one_charger(yard: Site) -> None:
    with pytest.raises(InfeasibleError, match="too few") as caught:
        solved(yard, fleet_of(vehicle(1, "C"), vehicle(2, "D")), send("charge", ["agv-1", "agv-2"]))
    assert caught.value.code == "no_charger"


def test_nobody_is_sent_to_a_charger_that_another_cannot_leave(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "G"), vehicle(3, "C", available=False))
    with pytest.raises(InfeasibleError, match="others stand at all") as caught:
        solved(yard, fleet, send("charge", ["agv-1"]))
    assert caught.value.code == "no_charger"


def test_a_reserve_is_kept_by_giving_work_to_others(yard: Site) -> None:
    work = HANDLING_S + 10
    fleet = fleet_of(vehicle(1, "D", battery=30 + work * WORK_DRAIN - 0.1), vehicle(2, "A1", battery=90))
    carry = transport(1, "dock-1", "aisle-1")
    assert [s.vehicle for s in plan(yard, fleet, carry)] == ["agv-1"]
    assert [s.vehicle for s in plan(yard, fleet, carry, reserve(30))] == ["agv-2"]
    assert [s.vehicle for s in plan(yard, fleet, carry, reserve(30, vehicles=["agv-2"]))] == ["agv-1"]
    unknown = fleet_of(vehicle(1, "D", battery=None), vehicle(2, "A1", battery=90))
    assert [s.vehicle for s in plan(yard, unknown, carry, reserve(30))] == ["agv-2"]


def test_no_plan_empties_a_battery(yard: Site) -> None:
    assert solved(yard, fleet_of(vehicle(1, "D", battery=5.1)), transport(1, "dock-1", "gate")).cost.broken


def test_a_one_way_lane_is_not_driven_back(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B1"))
    back = send("move", ["agv-1"], "aisle-2")
    (through,) = plan(yard, fleet, back)
    (around,) = plan(yard, fleet, back, one_way("aisle-2", "bay-1"))
    assert (through.end_s, around.end_s) == (20, pytest.approx(2 * 200**0.5, abs=0.2))
    with pytest.raises(InfeasibleError):
        solved(yard, fleet, send("move", ["agv-1"], "dock-1"), one_way("dock-1", "aisle-2"))


def test_a_place_that_a_single_way_leads_to_can_be_where_a_one_way_begins(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "A1"))
    (there,) = plan(yard, fleet, send("move", ["agv-1"], "dock-1"), one_way("dock-1", "aisle-1"))
    assert there.end_s == 10


def test_who_may_and_who_may_not(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"), vehicle(3, "B1"))
    carry = transport(3, "dock-1", "aisle-1")
    assert {s.vehicle for s in plan(yard, fleet, carry, use(never=["agv-1"]))} <= {"agv-2", "agv-3"}
    assert {s.vehicle for s in plan(yard, fleet, carry, use(only=["agv-3"]))} == {"agv-3"}
    assert {s.vehicle for s in plan(yard, fleet, carry | {"without": ["agv-1", "agv-3"]})} == {"agv-2"}
    assert {s.vehicle for s in plan(yard, fleet, carry | {"at_most": 1})} == {"agv-1"}


def test_a_closed_place_is_closed_only_to_whom_it_is_closed(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "A2"), vehicle(2, "D"))
    carry = transport(1, "aisle-2", "bay-1", vehicles=["agv-1"])
    assert plan(yard, fleet, carry, avoid("gate", vehicles=["agv-2"]))[0].end_s == HANDLING_S + 20
    assert plan(yard, fleet, carry, avoid("gate", vehicles=["agv-1"]))[0].end_s > HANDLING_S + 20


def test_what_is_preferred_decides_between_plans(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"))
    carry = transport(2, "dock-1", "aisle-1")
    early = plan(yard, fleet, carry, prefer("early"))
    assert {s.vehicle for s in early} == {"agv-1"}  # 90 s; the other would need 100 s to get there and carry one
    assert {s.vehicle for s in plan(yard, fleet, carry, prefer("even_work"))} == {"agv-1", "agv-2"}
    near = fleet_of(vehicle(1, "D"), vehicle(2, "A2"))
    assert {s.vehicle for s in plan(yard, near, carry)} == {"agv-1", "agv-2"}
    assert {s.vehicle for s in plan(yard, near, carry, prefer("little_driving"))} == {"agv-1"}


def test_nothing_begins_before_its_time_or_before_the_vehicle_is_free(yard: Site) -> None:
    carry = transport(1, "dock-1", "aisle-1", not_before_s=25)
    assert plan(yard, fleet_of(vehicle(1, "D")), carry)[0].start_s == 25
    assert plan(yard, fleet_of(vehicle(1, "D", ready_s=70)), carry)[0].start_s == 70


def test_roads_that_loaded_vehicles_may_not_use_are_used_only_empty() -> None:
    document = json.loads(json.dumps(yard_document()))
    for edge in document["layout_document"]["layouts"][0]["edges"]:
        if edge["edgeId"] in ("A2-G", "G-B1"):
            restriction = {"vehicleTypeId": "forklift", "loadRestriction": {"loaded": False, "unloaded": True}}
            edge["vehicleTypeEdgeProperties"] = [restriction]
    site = parse_site(document)
    (loaded,) = plan(site, fleet_of(vehicle(1, "A2")), transport(1, "aisle-2", "bay-1"))
    assert loaded.end_s == pytest.approx(HANDLING_S + 2 * 200**0.5, abs=0.2)
    (empty,) = plan(site, fleet_of(vehicle(1, "A2")), send("move", ["agv-1"], "bay-1"))
    assert empty.end_s == 20


def test_who_watches_hears_of_every_better_plan_and_of_no_other(yard: Site) -> None:
    heard: list[Progress] = []
    goals = goals_of(transport(4, "dock-1", "aisle-1"), transport(3, "bay-2", "dock-1"), transport(2, "gate", "bay-1"))
    instance = build_instance(yard, fleet_of(vehicle(1, "D"), vehicle(2, "C"), vehicle(3, "G")), goals.goals)
    solution = solve(instance, SystemClock(), 1.0, report=heard.append)
    values = [progress.value_s for progress in heard]
    assert values == sorted(values, reverse=True)
    assert heard[-1] == solution.progress
    assert 0 <= solution.progress.gap < 1
    assert all(progress.keeps for progress in heard)
