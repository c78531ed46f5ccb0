"""When something is to be done: at a time of day, "at half past four", um 14:30 Uhr, 三点左右, or beside what another
vehicle does, "after cart seven". That is for the planner, and such a vehicle is told nothing.

The templates are in ``[times]`` of a language's file. ``clock``: ``{h}`` stands for an hour, ``{m}`` for minutes, in
words or digits; ``ordinal``: hours are counted there, "o czwartej". ``beside``: ``{v}`` stands for a vehicle, with
``{v|den|dan}`` one that ends so, and ``{p}`` for a place. ``due`` has what says where somebody is to be by then, in one
part or in two: "must be", "muss … sein".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from banksman_edge.nlu.language import ARTICLES, GAP, table_of
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import Tokens, tokenize

_HOUR, _MINUTE, _NAME = "{h}", "{m}", "{name"
_NAMED = {"{v": What.VEHICLE, "{p": What.PLACE}
_MOST = {_HOUR: 24, _MINUTE: 59}
_Parts = tuple[Tokens | str, ...]
"""Tokens, and slots between them."""


@dataclass(frozen=True, slots=True)
class _When:
    templates: Mapping[str, tuple[_Parts, ...]]
    """By the token that they begin with, or the slot: of a name, or of an hour or minutes."""
    ordinal: bool


def when_at(tokens: Tokens, start: int, mentions: Mapping[int, Mention], finder: MentionFinder) -> int:
    """Where the words end that begin at ``start`` and say when; there where none do. ``mentions``: by their start."""
    when = _when_of(finder.language.code)
    slot = _NAME if start in mentions else _HOUR if finder.spoken_number(tokens, start) else ""
    said = (*when.templates.get(tokens[start], ()), *when.templates.get(slot, ()))
    return max((_end(parts, tokens, start, mentions, finder) for parts in said), default=start)


def _end(
    parts: Sequence[Tokens | str], tokens: Tokens, start: int, mentions: Mapping[int, Mention], finder: MentionFinder
) -> int:
    """Where the parts end if they begin at ``start``, and hold no name but in its slot; there if not."""
    at = start
    for part in parts:
        if isinstance(part, str):
            names = part[:2] in _NAMED
            end = _name(part, tokens, at, mentions, finder) if names else _number(part, tokens, at, finder)
        else:
            names, end = False, at + len(part) if tokens[at : at + len(part)] == part else 0
        if not end or (not names and any(spot in mentions for spot in range(at, end))):
            return start
        at = end
    return at


def _number(slot: str, tokens: Tokens, at: int, finder: MentionFinder) -> int:
    number = finder.spoken_number(tokens, at)
    if number is None or number.value > _MOST[slot]:
        return 0
    counted = _when_of(finder.language.code).ordinal and slot == _HOUR and not tokens[at].isdigit()
    return at + number.length if number.ordinal == counted else 0


def _name(slot: str, tokens: Tokens, at: int, mentions: Mapping[int, Mention], finder: MentionFinder) -> int:
    while at < len(tokens) and at not in mentions and ARTICLES in finder.language.roles_of(tokens[at : at + 1]):
        at += 1
    mention = mentions.get(at)
    endings = tuple(slot.strip("{}").split("|")[1:])
    if mention is None or mention.what is not _NAMED[slot[:2]]:
        return 0
    if mention.what is What.PLACE and mention.role:  # "rampa birden yerine dön"
        return 0
    return mention.end if not endings or tokens[mention.end - 1].endswith(endings) else 0


def is_due(tokens: Tokens, code: str) -> bool:
    """Whether something says where somebody, or a load, is to be, where a time is said, and else where they may be."""
    return any(
        tokens[at : at + len(first)] == first and _holds(tokens[at + len(first) :], second)
        for first, second in _due_of(code)
        for at in range(len(tokens))
    )


def _holds(tokens: Tokens, part: Tokens) -> bool:
    return any(tokens[at : at + len(part)] == part for at in range(len(tokens) + 1))


@cache
def _due_of(code: str) -> tuple[tuple[Tokens, Tokens], ...]:
    parts = (text.partition(GAP) for text in table_of(code).get("times", {}).get("due", ()))
    return tuple((tokenize(first, code), tokenize(second, code)) for first, _, second in parts)


@cache
def _when_of(code: str) -> _When:
    table = table_of(code).get("times", {})
    templates: dict[str, list[_Parts]] = defaultdict(list)
    for text in (*table.get("clock", ()), *table.get("beside", ())):
        words = [part if part.startswith("{") else tokenize(part, code) for part in text.split()]
        parts = tuple(part for part in words if part)
        first = parts[0]
        slot = _NAME if first[:2] in _NAMED else _HOUR
        templates[slot if isinstance(first, str) else first[0]].append(parts)
    return _When({first: tuple(all_) for first, all_ in templates.items()}, bool(table.get("ordinal")))
