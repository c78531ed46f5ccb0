"""What makes an order less than sure, so that it is read back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.hesitation import hesitates
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import FROM, LOADS_OR_CHARGES
from banksman_edge.nlu.reading import MAY_TELL
from banksman_shared.commands import Action, Command


def doubt(commands: Sequence[Command], clause: Clause, items: Sequence[Item]) -> float:
    """The certainty kept, 0 to 1: less than all where an order may tell instead, or may be another one."""
    tells = clause.may_tell or clause.needs or clause.stray_number or hesitates(items)
    other = _loads_or_charges(commands, items) or _of_somewhere(commands, items) or _from_nowhere(commands, clause)
    return MAY_TELL if tells or other else 1.0


def asks_of_nobody(commands: Sequence[Command], clause: Clause, *, bare: bool) -> bool:
    """Whether it is asked how all are in words that say more than that, ``bare``, and name nobody. "My best status."
    names no belt."""
    asked = clause.vague or not (bare or clause.names_something)
    return bool(asked) and not clause.addresses and tuple(commands) == (Command(Action.STATUS, ()),)


def _loads_or_charges(commands: Sequence[Command], items: Sequence[Item]) -> bool:
    """Whether a verb by which a vehicle loads as well as charges has nothing beside it that says which: "carrinho sete,
    carregue"."""
    said = any(item.plays(LOADS_OR_CHARGES) for item in items)
    loaded = any(item.is_load and not item.plays(LOADS_OR_CHARGES) for item in items)
    return said and not loaded and any(c.action is Action.PICK and c.destination is None for c in commands)


def _of_somewhere(commands: Sequence[Command], items: Sequence[Item]) -> bool:
    """Whether strange words beside a load, which nobody is told to carry, may say where it is and not what it is: "die
    Kiste von Hallein"."""
    governed = any(
        (left.plays(FROM) and right.unknown) or (left.unknown and right.plays(FROM)) for left, right in pairwise(items)
    )
    return governed and any(c.action is Action.TRANSPORT and not (c.origin or c.vehicles) for c in commands)


def _from_nowhere(commands: Sequence[Command], clause: Clause) -> bool:
    """Whether somebody is to carry something somewhere, and no known word says from where: strange ones may say that it
    stands there, "tira sul bancale **che c'è** alla filmatrice". Of 11 spoken ones on five sites five were wrong."""
    one_end = (c.vehicles and c.destination and not c.origin for c in commands if c.action is Action.TRANSPORT)
    return clause.unknown_words > 0 and any(one_end)
