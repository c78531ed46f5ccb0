"""Which sentences with strange words are orders all the same, on a yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, dropwhile, takewhile

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import FILLER
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import BREAK, UNSPACED, tokenize
from banksman_shared.commands import Action

MAX_STRANGE_WORDS = 3
"""Words, or half the characters, that nobody knows and that may be left out of an order."""
MAX_STRANGE_RUNS = 2
LEAST_KNOWN = 0.6
ROUGH = 0.7
"""Certainty where words were left out: enough to ask for a yes."""
ROUGHLY = frozenset(Action) - {Action.STOP, Action.PLAN, Action.NONE, Action.STATUS}


def may_be_rough(reading: Reading) -> bool:
    """Whether few enough words are strange, and nothing says that it is no order, or one for the planner."""
    clause, most = reading.clause, MAX_STRANGE_WORDS * (1 + (reading.language in UNSPACED))
    settled = (
        reading.commands or reading.retold or reading.taken_back or clause.is_talk or clause.missing or clause.spares
    )
    few = clause.unknown_words <= most and clause.strange_runs <= MAX_STRANGE_RUNS
    return (
        few
        and reading.known_share >= LEAST_KNOWN
        and not (settled or clause.planning or clause.goal or clause.counted_loads or clause.all_else)
    )


def calls_somebody(text: str, read: Callable[[str], Reading]) -> bool:
    """Whether a vehicle is called by its name alone, "cart two, …"; else, without a verb, it may be told of."""
    said = (read(part).clause for part in BREAK.split(text) if part)
    return any((c.vehicles or c.groups) and not (c.verbs or c.places or c.unknown_words) for c in said)


def says_number(items: Sequence[Item]) -> bool:
    """Whether a number among the strange words says more than how many vehicles, so that it must not be left out."""
    for at, item in enumerate(items):
        if item.unknown and item.amount is not None:
            behind = next((other for other in items[at + 1 :] if not other.plays(FILLER)), None)
            if behind is None or behind.mention is None or behind.mention.what is not What.VEHICLE_KIND:
                return True
    return False


def tells_strangely(items: Sequence[Item], text: str, language: str) -> bool:
    """Whether a strange word stands between whom it is said of and a verb, with no comma before it, and so is what they
    do about that: "Florence tried to pick up the box", "Marie odia andare in cucina", unlike "cart two, whoosh over".
    Not where verbs come last."""
    parted = set(accumulate(len(tokenize(part, language)) for part in BREAK.split(text)))
    for at, item in enumerate(items):
        behind = dropwhile(lambda other: other.plays(FILLER) and not other.actions, items[at + 1 :])
        said = [other for other in behind if not other.leads]  # "que venga" orders
        strange = len(list(takewhile(_is_strange, said)))
        verb = strange and strange < len(said) and said[strange].actions
        if item.is_who and item.end not in parted and verb:
            return language not in UNSPACED
    return False


def _is_strange(item: Item) -> bool:
    return item.unknown and item.amount is None
