"""Sentence templates of the data files: "the (nearest|closest) [{free}] {who}", expanded into rows of parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from banksman_edge.nlu.tokens import Tokens, tokenize

_BRACKETS = re.compile(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)")
_SLOT = re.compile(r"(\{\w+\})")
WHO, PLACE, FREE = "{who}", "{place}", "{free}"
"""What a template may leave open: a kind of vehicle or a word such as "one"; a place; a word for "free"."""


@dataclass(frozen=True, slots=True)
class Template:
    """``parts``: tokens, and the slots between them."""

    parts: tuple[Tokens | str, ...]


def templates(text: str, language: str) -> Iterator[Template]:
    """All that a template stands for; ``[…]`` may be left out, of ``(…|…)`` one is said. Brackets may be nested."""
    for plain in _expand(text):
        pieces = [piece if piece.startswith("{") else tokenize(piece, language) for piece in _SLOT.split(plain)]
        if parts := tuple(piece for piece in pieces if piece):
            yield Template(parts)


def _expand(text: str) -> Iterator[str]:
    """Innermost brackets first, each with all its alternatives."""
    found = list(_BRACKETS.finditer(text))
    if not found:
        yield text
        return
    choices = [[*match[1].split("|"), ""] if match[1] is not None else match[2].split("|") for match in found]
    for chosen in product(*choices):
        built, at = "", 0
        for match, choice in zip(found, chosen, strict=True):
            built += text[at : match.start()] + choice
            at = match.end()
        yield from _expand(built + text[at:])
