"""What a vehicle is told to do before it goes on, and needs no order for: "make way and go to the lab", "leave the lab
and go to the kitchen"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import ACTS_ON, ALL, AND, ARTICLES, FILLER, FROM, LEAVES, PLAN, THEN, TO, YIELDS, Phrase
from banksman_shared.commands import Action

_BUSY = frozenset({Action.STOP, Action.PICK, Action.DROP})
"""What nobody does who only leaves."""
_ON = frozenset({Action.MOVE, Action.PARK, Action.CHARGE})


def going_on(items: list[Item], *, postfix: bool) -> list[Item]:
    """The items without what is done before going on."""
    return _without_left(_without_yielding(items), postfix=postfix)


def _without_yielding(items: list[Item]) -> list[Item]:
    """Without the "make room and" of who goes on. Elsewhere it takes a plan, but means nothing beside a stop."""
    at = next((at for at, item in enumerate(items) if item.plays(YIELDS)), len(items))
    following = list(takewhile(lambda item: not item.actions, items[at + 1 :]))
    joined = bool(following) and following[0].plays(AND) and not any(item.is_who for item in following)
    if joined and any(item.is_who for item in items[:at]):
        return [*items[:at], *items[at + 2 :]]
    stops = any(Action.STOP in item.actions for item in items)
    return _instead(items, YIELDS, _only(FILLER if stops else PLAN))


def _without_left(items: list[Item], *, postfix: bool) -> list[Item]:
    """Without the place that the only one who is told anything leaves first of all, and the verb."""
    at = next((at for at, item in enumerate(items) if item.plays(LEAVES)), len(items))
    told = sum(item.is_who or item.plays(ALL) for item in items)
    busy = any(item.is_load or item.actions & _BUSY for item in [*items[:at], *items[at + 1 :]])
    span = None if told > 1 or busy or at == len(items) else _left(items, at, postfix=postfix)
    if span is None:
        return _instead(items, LEAVES, None)
    before, rest = items[: span[0]], _past_joint(items[span[1] :], postfix=postfix)
    alone = all(item.is_who or any(map(item.plays, (ALL, ARTICLES, FILLER))) for item in before)
    return [*before, *rest] if alone and rest else _instead(items, LEAVES, None)


def _left(items: Sequence[Item], at: int, *, postfix: bool) -> tuple[int, int] | None:
    """Where the verb and the place begin and end; None where it is done at the place, or to something else."""
    step = -1 if postfix else 1
    place = at + step
    while 0 <= place < len(items) and _is_small(items[place]):
        place += step
    if not 0 <= place < len(items) or not items[place].is_where or items[place].ends_in(TO):
        return None
    return min(at, place), max(at, place) + 1


def _is_small(item: Item) -> bool:
    small = item.plays(FROM) or item.plays(ARTICLES) or item.plays(ACTS_ON)
    return small and not (item.plays(TO) or item.actions or item.mention)


def _past_joint(rest: Sequence[Item], *, postfix: bool) -> Sequence[Item]:
    """What follows an "and" or a "then", where it begins with a verb by which somebody goes on, or, where verbs come
    last, with where to; nothing elsewhere."""
    joints = len(list(takewhile(lambda item: not item.actions and (item.plays(AND) or item.plays(THEN)), rest)))
    rest = rest[joints:]
    verb = next((item for item in rest if item.actions), None)
    if verb is None or not verb.actions & _ON or not (rest[0] is verb or (postfix and rest[0].is_where)):
        return ()
    return rest if any(item.is_where for item in rest) or verb.actions & (_ON - {Action.MOVE}) else ()


def _only(role: str) -> Phrase:
    return Phrase(frozenset(), frozenset({role}))


def _instead(items: list[Item], role: str, phrase: Phrase | None) -> list[Item]:
    """The items, with what means nothing but a role taken for something else; for None it is not known."""
    return [replace(item, phrase=phrase) if item.phrase == _only(role) else item for item in items]
