"""Which fields of goals a text speaks for, by words without which nobody says such a thing (``data/cues.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files

from banksman_shared.text import fold

UNSPACED = frozenset({"ja", "zh"})
_CLOCK = re.compile(r"\d\s*[:：.h]\s*\d|\d\s*(h|am|pm|a\.m|p\.m)\b", re.IGNORECASE)
"""A time of day in digits."""


def spoken_fields(text: str, language: str) -> frozenset[str]:
    """The fields for which there are words in a text, or of which nobody knows the words."""
    return frozenset(_fields(text, language))


def speaks_for(field: str, text: str, language: str) -> bool:
    """Whether a text surely speaks for a field: not where nobody knows the words of its language."""
    return language in cues() and field in spoken_fields(text, language)


def _fields(text: str, language: str) -> Iterator[str]:
    said, known = fold(text), cues().get(language, {})
    for name in sorted({name for fields in cues().values() for name in fields}):
        words = known.get(name)
        shown = name == "clock" and _CLOCK.search(text)
        if words is None or shown or _has_one(said, words, spaced=language not in UNSPACED):
            yield name


def _has_one(said: str, words: Collection[str], *, spaced: bool) -> bool:
    text = f" {said}" if spaced else said
    return any((f" {fold(word)}" if spaced else fold(word)) in text for word in words)


@cache
def cues() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Language → field → the beginnings of words that speak for it."""
    return tomllib.loads(files("banksman_cloud").joinpath("data/cues.toml").read_text("utf-8"))
