"""What understanding returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from banksman_shared.commands import NOTHING, Command


class Tier(StrEnum):
    """Which part of the cascade understood."""

    STOP = "stop"
    GRAMMAR = "grammar"
    LLAMA = "llama"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Commands with the confidence (0 to 1) that this is what was meant, and why.

    ``choices``: several ids fit the words equally well; the commands name the first.
    """

    commands: tuple[Command, ...]
    confidence: float
    tier: Tier
    language: str
    reason: str
    choices: tuple[str, ...] = ()
    vague: bool = False
    """A kind of place was named of which the site has several: "pick it up at the dock"."""
    unknown: str = ""
    """Words that name something of a known kind which the site does not have: "dock ninety"."""
    questioned: bool = False
    """It was written as a question, and only a language model takes it for an order: "must two park like that?"."""

    addressed: bool = False
    """The fleet seems to be told something: whoever said it is answered, even if nothing certain was made of it."""
    named: bool = False
    """Who or where is named, if only in what goes to the planner, whose command names nobody."""

    @property
    def is_nothing(self) -> bool:
        return self.commands == (NOTHING,)
