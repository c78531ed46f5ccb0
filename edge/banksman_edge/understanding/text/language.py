"""What is known of a language, from ``languages/xx.toml``: numbers, endings of names, stop words, the closed class.

A language without a file has digits and the base forms of names only; the reader reads it all the same.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.understanding.text.inflection import Inflection, inflection_of
from banksman_edge.understanding.text.tokens import Tokens, tokens_of

_log = logging.getLogger(__name__)

CLOSED = ("and", "then", "all", "not", "except", "without", "only", "until", "or", "if", "asks", "ambiguous")
"""The keys of the closed class. Ambiguous are words of it that mostly say something else, "que", and phrases with one
of them that say nothing, « s'il te plaît »; the proof passes them over."""


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What stands around numbers.

    ``markers``: between a kind and its number, "number"; ``counters``: after a number that names something, 号;
    ``rank_counters``: after a rank, 台 in 第三台, where 三台 would count; ``vehicle_counters``: those that number
    vehicles alone, 号機; ``links``: between a number and its kind, の; ``vehicles``: what any vehicle may be called
    before its number, "machine"; ``joins``: between parts of a number, و; ``extra``, ``ordinals``: words that Unicode's
    rules lack; ``heard_as``: what recognisers write for numbers, "aid" for eight.
    """

    markers: tuple[Tokens, ...] = ()
    counters: tuple[Tokens, ...] = ()
    rank_counters: tuple[Tokens, ...] = ()
    vehicle_counters: tuple[Tokens, ...] = ()
    links: tuple[Tokens, ...] = ()
    vehicles: tuple[str, ...] = ()
    ordinal_suffixes: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    digit_joins: tuple[str, ...] = ()
    extra: Mapping[str, int] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    heard_as: Mapping[Tokens, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """The data of one language, ready to match. ``closed``: phrases of the closed class by their key; ``stops``: what
    asks to stop; ``shouts``: those of them that mean nothing else and are called out; ``beside_stops``: what says
    nothing more beside one, "now", "please"; ``yes``, ``no``: what is an answer by itself."""

    code: str
    numbers: NumberWords = field(default_factory=NumberWords)
    inflection: Inflection = field(default_factory=Inflection)
    closed: Mapping[str, tuple[Tokens, ...]] = field(default_factory=dict)
    stops: frozenset[Tokens] = frozenset()
    shouts: frozenset[Tokens] = frozenset()
    beside_stops: tuple[Tokens, ...] = ()
    yes: frozenset[Tokens] = frozenset()
    no: frozenset[Tokens] = frozenset()

    def closed_at(self, tokens: Tokens, at: int) -> tuple[str, int] | None:
        """The key of the longest phrase of the closed class that stands at a token, and its length."""
        found = (
            (key, len(phrase))
            for key, phrases in self.closed.items()
            for phrase in phrases
            if tokens[at : at + len(phrase)] == phrase
        )
        return max(found, key=lambda one: one[1], default=None)


@cache
def language_of(code: str) -> Language:
    """The data of a language. A broken file is said in the log and counts as none, so that nobody is kept from
    stopping in the other languages."""
    try:
        return _read(code, _table(code))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        _log.error("the file of language '%s' cannot be read, so it has no words: %s", code, error)
        return Language(code)


def _table(code: str) -> dict[str, Any]:
    source = files("banksman_edge.understanding") / "languages" / f"{code}.toml"
    return tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}


def languages_with_data() -> tuple[str, ...]:
    """The codes of all languages that have a file."""
    folder = files("banksman_edge.understanding") / "languages"
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")))


def _read(code: str, table: Mapping[str, Any]) -> Language:
    numbers, stop = table.get("numbers", {}), table.get("stop", {})
    words = NumberWords(
        markers=_longest_first(numbers.get("markers", ())),
        counters=_longest_first(numbers.get("counters", ())),
        rank_counters=_longest_first(numbers.get("rank_counters", ())),
        vehicle_counters=_longest_first(numbers.get("vehicle_counters", ())),
        links=_longest_first(numbers.get("links", ())),
        vehicles=tuple(numbers.get("vehicles", ())),
        ordinal_suffixes=tuple(numbers.get("ordinal_suffixes", ())),
        joins=tuple(numbers.get("joins", ())),
        digit_joins=tuple(numbers.get("digit_joins", ())),
        extra=_valued(numbers.get("extra", {})),
        ordinals=_valued(numbers.get("ordinals", {})),
        heard_as={tokens_of(word): value for word, value in _valued(numbers.get("heard_as", {})).items()},
    )
    return Language(
        code,
        words,
        inflection_of(table.get("endings", {})),
        {key: _longest_first(table.get("closed", {}).get(key, ())) for key in CLOSED},
        frozenset(_longest_first([*stop.get("words", ()), *stop.get("shouts", ())])),
        frozenset(_longest_first(stop.get("shouts", ()))),
        _longest_first(stop.get("beside", ())),
        *(frozenset(_longest_first(table.get("answers", {}).get(key, ()))) for key in ("yes", "no")),
    )


def _valued(table: Mapping[str, Iterable[str]]) -> dict[str, int]:
    return {word: int(value) for value, words in table.items() for word in words}


def _longest_first(phrases: Iterable[str]) -> tuple[Tokens, ...]:
    return tuple(sorted({tokens_of(phrase) for phrase in phrases}, key=len, reverse=True))
