"""What a vehicle is told to do before it goes on, and needs no order for: "make way and go to the lab", "leave the lab
and go to the kitchen"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, ARTICLES, FILLER, FROM, LEAVES, THEN, TO, YIELDS, Phrase
from banksman_shared.commands import Action

_YIELDS, _NOTHING = (Phrase(frozenset(), frozenset({role})) for role in (YIELDS, FILLER))
_ON = frozenset({Action.MOVE, Action.PARK, Action.CHARGE})


def going_on(items: list[Item], *, postfix: bool) -> list[Item]:
    """The items without what is done before going on."""
    return _without_left(_without_yielding(items), postfix=postfix)


def _without_yielding(items: list[Item]) -> list[Item]:
    """Without the "make room and" of who goes on. Elsewhere it is nothing that is known, but for a stop."""
    at = next((at for at, item in enumerate(items) if item.plays(YIELDS)), len(items))
    following = list(takewhile(lambda item: not item.actions, items[at + 1 :]))
    joined = bool(following) and following[0].plays(AND) and not any(item.is_who for item in following)
    if joined and any(item.is_who for item in items[:at]):
        return [*items[:at], *items[at + 2 :]]
    else_ = _NOTHING if any(Action.STOP in item.actions for item in items) else None
    return [replace(item, phrase=else_) if item.phrase == _YIELDS else item for item in items]


def _without_left(items: list[Item], *, postfix: bool) -> list[Item]:
    """Without the place that somebody leaves, and the verb; where nobody goes on, the verb is not known, for it might
    set down a load there: "छोड़ो", "opuść"."""
    for at, item in enumerate(items):
        span = _left(items, at, postfix=postfix) if item.plays(LEAVES) else None
        if span is None:
            continue
        before, rest = items[: span[0]], items[span[1] :]
        if _leads_on(before, rest) and (postfix or not _names_another(rest)):
            return [*before, *_past_joint(rest)]
        if Action.DROP in item.actions:
            return [*items[:at], replace(item, phrase=None), *items[at + 1 :]]
    return items


def _left(items: Sequence[Item], at: int, *, postfix: bool) -> tuple[int, int] | None:
    """Where the verb and the place begin and end, if no load is spoken of, and nothing says that it is done there."""
    step = -1 if postfix else 1
    place = at + step
    while 0 <= place < len(items) and _is_small(items[place]):
        place += step
    if not 0 <= place < len(items) or not items[place].is_where or items[place].ends_in(TO):
        return None
    start, end = min(at, place), max(at, place) + 1
    return None if any(item.is_load for item in items[:end]) else (start, end)


def _is_small(item: Item) -> bool:
    leads_from = item.plays(FROM) or not item.plays(TO)
    return not item.actions and leads_from and any(map(item.plays, (FROM, ARTICLES, FILLER)))


def _leads_on(before: Sequence[Item], rest: Sequence[Item]) -> bool:
    """Whether the same vehicle goes on: somewhere, to its place or to charge."""
    going = frozenset[Action]().union(*(item.actions for item in rest)) & _ON
    somewhere = any(item.is_where for item in rest) or bool(going - {Action.MOVE})
    other = any(item.is_who for item in before) and any(item.is_who for item in rest)
    return bool(going) and somewhere and not other


def _names_another(rest: Sequence[Item]) -> bool:
    """Whether a place follows without a verb of its own: "leave ward two and ward three and go …"."""
    return any(item.is_where for item in takewhile(lambda item: not item.actions, rest))


def _past_joint(rest: Sequence[Item]) -> Sequence[Item]:
    """What follows an "and" or a "then"."""
    joints = len(list(takewhile(lambda item: not item.actions and (item.plays(AND) or item.plays(THEN)), rest)))
    return rest[joints:]
