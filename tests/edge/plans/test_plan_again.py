"""Where the rest of a plan is planned anew, and what it is asked for each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from driven_yard import DrivenYard, transport
from yard import yard_site

from banksman_edge.errors import PlannerError
from banksman_edge.plans import PlanStore
from banksman_shared.plans import NamedThing
from banksman_shared.site import LeavingRules, Offline, Site
from banksman_shared.vda5050 import Error, ErrorLevel

CARRY = transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"])
AWAY = PlannerError("away", retryable=True)
AISLE = NamedThing(words="aisle nine", ids=("aisle-9",))


def leaving(**rules: object) -> Site:
    site = yard_site()
    return replace(site, rules=replace(site.rules, leaving=LeavingRules(local="start", **rules)))  # type: ignore[arg-type]


def break_down(yard: DrivenYard, vehicle: str = "agv-1") -> None:
    yard.run(1)
    yard.cars[vehicle].errors = [Error(error_type="motorFault", error_level=ErrorLevel.FATAL)]
    yard.cars[vehicle].paused = True


# Where


def test_the_rest_of_what_had_to_stay_on_the_site_stays_there() -> None:
    site = leaving(sensitive_loads=("nitro",))
    nodes = {**site.layout.nodes, "S9": replace(site.layout.nodes["S9"], parameters={"pick": {"loadType": "nitro"}})}
    yard = DrivenYard(replace(site, layout=replace(site.layout, nodes=nodes)))
    yard.drive(CARRY, mentions=[AISLE])
    break_down(yard)
    assert yard.finish() == ""
    assert yard.reporter.said == ["away agv-1", "again agv-2"]
    assert (len(yard.here.requests), yard.planner.requests, yard.planner.told) == (2, [], [])


def test_the_rest_of_what_was_planned_here_for_want_of_the_cloud_is_planned_here_with_time_to_begin() -> None:
    yard = DrivenYard(leaving(offline=Offline.LOCAL))
    yard.planner.down = AWAY
    yard.drive(CARRY)
    yard.planner.down = None
    asked = len(yard.planner.requests)
    for vehicle in ("agv-1", "agv-2"):  # the one that replaces a plan is replaced
        break_down(yard, vehicle)
        yard.run(30)
        yard.cars[vehicle].errors, yard.cars[vehicle].paused = [], False
    yard.finish()
    assert len(yard.planner.requests) == asked
    assert len(yard.here.requests) > 1
    assert min(yard.here.times) >= 30


def test_the_rest_is_planned_on_the_site_while_the_cloud_is_away_if_the_site_wants_that() -> None:
    yard = DrivenYard(leaving(offline=Offline.LOCAL))
    yard.drive(CARRY)
    yard.planner.down = AWAY
    break_down(yard)
    assert yard.finish() == ""
    assert yard.reporter.said == ["away agv-1", "again agv-2"]
    assert len(yard.here.requests) == 1


def test_a_plan_of_which_nobody_knows_where_it_was_made_does_not_leave() -> None:
    yard = DrivenYard(leaving())
    yard.drive(CARRY)
    yard.router._proposed.clear()
    asked = len(yard.planner.requests)
    break_down(yard)
    assert yard.finish() == ""
    assert (len(yard.planner.requests), len(yard.here.requests)) == (asked, 1)


def test_a_restart_knows_where_the_rest_was_planned(tmp_path: Path) -> None:
    """The cloud made the plan, and the planner on the site the one that took its place."""
    yard = DrivenYard(leaving(offline=Offline.LOCAL))
    yard.escalation.keep(PlanStore(tmp_path, yard.clock))
    yard.drive(CARRY)
    assert kept_way(tmp_path) == "cloud"
    yard.planner.down = AWAY
    break_down(yard)
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    yard.run(1)
    assert kept_way(tmp_path) == "site"


def kept_way(folder: Path) -> str:
    (path,) = (folder / "plans").glob("*.json")
    return str(json.loads(path.read_text())["way"])
