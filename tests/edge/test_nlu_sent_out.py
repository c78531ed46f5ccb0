"""出して sends a vehicle that it is done to somewhere, and is no order for anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def read(text: str) -> tuple[Command, ...]:
    return UNDERSTANDING.understand(Transcript(text, "ja", 1.0)).commands


@pytest.mark.parametrize(
    "text",
    [
        "ロボット2号をドック3まで出してください",
        "ロボット2をドック3へ出して",
        "ロボット2号をドック1からドック3まで出しておいて",
    ],
)
def test_a_vehicle_is_sent(text: str) -> None:
    assert read(text) == (Command(Action.MOVE, ("robot-2",), destination="dock-3"),)


@pytest.mark.parametrize(
    "text",
    [
        "ロボット2を出して",
        "ドック3へ出して",
        "パレットをドック3へ出して",
        "ロボット2、パレットをドック3へ出して",
        "ロボット2をドック3へ出してはいけない",
        "ロボット2をドック3へ出してある",
        "ロボット2をドック3へ送ってあります",
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert not any(command.action.drives for command in read(text))
