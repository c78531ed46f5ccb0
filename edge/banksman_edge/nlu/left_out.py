"""What a language model left out of its answer: a vehicle or a place that the sentence names for certain, or a number
beside a name. "Shuttles 2 and 20 go to cell 1 and cell 2" was read as if cell 2 alone had been named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import lacks_a_name
from banksman_edge.nlu.language import (
    AWAITED,
    AWAITS,
    BUT,
    CONTRASTS,
    CORRECTS,
    DROPS,
    EITHER,
    FACTS,
    INSTEAD,
    NO,
    NOT,
    PLAN,
    TELLS,
    THROUGH,
)  # fmt: skip
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_shared.commands import EVERYBODY, Action, Command
from banksman_shared.site import Site

CERTAIN = 0.95
"""Likeness from which a name is named for certain."""
_RIGHTLY = (AWAITED, AWAITS, BUT, CONTRASTS, CORRECTS, DROPS, EITHER, FACTS, INSTEAD, NO, NOT, PLAN, TELLS, THROUGH)
"""Words beside which a name may be no part of what is ordered."""
_UNTOLD = frozenset({Action.STOP, Action.PLAN, Action.NONE})
"""What is done, or planned, whatever else was said."""


def leaves_out(reading: Reading, items: Sequence[Item], commands: Sequence[Command], site: Site) -> bool:
    """Whether commands lack something that was said, so that they are at most asked about."""
    if lacks_a_name(items, reading.tokens, reading.words):
        return True
    if any(command.action in _UNTOLD for command in commands):
        return False
    return bool(reading.clause.missing) or _has_loose_number(items) or bool(_left_out(items, commands, site))


def mixes_up(items: Sequence[Item], commands: Sequence[Command], site: Site) -> bool:
    """Whether several vehicles and several places are named, and commands lack one: nobody knows who goes where."""
    if any(command.action in _UNTOLD for command in commands):
        return False
    named = {(mention.what, mention.ids[0]) for mention in _certain(items)}
    many = all(sum(what is each for what, _ in named) > 1 for each in (What.VEHICLE, What.PLACE))
    return many and bool(_left_out(items, commands, site))


def _left_out(items: Sequence[Item], commands: Sequence[Command], site: Site) -> list[Mention]:
    if any(item.plays(role) for item in items for role in _RIGHTLY):
        return []
    told = {thing for command in commands for thing in _things(command, site)}
    return [mention for mention in _certain(items) if mention.ids[0] not in told]


def _certain(items: Sequence[Item]) -> Iterator[Mention]:
    for item in items:
        mention = item.mention
        if mention is None or mention.what not in (What.VEHICLE, What.PLACE) or len(mention.ids) != 1:
            continue
        if mention.score >= CERTAIN and not (mention.bare or mention.called_by_place):
            yield mention


def _things(command: Command, site: Site) -> Iterator[str]:
    """The vehicles and places that a command is about."""
    yield from (place for place in (command.origin, command.destination) if place)
    for who in command.vehicles:
        sort, _, name = who.partition(":")
        if who == EVERYBODY:
            yield from site.vehicles
        elif sort == "group" and name in site.groups:
            yield from site.groups[name].vehicles
        elif sort == "kind":
            yield from (vehicle.id for vehicle in site.vehicles.values() if vehicle.kind == name)
        else:
            yield name if sort == "at" else who


def _has_loose_number(items: Sequence[Item]) -> bool:
    """Whether a number that nothing accounts for stands behind a name."""
    return any(
        item.mention is not None and after.unknown and after.amount is not None for item, after in pairwise(items)
    )
