"""Chargers in turn: more vehicles that charge before they work than there are chargers."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import ScriptedProvider, fleet_of, goals_of, send, transport, vehicle
from test_dead_ends import planned, yard_without

from banksman_cloud import Planner
from banksman_cloud.errors import InfeasibleError
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, PlanRequest, Step
from banksman_shared.site import Site
from banksman_shared.verify.timing import CHARGING

TWO = yard_without()
"""With a charger at each end of the lane."""
ALL = ["agv-1", "agv-2", "agv-3"]


def charge(*vehicles: str, **more: Any) -> dict[str, Any]:
    return send("charge", [*vehicles], words="charge them first", when="first", until=50, **more)


def at_work(steps: tuple[Step, ...], vehicle_id: str) -> float:
    """When a vehicle has something else to do than to charge."""
    return min(s.start_s for s in steps if s.vehicle == vehicle_id and s.action != "charge")


def test_three_vehicles_charge_at_two_chargers_before_they_work() -> None:
    fleet = fleet_of(vehicle(1, "A1", battery=20), vehicle(2, "B2", battery=20), vehicle(3, "G", battery=20))
    steps = planned(TWO, fleet, charge(*ALL), transport(6, "aisle-1", "bay-1"))
    charges = sorted((s for s in steps if s.action == "charge"), key=lambda s: s.end_s)
    assert {s.vehicle for s in charges} == set(ALL)
    last = charges[-1]
    (before,) = (s for s in charges[:-1] if s.destination == last.destination)
    assert before.end_s == at_work(steps, before.vehicle)  # it leaves at once
    assert last.end_s - 30 / CHARGING > before.end_s  # and only then the other one comes


def test_who_stands_at_a_charger_begins_and_who_is_in_a_hurry_goes_before_others(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "C", battery=10), vehicle(2, "B2", battery=45), vehicle(3, "B1", battery=40))
    hurry = charge("agv-3", within_s=3600)
    steps = planned(yard, fleet, charge("agv-1", "agv-2"), hurry, transport(6, "bay-1", "bay-2"))
    charges = sorted((s for s in steps if s.action == "charge"), key=lambda s: s.end_s)
    assert [s.vehicle for s in charges] == ["agv-1", "agv-3", "agv-2"]


def test_one_charger_serves_all_one_after_the_other(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D", battery=40), vehicle(2, "A1", battery=45), vehicle(3, "G", battery=30))
    steps = planned(yard, fleet, charge(*ALL), transport(3, "bay-1", "bay-2"))
    assert len([s for s in steps if s.action == "charge"]) == 3


def test_who_stays_at_a_charger_has_it_and_the_others_take_turns_at_the_rest() -> None:
    fleet = fleet_of(vehicle(1, "D", battery=40), vehicle(2, "A1", battery=45), vehicle(3, "G", battery=30))
    keep = send("charge", ["agv-1"], words="keep it charging", when="only")
    steps = planned(TWO, fleet, keep, charge("agv-2", "agv-3"), transport(3, "bay-1", "bay-2"))
    places = {s.vehicle: s.destination for s in steps if s.action == "charge"}
    assert places["agv-2"] == places["agv-3"] != places["agv-1"]


def test_a_charger_is_free_though_a_vehicle_with_nothing_to_do_stands_there() -> None:
    fleet = fleet_of(vehicle(1, "A1", battery=20), vehicle(2, "B2", battery=20), vehicle(3, "C"))
    steps = planned(TWO, fleet, send("charge", ["agv-1", "agv-2"]))
    assert {s.destination for s in steps} == {"dock-1", "charger"}


def test_nobody_comes_to_a_charger_before_who_is_busy_there_is_done(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2", battery=20), vehicle(2, "C", ready_s=900))
    (charged,) = planned(yard, fleet, charge("agv-1"))
    assert charged.end_s > 900 + 30 / CHARGING


def refusal(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> str:
    planner = Planner(ScriptedProvider(""), SystemClock(), 1.0)
    request = PlanRequest(request="x", site={}, fleet=fleet)
    with pytest.raises(InfeasibleError) as refused:
        planner.plan(request, site, goals_of(*goals), lambda: False)
    return str(refused.value)


def test_that_nobody_finds_turns_proves_nothing(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D", battery=20), vehicle(2, "A1", battery=20))
    assert refusal(yard, fleet, charge("agv-1", "agv-2", within_s=1900)).startswith("No plan was found")
    stay = send("charge", ["agv-1", "agv-2"], words="charge them")
    assert refusal(yard, fleet, stay).startswith("There is no plan for this: “charge them”")
