"""What a plan was made under is heard before it is approved: every kind of condition, in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from banksman_edge.plans.readback import Reading
from banksman_edge.replies import Phrasebook
from banksman_shared.plans import Goal, Plan, PlanState, Step
from banksman_shared.site import Site, Zone

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh")
GOAL: TypeAdapter[Goal] = TypeAdapter(Goal)
CARRY = {"kind": "transport", "count": 2, "origins": ["inbound"], "destinations": ["aisle-3"]}
AWAY = {"kind": "transport", "count": 1, "origins": ["aisle-9"], "destinations": ["dock-2"]}
CHARGE = {"kind": "send", "action": "charge", "vehicles": ["tugger-1"]}
FORKLIFTS = ["forklift-1", "forklift-2", "forklift-3", "forklift-4"]


def avoid(*places: str, **more: Any) -> dict[str, Any]:
    return {"kind": "avoid", "places": places, **more}


def plan_of(*goals: dict[str, Any]) -> Plan:
    """A plan in which forklift 1 carries all and who is sent to charge does."""
    made = tuple(GOAL.validate_python({"words": "x", **goal}) for goal in goals)
    steps = []
    for index, goal in enumerate(made):
        timed = {"start_s": 0, "end_s": 60, "goal": index}
        if goal.kind == "transport":
            ends = {"from": goal.origins[0], "to": goal.destinations[0]}
            step = {"vehicle": "forklift-1", "action": "transport", **ends, **timed}
            steps += [Step.model_validate(step)] * (goal.count or 0)
        elif goal.kind == "send":
            who, to = (*goal.vehicles, "tugger-1")[0], (*goal.destinations, "charger-1")[0]
            steps.append(Step.model_validate({"vehicle": who, "action": goal.action, "to": to, **timed}))
    return Plan(id="p", state=PlanState.PROPOSED, request="x", goals=made, steps=tuple(steps))


def conditions(site: Site, language: str, *goals: dict[str, Any]) -> str:
    values = Reading(site, Phrasebook(site), language).proposal(plan_of(*goals), 0.0)
    return str(values["conditions"]).strip()


def test_what_is_closed_is_read_back_before_the_question(site: Site) -> None:
    plan = plan_of(CARRY, avoid("aisle-3"))
    phrases = Phrasebook(site)
    assert phrases.say("proposed", "en", **Reading(site, phrases, "en").proposal(plan, 0.0)) == (
        "Plan: 2 loads from inbound to aisle 3, 1 vehicle, done in 60 seconds. "
        "Nobody to or through aisle 3. Shall I start it?"
    )
    assert phrases.say("proposed", "zh", **Reading(site, phrases, "zh").proposal(plan, 0.0)).endswith(
        "完成。谁也不进入通道 3。开始吗？"
    )


KINDS: dict[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "closed": ((CARRY, avoid("aisle-3")), "Nobody to or through aisle 3."),
    "closed to some": ((CARRY, avoid("dock-2", vehicles=["tugger-1"])), "Tugger 1: not to or through dock 2."),
    "closed for a time": (
        (CARRY, avoid("dock-2", from_s=600, until_s=1800)),
        "Nobody to or through dock 2, from 10 minutes from now, until 30 minutes from now.",
    ),
    "closed from now": (
        (CARRY, avoid("dock-2", from_s=0, until_s=60)),
        "Nobody to or through dock 2, until 60 seconds from now.",
    ),
    "closed by the clock": (
        (CARRY, avoid("dock-2", from_time="09:30", until_time="10:00", from_s=90, until_s=1890)),
        "Nobody to or through dock 2, from 09:30, until 10:00.",
    ),
    "one way": (
        (CARRY, {"kind": "one_way", "start": "dock-1", "end": "aisle-3"}),
        "Only from dock 1 to aisle 3, not back.",
    ),
    "only these": ((CARRY, {"kind": "use", "only": ["forklift-1"]}), "Only these: forklift 1."),
    "never those": (
        (CARRY, {"kind": "use", "never": ["tugger-1", "forklift-2"]}),
        "Not used: tugger 1 and forklift 2.",
    ),
    "a kind": ((CARRY, {"kind": "use", "only": FORKLIFTS}), "Only these: every forklift."),
    "who may": ((CARRY | {"vehicles": ["forklift-1"]},), "Only these: forklift 1."),
    "who may of several tasks": (
        (CARRY | {"vehicles": ["forklift-1"]}, AWAY),
        "2 loads from inbound to aisle 3: only these: forklift 1.",
    ),
    "who may not": ((CARRY | {"without": ["tugger-1"]}, AWAY | {"without": ["tugger-1"]}), "Not used: tugger 1."),
    "among whom": (
        ({"kind": "send", "action": "charge", "among": ["tugger-1", "tugger-2"]},),
        "Only these: tugger 1 and tugger 2.",
    ),
    "reserve": ((CARRY, {"kind": "reserve", "percent": 30}), "No battery below 30%."),
    "reserve of some": (
        (CARRY, {"kind": "reserve", "percent": 30, "vehicles": ["tugger-1"]}),
        "Tugger 1: battery not below 30%.",
    ),
    "order": (
        (AWAY, CARRY | {"after": [0]}),
        "First 1 load from aisle 9 to dock 2, only then 2 loads from inbound to aisle 3.",
    ),
    "order of parts": (
        (AWAY, CARRY, CHARGE | {"after": [0, 1]}),
        "First 3 loads, only then tugger 1 charging.",
    ),
    "beginning": ((CARRY | {"not_before_s": 600},), "10 minutes from now at the earliest."),
    "beginning by the clock": (
        (CARRY | {"not_before_s": 600, "not_before": "09:10"},),
        "09:10 at the earliest.",
    ),
    "type": ((CARRY | {"load_type": "crate"},), "Only loads of type crate."),
    "sharing": ((CARRY | {"at_most": 2},), "At most 2 vehicles."),
    "urgent": ((CARRY | {"priority": "high"}, AWAY), "2 loads from inbound to aisle 3: urgent."),
    "not urgent": ((CARRY | {"priority": "low"},), "Not urgent."),
    "charged": ((CHARGE | {"when": "first", "until": 70},), "Charging to 70%, then on."),
    "first": (
        ({"kind": "send", "action": "move", "vehicles": ["tugger-1"], "destinations": ["dock-2"], "when": "first"},),
        "Before all else.",
    ),
    "stays": ((CHARGE | {"when": "only"},), "At once, and nothing else."),
    "limits": (
        (CARRY | {"within_s": 600}, AWAY | {"within_s": 1200, "by": "10:20"}),
        "2 loads from inbound to aisle 3: within 10 minutes. 1 load from aisle 9 to dock 2: by 10:20.",
    ),
    "early": ((CARRY, {"kind": "prefer", "what": "early"}), "What matters most: done early."),
    "little driving": ((CARRY, {"kind": "prefer", "what": "little_driving"}), "What matters most: little driving."),
    "even work": ((CARRY, {"kind": "prefer", "what": "even_work"}), "What matters most: even work for all."),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_condition_is_read_back(site: Site, kind: str) -> None:
    goals, said = KINDS[kind]
    assert conditions(site, "en", *goals) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_reads_back_every_kind_and_each_otherwise(site: Site, language: str) -> None:
    said = {kind: conditions(site, language, *goals) for kind, (goals, _) in KINDS.items()}
    assert all(text and not re.search(r"[{}]|plan_", text) for text in said.values())
    unlike = [text for kind, text in said.items() if kind != "who may"]  # as "only these"
    assert len(set(unlike)) == len(unlike)
    if language != "en":
        assert not set(said.values()) & {english for _, english in KINDS.values()}


LATER = CHARGE | {"after": [0, 1]}


@pytest.mark.parametrize(
    ("language", "goals", "said"),
    [
        ("de", (CARRY, avoid("aisle-3", from_s=600)), "Niemand zu oder durch Gang 3, ab in 10 Minuten."),
        ("de", (CARRY, AWAY, LATER), "Zuerst 3 Ladungen, erst dann Schlepper 1 an die Ladestation."),
        ("fr", (CARRY, {"kind": "reserve", "percent": 30}), "Aucune batterie sous 30 %."),
        ("es", (CARRY, avoid("aisle-3", "dock-2")), "Nadie entra en pasillo 3 y muelle 2."),
        ("pl", (CARRY | {"at_most": 2},), "Najwyżej 2 pojazdy."),
        ("ar", (CARRY | {"at_most": 2},), "الحد الأقصى: مركبتان."),
        ("ja", (CARRY, avoid("aisle-3")), "誰も入りません：通路 3。"),
        ("tr", (CARRY | {"priority": "high"},), "Acil."),
    ],
)  # fmt: skip
def test_conditions_are_said_as_the_language_says_them(
    site: Site, language: str, goals: tuple[dict[str, Any], ...], said: str
) -> None:
    assert conditions(site, language, *goals) == said


MANY = (
    CARRY | {"priority": "high", "load_type": "crate"},
    {"kind": "prefer", "what": "early"},
    {"kind": "reserve", "percent": 30},
    {"kind": "use", "never": ["tugger-1"]},
    {"kind": "one_way", "start": "dock-1", "end": "aisle-3"},
    avoid("aisle-3", vehicles=["tugger-1"]),
    avoid("dock-2"),
)


@pytest.mark.parametrize(
    ("language", "more"),
    [
        ("en", "And 5 more conditions."),
        ("de", "Und 5 weitere Bedingungen."),
        ("pl", "I jeszcze 5 warunków."),
        ("ar", "و5 شروط أخرى."),
        ("ja", "ほかに条件5件。"),
    ],
)
def test_of_many_conditions_the_closed_places_come_first_and_the_rest_is_counted(
    site: Site, language: str, more: str
) -> None:
    said = conditions(site, language, *MANY)
    closed = conditions(site, language, CARRY, avoid("dock-2"), avoid("aisle-3", vehicles=["tugger-1"]))
    assert said.startswith(closed)
    assert said.endswith(more)


def test_places_that_are_closed_alike_are_one_condition_and_of_many_the_rest_is_counted(site: Site) -> None:
    goals = (avoid("aisle-1", "aisle-2"), avoid("aisle-3", "aisle-2", "aisle-4", "aisle-5"))
    assert conditions(site, "en", CARRY, *goals) == "Nobody to or through aisle 1, aisle 2, aisle 3 and 2 more places."
    assert conditions(site, "pl", CARRY, *goals).endswith("i jeszcze 2 miejsca.")


def test_a_plan_without_conditions_says_none(site: Site) -> None:
    limited = CARRY | {"within_s": 600}
    assert conditions(site, "en", limited, CHARGE | {"within_s": 600}) == ""


HALL = ("aisle-1", "aisle-2", "aisle-3", "aisle-4")
ZONES = {
    "hall": Zone("hall", frozenset(HALL), names={code: (f"hall {code}", "back hall") for code in LANGUAGES}),
    "quay": Zone("quay", frozenset({"dock-1", "dock-2"}), names={"en": ("quay",)}),
    "nameless": Zone("nameless", frozenset({"dock-5", "dock-6"})),
}


@pytest.fixture
def zoned(site: Site) -> Site:
    return replace(site, rules=replace(site.rules, zones=ZONES))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_zone_that_is_closed_is_read_back_by_its_name_in_every_language(zoned: Site, language: str) -> None:
    said = conditions(zoned, language, CARRY, avoid(*HALL))
    assert f"hall {language}" in said
    assert zoned.label("aisle-1", language) not in said


def test_a_zone_is_called_so_where_it_was_or_its_places_are_many(zoned: Site) -> None:
    quay = avoid("dock-1", "dock-2", "aisle-3")
    assert conditions(zoned, "en", CARRY, quay) == "Nobody to or through dock 1, dock 2 and aisle 3."
    called = quay | {"words": "nobody into the Quay, nor aisle 3"}
    assert conditions(zoned, "en", CARRY, called) == "Nobody to or through quay and aisle 3."
    part = avoid("dock-1") | {"words": "nobody into the quay"}  # a planner that closed less than was said is heard
    assert conditions(zoned, "en", CARRY, part) == "Nobody to or through dock 1."
    nameless = avoid("dock-3", "dock-4", "dock-5", "dock-6")
    assert conditions(zoned, "en", CARRY, nameless).endswith("dock 3, dock 4, dock 5 and 1 more place.")


def test_loads_from_many_places_of_a_zone_come_from_the_zone(zoned: Site) -> None:
    loads = [CARRY | {"count": 2, "origins": [aisle], "destinations": ["inbound"]} for aisle in HALL]
    values = Reading(zoned, Phrasebook(zoned), "en").proposal(plan_of(*loads), 0.0)
    assert values["what"] == "8 loads from hall en to inbound"
    few = Reading(zoned, Phrasebook(zoned), "en").proposal(plan_of(*loads[:2]), 0.0)
    assert few["what"] == "2 loads from aisle 1 to inbound and 2 loads from aisle 2 to inbound"
