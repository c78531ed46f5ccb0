"""What is said beside an order leaves it one: a condition that denies something, a step with strange words."""

from __future__ import annotations

from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action
from banksman_shared.site import load_site

PLANNING = ScriptedModel("plan")
HOSPITAL = Understanding(load_site(Path(__file__).parents[1] / "data" / "commands" / "hospital"), PLANNING)


def actions(text: str, language: str) -> list[Action]:
    return [command.action for command in HOSPITAL.understand(Transcript(text, language, 1.0)).commands]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "If ward three isn't free, take the linen to ward four."),
        ("fr", "Si le service trois n'est pas libre, apporte la charge au service quatre."),
        ("it", "Se il reparto tre non è libero, porta il carico al reparto quattro."),
        ("pt", "Se a enfermaria três não estiver livre, leve a carga para a enfermaria quatro."),
        ("zh", "如果三号病区没空，把货送到四号病区。"),
    ],
)
def test_a_condition_that_denies_keeps_no_order_from_being_planned(language: str, text: str) -> None:
    assert actions(text, language) == [Action.PLAN]


@pytest.mark.parametrize(
    "text",
    [
        "When ward three wasn't free, we took the linen to ward four.",
        "If ward three isn't free, is cart two going to ward four?",
    ],
)
def test_what_is_denied_or_told_beside_a_condition_is_no_order(text: str) -> None:
    assert actions(text, "en") == [Action.NONE]


def test_strange_words_hide_no_step_of_a_sequence() -> None:
    said = "Cart three, pick up the pills from farmer see, then go to ward one."
    read = HOSPITAL.with_model(None).understand(Transcript(said, "en", 1.0))
    assert [command.action for command in read.commands] == [Action.PICK, Action.MOVE]
