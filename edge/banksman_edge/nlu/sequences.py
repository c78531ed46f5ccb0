"""The steps of an order: where a sequence is parted, and what its steps have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, ENDS_STEP, FIRST, ONCE_DONE, THEN, THEN_AFTER_VERB, TO, only_stops
from banksman_edge.nlu.names import What
from banksman_edge.nlu.slots import told
from banksman_shared.commands import Action, Command

_GOING = frozenset({Action.MOVE, Action.TRANSPORT})


def parts_of(items: Sequence[Item]) -> Sequence[Sequence[Item]]:
    """The steps of a sequence, without the "first" of "first …, then …"."""
    parts = list(_split(items))
    if len(parts) == 1:
        return parts
    steps = [[item for item in part if not item.plays(FIRST) or item.actions] for part in parts]
    return [step for step in steps if step]


def _split(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The parts between the words that mean "then"."""
    part: list[Item] = []
    begun = False
    for number, item in enumerate(items):
        begun = begun or bool(item.actions)
        if item.plays(THEN) and _stands_within(part, item, items[number + 1 :]):
            continue
        after_verb = item.plays(THEN_AFTER_VERB) and part and part[-1].actions
        if (after_verb or (item.plays(THEN) and (begun or not item.plays(ONCE_DONE)))) and not item.actions:
            begins = _next_begins(part)
            if before := part[: begins - 1] if begins else part:
                yield before
            part = part[begins:] if begins else []
        else:
            part.append(item)
            if item.plays(ENDS_STEP):
                yield part
                part = []
    if part:
        yield part


def _next_begins(part: Sequence[Item]) -> int:
    """Where, before a "then", what comes next has begun with its verb: "and take it then to dock two"; 0 elsewhere."""
    verb = _before_small(part, len(part))
    if verb < 2 or not part[verb].actions:
        return 0
    joined = _before_small(part, verb, AND)
    return joined + 1 if part[joined].plays(AND) else 0


def _before_small(part: Sequence[Item], end: int, until: str = "") -> int:
    """The last before ``end`` that is a verb, a name or unknown, or plays ``until``; 0 where none is."""
    at = end - 1
    while at > 0 and not (part[at].actions or part[at].mention or part[at].unknown or part[at].plays(until)):
        at -= 1
    return max(0, at)


def _stands_within(part: Sequence[Item], then: Item, rest: Sequence[Item]) -> bool:
    """Whether a "then" is between a verb, with which its step begins, and where to: "va ensuite à la cuisine"."""
    ends = next((at for at, item in enumerate(rest) if item.plays(THEN) or item.plays(AND)), len(rest))
    verbs, following = [item for item in part if item.actions], rest[:ends]
    if len(verbs) != 1 or not verbs[0].actions <= _GOING or part[_before_small(part, len(part))] is not verbs[0]:
        return False
    bare = not any(item.is_load or (item.mention and not item.is_who) for item in part)
    led = any(item.plays(TO) and _is_place(place) for item, place in pairwise(following))
    other = then.actions or then.plays(ONCE_DONE) or any(item.actions or item.is_who for item in following)
    return bare and led and not other


def _is_place(item: Item) -> bool:
    return item.mention is not None and item.mention.what is What.PLACE


def waits_first(items: Sequence[Item]) -> bool:
    """Whether what is to be done begins when something else is done, of which nothing more is said: "tug two, when
    you're done go to dock one". Who is told to stop stops at once."""
    if any(only_stops(item.phrase) or Action.CANCEL in item.actions for item in items):
        return False
    begins = next((at for at, item in enumerate(items) if item.actions), len(items))
    return any(item.plays(ONCE_DONE) for item in items[:begins])


def called_at_the_end(items: Sequence[Item]) -> bool:
    """Whether who is told is named last of all: "first dock two, then dock three, tug two"."""
    last = items[-1].mention if items else None
    return last is not None and last.what is What.VEHICLE and sum(item.is_who for item in items) == 1


def called_last(commands: Sequence[Command], items: Sequence[Item]) -> Sequence[Command]:
    """In "go there, then park, tug two", the tug is meant all along."""
    last = items[-1].mention if items else None
    if not last or last.what is not What.VEHICLE or any(command.vehicles for command in commands[:-1]):
        return commands
    return told(commands, commands[-1].vehicles)
