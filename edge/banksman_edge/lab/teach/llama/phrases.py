"""The phrases of orders, and of what sounds like one and is none, as data (``data/*.toml``) and as sentences.

A verb phrase ("pick up {l} at {p}") has three forms, and a frame ("could you {inf}, {V}") puts it into a sentence.
Of each kind of frame, verb phrase and whole sentence, one in ten is held out: it is never trained on.
"""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "tr", "sv", "hi", "ar", "zh", "ja")
HELD_OUT = 10
"""One phrase of so many is kept for testing."""
_FEW = 4
"""Of fewer none is held out: training and test share them."""
FORMS = ("imp", "inf", "third")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_VERB = re.compile(r"<([^<>]*)>")
_AGREEING = re.compile(r"\(([^()]*)\)")

Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in one language. ``vp`` is what a vehicle is told to do and ``do`` what is to be done with one, by
    action, ``say`` whole sentences by meaning, of which ``near`` is talk in the words of orders; ``natural`` are
    whole sentences as people put them, with what they tell beside; ``who`` are other ways to say whom (all, one, each,
    there). ``then`` and ``meanwhile`` join orders to one and to two."""

    vp: Table
    do: Table
    say: Table
    natural: Table
    frames: Table
    who: Table
    loads: tuple[str, ...]
    groups: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    then: tuple[str, ...]
    meanwhile: tuple[str, ...]


@cache
def phrases(language: str, *, test: bool) -> Phrases:
    """The phrases of one of :data:`LANGUAGES` to train with, or those held out."""
    data = tomllib.loads((files("banksman_edge.lab.teach.llama") / "data" / f"{language}.toml").read_text("utf-8"))

    def table(section: Mapping[str, Sequence[str]]) -> Table:
        return {key: _part(given, test=test) for key, given in section.items()}

    plain: dict[str, Any] = {
        key: tuple(data[key]) for key in ("loads", "groups", "before", "after", "then", "meanwhile")
    }
    who = {key: tuple(data[key]) for key in ("all", "one", "each", "there")}
    vp, do, say, natural, frames = (table(data[key]) for key in ("vp", "do", "say", "natural", "frames"))
    return Phrases(vp, do, say, natural, frames, who, **plain)


def _part(given: Sequence[str], *, test: bool) -> tuple[str, ...]:
    """The phrases to train with, or those held out: which they are depends on their text alone."""
    if len(given) < _FEW:
        return tuple(given)
    ordered = sorted(given, key=lambda phrase: zlib.crc32(phrase.encode()))
    kept = set(ordered[: -(-len(given) // HELD_OUT)])
    return tuple(phrase for phrase in given if (phrase in kept) is test)


def chosen(pattern: str, random: random.Random) -> str:
    """A pattern with its choices made, from the innermost."""
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda found: random.choice(found[1].split("|")), pattern)
    return " ".join(pattern.split())


def in_form(phrase: str, form: str, whom: int | None = None) -> str:
    """A verb phrase in one of :data:`FORMS`: written out between " / ", or only its verbs, <go/go/goes>.

    With ``whom``, the verbs are :func:`agreeing` already.
    """
    at = FORMS.index(form)
    if " / " in phrase:
        return phrase.split(" / ")[at]

    def verb(found: re.Match[str]) -> str:
        words = found[1].split("/")[at]
        return words if whom is None else agreeing(words, whom)

    return _VERB.sub(verb, phrase)


def agreeing(text: str, whom: int) -> str:
    """A sentence with the words "(a|b|c)" that go with whom it is about: 0 a man or what is named like one, 1 a woman,
    2 several."""
    return _AGREEING.sub(lambda found: found[1].split("|")[whom], text)
