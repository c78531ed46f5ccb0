"""Zones of the site in requests: named, settled to their places, and missed where a model forgets them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, in_full, transport, vehicle, yard_document

from banksman_cloud import Planner
from banksman_cloud.api.problems import Problem
from banksman_cloud.api.request_checks import check_site
from banksman_cloud.errors import GoalsError
from banksman_cloud.providers.prompt import describe_site
from banksman_cloud.providers.schema import goals_schema
from banksman_cloud.reading.goals import check_goals, guessed
from banksman_cloud.reading.resolving import settle
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Goals, LoadSnapshot, NamedThing, PlanRequest
from banksman_shared.site import Site, parse_site

DOCUMENT = yard_document() | {
    "zones": [{"id": "west", "places": ["kind:aisle", "gate"], "names": {"en": ["west side"], "de": ["Westseite"]}}]
}
SAID = "nobody into the west side, and two from dock one to bay 1"
MENTIONS = (
    NamedThing(words="west side", ids=("zone:west",)),
    NamedThing(words="dock one", ids=("dock-1",)),
    NamedThing(words="bay 1", ids=("bay-1",)),
)
CARRY = transport(2, "dock-1", "bay-1", words="two from dock one to bay 1")
CLOSED = avoid("zone:west", words="nobody into the west side")


@pytest.fixture
def west() -> Site:
    return parse_site(DOCUMENT)


def settled(site: Site, *goals: dict[str, Any]) -> Goals:
    made, faults, questions = settle(site, fleet_of(vehicle(1, "D")), goals_of(*goals))
    assert (faults, questions) == ([], [])
    return made


def test_a_zone_becomes_its_places(west: Site) -> None:
    closed, carry = settled(west, CLOSED, transport(2, "zone:west", "bay-1", destinations=["zone:west"])).goals
    assert closed.places == ("aisle-1", "aisle-2", "gate")  # type: ignore[union-attr]
    assert carry.origins == carry.destinations == closed.places  # type: ignore[union-attr]
    _, faults, _ = settle(west, fleet_of(), goals_of(avoid("zone:east")))
    assert faults == ["'keep away': the site has no zone 'east'"]


@pytest.mark.parametrize("mentions", [MENTIONS, ()])
def test_a_zone_that_is_named_and_in_no_goal_is_missed(west: Site, mentions: tuple[NamedThing, ...]) -> None:
    missed = ["the request names west side (zone:west), and no goal speaks of it"]
    assert check_goals(west, settled(west, CARRY), SAID, mentions) == missed
    part = settled(west, CARRY, avoid("aisle-1", words="nobody into the west side"))
    assert check_goals(west, part, SAID, mentions) == missed
    assert check_goals(west, settled(west, CARRY, CLOSED), SAID, mentions) == []
    told = settled(west, CARRY).model_copy(update={"unsupported": ("nobody into the west side",)})
    assert check_goals(west, told, SAID, mentions) == []


def test_a_model_that_picks_a_place_of_a_zone_has_guessed(west: Site) -> None:
    assert guessed(west, goals_of(CARRY, avoid("aisle-1")), PlanRequest(request=CLEAR, site={}, mentions=MENTIONS)) == (
        "west side",
    )
    assert guessed(west, goals_of(CARRY, CLOSED), PlanRequest(request=CLEAR, site={}, mentions=MENTIONS)) == ()
    named = (*MENTIONS, NamedThing(words="aisle 1", ids=("aisle-1",)))
    assert guessed(west, goals_of(CARRY, avoid("aisle-1")), PlanRequest(request=CLEAR, site={}, mentions=named)) == ()


def understood(said: str, mentions: tuple[NamedThing, ...], *goals: dict[str, Any]) -> Goals:
    loads = (
        LoadSnapshot(id="1", place="gate"),
        LoadSnapshot(id="2", place="gate"),
        LoadSnapshot(id="3", place="bay-2"),
    )
    fleet = fleet_of(vehicle(1, "D")).model_copy(update={"loads": loads})
    request = PlanRequest(request=said, site=DOCUMENT, fleet=fleet, mentions=mentions)
    planner = Planner(ScriptedProvider(goals_of(*goals)), ManualClock(), 1.0)
    return planner.understand(request, parse_site(DOCUMENT), ManualClock().time() + 60)


CLEAR = "clear the west side into bay 1"


def test_a_zone_is_cleared_where_something_stands_in_it() -> None:
    names = (MENTIONS[0], MENTIONS[2])
    (goal,) = understood(CLEAR, names, transport(None, "zone:west", "bay-1", words=CLEAR)).goals
    assert (goal.origins, goal.count) == (("gate",), 2)  # type: ignore[union-attr]
    with pytest.raises(GoalsError) as failed:
        understood(CLEAR, names, transport(None, "gate", "bay-1", words=CLEAR))
    assert "names west side" in "; ".join(failed.value.faults)


def test_a_place_that_is_named_and_has_nothing_for_the_goal_is_spoken_of() -> None:
    said = "everything from bay 2 and aisle 1 to bay 1"
    names = (*(NamedThing(words=w, ids=(i,)) for w, i in (("bay 2", "bay-2"), ("aisle 1", "aisle-1"))), MENTIONS[2])
    both = transport(None, "bay-2", "bay-1", origins=["bay-2", "aisle-1"], words=said)
    (goal,) = understood(said, names, both).goals
    assert (goal.origins, goal.count) == (("bay-2",), 1)  # type: ignore[union-attr]
    with pytest.raises(GoalsError) as failed:
        understood(said, names, transport(None, "bay-2", "bay-1", words=said))
    assert "aisle 1" in "; ".join(failed.value.faults)


def test_a_request_may_name_zones_of_its_site_and_no_others() -> None:
    body = {"request": SAID, "site": DOCUMENT, "mentions": [m.model_dump() for m in MENTIONS]}
    check_site(PlanRequest.model_validate(body))
    elsewhere = {"words": "east side", "ids": ["zone:east"]}
    with pytest.raises(Problem) as refused:
        check_site(PlanRequest.model_validate(body | {"mentions": [elsewhere]}))
    assert "'zone:east' is said to be named" in str(refused.value.detail)


def test_a_closed_model_is_told_of_zones_and_may_name_them_where_places_are_many(west: Site) -> None:
    assert "zone:west = Westseite, west side: aisle-1, aisle-2, gate" in describe_site(west, "de").splitlines()
    schema = goals_schema(west)
    jsonschema.validate(in_full(goals_of(CLOSED, transport(1, "zone:west", "bay-1"))), schema)
    with pytest.raises(jsonschema.ValidationError, match="zone:east"):
        jsonschema.validate(in_full(goals_of(transport(1, "zone:east", "bay-1"))), schema)


def test_the_longest_ids_of_a_site_can_be_named_with_what_they_are_ids_of() -> None:
    """``zone:`` and ``group:`` make them longer than an id may be by itself."""
    zone, group, kind = ("z" * 64, "g" * 64, "k" * 64)
    document = yard_document()
    vehicles = [{**each, "kind": kind} for each in document["vehicles"]]
    longest = document | {
        "vehicle_kinds": {kind: {"names": {"en": ["cart"]}}},
        "vehicles": vehicles,
        "groups": [{"id": group, "vehicles": [vehicles[0]["id"]], "names": {"en": ["crew"]}}],
        "zones": [{"id": zone, "places": ["gate"], "names": {"en": ["west side"]}}],
    }
    closed = avoid(f"zone:{zone}", words="nobody into the west side", vehicles=[f"kind:{kind}"])
    asked = "two from dock one to bay 1 but not by the crew"
    carry = transport(2, "dock-1", "bay-1", words=asked, without=[f"group:{group}"])
    request = PlanRequest(
        request=f"nobody into the west side, {asked}",
        site=longest,
        mentions=(NamedThing(words="west side", ids=(f"zone:{zone}",)), *MENTIONS[1:]),
    )
    planner = Planner(ScriptedProvider(goals_of(closed, carry)), ManualClock(), 1.0)
    first, second = planner.understand(request, parse_site(longest), ManualClock().time() + 60).goals
    assert first.places == ("gate",)  # type: ignore[union-attr]
    assert second.without == (vehicles[0]["id"],)  # type: ignore[union-attr]
