"""Vehicles that are called by where they are: "whoever is at dock two goes to …", ドック2にいる車は…."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banksman_edge.nlu.items import Item
from banksman_edge.nlu.language import ALL, FILLER, FROM, WHOEVER, WHOEVER_AFTER, Phrase
from banksman_edge.nlu.mentions import Mention
from banksman_edge.nlu.names import What
from banksman_shared.commands import Action

_WHO_IS = Phrase(frozenset({Action.STATUS}), frozenset({ALL}))


def with_whoever(items: list[Item]) -> list[Item]:
    """The items with "whoever is at" and a place taken for one name, where something is said of them: alone it asks
    who is there."""
    for at, item in enumerate(items):
        end = _end(items, at)
        start = _start(items, at, end) if item.mention and item.mention.what is What.PLACE else None
        if item.mention is None or start is None:
            continue
        said = [*items[:start], *items[end:]]
        if not any((other.actions - {Action.STATUS}) or _is_place(other) for other in said):
            asks = items[start].plays(FROM) and items[start].plays(WHOEVER)
            return [*items[:start], replace(items[start], phrase=_WHO_IS), *items[start + 1 :]] if asks else items
        place = item.mention
        first, last = items[start].start, items[end - 1].end
        whom = Mention(
            What.VEHICLE, (f"at:{place.ids[0]}",), first, last, place.score, place.text, called_by_place=True
        )
        return [*items[:start], Item(whom.start, whom.end, mention=whom), *items[end:]]
    return items


def _start(items: Sequence[Item], at: int, end: int) -> int | None:
    """Where the words begin that call whoever is at the place; None where none do."""
    start = at
    while start and not _says_whoever(items[start - 1]) and _is_small(items[start - 1]):
        start -= 1
    leads = [item for item in items[start:at] if item.leads]
    if start and _says_whoever(items[start - 1]):
        return None if start > 1 and _may_be_there(items[start - 2]) else start - 1
    if start and items[start - 1].plays(ALL) and not items[start - 1].actions and all(i.plays(FROM) for i in leads):
        return start - 1 if any(map(_is_place, items[end:])) else None
    return _stands_before(items, at) if end > at + 1 else None


def _stands_before(items: Sequence[Item], at: int) -> int:
    """The start of 停在 in "停在二号门的车"."""
    start = at
    while start and items[start - 1].leads:
        start -= 1
    stands = start < at and start and items[start - 1].actions & {Action.STOP, Action.PARK}
    return start - 1 if stands else start


def _end(items: Sequence[Item], at: int) -> int:
    end = at + 1
    while end < len(items) and items[end].plays(WHOEVER_AFTER):
        end += 1
    return end


def _may_be_there(item: Item) -> bool:
    """Whether it is a thing that the words behind it may be said of: "the crate that is at dock two"."""
    return item.is_load or item.unknown or item.mention is not None


def _says_whoever(item: Item) -> bool:
    return item.plays(WHOEVER) or (Action.STATUS in item.actions and item.plays(ALL))


def _is_small(item: Item) -> bool:
    return (item.leads and not item.plays(WHOEVER)) or (item.plays(FILLER) and not item.actions)


def _is_place(item: Item) -> bool:
    return item.mention is not None and item.mention.what is What.PLACE
