"""What the data files of the languages hold: a key that is gone, or spelt wrong, is an empty list to its reader."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import banksman_edge.nlu
from banksman_edge.nlu.language import GAP, table_of
from banksman_edge.nlu.tokens import tokenize

CODES = tuple(sorted(p.name.removesuffix(".toml") for p in (files("banksman_edge.nlu") / "data").iterdir()))
KEYS: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "data" / "language_keys.toml").read_text("utf-8"))
SOURCE = "\n".join(path.read_text("utf-8") for path in Path(banksman_edge.nlu.__file__).parent.rglob("*.py"))


def expected(code: str) -> set[tuple[str, str]]:
    """The tables and keys that a language is to have."""
    found = set[tuple[str, str]]()
    for table, keys in KEYS.items():
        found |= {(table, key) for key in keys.get("every", ())}
        found |= {(table, key) for key, lacking in keys.get("not", {}).items() if code not in lacking}
        found |= {(table, key) for key, having in keys.get("only", {}).items() if code in having}
    return found


def tables(code: str) -> dict[str, dict[str, Any]]:
    return {name: table for name, table in table_of(code).items() if isinstance(table, dict)}


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_the_keys_that_it_had(code: str) -> None:
    assert {(table, key) for table, keys in tables(code).items() for key in keys} == expected(code)


@pytest.mark.parametrize("code", CODES)
def test_no_list_is_empty_and_no_phrase_is(code: str) -> None:
    for table, keys in tables(code).items():
        for key, phrases in keys.items():
            assert phrases or phrases is False, f"{table}.{key}"
            for phrase in phrases if isinstance(phrases, list) else ():
                parts = phrase.split(GAP) if isinstance(phrase, str) else phrase
                assert table == "times" or not set("()[]|") & set("".join(parts)), (
                    f"{table}.{key} is not spelt out: {phrase!r}"
                )
                assert all(tokenize(part, code) for part in parts), f"{table}.{key}: {phrase!r}"


def test_every_key_is_read() -> None:
    tables = [keys for table, keys in KEYS.items() if table != "actions"]  # read by what an Action is called
    names = {name for keys in tables for key in ("every", "not", "only") for name in keys.get(key, ())}
    assert [name for name in sorted(names) if f'"{name}"' not in SOURCE] == []
