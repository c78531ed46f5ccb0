"""What of the loads leaves the site for the cloud's planner, and what their types keep on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from edge_world import FleetDouble
from office_world import ASKED, FREEZER, Office, office

from banksman_edge import Load
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

RULES = '[escalation]\nsensitive_loads = ["nitro"]'
NITRO = Load("SSCC-666", "inbound", "nitro")
BEER = [Load(f"SSCC-4711-{n}", "cold-store", "crate-of-lager") for n in range(5)]


@pytest.fixture
def desk(site: Site, fleet: FleetDouble, tmp_path: Path) -> Iterator[Office]:
    with office(site, fleet, tmp_path, RULES) as desk:
        yield desk


def test_loads_leave_under_other_names_and_sensitive_ones_not_at_all(desk: Office) -> None:
    desk.agent.loads.tell([*BEER, NITRO, Load("SSCC-8", "dock-2")], places=["cold-store", "inbound", "dock-2"])
    with desk.cloud() as line:
        desk.heard.until_reply(ASKED, key=desk.say(FREEZER))
        (asked,) = (json.loads(body) for body in line.bodies("/v1/plans"))
        desk.say("yes")
        desk.heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
        (approved,) = (json.loads(body) for body in line.bodies("/approve"))
    kinds = {load["type"] for load in asked["fleet"]["loads"] if "type" in load}
    (beer,) = kinds
    assert beer[0] == "t"
    assert asked["fleet"]["loads"] == [
        *({"id": f"l{n}", "place": "p3", "type": beer} for n in range(1, 6)),
        {"id": "l6", "place": "p6"},
    ]
    places = {place["id"] for place in asked["site"]["places"]}
    assert set(asked["fleet"]["uncounted"]) < places
    assert len(asked["fleet"]["uncounted"]) == len(places) - 3
    assert not approved["fleet"]["loads"]
    left = " ".join(line.values()).casefold()
    assert [name for name in ("sscc", "4711", "lager", "nitro", "cold-store") if name in left] == []


@pytest.mark.parametrize("old", [False, True])
def test_what_is_about_a_place_where_a_sensitive_load_stands_stays_however_old_the_list(
    desk: Office, site: Site, old: bool
) -> None:
    """A list that is too old to be counted on is good enough to be careful."""
    at = desk.agent._clock.time() - (2 * site.rules.loads_age_s if old else 0)
    desk.agent.loads.tell([NITRO], at=at)
    with desk.cloud() as line:
        key = desk.say("before noon move two pallets from inbound to dock two")
        desk.refused(key, "may not leave the site")
        assert desk.routes(key) == [("refuse", "sensitive")]
    assert line.came == []
