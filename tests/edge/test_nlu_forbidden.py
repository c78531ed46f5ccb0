"""What is forbidden beside an order is not left out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Understanding
from banksman_edge.asr import Transcript
from banksman_shared.commands import Action
from banksman_shared.site import load_site

WAREHOUSE = Path(__file__).parents[2] / "shared/banksman_shared/data/warehouse"


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding(load_site(WAREHOUSE), None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("forklift three, go to dock two and not through aisle three", "en"),
        ("forklift three, go to dock two, don't go to aisle three", "en"),
        ("forklift three, go to dock two, never to dock one", "en"),
        ("Stapler drei, fahr zu Rampe zwei, nicht durch Gang drei", "de"),
        ("Carretilla tres, ve al muelle dos, no por el pasillo tres", "es"),
        ("Chariot trois, va au quai deux, pas par l'allée trois", "fr"),
        ("Chariot trois, va au quai deux, pas à travers l'allée trois", "fr"),
        ("forklift three, go to dock two, not by aisle three", "en"),
        ("forklift three, go to dock two, not down aisle three", "en"),
        ("forklift three, go to dock two, not from aisle three", "en"),
        ("forklift three, go to dock two, not with forklift four", "en"),
        ("Stapler drei, zu Rampe zwei, nicht aus Gang drei", "de"),
        ("Stapler drei zu Rampe zwei, nicht vor Stapler vier", "de"),
        ("フォークリフト3、通路3からではなくドック2へ行って", "ja"),
        ("who is at dock two and is going to dock three?", "en"),
        ("unless forklift three is free, charge", "en"),
        ("Wenn Stapler drei frei ist, laden", "de"),
        ("forklift three brought the pallet from dock one to dock two", "en"),
    ],
)
def test_a_prohibition_beside_an_order_is_heeded(understanding: Understanding, text: str, language: str) -> None:
    read = understanding.understand(Transcript(text, language, 1.0))
    assert {command.action for command in read.commands} <= {Action.NONE, Action.PLAN}


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [
        ("forklift three, go to dock three, not dock two", "en", "dock-3"),
        ("forklift three, go to dock three, not to dock two", "en", "dock-3"),
        ("Stapler drei, fahr zu Rampe drei, nicht zu Rampe zwei", "de", "dock-3"),
    ],
)
def test_another_name_in_its_place_is_no_prohibition(
    understanding: Understanding, text: str, language: str, place: str
) -> None:
    (command,) = understanding.understand(Transcript(text, language, 1.0)).commands
    assert (command.action, command.vehicles, command.destination) == (Action.MOVE, ("forklift-3",), place)


@pytest.mark.parametrize(
    "text",
    [
        "forklift three, go to dock two, nobody through aisle three",
        "take the pallet from dock one to dock two, nobody through aisle three",
    ],
)
def test_a_way_that_is_forbidden_to_all_is_for_the_planner(understanding: Understanding, text: str) -> None:
    read = understanding.understand(Transcript(text, "en", 1.0))
    assert [command.action for command in read.commands] == [Action.PLAN]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("manda la carretilla dos, no la carretilla tres, al muelle uno", "es"),
        ("envoie le chariot deux, non le chariot trois, au quai un", "fr"),
        ("फोर्कलिफ्ट दो को भेजो, नहीं फोर्कलिफ्ट तीन को, डॉक एक पर", "hi"),
        ("manda a empilhadeira dois, não a empilhadeira três, para a doca um", "pt"),
    ],
)
def test_what_denies_a_name_or_takes_back_the_other_is_read_back(
    understanding: Understanding, text: str, language: str
) -> None:
    found = understanding.understand(Transcript(text, language, 1.0))
    assert not found.commands[0].action.drives or found.confidence < 0.8


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("send forklift two, not forklift three, to dock one", "en"),
        ("envoie le chariot deux, pas le chariot trois, au quai un", "fr"),
        ("manda il carrello due, non il carrello tre, alla banchina uno", "it"),
    ],
)
def test_what_only_denies_a_name_is_done(understanding: Understanding, text: str, language: str) -> None:
    found = understanding.understand(Transcript(text, language, 1.0))
    assert found.commands[0].vehicles == ("forklift-2",)
    assert found.confidence > 0.8
