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
    ],
)
def test_a_prohibition_beside_an_order_is_heeded(understanding: Understanding, text: str, language: str) -> None:
    read = understanding.understand(Transcript(text, language, 1.0))
    assert {command.action for command in read.commands} <= {Action.NONE, Action.PLAN}


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
