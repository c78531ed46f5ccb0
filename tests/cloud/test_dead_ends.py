"""Plans that a first, short-sighted choice would lock out: each has to be found, and nothing said to be impossible."""

from __future__ import annotations

from typing import Any

from planner_world import ScriptedProvider, fleet_of, goals_of, send, transport, vehicle, yard_document

from banksman_cloud import Planner
from banksman_cloud.solving.vehicle_choice import matched
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, PlanRequest, Step
from banksman_shared.site import Site, parse_site


def planned(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> tuple[Step, ...]:
    request = PlanRequest(request="x", site={}, fleet=fleet)
    proposal = Planner(ScriptedProvider(""), SystemClock(), 1.0).plan(request, site, goals_of(*goals), lambda: False)
    return proposal.steps


def yard_without(*edges: str) -> Site:
    """The yard without some ways, and with a second charger at the dock."""
    document = yard_document()
    layout = document["layout_document"]["layouts"][0]
    layout["edges"] = [edge for edge in layout["edges"] if edge["edgeId"] not in edges]
    charging = next(node for node in layout["nodes"] if node["nodeId"] == "C")["vehicleTypeNodeProperties"]
    next(node for node in layout["nodes"] if node["nodeId"] == "D")["vehicleTypeNodeProperties"] = charging
    return parse_site(document)


def test_what_leads_nowhere_is_carried_last() -> None:
    into, within = transport(1, "bay-2", "charger"), transport(1, "aisle-2", "bay-1")
    steps = planned(yard_without("C-B2"), fleet_of(vehicle(1, "D")), into, within)
    assert [step.destination for step in steps] == ["bay-1", "charger"]


def test_what_leads_nowhere_and_is_urgent_is_left_to_another() -> None:
    into, within = transport(1, "bay-2", "charger", priority="high"), transport(1, "aisle-2", "bay-1")
    steps = planned(yard_without("C-B2"), fleet_of(vehicle(1, "B1"), vehicle(2, "D")), into, within)
    assert len({step.vehicle for step in steps}) == 2


def test_a_charger_is_left_to_who_can_reach_no_other() -> None:
    charge = send("charge", ["agv-1", "agv-3"])
    steps = planned(yard_without("B2-B1", "C-B2"), fleet_of(vehicle(1, "B1"), vehicle(3, "B2")), charge)
    assert {(s.vehicle, s.destination) for s in steps} == {("agv-1", "dock-1"), ("agv-3", "charger")}


def test_a_vehicle_may_charge_first_and_last_at_the_same_charger(yard: Site) -> None:
    first, last = send("charge", ["agv-1"], when="first", until=85), send("charge", ["agv-1"])
    steps = planned(yard, fleet_of(vehicle(1, "B2")), first, last, transport(1, "bay-1", "bay-2"))
    assert [step.action for step in steps] == ["charge", "transport", "charge"]


def test_as_many_as_can_have_a_place_get_one() -> None:
    ways = {"a": {"x": 1, "y": 5}, "b": {"x": 2}, "c": {"x": 9}}
    assert matched(ways) == {"a": "y", "b": "x"}
    assert matched({}) == {}
    assert matched({"a": {}, "b": {"x": 3}}) == {"b": "x"}
