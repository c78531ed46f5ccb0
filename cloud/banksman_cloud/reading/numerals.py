"""How each language says numbers, spans of time and times of day (``data/figures.toml``).

The words of numbers are those that the edge reads as well; the reading is not: here is no site whose names end in
numbers, and what matters is what follows them (hours, minutes, per cents).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_cloud.reading.names import UNSPACED_SCRIPTS
from banksman_shared.numerals import number_words
from banksman_shared.plans import MAX_LOADS
from banksman_shared.text import fold

Tokens = tuple[str, ...]
_HOUR_S = {"hour": 3600, "minute": 60, "second": 1}
_UNSPACED = frozenset({"ja", "zh"})
_PIECES = re.compile(rf"\d+|[{UNSPACED_SCRIPTS}]|[^\d\s{UNSPACED_SCRIPTS}]+")
_PERCENT, _PERCENT_SIGN = "percentsign", re.compile("[%٪％]")
_FEW = 3
"""Letters that a word has at least whose ending may be another."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of a language, as tokens."""

    numbers: Mapping[Tokens, int]
    hours: Mapping[Tokens, int]
    endings: tuple[str, ...]
    units: Mapping[Tokens, int]
    spans: Mapping[Tokens, int]
    percent: tuple[Tokens, ...]
    percent_first: tuple[Tokens, ...]
    vague: tuple[Tokens, ...]
    vehicle: tuple[Tokens, ...]
    deadline: tuple[Tokens, ...]
    deadline_after: tuple[Tokens, ...]
    begin: tuple[Tokens, ...]
    begin_after: tuple[Tokens, ...]
    denies: tuple[Tokens, ...]
    whole: tuple[Tokens, ...]
    unless_before: Mapping[Tokens, tuple[Tokens, ...]]
    unless_after: Mapping[str, tuple[str, ...]]
    unspaced: bool
    wordless: frozenset[int]
    templates: tuple[tuple[Tokens, int, int], ...]
    """Phrase, minutes that it adds, and 1 or -1: whether {m} is after or before the hour."""
    named_times: Mapping[Tokens, int]
    at: tuple[Tokens, ...]
    joins: tuple[Tokens, ...]
    at_after: tuple[Tokens, ...]

    def number(self, tokens: Tokens, at: int, *, hour: bool = False) -> tuple[int, int] | None:
        """The value of the longest number there, and how many tokens it takes."""
        if at < len(tokens) and tokens[at].isdigit():
            return (int(tokens[at]), 1) if len(tokens[at]) <= 4 else None
        known = self.hours if hour else self.numbers
        if at < len(tokens) and (at + 1 == len(tokens) or tokens[at - 1] in self.unless_after.get(tokens[at], ())):
            known = known if tokens[at] not in self.unless_after else {}  # a verb: "दो" is "give", too
        for length in range(min(_longest(known), len(tokens) - at), 0, -1):
            piece = tokens[at : at + length]
            if (value := known.get(piece)) is not None:
                return value, length
            for ending in self.endings if len(piece[-1]) > _FEW - 1 else ():
                stem = (*piece[:-1], piece[-1].removesuffix(ending))
                if stem != piece and (value := known.get(stem)) is not None:
                    return value, length
        return None

    def unit(self, tokens: Tokens, at: int) -> tuple[int, int] | None:
        """Seconds of a unit of time, and how many tokens it takes."""
        for word, seconds in self.units.items():
            if length := self.starts((word,), tokens, at, beginnings=True):
                return seconds, length
        return None

    def phrase(self, phrases: Mapping[Tokens, int], tokens: Tokens, at: int) -> tuple[int, int] | None:
        found = [(len(phrase), value) for phrase, value in phrases.items() if tokens[at : at + len(phrase)] == phrase]
        return max(found)[::-1] if found else None

    @staticmethod
    def starts(phrases: Iterable[Tokens], tokens: Tokens, at: int, *, beginnings: bool = False) -> int:
        """How many tokens the longest of the phrases takes there. ``beginnings``: the last word may go on."""
        lengths = [0]
        for phrase in phrases:
            there = tokens[at : at + len(phrase)]
            same = (
                len(there) == len(phrase)
                and there[:-1] == phrase[:-1]
                and (
                    there[-1] == phrase[-1]
                    or (beginnings and len(phrase[-1]) >= _FEW and there[-1].startswith(phrase[-1]))
                )
            )
            lengths += [len(phrase)] if same else []
        return max(lengths)

    def times(self, tokens: Tokens, at: int) -> Iterator[tuple[int, int]]:
        """Minutes since midnight, and how many tokens say so."""
        if named := self.phrase(self.named_times, tokens, at):
            yield named
        for phrase, offset, sign in self.templates:
            if (found := self._fits(phrase, tokens, at)) and (hour := found["h"]) <= 24:
                yield hour * 60 + offset + sign * found["m"], found["length"]
        if (hours := self.number(tokens, at, hour=True)) and hours[0] <= 24:
            after = self.starts(self.at_after, tokens, at + hours[1])
            if after or self._at(tokens, at):
                yield hours[0] * 60, hours[1] + after

    def _at(self, tokens: Tokens, at: int) -> bool:
        """Whether what stands before a bare number makes an hour of it; "and" does behind another."""
        before = at - self._ended_by(self.joins, tokens, at)
        return bool(self._ended_by(self.at, tokens, at)) or (
            before < at and before > 0 and self.number(tokens, before - 1, hour=True) is not None
        )

    @staticmethod
    def _ended_by(words: Iterable[Tokens], tokens: Tokens, at: int) -> int:
        return max((len(word) for word in words if tokens[max(0, at - len(word)) : at] == word), default=0)

    def _fits(self, phrase: Tokens, tokens: Tokens, at: int) -> dict[str, int] | None:
        found, start = {"m": 0}, at
        for word in phrase:
            if word in ("{h}", "{m}"):
                number = self.number(tokens, at, hour=word == "{h}")
                if number is None or number[0] > 59:
                    return None
                found[word[1]] = number[0]
                at += number[1]
            elif tokens[at : at + 1] == (word,):
                at += 1
            else:
                return None
        if phrase[0] == "{m}" and len(phrase) == 3 and found["m"] % 5:
            return None  # "from one to five" is no time
        if phrase == ("{h}", "{m}") and not (tokens[at - 1].isdigit() and len(tokens[at - 1]) == 2):
            return None  # only as digits: 9:15
        return found | {"length": at - start}


