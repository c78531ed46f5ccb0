"""Orders that name nobody: those that say so little of whom they are for that it has to be known from before, and
those for any one of a kind."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.dialogue.hearing import Order
from banksman_edge.dialogue.references import Reference
from banksman_edge.dialogue.slots import told
from banksman_edge.dialogue.words import FREE_ONE, IT, says_one_of, words_in
from banksman_edge.understanding import Parse
from banksman_edge.understanding.entities.mention import What
from banksman_edge.understanding.text.tokens import tokens_of
from banksman_shared.commands import DRIVING


def names_nobody(read: Parse) -> bool:
    """Whether an order that is understood leaves open whom it is for: "send a tugger to dock two" does not, nor do
    "send somebody" and "whoever is free should go"."""
    if read.trace is None or any(c.vehicles or c.action not in DRIVING for c in read.commands):
        return False
    if any(mention.what is What.VEHICLE_KIND for mention in read.trace.mentions):
        return False
    words = words_in(read.language)
    return not says_one_of(tokens_of(read.trace.text), words.one | words.anyone)


def one_of_a_kind(read: Parse) -> Order | None:
    """An order for one of a kind, whichever is free: "send a tugger to dock two"."""
    if read.trace is None or any(command.vehicles or command.action not in DRIVING for command in read.commands):
        return None
    kinds = {m.ids[0] for m in read.trace.mentions if m.what is What.VEHICLE_KIND}
    if len(kinds) != 1:
        return None
    first, rest = read.commands[:1], read.commands[1:]
    commands = (*told(first, (Reference(FREE_ONE, kinds.pop()).token,)), *told(rest, (Reference(IT).token,)))
    return Order(replace(read, commands=commands), True, False)
