"""A number alone that calls another vehicle of the same kind: "cart one to the workshop and two to the store"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banksman_edge.nlu.going_on import going_on
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, FILLER, Language
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import UNSPACED
from banksman_edge.nlu.whoever import with_whoever
from banksman_shared.site import Site

CERTAIN = 0.95
"""Likeness of a vehicle whose kind was said of another one only."""


def with_callings(items: list[Item], site: Site, language: Language) -> list[Item]:
    """The items with vehicles that are called without a name of their own: by a number alone, or by where they are."""
    numbered = with_numbers(items, site, language)
    called = with_whoever(numbered, postfix=language.postfix, dense=language.code in UNSPACED)
    return going_on(called, postfix=language.postfix)


def with_numbers(items: list[Item], site: Site, language: Language) -> list[Item]:
    """The items with numbers that stand for vehicles taken for their names; in languages whose prepositions precede
    places, and where no load is named, that the number might count."""
    if language.postfix or language.code in UNSPACED or any(item.is_load for item in items):
        return items
    return [_named(items, at, site) for at in range(len(items))]


def _named(items: Sequence[Item], at: int, site: Site) -> Item:
    item = items[at]
    if not item.unknown or item.amount is None or not (_joins(items, at) and _leads_on(items, at)):
        return item
    first = next((other for other in reversed(items[:at]) if other.is_who), None)
    if first is None or first.mention is None or not first.numbered or len(first.mention.ids) != 1:
        return item
    called = site.vehicles.get(first.mention.ids[0])
    kind = called.kind if called else None
    ids = tuple(v.id for v in site.vehicles.values() if kind and v.kind == kind and v.number == item.amount)
    if len(ids) != 1:
        return item
    mention = Mention(What.VEHICLE, ids, item.start, item.end, CERTAIN, str(item.amount), bare=True)
    return replace(item, mention=mention, numbered=True)


def _joins(items: Sequence[Item], at: int) -> bool:
    """Whether an "and", but for an article, stands before the number, and a place before that."""
    before = at - 1
    while before > 0 and items[before].plays(FILLER) and not items[before].plays(AND):
        before -= 1
    return before > 0 and items[before].plays(AND) and items[before - 1].is_where


def _leads_on(items: Sequence[Item], at: int) -> bool:
    """Whether a preposition and a place follow the number."""
    behind = items[at + 1 : at + 4]
    place = next((n for n, item in enumerate(behind) if item.mention), 0)
    return place > 0 and behind[place].is_where and _may_lead(behind[0]) and all(map(_is_small, behind[:place]))


def _is_small(item: Item) -> bool:
    return _may_lead(item) or item.plays(FILLER)


def _may_lead(item: Item) -> bool:
    """Whether it is a preposition; one that stops, too, as "para" does."""
    return item.leads or item.leads_as_verb
