"""What was said before a sentence, as far as the sentence may mean it: "no, dock two", "and four as well", "yes"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from banksman_shared.commands import Command


class Question(StrEnum):
    """What the system asked last, and waits to be told."""

    CONFIRM = "confirm"
    """Whether the newest order is right."""
    WHO = "who"
    WHERE = "where"
    """To which place."""
    ORIGIN = "from"
    """From which place."""
    WHICH = "which"
    """Which of several vehicles or places."""


class How(StrEnum):
    """How an order goes together with those before it."""

    INSTEAD = "instead"
    """In place of the speaker's newest order."""
    THEN = "then"
    """When the vehicle is done with what it does."""
    NOW = "now"
    """At once, before what it does."""


class Reply(StrEnum):
    """What a sentence may say to what was said before, without an order in it."""

    YES = "yes"
    NO = "no"
    UNDO = "undo"
    """The newest order is taken back."""


HOWS, REPLIES = frozenset(map(str, How)), frozenset(map(str, Reply))
"""As they are written."""
MOST_BEFORE = 3
"""Orders of a speaker that a sentence is read after."""


@dataclass(frozen=True, slots=True)
class Context:
    """``orders``: the speaker's last orders, the newest last, each of them with its steps; ``question``: what the
    system asked about the newest; ``choices``: the ids that it asks to choose from, of vehicles, or ``of_places``;
    ``kind``: the id of the kind of place that the newest order goes to one of: "to the dock"."""

    orders: tuple[tuple[Command, ...], ...] = ()
    question: Question | None = None
    choices: tuple[str, ...] = ()
    of_places: bool = False
    kind: str = ""

    @property
    def named(self) -> frozenset[str]:
        """The ids that the newest order names, and what there is to choose from."""
        newest = [command for order in self.orders[-1:] for command in order]
        places = (place for command in newest for place in (command.origin, command.destination) if place)
        vehicles = (one.rpartition(":")[2] for command in newest for one in command.vehicles)
        return frozenset((*places, *vehicles, *self.choices))

    def __bool__(self) -> bool:
        return bool(self.orders or self.question)


NOTHING_BEFORE = Context()
