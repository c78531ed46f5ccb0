"""Places that are to be kept free for a time, where nothing else is ordered: "nobody through aisle two until four",
"keep dock one clear for ten minutes". They are for the planner, which says what can be done about it.

The words are the table ``[bans]`` of a language's file, in which "…" is whatever stands between: ``nobody``, and those
with which such a sentence begins (``first``) or ends (``last``): "close dock two until four", and not "the shop closes
at four".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import PLAN, table_of
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import Tokens, tokenize

_STRANGE = 2
"""Stretches of words that nobody knows, at most: "close", "for half an"."""


def bars_for_a_time(reading: Reading, items: Sequence[Item]) -> bool:
    """Whether a sentence closes a place of the site until then, and tells no vehicle anything."""
    clause = reading.clause
    somebody = clause.vehicles or clause.groups or clause.asks or clause.tells or clause.facts
    if somebody or not clause.planning or not (clause.places or clause.zones):
        return False
    return any(_bars(words, reading, items) for words in _bans(reading.language, "nobody")) or any(
        _bars(words, reading, items, where) for where in ("first", "last") for words in _bans(reading.language, where)
    )


def _bars(words: tuple[Tokens, ...], reading: Reading, items: Sequence[Item], where: str = "") -> bool:
    spans = _spans(words, reading.tokens)
    times = [item for item in items if item.plays(PLAN) and not any(a < item.end and item.start < b for a, b in spans)]
    if not (spans and times):
        return False
    if not where:  # "nobody went through dock two until four" is none
        return reading.clause.strange_runs <= min(sum(map(len, words)) - 1, 1)
    there = spans[0][0] == 0 if where == "first" else spans[-1][1] == len(reading.tokens)
    return there and reading.clause.strange_runs <= _STRANGE


@cache
def _bans(code: str, where: str) -> tuple[tuple[Tokens, ...], ...]:
    listed = table_of(code).get("bans", {}).get(where, ())
    return tuple(tuple(tokenize(part, code) for part in words.split("…")) for words in listed)


def _spans(parts: tuple[Tokens, ...], tokens: Tokens) -> list[tuple[int, int]]:
    """Where these stand in the text, one behind the other; nothing where they do not."""
    found: list[tuple[int, int]] = []
    for part in parts:
        begin = found[-1][1] if found else 0
        at = next((at for at in range(begin, len(tokens)) if tokens[at : at + len(part)] == part), None)
        if at is None:
            return []
        found.append((at, at + len(part)))
    return found
