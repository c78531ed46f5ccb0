"""Orders beside which a battery is spoken of: "Lade Otto, der Akku ist leer", "cart five's nearly flat, get it on
charger two"."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache

from banksman_edge.nlu.language import BATTERY, IT, LOAD, LOADS, LOADS_OR_CHARGES, table_of
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import ASKED, BREAK, Tokens, tokenize
from banksman_shared.commands import Action, Command

_SENDS = frozenset({Action.MOVE, Action.TRANSPORT, Action.PICK, Action.DROP, Action.CHARGE, Action.PARK})


def told_to_charge(
    text: str, whole: Reading, chargers: Collection[str], read: Callable[[str], Reading]
) -> Reading | None:
    """Whoever is told to charge by what is said of their battery; None where nobody is."""
    return _recharged(text, whole, read) or _charged_where_sent(text, whole, chargers, read)


def _recharged(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading | None:
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


def _charged_where_sent(
    text: str, whole: Reading, chargers: Collection[str], read: Callable[[str], Reading]
) -> Reading | None:
    """Who is sent to one of ``chargers``, or is to be brought there, charges there, whatever the verb, behind what says
    that they are nearly empty: "cart five's nearly flat, get it on charger two"; None elsewhere."""
    *told, last = [part for part in BREAK.split(text) if part] or [""]
    whom = [mention for mention in whole.mentions if mention.what is What.VEHICLE]
    if not told or len(whom) != 1 or len(whom[0].ids) != 1 or len(whole.mentions) != 2 or ASKED.search(text):
        return None
    about, order = read(", ".join(told)), read(last)
    where = order.clause.places
    if len(where) != 1 or where[0] not in chargers or not (_is_nearly_empty(about) and _sends(order)):
        return None
    if whole.retold or whole.taken_back or _is_open(whole) or names_load(order):
        return None
    charge = Command(Action.CHARGE, whom[0].ids, destination=where[0])
    return replace(whole, commands=(charge,), certainty=min(whole.clause.certainty, order.clause.certainty))


def _is_nearly_empty(about: Reading) -> bool:
    """Whether it says that a vehicle's battery is low, in words of the table ``[provisos]``, one of ``empties`` or one
    of ``battery``, there or in ``[words]``, and one of ``low``, and orders and asks nothing, and says little else."""
    said, found = about.clause, {key: _words(about, key) for key in ("empties", "battery", "low")}
    if not (found["empties"] or (found["battery"] and found["low"])):
        return False
    words = [word for several in found.values() for word in several]
    verbs = (about.words.phrases[word].actions for word in words if word in about.words.phrases)  # Spanish "baja"
    orders = said.actions - {Action.STATUS, Action.CHARGE}.union(*verbs)
    named = len(about.mentions) == len(said.vehicles) == 1
    strange = said.unknown_words > sum(map(len, words))
    return named and not (orders or strange or about.retold or about.planned or _is_open(about) or names_load(about))


def _words(said: Reading, key: str) -> list[Tokens]:
    """The words of a list that are said."""
    tokens = said.tokens
    places = range(len(tokens))
    return [word for word in _listed(said.language, key) if any(tokens[at : at + len(word)] == word for at in places)]


def _sends(order: Reading) -> bool:
    """Whether it sends or brings somebody who is not named to a place, for sure and not from it."""
    said = order.clause
    known = len(order.mentions) == 1 and not (said.unknown_words or said.origins or order.retold or _is_open(order))
    told = all(c.action in _SENDS and not c.origin for c in order.commands) and bool(order.commands)
    return known and not (said.may_tell or said.tells) and (told or (said.attaches and not order.commands))


def _is_open(part: Reading) -> bool:
    """Whether it asks, denies, or makes a condition."""
    said = part.clause
    asks = said.asks or said.inquires or said.ponders
    return bool(asks or said.planning or said.another_day or said.either or said.negated)


def _has_load(order: Reading, verb: int) -> bool:
    """Whether a load is said behind so many tokens of a verb that may be one itself: Spanish "carga"."""
    said = any(order.words.roles_of((token,)) & {LOAD, LOADS} for token in order.tokens[verb:])
    return order.clause.has_load and (said or not order.words.roles_of(order.tokens[:verb]) & {LOAD, LOADS})


def names_load(said: Reading) -> bool:
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
    told = any(BATTERY in part.words.roles_of((token,)) for token in part.tokens)
    orders = said.names_something or said.actions - {Action.STATUS, Action.CHARGE}
    return told and not (part.retold or _is_open(part) or orders)


@cache
def _listed(code: str, key: str) -> tuple[Tokens, ...]:
    table = table_of(code)
    words = [*table.get("provisos", {}).get(key, ()), *table.get("words", {}).get(key, ())]
    return tuple(tokenize(word, code) for word in words)
