"""Orders beside words that forbid or deny something, which a planner minds: "if dock two is not free, go to dock one",
"go to dock three, but not through aisle two"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, BUT, CONTRASTS, FILLER, NOT, THROUGH
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import BREAK
from banksman_shared.commands import Command

_JOINTS = (AND, BUT, FILLER)


def shuts_a_way(items: Sequence[Item], read: Callable[[Sequence[Item]], tuple[Command, ...]]) -> bool:
    """Whether an order, as ``read`` reads it, is followed by places where it must not lead: for the planner."""
    at = next((at for at, item in enumerate(items) if item.plays(NOT) and not item.actions), 0)
    head, ban = items[:at], items[at + 1 :]
    if head and head[-1].unknown:  # "but", where it does nothing else
        head = head[:-1]
    while head and not (head[-1].mention or head[-1].actions) and any(map(head[-1].plays, _JOINTS)):
        head = head[:-1]
    # "Not dock two" alone may as well take back where to go.
    way = any(item.plays(THROUGH) or item.actions or item.unknown for item in ban)
    way = way or not (at and items[at].plays(CONTRASTS))
    shut = way and any(item.is_where for item in ban) and not any(item.is_who or item.plays(NOT) for item in ban)
    return bool(shut and head) and _all_drive(read(head))


def _all_drive(commands: Sequence[Command]) -> bool:
    return bool(commands) and all(command.action.drives and command.destination for command in commands)


def shuts_a_way_first(items: Sequence[Item], read: Callable[[Sequence[Item]], tuple[Command, ...]]) -> bool:
    """The same where verbs come last, so that what forbids stands behind the places, and before or behind the order:
    "hat ikiden geçmeden rampa ikiye git"."""
    at = next((at for at, item in enumerate(items) if item.plays(NOT) and not item.actions), None)
    if at is None:
        return False
    begin = next((before + 1 for before in range(at - 1, -1, -1) if items[before].actions or items[before].is_who), 0)
    end = at + 1 + (begin > 0 and at + 1 < len(items) and bool(items[at + 1].actions))  # "… मत जाना"
    ban, rest = items[begin:end], [*items[:begin], *items[end:]]
    way = any(item.plays(THROUGH) or item.actions or item.unknown for item in ban) or not items[at].plays(CONTRASTS)
    if any(item.plays(NOT) for item in rest):
        return False
    return way and any(item.is_where for item in ban) and _all_drive(read(rest))


def denies_only_when(text: str, read: Callable[[str], Reading]) -> bool:
    """Whether what is so, or is not, is the condition of an order beside it: "if dock two is not free, go to dock
    three"."""
    parts = [read(part) for part in BREAK.split(text) if part]
    conditions = [part for part in parts if part.clause.planning]
    others = [part for part in parts if not part.clause.planning]
    ordered = any(action.drives for part in others for action in part.clause.actions)
    return bool(conditions) and ordered and not any(part.retold or part.clause.is_talk for part in others)


def forbids_beside(text: str, read: Callable[[str], Reading]) -> bool:
    """Whether loads with a number and a way are ordered first, and then something is forbidden that names who or where:
    "four pallets from dock one to dock two, Mimi may not help"."""
    parts = [read(part) for part in BREAK.split(text) if part]
    order, rest = (parts[0].clause, parts[1:]) if parts else (None, [])
    if order is None or order.is_talk or not (order.counted_loads and order.handles and order.origins):
        return False
    named = all(part.clause.names_something for part in rest if part.clause.negated)
    plain = not any(part.retold or part.taken_back or part.clause.asks or part.clause.facts for part in rest)
    return bool(order.destinations or order.neutral) and bool(rest) and named and plain
