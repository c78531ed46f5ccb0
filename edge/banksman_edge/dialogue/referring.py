"""How an order with a reference in it goes with the plain reading of the same sentence."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.dialogue.references import is_live, reference_of
from banksman_edge.dialogue.resolve import is_open
from banksman_edge.dialogue.words import ANY_EMPTY, AT, EMPTY, FREE_ONE, LIVE, LOADED, OTHER, PRONOUNS
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.reading import Reading
from banksman_shared.commands import Action, Command


def told_apart(commands: Sequence[Command]) -> frozenset[str]:
    """The selectors that say more than an order that is understood: for nobody in particular the fleet takes a free
    vehicle anyway, and where vehicles are named, a place beside them, and how something is, is rather that of the load.
    """
    if only_asks(commands):
        return LIVE
    named = all(command.vehicles for command in commands)
    return LIVE - ({FREE_ONE, AT, EMPTY, ANY_EMPTY, LOADED} if named else {FREE_ONE})


def only_asks(commands: Sequence[Command]) -> bool:
    return bool(commands) and all(command.action is Action.STATUS for command in commands)


def set_down(plain: Sequence[Command], referring: Sequence[Command]) -> tuple[Command, ...]:
    """Commands with a reference in them, in which what is put somewhere is a load, as without it: "put it down at dock
    two" sends nobody there empty."""
    if [command.action for command in plain] != [Action.DROP] or len(referring) != 1:
        return tuple(referring)
    return (Command(Action.DROP, referring[0].vehicles, destination=referring[0].destination),)


def says_much(references: Sequence[Mention]) -> bool:
    """Whether a reference is more than a pronoun: "the nearest free one"."""
    return any(is_live(m.ids[0]) for m in references)


def is_whole_order(reading: Reading) -> bool:
    """Whether it is an order with a reference in it. Nothing is stopped by reference: a stop needs none."""
    stops = any(command.action is Action.STOP for command in reading.commands)
    return is_open(reading.commands) and not stops and not mixed(reading)


def mixed(reading: Reading) -> bool:
    """Whether "it" would be somebody besides those that are named: then it is their load."""
    for command in reading.commands:
        keys = {r.key if (r := reference_of(v)) else "" for v in command.vehicles}
        if len(keys) > 1 and keys & (PRONOUNS - {OTHER}):
            return True
    return False
