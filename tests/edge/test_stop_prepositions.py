"""Spanish and Portuguese "para" is "stop", and "to": before a place it leads there, before a vehicle it stops it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import Action, Command
from banksman_shared.site import bundled_site, load_site

BAKERY = Path(__file__).parents[1] / "data" / "moods" / "bakery"


@cache
def understanding(path: Path) -> Understanding:
    return Understanding(load_site(path), None)


def meant(text: str, language: str = "", at: Path = BAKERY) -> tuple[Command, ...]:
    return understanding(at).understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize("language", ["", "es", "pt"])
@pytest.mark.parametrize(
    "text",
    [
        "Todas para el estacionamiento",
        "Todas para la plaza",
        "Todas para a vaga",
        "Todas para o estacionamento",
        "Todos para as vagas",
    ],
)
def test_all_to_the_parking_park(text: str, language: str) -> None:
    assert meant(text, language, bundled_site()) == (Command(Action.PARK, ("*",)),)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Todas para el muelle", "*"),
        ("Todos para a doca", "*"),
        ("Robot dos, para el muelle", "robot-2"),
        ("Robô dois para a doca", "robot-2"),
        ("Everybody to the dock", "*"),
        ("Roboter zwei zur Rampe", "robot-2"),
    ],
)
def test_who_is_sent_to_one_of_several_is_asked_where(text: str, who: str) -> None:
    read = understanding(BAKERY).understand(Transcript(text, "", 1.0))
    assert read.commands == (Command(Action.MOVE, (who,)),)
    assert Policy().judge(read, 1.0, None).verdict is Verdict.ASK


@pytest.mark.parametrize("text", ["Para el muelle", "Para o forno", "Para la plaza", "Para as vagas"])
def test_a_place_alone_stops_nobody(text: str) -> None:
    assert Action.STOP not in {command.action for command in meant(text)}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Para la carretilla dos", "lifter-2"),
        ("Para a empilhadeira dois", "lifter-2"),
        ("Para as empilhadeiras!", "kind:lifter"),
        ("Para os robôs", "kind:robot"),
        ("Para los robots", "kind:robot"),
        ("Robot dos, para", "robot-2"),
        ("Para en el muelle", "*"),
        ("Para na doca", "*"),
        ("¡Para! ¡El muelle!", "*"),
        ("¡Para, el muelle!", "*"),
        ("Robot dos, ¡para! ¡El muelle!", "robot-2"),
        ("Todos, ¡para!, el muelle", "*"),
        ("Todas para la plaza, ¡para!", "*"),
        ("¡Para! El estacionamiento está lleno", "*"),
    ],
)
def test_a_stop_remains_one(text: str, who: str) -> None:
    assert understanding(BAKERY).stop(Transcript(text, "", 1.0)), text
    assert meant(text) == (Command(Action.STOP, (who,)),)
