"""Vehicles that are named in an order, and told nothing by it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from banksman_edge.nlu.inflection import OBJECT
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, ARTICLES, AWAITS_BARE, TO
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.neighbours import before, is_acted_on
from banksman_edge.nlu.prepositions import preposition_of
from banksman_shared.commands import Action, Command


def untold(items: Sequence[Item], *, postfix: bool) -> frozenset[int]:
    """Which vehicles are named though nothing is told them, of some with a verb between them and no "and": who sends
    another, "Nora, send cart two to the kitchen", and else the later ones, "cart two, go to cart three". Of a stop,
    nobody."""
    named = [at for at, item in enumerate(items) if item.mention and item.mention.what is What.VEHICLE]
    if postfix or len(named) < 2 or any(Action.STOP in item.actions for item in items):
        return frozenset()
    between = items[named[0] : named[-1]]
    if any(item.plays(AND) for item in between) or not any(item.actions for item in between):
        return frozenset()
    last, to_place = named[-1], any(item.is_where for item in items)
    verb = next((item for item in reversed(items[:last]) if not item.plays(ARTICLES)), items[0])
    led = preposition_of(items, last, postfix=postfix)
    sent = items[last].ends_in(OBJECT) or is_acted_on(items, last, postfix=postfix)
    sends = any({Action.MOVE, Action.TRANSPORT} <= item.actions for item in between)
    sent = sent or bool(verb.actions and not verb.leads) or bool(led and led.plays(TO) and to_place and sends)
    return frozenset(named[:-1] if sent and not items[named[0]].ends_in(OBJECT) else named[1:])


def names_beside(items: Sequence[Item]) -> bool:
    """Whether of two vehicles the later has a preposition, and no "and" joins them: "cart two, wait for cart three"; or
    one stands behind the place where somebody waits, for it or by itself: «espera no cais um, Falcão»."""
    named = [at for at, item in enumerate(items) if item.is_who]
    waits = any(item.plays(AWAITS_BARE) for item in items[: named[0]]) if named else False
    return (waits and items[named[0] - 1].is_where) or any(
        before(items, at).leads and not any(item.plays(AND) for item in items[last + 1 : at])
        for last, at in pairwise(named)
    )


def all_told(mentions: Sequence[Mention], commands: Sequence[Command]) -> bool:
    """Whether each vehicle that is named has an order of its own: "cart two to the kitchen, cart three to the lab"."""
    told = {vehicle for command in commands for vehicle in command.vehicles}
    return len(commands) > 1 and all(m.ids[0] in told for m in mentions if m.what is What.VEHICLE)
