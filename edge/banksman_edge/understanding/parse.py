"""What understanding returns: commands, how sure that is, and what every stage said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from banksman_edge.understanding.context import How, Reply
from banksman_edge.understanding.entities.mention import Mention
from banksman_shared.commands import NOTHING, Command, to_document
from banksman_shared.models.engine import Answer

MOST_SAID_BACK = 50
"""Characters of a name that the site lacks, as it is told."""


class Tier(StrEnum):
    """Which stage understood; the names are those of the wire."""

    STOP = "stop"
    GRAMMAR = "grammar"
    """The fast path: a plain order of which every word is known."""
    LLAMA = "llama"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence that the reader was asked: its ``text`` with tags, what each ``tags`` stands for, and the ``answer``;
    None where there is no reader, or where it failed for the reason ``error``."""

    text: str
    tags: dict[str, tuple[str, ...]]
    answer: Answer | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What the stages said, in order. ``language``: in which it was read; ``mentions``: what
    of the site was found; ``stop``: what the stop stage found; ``plain``: what the fast path read; ``asked``: what the
    reader was asked; ``left_over``: what the proof found to be left over."""

    text: str
    language: str = ""
    mentions: tuple[Mention, ...] = ()
    stop: str = ""
    plain: tuple[Command, ...] | None = None
    asked: tuple[Asked, ...] = ()
    left_over: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The trace as JSON has it."""
        return {
            "text": self.text,
            "names": [
                {
                    "text": mention.text,
                    "what": mention.what.name.lower(),
                    "ids": list(mention.ids),
                    "tokens": [mention.start, mention.end],
                    "likeness": round(mention.score, 3),
                    "role": mention.role,
                }
                for mention in self.mentions
            ],
            "stop": self.stop,
            "plain": None if self.plain is None else to_document(self.plain),
            "reader": [_asked_document(asked) for asked in self.asked],
            "left_over": list(self.left_over),
        }


def _asked_document(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {"asked": asked.text, "tags": {tag: list(ids) for tag, ids in asked.tags.items()}}
    if asked.answer is None:
        return found | {"error": asked.error}
    decisions = [
        {"wrote": one.text, "probability": round(one.probability, 4), "others": {t: round(p, 4) for t, p in one.others}}
        for one in asked.answer.choices
    ]
    return found | {
        "line": asked.answer.line,
        "probability": round(asked.answer.probability, 4),
        "decisions": decisions,
    }


@dataclass(frozen=True, slots=True)
class Parse:
    """Commands with the confidence (0 to 1) that this is what was meant, and why.

    ``choices``: several ids fit the words equally well; the commands name the first. ``vague``: a kind of place was
    named of which the site has several, "pick it up at the dock". ``unknown``: words that name something of a known
    kind which the site lacks, "dock ninety". ``questioned``: it was written as a question. ``addressed``: the fleet
    seems to be told something, so that whoever said it is answered. ``named``: who or where is named, if only in what
    goes to the planner, whose command names nobody. ``how``: how the commands go with what was said before; ``reply``:
    what it says to that, without commands; ``breaks_off``: a place was about to be said, and was not.
    """

    commands: tuple[Command, ...]
    confidence: float
    tier: Tier
    language: str
    reason: str
    choices: tuple[str, ...] = ()
    vague: bool = False
    unknown: str = ""
    questioned: bool = False
    addressed: bool = False
    named: bool = False
    how: How | None = None
    reply: Reply | None = None
    breaks_off: bool = False
    trace: Trace | None = field(default=None, compare=False)

    @property
    def is_nothing(self) -> bool:
        return self.commands == (NOTHING,)


def nothing(language: str, tier: Tier, reason: str, unknown: str = "", confidence: float = 0.0) -> Parse:
    """A parse that asks for nothing. ``unknown`` is cut where nobody would say so much."""
    unknown = unknown if len(unknown) <= MOST_SAID_BACK else f"{unknown[: MOST_SAID_BACK - 1]}…"
    return Parse((NOTHING,), confidence, tier, language, reason, unknown=unknown, addressed=bool(unknown))
