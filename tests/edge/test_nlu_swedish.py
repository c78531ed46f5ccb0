"""Swedish, the language that was added to show what it takes (docs/languages.md)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.evaluation import Evaluation, Row, read_manifest
from banksman_edge.nlu.answers import yes_or_no
from banksman_edge.policy import Policy
from banksman_shared.commands import NOTHING, STOP_ALL, parse_commands
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data" / "languages"
LEAST = {"": 0.97, "heldout": 0.95}


@cache
def understanding() -> Understanding:
    return Understanding(load_site(DATA / "lager"), None)


@cache
def rows(folder: str) -> tuple[Row, ...]:
    cases = read_manifest(DATA / folder / "sv.jsonl")
    return tuple(Evaluation(understanding(), None, Policy()).run(cases, lambda: None))


@pytest.mark.parametrize("folder", LEAST)
def test_the_sentences_are_understood_without_any_model(folder: str) -> None:
    wrong = [row.case.text for row in rows(folder) if not row.ok]
    assert 1 - len(wrong) / len(rows(folder)) >= LEAST[folder], wrong


@pytest.mark.parametrize("folder", LEAST)
def test_talk_is_neither_obeyed_nor_asked_about(folder: str) -> None:
    talk = [row for row in rows(folder) if parse_commands(row.case.expect) == (NOTHING,)]
    assert len(talk) >= 10
    assert [row.case.text for row in talk if row.decision is not Verdict.REJECT] == []


def test_every_action_is_among_them() -> None:
    assert len({command.action for row in rows("") for command in parse_commands(row.case.expect)}) == 12


@pytest.mark.parametrize("text", ["Truck två, kör till port tre, stopp!", "Stanna!", "Stopp allihop!"])
def test_a_stop_stops(text: str) -> None:
    assert understanding().understand(Transcript(text, "", 1.0)).commands == (STOP_ALL,)


def test_yes_and_no() -> None:
    assert (yes_or_no("Ja tack", ["sv"]), yes_or_no("Nej", ["sv"])) == (True, False)
