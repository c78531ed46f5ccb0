"""Sentence templates of the data files: "the (nearest|closest) [{free}] {who}", as patterns to match, or as all the
phrases that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import TypeAlias

from banksman_edge.understanding.text.tokens import UNSPACED, Tokens, tokens_of

WHO, PLACE, FREE = "{who}", "{place}", "{free}"
"""What a template may leave open: a kind of vehicle or a word such as "one"; a place; a word for "free"."""
_BRACKETS = re.compile(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)")
_SHORT = re.compile(r"<(\w+)>")
_PIECES = re.compile(r"(\{\w+\})")
_OPENING, _CLOSING = "[(", "])"


@dataclass(frozen=True, slots=True)
class Choice:
    """Patterns of which one is said."""

    options: tuple[Pattern, ...]


Pattern: TypeAlias = tuple[Tokens | str | Choice, ...]
"""Tokens, slots and choices, one behind the other."""


def pattern_of(text: str, language: str, shorthand: Mapping[str, str] = MappingProxyType({})) -> Pattern:
    """What a template matches: ``[…]`` may be left out, of ``(…|…)`` one is said, and ``<…>`` stands for what it is
    short for. Brackets may be nested."""
    return tuple(_parts(_in_full(text, shorthand), language))


def phrases(text: str) -> Iterator[Tokens]:
    """All that a template without slots stands for."""
    yield from (tokens for plain in spelt_out(text) if (tokens := tokens_of(plain)))


def spelt_out(text: str) -> Iterator[str]:
    """The same as they are written."""
    found = list(_BRACKETS.finditer(text))
    if not found:
        yield " ".join(text.split())
        return
    choices = [[*match[1].split("|"), ""] if match[1] is not None else match[2].split("|") for match in found]
    for chosen in product(*choices):
        built, at = "", 0
        for match, choice in zip(found, chosen, strict=True):
            built += text[at : match.start()] + choice
            at = match.end()
        yield from spelt_out(built + text[at:])


def beginnings(parts: Pattern) -> Iterator[str]:
    """The tokens that a pattern may begin with, and "" if a slot may be the first."""
    for part in parts:
        if isinstance(part, str):
            yield ""
            return
        if not isinstance(part, Choice):
            yield part[0]
            return
        for option in part.options:
            yield from beginnings(option)
        if all(option for option in part.options):
            return


def _in_full(text: str, shorthand: Mapping[str, str]) -> str:
    while (full := _SHORT.sub(lambda found: shorthand[found[1]], text)) != text:
        text = full
    return text


def _parts(text: str, language: str) -> Iterator[Tokens | str | Choice]:
    for piece in _pieces(text, spaced=language not in UNSPACED):
        group = piece[0] in _OPENING and _end_of_group(piece) == len(piece)
        if group:
            options = [*_split(piece[1:-1]), *([""] if piece[0] == "[" else [])]
            yield Choice(tuple(tuple(_parts(option, language)) for option in options))
        elif any(bracket in piece for bracket in _OPENING):  # "nächste[n]": of letters, not of words
            yield Choice(tuple(tuple(_parts(plain, language)) for plain in spelt_out(piece)))
        else:
            yield from (p if p.startswith("{") else t for p in _PIECES.split(piece) if (t := tokens_of(p)))


def _pieces(text: str, *, spaced: bool) -> Iterator[str]:
    """The words and groups, in order; where words are not set apart by spaces, a group is always apart."""
    depth, piece = 0, ""
    for letter in text:
        opens, closes = letter in _OPENING, letter in _CLOSING
        if depth == 0 and (letter == " " or (opens and not spaced)):
            yield from [piece] if piece.strip() else []
            piece = ""
        depth += opens - closes
        piece += letter if depth or letter != " " else ""
        if closes and depth == 0 and not spaced:
            yield piece
            piece = ""
    yield from [piece] if piece.strip() else []


def _end_of_group(text: str) -> int:
    """Where the group that begins a text ends."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if depth == 0:
            return at + 1
    raise ValueError(f"a bracket is not closed in {text!r}")


def _split(text: str) -> Iterator[str]:
    """The options of a group, which may have groups in them."""
    depth, option = 0, ""
    for letter in text:
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if letter == "|" and depth == 0:
            yield option
            option = ""
        else:
            option += letter
    yield option
