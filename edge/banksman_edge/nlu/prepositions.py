"""Which preposition a place has."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, FILLER, FROM, FROM_AFTER, LOAD, TO


def preposition_of(items: Sequence[Item], index: int, *, postfix: bool) -> Item | None:
    """The preposition of the place at ``index``; ``postfix``: whether it follows the place."""
    return _behind(items, index) if postfix else _before(items, index)


def role_of_place(items: Sequence[Item], index: int, *, postfix: bool) -> str:
    """FROM or TO, by the ending of the place at ``index`` and the words beside it; "" where these leave it open."""
    behind = items[index + 1 :]
    beyond = next((item for item in behind if not item.plays(FROM_AFTER)), None)
    if behind and behind[0].plays(FROM_AFTER) and beyond and (beyond.is_load or beyond.unknown):
        return FROM
    mention = items[index].mention
    if mention and mention.role in (FROM, TO):
        return mention.role
    marker = preposition_of(items, index, postfix=postfix)
    if marker is None:
        beside = None if postfix else _joined(items, index)
        return "" if beside is None else role_of_place(items, beside, postfix=postfix)
    if marker.plays(FROM) and marker.plays(TO):
        return ""
    return FROM if marker.plays(FROM) else TO


def _joined(items: Sequence[Item], index: int) -> int | None:
    """The place before, where an "and" joins both: "to the kitchen and the lab"."""
    at = index - 1
    while at > 0 and items[at].plays(FILLER) and not (items[at].actions or items[at].plays(AND)):
        at -= 1
    return at - 1 if at > 0 and items[at].plays(AND) and items[at - 1].is_where else None


def _before(items: Sequence[Item], index: int) -> Item | None:
    """The first preposition of the phrase that ends in the place: in "a la zona de embalaje", the "a"."""
    found = None
    for item in reversed(items[:index]):
        if item.plays(FROM) or item.plays(TO):
            found = item
        elif item.mention is not None or not item.plays(FILLER) or item.plays(LOAD):
            break
    return found


def _behind(items: Sequence[Item], index: int) -> Item | None:
    for item in items[index + 1 :]:
        if item.plays(FROM) or item.plays(TO):
            return item
        if item.mention is not None or not item.plays(FILLER):
            return None
    return None
