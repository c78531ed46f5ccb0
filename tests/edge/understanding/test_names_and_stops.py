"""What of the site is named, and who is stopped: rows of data, run by one runner each."""

from __future__ import annotations

import ast
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import banksman_edge.understanding.stop as stop_package
from banksman_edge.lab.teach.corpus import site_without_layout
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import What
from banksman_edge.understanding.stop.finder import StopFinder
from banksman_edge.understanding.text import language as languages
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.site import Site

DATA = Path(__file__).parents[2] / "data" / "understanding"
TOLD = (What.VEHICLE, What.PLACE, What.GROUP, What.UNKNOWN)


@cache
def site() -> Site:
    return site_without_layout(tomllib.loads((DATA / "site.toml").read_text("utf-8")))


@cache
def finder(language: str) -> EntityFinder:
    return EntityFinder(site(), language)


def rows(name: str) -> list[Any]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [pytest.param(row, id=f"{row['family']}-{row['id']}") for row in map(json.loads, lines)]


def stops(*codes: str) -> StopFinder:
    return StopFinder({code: finder(code) for code in codes})


@pytest.mark.parametrize("row", rows("names"))
def test_what_is_named(row: dict[str, Any]) -> None:
    found = [mention for mention in finder(row["language"]).mentions_in(row["text"]) if mention.what in TOLD]
    assert [next(iter(mention.ids), None) for mention in found] == row["expect"]


def test_a_mention_says_where_it_stands() -> None:
    words = words_of("Please, FORKLIFT three — to Dock 2.")
    found = finder("en").find(words)
    assert [(one.text, words.written(one.start, one.end)) for one in found] == [
        ("FORKLIFT three", "FORKLIFT three"),
        ("Dock 2", "Dock 2"),
    ]


@pytest.mark.parametrize("row", rows("stops"))
def test_who_is_stopped(row: dict[str, Any]) -> None:
    found = stops(row["language"]).find(row["text"])
    how = "none" if found is None else "certain" if found.certain else "doubtful"
    assert how == row["how"]
    if found and row["expect"]:
        assert list(found.command.vehicles) == row["expect"]


def test_a_stop_is_found_in_whatever_language_of_the_site_it_is_said() -> None:
    every = stops("en", "de", "tr", "ja")
    assert [bool(every.find(text)) for text in ("stop", "Halt!", "Dur!", "止まれ", "hello")] == [True] * 4 + [False]


def test_the_stop_path_needs_words_and_names_and_nothing_else_of_ours() -> None:
    allowed = ("banksman_shared", "banksman_edge.understanding.text", "banksman_edge.understanding.entities")
    allowed += (
        "banksman_edge.understanding.stop",
        "banksman_edge.understanding.optional_parts",
        "banksman_edge.phonetics",
    )
    waiting, seen = [Path(stop_package.__file__).parent / "finder.py"], set()
    root = Path(stop_package.__file__).parents[3]
    while waiting:
        path = waiting.pop()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("banksman"):
                assert node.module.startswith(allowed), (path, node.module)
                module = root / f"{node.module.replace('.', '/')}.py"
                if module.is_file() and module not in seen:
                    seen.add(module)
                    waiting.append(module)
    assert len(seen) < 15


def test_a_broken_language_file_keeps_nobody_from_stopping(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    table = languages._table
    monkeypatch.setattr(languages, "_table", lambda code: {"stop": {"words": 7}} if code == "de" else table(code))
    languages.language_of.cache_clear()
    try:
        broken = StopFinder({code: EntityFinder(site(), code) for code in ("de", "fr")})
        found = [broken.find(text) for text in ("stop", "Forklift 2 stop", "arrêtez !")]
        assert [stop and stop.certain for stop in found] == [True, True, True]
        assert "language 'de' cannot be read" in caplog.text
    finally:
        languages.language_of.cache_clear()


def test_a_fault_in_finding_stops_everybody_and_is_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        language = languages.language_of("en")

        def find(self, _words: object) -> object:
            raise RuntimeError("names cannot be found")

    found = StopFinder({"en": Broken()}).find("forklift two stop")  # type: ignore[dict-item]
    assert found is not None
    assert (found.certain, found.command.vehicles) == (True, ("*",))
    assert "looking for a stop failed (RuntimeError)" in caplog.text
    assert StopFinder({"en": Broken()}).find("hello") is None  # type: ignore[dict-item]


@pytest.mark.parametrize("code", languages.languages_with_data())
def test_every_language_has_its_stop_words_and_its_closed_class(code: str) -> None:
    language = languages.language_of(code)
    assert language.shouts <= language.stops
    assert len(language.shouts) >= 3
    for key in ("and", "then", "all", "not", "except", "only", "or", "if", "asks"):
        assert language.closed[key], key
    source = Path(languages.__file__).parents[1] / "languages" / f"{code}.toml"
    assert len(source.read_text("utf-8").splitlines()) <= 300
