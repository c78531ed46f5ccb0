"""Orders beside which a battery is spoken of: "Lade Otto, der Akku ist leer", "cart five's nearly flat, get it on
charger two"."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from banksman_edge.nlu.language import BATTERY, IT, LOAD, LOADS, LOADS_OR_CHARGES
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import ASKED, BREAK
from banksman_shared.commands import Action, Command

_SENDS = frozenset({Action.MOVE, Action.TRANSPORT, Action.PICK, Action.DROP, Action.CHARGE, Action.PARK})


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


def charged_where_sent(
    text: str, whole: Reading, chargers: Collection[str], read: Callable[[str], Reading]
) -> Reading | None:
    """Who is told to go to one of ``chargers``, or is to be brought there, behind what is told of their battery is to
    charge there, whatever verb sends them: "cart five's nearly flat, get it on charger two"; None elsewhere."""
    said, what = whole.clause, {mention.what for mention in whole.mentions}
    only = what == {What.VEHICLE, What.PLACE} and len(said.vehicles) == 1 and not said.ambiguous
    if not (only and len(set(said.places)) == 1 and said.places[0] in chargers):
        return None
    *told, last = [read(part) for part in BREAK.split(text) if part]
    if not any(map(_speaks_of_battery, told)) or _speaks_of_battery(last) or not last.clause.places:
        return None  # "take the battery to charger two"
    open_ = whole.retold or whole.taken_back or said.planning or said.another_day or said.either or said.negated
    if open_ or said.unknown_words or _names_load(last) or ASKED.search(text):
        return None
    verbs = said.actions - {Action.STATUS}
    if not (verbs or said.attaches) or verbs - _SENDS:
        return None
    charge = Command(Action.CHARGE, said.vehicles[0].ids, destination=said.places[0])
    return replace(whole, commands=(charge,), certainty=said.certainty)


def _has_load(order: Reading, verb: int) -> bool:
    """Whether a load is said behind so many tokens of a verb that may be one itself: Spanish "carga"."""
    said = any(order.words.roles_of((token,)) & {LOAD, LOADS} for token in order.tokens[verb:])
    return order.clause.has_load and (said or not order.words.roles_of(order.tokens[:verb]) & {LOAD, LOADS})


def _names_load(said: Reading) -> bool:
    """Whether a load is named, and not only referred to."""
    at = 0
    while at < len(said.tokens):
        phrase, length = said.words.match(said.tokens, at) or (None, 1)
        if phrase and phrase.roles & {LOAD, LOADS} and IT not in phrase.roles:
            return True
        at += length
    return False


def _tells_of_battery(part: Reading) -> bool:
    """Whether it says how the battery is, and makes no condition, asks and orders nothing."""
    said = part.clause
    told = _speaks_of_battery(part)
    open_ = part.retold or said.planning or said.another_day or said.asks or said.either or said.negated
    return told and not (open_ or said.names_something or said.actions - {Action.STATUS, Action.CHARGE})


def _speaks_of_battery(said: Reading) -> bool:
    words, tokens = said.words, said.tokens
    spans = (tokens[a:b] for a in range(len(tokens)) for b in range(a + 1, min(a + words.longest, len(tokens)) + 1))
    return any(BATTERY in words.roles_of(span) for span in spans)