def _longest(known: Mapping[Tokens, int]) -> int:
    return max(map(len, known), default=0)


def tokens_of(text: str) -> Tokens:
    spelt = _PERCENT_SIGN.sub(f" {_PERCENT} ", text).replace("\u00ad", "")
    return tuple(map(_plain_digits, _PIECES.findall(fold(spelt))))


def _plain_digits(piece: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in piece) if piece.isdigit() else piece


@cache
def tables() -> Mapping[str, dict[str, Any]]:
    return tomllib.loads(files("banksman_cloud").joinpath("data/figures.toml").read_text("utf-8"))


@cache
def reader_of(language: str) -> Reader:
    table = tables()[language]
    numbers = {tokens_of(word): value for word, value in _spelt(language, ordinal=False)}
    numbers |= {tokens_of(word): value for word, value in table["numbers"].items()}
    hours = {tokens_of(word): value for word, value in _spelt(language, ordinal=True)} | numbers
    hours |= {tokens_of(word): value for word, value in table.get("hours", {}).items()}

    def listed(key: str) -> tuple[Tokens, ...]:
        return tuple(tokens_of(word) for word in table.get(key, ()))

    templates = [(_template(phrase), offset, 1) for phrase, offset in table["clock"].items()]
    templates += [(_template(phrase), offset, -1) for phrase, offset in table["before"].items()]
    return Reader(
        numbers,
        hours,
        tuple(sorted(table.get("endings", ()), key=len, reverse=True)),
        {tokens_of(word): seconds for unit, seconds in _HOUR_S.items() for word in table[unit]},
        {tokens_of(phrase): seconds for phrase, seconds in table["spans"].items()},
        (*listed("percent"), (_PERCENT,)),
        listed("percent_first"),
        listed("vague"),
        listed("vehicle"),
        listed("deadline"),
        listed("deadline_after"),
        listed("begin"),
        listed("begin_after"),
        listed("not"),
        listed("all"),
        {tokens_of(word): tuple(map(tokens_of, others)) for word, others in table.get("unless_before", {}).items()},
        {fold(word): tuple(map(fold, others)) for word, others in table.get("unless_after", {}).items()},
        language in _UNSPACED,
        frozenset({1, 2} if table.get("dual") else {1}),
        tuple(templates),
        {tokens_of(word): _minutes(time) for word, time in table.get("times", {}).items()},
        listed("at"),
        listed("joins"),
        listed("at_after"),
    )


def _minutes(time: str) -> int:
    hour, minute = map(int, time.split(":"))
    return hour * 60 + minute


def _template(phrase: str) -> Tokens:
    pieces = re.split(r"(\{[hm]\})", phrase)
    return tuple(token for piece in pieces for token in ((piece,) if piece.startswith("{") else tokens_of(piece)))


def _spelt(language: str, *, ordinal: bool) -> Iterator[tuple[str, int]]:
    """Numbers in words, in all genders and cases; ranks up to 24, by which some languages count hours."""
    for value in range(1, 25) if ordinal else range(MAX_LOADS + 1):
        for word in number_words(language, value, ordinal=ordinal):
            if not word.startswith("初"):  # a day of the month, not an hour
                yield from ((form, value) for form in _as_said(language, word))
            if language == "ar" and ordinal:
                yield f"ال{word}", value


def _as_said(language: str, word: str) -> tuple[str, ...]:
    """A number as Unicode writes it, and as it is said as well."""
    forms = [word]
    for written, said in tables()[language].get("said", {}).items():
        forms += [form.replace(written, each) for form in forms for each in said if written in form]
    return tuple(forms)
