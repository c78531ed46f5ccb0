"""Vehicles that are called by where they are: "whoever is at dock two goes to …", ドック2にいる車は…, mutfaktakiler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banksman_edge.nlu.inflection import THOSE
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import ALL, EVERYTHING, FILLER, FROM, TO, WHOEVER, WHOEVER_AFTER, Phrase
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.neighbours import HANDLING
from banksman_shared.commands import Action

_WHO_IS = Phrase(frozenset({Action.STATUS}), frozenset({ALL}))


_RESTING = frozenset({Action.STOP, Action.CHARGE, Action.PARK})
"""What "all" beside a place may be told without a second place: "at dock two all stop"."""


def with_whoever(items: list[Item], *, postfix: bool = False, dense: bool = False) -> list[Item]:
    """The items with "whoever is at" and a place taken for one name, where something is said of them: alone it asks
    who is there. ``postfix``: whether prepositions follow their places; ``dense``: whether words are not parted."""
    for at, item in enumerate(items):
        span = _span(items, at, postfix=postfix, dense=dense) if _is_place(item) else None
        if item.mention is None or span is None:
            continue
        start, end = span
        said = [*items[:start], *items[end:]]
        if any(one.plays(EVERYTHING) for one in items[start:end]) and any(other.actions & HANDLING for other in said):
            continue  # "take everything from ward two to the lab"
        if not any((other.actions - {Action.STATUS}) or _is_place(other) for other in said):
            asks = items[start].plays(FROM) and items[start].plays(WHOEVER)
            return [*items[:start], replace(items[start], phrase=_WHO_IS), *items[start + 1 :]] if asks else items
        first, last, place = items[start].start, items[end - 1].end, item.mention
        ids = (f"at:{place.ids[0]}",)
        whom = Mention(What.VEHICLE, ids, first, last, place.score, place.text, called_by_place=True)
        return [*items[:start], Item(first, last, mention=whom), *items[end:]]
    return items


def _span(items: Sequence[Item], at: int, *, postfix: bool, dense: bool) -> tuple[int, int] | None:
    """Where the words begin and end that call whoever is at the place; None where none do."""
    mention, end = items[at].mention, _end(items, at, postfix=postfix)
    start = at if mention and mention.role == THOSE else _start(items, at, end)
    if start is None and end > at + 1 and (postfix or dense):  # elsewhere, what stands behind a place is a verb
        start = _stands_before(items, at)
    if start is not None:
        return start, end
    end = _end_of_all(items, at) if postfix else 0
    return (at, end) if end else None


def _end_of_all(items: Sequence[Item], at: int) -> int:
    """Where "all" ends behind a place that it is said of, and not of loads: "çamaşırhanedeki herkes"; 0 for none."""
    mention, end = items[at].mention, at + 1
    while end < len(items) and _is_small(items[end]) and not _only_from(items[end]) and not items[end].plays(ALL):
        end += 1
    told = [item for item in items[end + 1 :] if item.actions & _RESTING or _is_place(item)]
    directed = mention is not None and mention.role in (FROM, TO)
    if directed or not told or any(item.is_load for item in items) or any(map(_is_place, items[:at])):
        return 0
    return end + 1 if items[end].plays(ALL) and not items[end].actions else 0


def _only_from(item: Item) -> bool:
    return item.plays(FROM) and not item.plays(TO)


def _start(items: Sequence[Item], at: int, end: int) -> int | None:
    """Where the words begin that call whoever is at the place; None where none do."""
    start = at
    while start and not _says_whoever(items[start - 1]) and _is_small(items[start - 1]):
        start -= 1
    leads = [item for item in items[start:at] if item.leads]
    if start and _says_whoever(items[start - 1]):
        return None if start > 1 and (_may_be_there(items[start - 2]) or _takes(items[start - 2])) else start - 1
    if start and items[start - 1].plays(ALL) and not items[start - 1].actions and all(i.plays(FROM) for i in leads):
        return start - 1 if any(map(_is_place, items[end:])) else None
    return None


def _stands_before(items: Sequence[Item], at: int) -> int:
    """The start of 停在 in "停在二号门的车"."""
    start = at
    while start and items[start - 1].leads:
        start -= 1
    stands = start < at and start and items[start - 1].actions & {Action.STOP, Action.PARK}
    return start - 1 if stands else start


def _end(items: Sequence[Item], at: int, *, postfix: bool) -> int:
    end = at + 1
    while postfix and end < len(items) and _is_small(items[end]) and not items[end].plays(WHOEVER_AFTER):
        end += 1
    if not (end < len(items) and items[end].plays(WHOEVER_AFTER)):
        return at + 1
    while end < len(items) and items[end].plays(WHOEVER_AFTER):
        end += 1
    return end


def _may_be_there(item: Item) -> bool:
    """Whether it is a thing that the words behind it may be said of: "the crate that is at dock two"."""
    return item.is_load or item.unknown or item.mention is not None


def _takes(item: Item) -> bool:
    """Whether it is a verb that only loads are the object of: "take up what is at dock two"."""
    return bool(item.actions) and item.actions <= {Action.PICK, Action.TRANSPORT}


def _says_whoever(item: Item) -> bool:
    return item.plays(WHOEVER) or (Action.STATUS in item.actions and item.plays(ALL))


def _is_small(item: Item) -> bool:
    return (item.leads and not item.plays(WHOEVER)) or (item.plays(FILLER) and not item.actions)


def _is_place(item: Item) -> bool:
    return item.mention is not None and item.mention.what is What.PLACE
