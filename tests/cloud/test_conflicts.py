"""Wishes that cannot be met together: which they are, in the operator's words, and what giving one up would bring."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, reserve, send, transport, use, vehicle

from banksman_cloud import Planner
from banksman_cloud.errors import InfeasibleError
from banksman_cloud.phrases import Phrases, languages
from banksman_cloud.solving.conflict_texts import say_conflict
from banksman_cloud.solving.conflicts import Conflict, Part, Relaxation, Wish, find_conflict
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, Goals, PlanRequest
from banksman_shared.site import Site

ONE = fleet_of(vehicle(1, "D"))


def conflict(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any]) -> Conflict:
    return find_conflict(site, fleet, goals_of(*goals).goals, SystemClock(), 2.0, lambda: False)


def refusal(site: Site, fleet: FleetSnapshot, goals: Goals, language: str = "en") -> str:
    request = PlanRequest(request="x", language=language, site={}, fleet=fleet)
    with pytest.raises(InfeasibleError) as caught:
        Planner(ScriptedProvider(""), SystemClock(), 1.0).plan(request, site, goals, lambda: False)
    return str(caught.value)


def test_a_deadline_and_too_many_loads_conflict(yard: Site) -> None:
    found = conflict(yard, ONE, transport(3, "dock-1", "aisle-1", within_s=100))
    assert found.wishes == (Wish(0, Part.WHOLE), Wish(0, Part.LIMIT))
    assert found.relaxations == (Relaxation(Wish(0, Part.WHOLE), 90.0, 2), Relaxation(Wish(0, Part.LIMIT), 140.0))
    assert found.proven


def test_what_has_nothing_to_do_with_it_is_not_blamed(yard: Site) -> None:
    found = conflict(
        yard,
        fleet_of(vehicle(1, "D"), vehicle(2, "C", battery=90)),
        transport(1, "charger", "bay-2", vehicles=["agv-2"]),
        reserve(10),
        transport(1, "dock-1", "bay-1", vehicles=["agv-1"], within_s=72, words="hurry"),
        avoid("gate"),
        send("park", ["agv-2"]),
    )
    assert {wish.goal for wish in found.wishes} == {2, 3}
    assert {wish.part for wish in found.wishes} == {Part.WHOLE, Part.LIMIT}  # nor would another vehicle do
    eased = {relaxation.wish: relaxation.seconds for relaxation in found.relaxations}
    assert eased[Wish(3, Part.WHOLE)] == 70.0  # through the gate
    assert eased[Wish(2, Part.LIMIT)] == pytest.approx(30 + 20 + 2 * 200**0.5, abs=0.3)


def test_each_wish_of_a_conflict_is_needed_for_it(yard: Site) -> None:
    found = conflict(
        yard,
        fleet_of(vehicle(1, "D"), vehicle(2, "A1")),
        transport(2, "dock-1", "aisle-1", within_s=60),
        use(never=["agv-2"]),
        transport(1, "aisle-2", "gate", after=[0], within_s=400),
    )
    assert {wish.goal for wish in found.wishes} == {0, 1}
    assert {relaxation.wish for relaxation in found.relaxations} == set(found.wishes)


def test_a_way_that_is_closed_is_blamed_with_what_needs_it(yard: Site) -> None:
    found = conflict(yard, ONE, transport(1, "dock-1", "aisle-2"), avoid("aisle-1"), reserve(10))
    assert (found.code, {wish.goal for wish in found.wishes}) == ("no_way", {0, 1})


def test_a_vehicle_that_is_out_of_order_in_the_way_is_blamed_where_it_is(yard: Site) -> None:
    barred = ONE.model_copy(update={"blocked": ("A1",)})
    found = conflict(yard, barred, transport(1, "dock-1", "aisle-2"), transport(1, "dock-1", "aisle-1", within_s=600))
    assert (found.code, {wish.goal for wish in found.wishes}) == ("no_way", {0})
    assert found.cleared_s == pytest.approx(90, abs=30)
    late = conflict(yard, barred, transport(1, "dock-1", "bay-1", within_s=1))
    assert late.cleared_s is None


def test_a_battery_that_does_not_last_is_said(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D", battery=31))
    found = conflict(yard, fleet, transport(6, "dock-1", "bay-2"), reserve(30))
    assert (found.code, {wish.goal for wish in found.wishes}) == ("battery", {0, 1})


def test_the_refusal_is_in_the_operators_words_and_says_what_would_help(yard: Site) -> None:
    goals = goals_of(transport(3, "dock-1", "aisle-1", within_s=100, words="three to aisle one, hurry"))
    assert refusal(yard, ONE, goals) == (
        "There is no plan for this: “three to aisle one, hurry” in 1 min 40 s. "
        "2 of 3 for “three to aisle one, hurry” would work. "
        "With 2 min 20 s for “three to aisle one, hurry” it works."
    )


def test_a_refusal_speaks_the_language_of_the_request(yard: Site) -> None:
    goals = goals_of(transport(1, "dock-1", "aisle-2", words="eine zu Gang 2"), avoid("aisle-1", words="nicht Gang 1"))
    text = refusal(yard, ONE, goals, "de")
    assert text.startswith("Dafür gibt es keinen Plan: „eine zu Gang 2“, „nicht Gang 1“. Kein Weg ist offen")
    assert "Ohne „nicht Gang 1“ geht es und dauert 50 s." in text


def test_nobody_that_may_do_it_is_free(yard: Site) -> None:
    goals = goals_of(transport(1, "dock-1", "aisle-1", vehicles=["agv-2"], words="with forklift two"))
    text = refusal(yard, fleet_of(vehicle(1, "D"), vehicle(2, "C", available=False)), goals)
    assert "No vehicle that may do it is free: “with forklift two”." in text
    assert "With any vehicle for “with forklift two” it works and takes 40 s." in text


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_can_say_everything(yard: Site, language: str) -> None:
    goals = goals_of(
        transport(3, "dock-1", "aisle-1", within_s=100, words="W0"), send("park", ["agv-1"], after=[0], words="W1")
    ).goals
    wishes = tuple(Wish(i, part) for i in (0, 1) for part in Part)
    relaxed = tuple(Relaxation(wish, 61.0, 2 if wish == wishes[0] else None) for wish in wishes)
    said = [say_conflict(language, goals, Conflict(wishes, relaxed, proven, "battery")) for proven in (True, False)]
    said.append(say_conflict(language, goals, Conflict(wishes, (), proven=True)))
    said.append(say_conflict(language, goals, Conflict(wishes, (), proven=True, cleared_s=61.0)))
    assert len(set(said)) == 4
    for text in said:
        assert "W0" in text
        assert "{" not in text
    assert Phrases(language).duration(60.01) != Phrases(language).duration(60)
