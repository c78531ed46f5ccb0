"""Vehicles that are called by their number alone, and numbers that are no vehicles."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import STOP_ALL, Action, Command
from banksman_shared.site import load_site

COMMANDS = Path(__file__).parents[1] / "data" / "commands"
SURE = 0.8


@cache
def understanding(site: str) -> Understanding:
    return Understanding(load_site(COMMANDS / site), None)


def read(text: str, site: str = "cargo") -> Interpretation:
    return understanding(site).understand(Transcript(text, "", 1.0))


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Que el veinticinco vaya al hangar.", Action.MOVE),
        ("Manda el veinticinco al hangar.", Action.MOVE),
        ("Le vingt-cinq va au hangar.", Action.MOVE),
        ("Il venticinque vada in hangar.", Action.MOVE),
        ("¿Dónde está el veinticinco?", Action.STATUS),
    ],
)
def test_a_number_behind_an_article_is_a_vehicle_and_never_surely(text: str, action: Action) -> None:
    found = read(text)
    assert [(command.action, command.vehicles) for command in found.commands] == [(action, ("loader-25",))]
    assert found.confidence < SURE


@pytest.mark.parametrize("text", ["Arrêtez tout le cinq va tomber", "Ferma il venticinque, ha la febbre"])
def test_a_stop_beside_such_a_number_is_for_all(text: str) -> None:
    assert read(text).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    "text",
    [
        "A las veinticinco que vaya Búfalo al hangar.",
        "El veinticinco de mayo viene la inspección.",
        "Le vingt-cinq décembre tout s'arrête",
        "il due novembre siamo fermi",
        "vete al hangar, el dos está cerrado",
        "le premier va au hangar",
        "stopp die drei Lader",
    ],
)
def test_other_numbers_are_no_vehicles(text: str) -> None:
    named = {vehicle for command in read(text).commands for vehicle in command.vehicles}
    assert not named & {"loader-25", "tug-1", "tug-2", "tug-3"}


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("ローダー5番、牽引車3停止", ("loader-5", "tug-3")),
        ("レーン2番、牽引車さん停止", ("tug-3",)),
        ("2番牽引車さん停止", ("tug-2",)),
    ],
)
def test_a_title_is_no_number_behind_a_kind_that_has_one(text: str, vehicles: tuple[str, ...]) -> None:
    assert read(text).commands == (Command(Action.STOP, vehicles),)


def test_a_number_before_words_that_nobody_knows_may_be_a_place() -> None:
    assert read("3番性能はじく、格納庫まで運んで").confidence < SURE <= read("3番、格納庫へ行って").confidence


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("Tug's 1 and 2, go to the hangar", ("tug-1", "tug-2")),
        ("The tug's 2 pallets and 3 crates go to the hangar", None),
    ],
)
def test_a_plural_is_heard_as_a_possessive(text: str, vehicles: tuple[str, ...] | None) -> None:
    commands = read(text).commands
    assert (
        commands == (Command(Action.MOVE, vehicles, None, "hangar"),)
        if vehicles
        else ("tug-2",) not in {command.vehicles for command in commands}
    )


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("Tugs 1, 2 to the hangar", ("tug-1", "tug-2")),
        ("Trattori 1, 2, tutti e 2 in hangar", ("tug-1", "tug-2")),
        ("Tugs 1 2 crates to the hangar", ()),
    ],
)
def test_numbers_behind_a_plural_are_a_list_without_an_and(text: str, vehicles: tuple[str, ...]) -> None:
    (command,) = read(text).commands
    assert command.vehicles == vehicles
