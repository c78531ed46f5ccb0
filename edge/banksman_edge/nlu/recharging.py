"""Verbs that load as well as charge, where a battery is spoken of behind them: "Lade Otto, der Akku ist leer"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from banksman_edge.nlu.language import BATTERY, LOAD, LOADS, LOADS_OR_CHARGES
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import ASKED, BREAK
from banksman_shared.commands import Action, Command


def recharged(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading | None:
    """Who is named beside such a verb alone is told to charge, where all else that is said tells of the battery; None
    elsewhere."""
    begins = whole.words.match(whole.tokens, 0)
    if begins is None or LOADS_OR_CHARGES not in begins[0].roles or whole.retold or ASKED.search(text):
        return None
    order, *rest = [read(part) for part in BREAK.split(text) if part]
    named = len(order.commands) == 1 and bool(order.clause.vehicles) and not _has_load(order, begins[1])
    if not (named and rest and all(_tells_of_battery(part) for part in rest)):
        return None
    command = order.commands[0]
    if command.action not in (Action.PICK, Action.CHARGE) or command.destination or order.clause.either:
        return None
    charge = Command(Action.CHARGE, command.vehicles)
    return replace(whole, commands=(charge,), certainty=order.clause.certainty)


def _has_load(order: Reading, verb: int) -> bool:
    """Whether a load is said behind so many tokens of a verb that may be one itself: Spanish "carga"."""
    said = any(order.words.roles_of((token,)) & {LOAD, LOADS} for token in order.tokens[verb:])
    return order.clause.has_load and (said or not order.words.roles_of(order.tokens[:verb]) & {LOAD, LOADS})


def _tells_of_battery(part: Reading) -> bool:
    """Whether it says how the battery is, and makes no condition, asks and orders nothing."""
    said = part.clause
    told = any(BATTERY in part.words.roles_of((token,)) for token in part.tokens)
    open_ = part.retold or said.planning or said.another_day or said.asks or said.either or said.negated
    return told and not (open_ or said.names_something or said.actions - {Action.STATUS, Action.CHARGE})
