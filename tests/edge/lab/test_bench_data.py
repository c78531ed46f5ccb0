"""The development set of spoken commands, and the talk, hold what the measurements take for granted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from banksman_edge.audio import load_sound
from banksman_edge.lab.bench.conversation import read_talk
from banksman_edge.lab.evaluation import read_manifest
from banksman_shared.commands import Command, parse_commands
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[2] / "data"
SITES = ("hospital", "cargo")
UNSEEN = "tileworks"
"""Where the orders were written, spoken and tried before anybody had looked at what was made of them."""
LANGUAGES = ("en", "es", "fr", "hi", "it", "ja", "pt", "zh")


@pytest.fixture(params=(*SITES, UNSEEN))
def folder(request: pytest.FixtureRequest) -> Path:
    return DATA / "commands" / str(request.param)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in folder.glob("*.jsonl") for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_there_are_as_many_commands_of_each_language_on_each_site(folder: Path) -> None:
    cases = read_manifest(folder / "manifest.jsonl")
    assert Counter(case.language for case in cases) == dict.fromkeys(LANGUAGES, 16 if folder.name == UNSEEN else 20)
    assert len({case.text for case in cases}) == len(cases)


def test_every_language_orders_every_action() -> None:
    said: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    for site in SITES:
        for case in read_manifest(DATA / "commands" / site / "manifest.jsonl"):
            said[str(case.language)] |= {str(command.action) for command in parse_commands(case.expect)}
    wanted = {"move", "pick", "drop", "transport", "charge", "park", "stop", "resume", "cancel", "status", "plan"}
    assert {code: wanted - actions for code, actions in said.items() if wanted - actions} == {}


def test_expected_commands_name_what_the_site_has(folder: Path) -> None:
    site = load_site(folder)
    for row in rows(folder):
        for command in parse_commands(row["expect"]):
            assert _unknown(command, site) == [], row["id"]


def _unknown(command: Command, site: Site) -> list[str]:
    vehicles = {*site.vehicles, "*", *(f"at:{place}" for place in site.places)}
    vehicles |= {*(f"group:{group}" for group in site.groups), *(f"kind:{kind}" for kind in site.vehicle_kinds)}
    named = [place for place in (command.destination, command.origin) if place is not None]
    return [*(v for v in command.vehicles if v not in vehicles), *(p for p in named if p not in site.places)]


def test_every_sentence_has_its_recording_and_no_recording_is_left_over(folder: Path) -> None:
    recordings = {path.name: load_sound(path).seconds for path in folder.glob("*.opus")}
    assert set(recordings) == {row["audio"] for row in rows(folder)}
    assert {name: seconds for name, seconds in recordings.items() if not 0.8 < seconds < 12} == {}


def test_recordings_are_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in (DATA / "commands").rglob("*.opus")) < 7_000_000


def test_talk_has_scenes_of_both_sites_in_every_language() -> None:
    talk = read_talk(DATA / "chatter" / "talk.jsonl")
    assert len({sentence.id for sentence in talk}) == len(talk) >= 350
    for site in SITES:
        assert {s.language for s in talk if s.site == site} >= set(LANGUAGES)
    assert {sentence.kind for sentence in talk} == {"talk", "story", "news", "announcement"}
