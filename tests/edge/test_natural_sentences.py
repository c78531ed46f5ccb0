"""Orders as operators really give them, in every language of the harbour, and talk beside them: no model helps."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command, parse_commands, to_document
from banksman_shared.site import Site

ROWS = [
    json.loads(line) for line in (Path(__file__).parents[1] / "data" / "natural.jsonl").read_text("utf-8").splitlines()
]
NONE = {"action": "none", "vehicles": []}
ORDERS = [row for row in ROWS if row["expect"] != NONE]
TALK = [row for row in ROWS if row["expect"] == NONE]
LANGUAGES = sorted({row["language"] for row in ROWS})
LEAST_EXACT = 0.95
LEAST_EXACT_PER_LANGUAGE = 0.9


@pytest.fixture(scope="module")
def found(harbour: Site) -> dict[str, tuple[Command, ...]]:
    """What is understood of each sentence, by its id."""
    understanding = Understanding(harbour, None)
    return {row["id"]: understanding.understand(Transcript(row["text"], "", 1.0)).commands for row in ROWS}


@cache
def expected(position: int) -> tuple[Command, ...]:
    return parse_commands(ORDERS[position]["expect"])


def test_every_language_has_its_share_of_sentences(harbour: Site) -> None:
    counted: dict[str, int] = defaultdict(int)
    talked: dict[str, int] = defaultdict(int)
    for row in ROWS:
        (talked if row["expect"] == NONE else counted)[row["language"]] += 1
    assert set(harbour.languages) == set(counted) == set(talked)
    assert (min(counted.values()) >= 20, min(talked.values()) >= 6) == (True, True)


def test_natural_orders_are_read_exactly(found: dict[str, tuple[Command, ...]]) -> None:
    wrong = [row["text"] for row in ORDERS if to_document(found[row["id"]]) != row["expect"]]
    assert 1 - len(wrong) / len(ORDERS) >= LEAST_EXACT, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_far_behind(found: dict[str, tuple[Command, ...]], language: str) -> None:
    rows = [row for row in ORDERS if row["language"] == language]
    wrong = [row["text"] for row in rows if to_document(found[row["id"]]) != row["expect"]]
    assert 1 - len(wrong) / len(rows) >= LEAST_EXACT_PER_LANGUAGE, wrong


def test_what_is_not_read_exactly_moves_nobody_else(found: dict[str, tuple[Command, ...]]) -> None:
    """Another vehicle or another place is worse than no answer."""
    astray = []
    for position, row in enumerate(ORDERS):
        named = {v for command in expected(position) for v in command.vehicles}
        places = {p for command in expected(position) for p in (command.origin, command.destination)}
        for command in found[row["id"]]:
            driven = command.action is not Action.NONE and not set(command.vehicles) <= named
            if driven or not {command.origin, command.destination} <= places | {None}:
                astray.append(row["text"])
    assert astray == []


@pytest.mark.parametrize("row", TALK, ids=lambda row: str(row["id"]))
def test_talk_commands_nobody(found: dict[str, tuple[Command, ...]], row: dict[str, Any]) -> None:
    assert to_document(found[row["id"]]) == NONE
