"""Kinds, groups, times of day and "all" become ids, seconds and numbers, in code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, send, transport, use, vehicle, yard_document

from banksman_cloud import Planner
from banksman_cloud.errors import UnclearError
from banksman_cloud.goals import check_goals
from banksman_cloud.settle import settle
from banksman_shared.clock import ManualClock
from banksman_shared.plans import FleetSnapshot, Goal, LoadSnapshot, PlanRequest
from banksman_shared.site import Site, parse_site

NOON = "2026-03-02T12:00:30+01:00"


@pytest.fixture
def grouped() -> Site:
    document = json.loads(json.dumps(yard_document()))
    document["groups"] = [{"id": "night", "vehicles": ["agv-2", "agv-3"], "names": {"en": ["night shift"]}}]
    return parse_site(document)


def settled(
    site: Site, *goals: dict[str, Any], fleet: FleetSnapshot | None = None, now: str | None = NOON
) -> list[Any]:
    made, faults, questions = settle(site, fleet or fleet_of(vehicle(1, "D")), goals_of(*goals), now)
    assert not faults
    assert not questions
    return list(made.goals)


def stock(*places: str, kind: str | None = None) -> FleetSnapshot:
    there = tuple(LoadSnapshot(id=f"{place}{i}", place=place, type=kind) for i, place in enumerate(places))
    return FleetSnapshot(vehicles=(vehicle(1, "D"),), loads=there)


def test_kinds_and_groups_become_vehicles(grouped: Site) -> None:
    carry, only, kept = settled(
        grouped,
        transport(1, "dock-1", "gate", vehicles=["kind:forklift"], without=["group:night"]),
        use(only=["group:night", "agv-1", "agv-2"]),
        send("charge", [], among=["kind:forklift"], count=2, when="only"),
    )
    assert (carry.vehicles, carry.without) == (("agv-1", "agv-2", "agv-3"), ("agv-2", "agv-3"))
    assert only.only == ("agv-2", "agv-3", "agv-1")
    assert (kept.among, kept.count) == (("agv-1", "agv-2", "agv-3"), 2)


def test_kinds_of_places_become_places(yard: Site) -> None:
    (closed,) = settled(yard, avoid("kind:aisle", "gate"))
    assert closed.places == ("aisle-1", "aisle-2", "gate")


def test_unknown_kinds_are_said(yard: Site) -> None:
    _, faults, _ = settle(yard, fleet_of(), goals_of(avoid("kind:dock"), use(never=["group:night"])))
    assert faults == ["'keep away': the site has no kind 'dock'", "'use those': the site has no group 'night'"]


def test_times_of_day_become_seconds_from_now(yard: Site) -> None:
    carry, twice, free = settled(
        yard,
        transport(1, "dock-1", "gate", by="12:15"),
        transport(1, "dock-1", "gate", by="12:20", within_s=600),
        avoid("gate", from_time="12:01", until_time="13:00"),
    )
    assert (carry.within_s, carry.by) == (14 * 60 + 30, "12:15")
    assert twice.within_s == 600  # what was said twice holds twice
    assert (free.from_s, free.until_s) == (30, 59 * 60 + 30)


@pytest.mark.parametrize(
    ("clock", "times", "seconds"),
    [
        ("14:30", {"from_time": "13:00"}, (0, None)),
        ("14:30", {"from_time": "14:00", "until_time": "15:00"}, (0, 1800)),
        ("23:00", {"from_time": "22:00", "until_time": "06:00"}, (0, 7 * 3600)),
        ("12:00", {"from_time": "22:00", "until_time": "06:00"}, (10 * 3600, 18 * 3600)),
        ("02:00", {"from_time": "22:00", "until_time": "06:00"}, (0, 4 * 3600)),
        ("22:00", {"until_time": "02:00"}, (None, 4 * 3600)),
    ],
)
def test_a_window_that_has_begun_holds_from_now(
    yard: Site, clock: str, times: dict[str, str], seconds: tuple[float | None, float | None]
) -> None:
    (free,) = settled(yard, avoid("gate", **times), now=f"2026-03-02T{clock}:00+01:00")
    assert (free.from_s, free.until_s) == seconds


@pytest.mark.parametrize(
    "goal",
    [
        transport(1, "dock-1", "gate", by="12:00"),
        avoid("gate", until_time="12:00", words="carry them"),
        avoid("gate", from_time="11:00", until_time="12:00", words="carry them"),
    ],
)
def test_a_time_of_day_that_has_passed_is_asked_about(yard: Site, goal: dict[str, Any]) -> None:
    _, _, questions = settle(yard, fleet_of(vehicle(1, "D")), goals_of(goal), NOON)
    assert questions == ["'carry them' names 12:00, which has passed; say when"]


@pytest.mark.parametrize("now", [None, "noon"])
def test_a_time_of_day_means_nothing_to_who_has_no_clock(yard: Site, now: str | None) -> None:
    _, _, questions = settle(yard, fleet_of(), goals_of(transport(1, "dock-1", "gate", by="12:15")), now)
    assert questions == ["'carry them' names 12:15, and nobody told what time it is; say in how many minutes"]


def test_all_is_what_stands_there(yard: Site) -> None:
    everything = transport(None, "dock-1", "gate", origins=["dock-1", "aisle-1", "bay-1"])
    first, second = settled(yard, everything, fleet=stock("dock-1", "dock-1", "aisle-1"))
    assert [(g.origins, g.count) for g in (first, second)] == [(("dock-1",), 2), (("aisle-1",), 1)]
    (typed,) = settled(yard, everything | {"load_type": "box"}, fleet=stock("bay-1", kind="box"))
    assert (typed.origins, typed.count) == (("bay-1",), 1)


def test_what_waits_for_a_split_goal_waits_for_all_of_it(yard: Site) -> None:
    everything = transport(None, "dock-1", "gate", origins=["dock-1", "aisle-1"])
    goals = settled(
        yard,
        everything,
        send("park", ["agv-1"], after=[0]),
        send("move", ["agv-2"], "gate", after=[1]),
        fleet=stock("dock-1", "aisle-1"),
    )
    assert [goal.after for goal in goals] == [(), (), (0, 1), (2,)]


COUNTS: list[tuple[dict[str, Any], FleetSnapshot, str]] = [
    (transport(None, "dock-1", "gate"), fleet_of(), "nobody keeps count of the loads there; say how many"),
    (transport(None, "dock-1", "gate"), stock("gate"), "nothing stands at dock-1"),
    (transport(3, "dock-1", "gate"), stock("dock-1"), "only 1 stand at dock-1"),
    (transport(1, "dock-1", "gate", load_type="box"), stock("dock-1"), "only 0 stand at dock-1"),
]


@pytest.mark.parametrize(("goal", "fleet", "fault"), COUNTS)
def test_amounts_that_are_not_there_are_said(
    yard: Site, goal: dict[str, Any], fleet: FleetSnapshot, fault: str
) -> None:
    _, _, questions = settle(yard, fleet, goals_of(goal))
    assert questions == [f"'carry them': {fault}"]


def test_the_model_is_not_asked_what_only_the_operator_knows(yard: Site) -> None:
    provider = ScriptedProvider(goals_of(transport(None, "dock-1", "gate", words="clear the dock")))
    request = PlanRequest(request="clear the dock", site={})
    with pytest.raises(UnclearError, match="nobody keeps count of the loads there; say how many"):
        Planner(provider, ManualClock(), 1.0).understand(request, yard, ManualClock().time() + 60)
    assert len(provider.prompts) == 1


def test_a_number_is_taken_from_where_enough_stands(yard: Site) -> None:
    three = transport(3, "dock-1", "gate", origins=["dock-1", "aisle-1"])
    goals: list[Goal] = settled(yard, three, fleet=stock("dock-1", "aisle-1", "aisle-1", "aisle-1"))
    assert [(g.origins, g.count) for g in goals] == [(("dock-1",), 1), (("aisle-1",), 2)]  # type: ignore[union-attr]
    assert check_goals(yard, goals_of(*[g.model_dump() for g in goals]), "x") == []


def test_what_others_bring_may_be_taken_on(yard: Site) -> None:
    there, on = transport(2, "dock-1", "gate"), transport(2, "gate", "bay-1", after=[0])
    assert [g.count for g in settled(yard, there, on, fleet=stock("dock-1", "dock-1"))] == [2, 2]
