"""Orders as they are said in a hurry: slips without a comma, false starts, who is meant last of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import Action, Command
from banksman_shared.site import bundled_site, load_site

UNDERSTANDING = Understanding(load_site(bundled_site()), None)
TO_TWO = Command(Action.MOVE, ("forklift-1",), destination="dock-2")
TO_THREE = Command(Action.MOVE, ("forklift-1",), destination="dock-3")


def read(text: str, language: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Forklift one go to dock two no dock three", "en"),
        ("Stapler eins fahr zu Rampe zwei nein zu Rampe drei", "de"),
        ("Carrello uno vai alla banchina due no alla banchina tre", "it"),
    ],
)
def test_a_slip_without_a_comma_is_put_right_and_read_back(text: str, language: str) -> None:
    assert read(text, language).commands == (TO_THREE,)
    assert Policy().judge(read(text, language), 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Carretilla uno ve al muelle dos no al muelle tres", "es"),
        ("Chariot un va au quai deux non quai trois", "fr"),
        ("Send no forklift to dock two", "en"),
    ],
)
def test_what_may_deny_is_no_order(text: str, language: str) -> None:
    assert read(text, language).is_nothing


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("D'abord au quai deux puis au quai trois, chariot un", "fr"),
        ("Primero al muelle dos y luego al muelle tres, carretilla uno", "es"),
        ("First dock two then dock three, forklift one", "en"),
    ],
)
def test_who_is_called_last_takes_all_steps(text: str, language: str) -> None:
    assert read(text, language).commands == (TO_TWO, TO_THREE)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Forklift one, go to dock two and then come back", "en"),
        ("Primero al muelle dos y luego al tres, carretilla uno", "es"),
        ("Chariot un, enfin, le deux, au quai un", "fr"),
    ],
)
def test_half_an_order_is_none(text: str, language: str) -> None:
    assert not any(command.action.drives for command in read(text, language).commands)


def test_overlapping_names_beside_who_is_waited_for_are_read() -> None:
    assert read("espera la a tractor la por a a", "es").commands is not None


def test_a_load_is_fetched_where_it_is_said_to_stand() -> None:
    said = "Przy linii drugiej czekają kegi, Bruno, przewieź je na rampę pierwszą"
    plant = Understanding(load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery"), None)
    (command,) = plant.understand(Transcript(said, "pl", 1.0)).commands
    assert command == Command(Action.TRANSPORT, ("forklift-11",), origin="line-2", destination="dock-1")


def test_what_is_dropped_before_an_order_without_a_verb_is_not_that_order() -> None:
    found = read("Forget that, forklift one to dock two", "en")
    assert found.commands == (Command(Action.CANCEL, ()), TO_TWO)
    assert Policy().judge(found, 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Forklift one, where are you? Go to dock two.", "en"),
        ("Stapler eins, wo bist du? Fahr zu Rampe zwei.", "de"),
        ("Carretilla uno, ¿dónde estás? Ve al muelle dos.", "es"),
    ],
)
def test_an_order_behind_a_question_is_carried_out_too(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.STATUS, ("forklift-1",)), TO_TWO)
