"""The names that the edge found in a request bind what a model may understand."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import ScriptedProvider, Service, avoid, goals_of, send, transport, yard_document

from banksman_cloud import GoalPrompt, Planner
from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.prompt import EXAMPLES, describe_site, messages
from banksman_cloud.providers.sayable import Sayable
from banksman_cloud.providers.schema import goals_grammar
from banksman_cloud.reading.goals import check_goals, guessed
from banksman_cloud.reading.names import describe_names, said_in
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Goals, NamedThing, PlanRequest
from banksman_shared.site import Site, parse_site


def named(**things: str | tuple[str, ...]) -> tuple[NamedThing, ...]:
    """Names by words, with ``_`` for a space."""
    return tuple(
        NamedThing(words=words.replace("_", " "), ids=(ids,) if isinstance(ids, str) else ids)
        for words, ids in things.items()
    )


@pytest.mark.parametrize(
    ("text", "words", "stands"),
    [
        ("Lleva seis palés del Muelle uno.", "muelle uno", True),
        ("把六个托盘从1号月台运走", "1 号 月 台", True),
        ("bring it to dock2, now", "dock 2", True),
        ("डॉक दो से लाओ", "डॉक दो", True),
        ("an die Straße", "strasse", True),
        ("from aisle 10 to aisle 12", "aisle 1", False),
        ("from aisle 10 to aisle 1", "aisle 1", True),
        ("the docker two", "dock", False),
        ("bring it there", "gate", False),
    ],
)
def test_a_name_stands_in_a_text_as_words_of_its_own(text: str, words: str, stands: bool) -> None:
    assert bool(said_in(text, (NamedThing(words=words, ids=("x",)),))) == stands


REQUEST = "two from dock one to aisle 1 with forklift 2"
MENTIONS = named(dock_one="dock-1", aisle_1="aisle-1", forklift_2="agv-2")
SHOWN = """Places:
dock-1 = dock one
aisle-1 = aisle 1
Vehicles:
agv-2 = forklift 2
In all: 3 forklift"""


def test_a_small_model_is_shown_what_is_named_and_no_more_of_the_site(yard: Site) -> None:
    prompt = GoalPrompt(REQUEST, "en", yard, None, MENTIONS)
    *examples, last = messages(prompt, brief=True)
    assert examples == EXAMPLES
    assert last["content"] == f"{SHOWN}\nRequest: {REQUEST}"
    (whole,) = messages(prompt, brief=False)
    assert "gate = gate" in whole["content"]
    assert whole["content"].endswith(f"The request names:\n{SHOWN}\nRequest: {REQUEST}")


def test_without_names_a_model_is_shown_the_whole_site(yard: Site) -> None:
    prompt = GoalPrompt(REQUEST, "en", yard)
    small, large = (messages(prompt, brief=brief)[-1]["content"] for brief in (True, False))
    assert small == large == f"{describe_site(yard, 'en')}\nRequest: {REQUEST}"


def test_names_are_shown_as_they_were_said_and_as_the_site_has_them(yard: Site) -> None:
    mentions = named(stapler_zwei="agv-2", zwei="aisle-2", 大_门="gate", stapler=("agv-1", "agv-2", "agv-3"))
    assert describe_names(yard, "de", mentions).splitlines() == [
        "Places:",
        "aisle-2 = Gang 2, zwei",
        "gate = Tor, 大门",
        "Vehicles:",
        "agv-2 = Stapler 2, stapler zwei",
        "kind:forklift = stapler",
        "In all: 3 forklift",
    ]


@pytest.mark.parametrize(
    ("places", "there", "not_there"),
    [
        (["dock-1", "charger"], ['"dock-1\\"', "transport |", "| avoid", "move |", '"charger\\"'], ['"gate\\"']),
        (["dock-1"], ['"dock-1\\"', "| avoid", "move |"], ['"gate\\"', "transport |", '"charger\\"']),
        ([], ["charge | park"], ["move |", "| avoid", "transport |"]),
    ],
)
def test_the_grammar_has_only_places_that_were_named(
    yard: Site, places: list[str], there: list[str], not_there: list[str]
) -> None:
    import llama_cpp  # noqa: PLC0415  seconds to load, and only this test needs it

    text = goals_grammar(yard, "x y z", [("x y z", Sayable(("agv-1",), tuple(places)))])
    llama_cpp.LlamaGrammar.from_string(text, verbose=False)
    text = text.replace("-p0", "")
    head = text.split("place ::=")[0] + ("" if not places else text)
    assert [part for part in there if part not in head] == []
    assert [part for part in not_there if part in head] == []


def test_a_named_place_in_no_goal_is_a_fault_in_every_language(yard: Site) -> None:
    goals = goals_of(transport(6, "dock-1", "aisle-1"))
    text, names = "六托货从一号月台到一号通道，别走大门", named(一号月台="dock-1", 一号通道="aisle-1", 大门="gate")
    assert check_goals(yard, goals, text, names) == ["the request names 大门 (gate), and no goal speaks of it"]
    assert check_goals(yard, goals.model_copy(update={"unsupported": ("别走大门",)}), text, names) == []
    assert check_goals(yard, goals_of(transport(6, "dock-1", "aisle-1"), avoid("gate")), text, names) == []


def test_a_place_that_nobody_named_is_a_fault(yard: Site) -> None:
    names = named(muelle_uno="dock-1", pasillo_uno="aisle-1")
    wrong = goals_of(transport(6, "gate", "aisle-1", words="seis"), transport(1, "dock-1", "aisle-1"))
    assert check_goals(yard, wrong, "x", names) == ["'seis' uses gate, which the request does not name"]
    assert check_goals(yard, wrong, "x") == []


@pytest.mark.parametrize(
    "goals",
    [
        goals_of(transport(6, "dock-1", "aisle-1"), transport(6, "dock-1", "aisle-2")),  # "aisles one to two"
        goals_of(transport(6, "dock-1", "aisle-1"), send("charge", ["agv-1"], "charger")),
        goals_of(transport(6, "dock-1", "aisle-1"), send("park", ["agv-1"], "bay-1")),
    ],
)
def test_a_place_that_follows_from_what_was_named_is_none(yard: Site, goals: Any) -> None:
    assert check_goals(yard, goals, "x", named(dock="dock-1", aisle_one="aisle-1")) == []


def test_a_kind_of_place_need_not_be_in_a_goal(yard: Site) -> None:
    names = named(dock="dock-1", aisles=("aisle-1", "aisle-2"), aisle_two="aisle-2")
    assert check_goals(yard, goals_of(transport(6, "dock-1", "aisle-2")), "x", names) == []


def test_vehicles_are_those_whose_names_the_words_hold(yard: Site) -> None:
    request = "运两托货从月台到通道，用二号叉车，给一号叉车充电"
    names = named(月台="dock-1", 通道="aisle-1", 二号叉车="agv-2", 一号叉车="agv-1")
    goals = goals_of(
        transport(2, "dock-1", "aisle-1", vehicles=["agv-1", "agv-2"], words="运两托货从月台到通道"),
        send("charge", ["agv-1"], words="给一号叉车充电"),
    )
    carry, charge = keep_evident(yard, request, goals, names).goals
    assert carry.vehicles == ("agv-2",)  # named, and quoted by no other goal
    assert charge.vehicles == ("agv-1",)


def test_the_model_gets_the_names_with_the_request(yard: Site) -> None:
    def answer(origin: str) -> Goals:
        return goals_of(transport(2, origin, "aisle-1", vehicles=["agv-2"], words=REQUEST))

    provider = ScriptedProvider(answer("gate"), answer("dock-1"))
    planner = Planner(provider, ManualClock(), 1.0)
    request = PlanRequest(request=REQUEST, site={}, mentions=MENTIONS)
    goals = planner.understand(request, yard, ManualClock().time() + 60)
    assert goals.goals[0].origins == ("dock-1",)  # type: ignore[union-attr]
    assert [prompt.mentions for prompt in provider.prompts] == [MENTIONS, MENTIONS]
    repair = provider.prompts[1].repair
    assert repair
    assert "uses gate, which the request does not name" in repair.text()


def test_a_vehicle_that_is_named_and_in_no_goal_is_a_fault(yard: Site) -> None:
    goals = goals_of(transport(2, "dock-1", "aisle-1"))
    fault = "the request names forklift 2 (agv-2), and no goal speaks of it"
    assert check_goals(yard, goals, REQUEST, MENTIONS) == [fault]


def test_names_of_what_the_site_lacks_are_refused(service: Service) -> None:
    answer = service.ask(mentions=[{"words": "moon", "ids": ["moon"]}])
    assert answer.status_code == 422
    assert answer.json()["detail"] == "'moon' is said to be named, and is no vehicle, place or zone of the site"
    assert service.ask(mentions=[{"words": "gate", "ids": []}]).status_code == 422


def test_a_plan_is_made_for_a_request_with_names(service: Service) -> None:
    plan = service.proposed(mentions=[{"words": "dock one", "ids": ["dock-1"]}, {"words": "two", "ids": ["aisle-2"]}])
    assert len(plan["steps"]) == 2


def asking(text: str, names: tuple[NamedThing, ...]) -> PlanRequest:
    return PlanRequest(request=text, site={}, mentions=names)


@pytest.mark.parametrize(
    ("origin", "destination", "asked"),
    [
        ("dock-1", "aisle-1", ("aisle",)),
        ("dock-1", "kind:aisle", ("aisle",)),
        ("dock-1", "aisle-2", ()),
    ],
)
def test_a_place_that_was_picked_among_several_is_asked_about(
    origin: str, destination: str, asked: tuple[str, ...], yard: Site
) -> None:
    names = named(dock_one="dock-1", aisle=("aisle-1", "aisle-2"))
    names = names if destination != "aisle-2" else (*names, *named(aisle_two="aisle-2"))
    assert (
        guessed(yard, goals_of(transport(2, origin, destination)), asking("two from dock one to the aisle", names))
        == asked
    )


def test_all_of_several_places_are_no_guess(yard: Site) -> None:
    names = named(dock_one="dock-1", aisles=("aisle-1", "aisle-2"))
    each = goals_of(transport(2, "dock-1", "aisle-1"), transport(2, "dock-1", "aisle-2"))
    request = asking("two from dock one to the aisles", names)
    assert guessed(yard, each, request) == ()
    charging = goals_of(send("charge", ["agv-1"], "aisle-1"))
    assert guessed(yard, charging, request) == ()


@pytest.mark.parametrize(
    ("language", "text", "word", "asked"),
    [
        ("en", "two pallets from dock one to the aisle", "aisle", True),
        ("en", "two pallets from dock one to any free aisle", "aisle", False),
        ("en", "two pallets from dock one to an aisle", "aisle", False),
        ("en", "two pallets from dock one to the aisles", "aisles", False),
        ("de", "zwei Paletten von Rampe eins in den Gang", "gang", True),
        ("de", "zwei Paletten von Rampe eins in irgendeinen Gang", "gang", False),
        ("de", "zwei Paletten von Rampe eins in einen Gang", "gang", False),
        ("es", "dos palés del muelle uno a cualquier pasillo", "pasillo", False),
        ("es", "dos palés del muelle uno al pasillo", "pasillo", True),
        ("xx", "two pallets from dock one to the aisle", "aisle", False),
    ],
)
def test_one_place_of_a_kind_is_asked_about_unless_any_will_do(
    language: str, text: str, word: str, asked: bool, yard: Site
) -> None:
    document = yard_document()
    document["place_kinds"]["aisle"]["names"] = {"en": ["aisle"], "de": ["Gang"], "es": ["pasillo"]}
    document["site"]["languages"] = ["en", "de", "es"]
    site = parse_site(document)
    names = (*named(dock_one="dock-1"), NamedThing(words=word, ids=("aisle-1", "aisle-2")))
    request = asking(text, names).model_copy(update={"language": language})
    expected = (word,) if asked else ()
    assert guessed(site, goals_of(transport(2, "dock-1", "kind:aisle")), request) == expected
