"""German verbs whose second part stands at the end of the sentence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Command, parse_commands
from banksman_shared.site import load_site

HARBOUR = Path(__file__).parents[1] / "data" / "harbour"


@cache
def understanding() -> Understanding:
    return Understanding(load_site(HARBOUR), None)


def order(action: str, *vehicles: str, **places: str) -> Command:
    slots = {"from" if key == "origin" else key: value for key, value in places.items()}
    (command,) = parse_commands({"action": action, "vehicles": list(vehicles), **slots})
    return command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lade die Palette an Tor zwei ab", [order("drop", to="gate-2")]),
        ("Lad die Palette bitte an Tor zwei ab", [order("drop", to="gate-2")]),
        ("Stapler zwei, lade die Palette an Tor zwei aus", [order("drop", "st-2", to="gate-2")]),
        ("Stell die Palette an Tor zwei ab", [order("drop", to="gate-2")]),
        ("Setz die Palette bei Tor zwei ab, Stapler zwei", [order("drop", "st-2", to="gate-2")]),
        ("Nimm die Palette an Tor zwei auf", [order("pick", to="gate-2")]),
        ("Stapler zwei, lade die Palette auf", [order("pick", "st-2")]),
        ("Lade Stapler zwei auf", [order("charge", "st-2")]),
        ("Stell die Palette von Tor zwei zu Regal vier um", [order("transport", origin="gate-2", to="rack-4")]),
        ("Lade die Palette von Tor zwei auf Regal vier", [order("transport", origin="gate-2", to="rack-4")]),
        (
            "Stapler zwei, lade die Palette an Tor zwei ab und fahr zu Regal vier",
            [order("drop", "st-2", to="gate-2"), order("move", "st-2", to="rack-4")],
        ),
        ("Lade die Palette nicht an Tor zwei ab", [order("none")]),
        ("Holt Stapler zwei die Palette an Tor zwei ab?", [order("none")]),
    ],
)
def test_a_verb_in_two_parts_is_one(text: str, expected: list[Command]) -> None:
    assert list(understanding().understand(Transcript(text, "de", 1.0)).commands) == expected
