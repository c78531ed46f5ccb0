"""The steps of an order: where a sequence is parted, and what its steps have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, ENDS_STEP, FIRST, ONCE_DONE, THEN, THEN_AFTER_VERB, only_stops
from banksman_edge.nlu.names import What
from banksman_edge.nlu.slots import told
from banksman_shared.commands import Action, Command


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
    for item in items:
        begun = begun or bool(item.actions)
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
    at = len(part) - 1
    while at > 1 and not part[at].actions and not part[at].mention and not part[at].unknown:
        at -= 1
    return at if at > 1 and part[at].actions and part[at - 1].plays(AND) else 0


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
