"""What was heard beside what was finally done, from the audit log: sentences to teach a language model with.

What counts is how a conversation ended: an order that was accepted and stood; one that was read back and had its yes;
one that was corrected or asked back about, with what came of that. What nobody vouched for is left out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile
from typing import Any

from banksman_edge.audit.record import Record
from banksman_edge.turns import How, Verdict
from banksman_shared.actions import Action
from banksman_shared.clock import parse_timestamp
from banksman_shared.commands import Command, parse_commands, to_document
from banksman_shared.errors import CommandError

REGRET_S = 20.0
"""Within so many seconds a stop or a cancellation by the same speaker takes an order back."""


class Outcome(StrEnum):
    """How it is known what a sentence meant."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence. ``meant``: what was finally done; None where nobody vouched for anything, and ``why`` says what came
    of it. ``understood``: what was made of it at first."""

    utterance: str
    text: str
    language: str
    understood: tuple[Command, ...]
    meant: tuple[Command, ...] | None = None
    outcome: Outcome | None = None
    why: str = ""

    @property
    def open(self) -> bool:
        """Whether a person could still say what it meant by itself."""
        return self.meant is None and self.why not in _HANGING.values()

    def document(self) -> dict[str, Any]:
        """A line as ``banksman eval`` and ``teach llama prepare --own`` read it; what they do not ask is for people."""
        line: dict[str, Any] = {"id": self.utterance, "text": self.text, "language": self.language}
        line["expect"] = None if self.meant is None else to_document(self.meant)
        return line | {"understood": to_document(self.understood), "outcome": str(self.outcome or self.why)}


@dataclass(slots=True)
class _Turn:
    """What the log has of an utterance."""

    utterance: str
    at: float
    speaker: tuple[Any, ...]
    text: str = ""
    language: str = ""
    decision: str = ""
    commands: tuple[Command, ...] = ()
    how: str = ""
    about: str = ""
    dated: bool = False
    """Whether its decision was recorded before it was recorded what an utterance hangs on."""


def lessons(records: Iterable[Record]) -> Iterator[Lesson]:
    """A lesson for each utterance in which anything was heard, oldest first."""
    turns = _turns(records)
    followers: dict[str, list[_Turn]] = {}
    for turn in turns.values():
        if turn.about:
            followers.setdefault(turn.about, []).append(turn)
    talk: dict[tuple[Any, ...], list[_Turn]] = {}
    for turn in turns.values():
        talk.setdefault(turn.speaker, []).append(turn)
    place = {turn.utterance: at for said in talk.values() for at, turn in enumerate(said)}
    for turn in turns.values():
        if turn.text:
            yield _lesson(turn, followers, islice(talk[turn.speaker], place[turn.utterance] + 1, None))


def _turns(records: Iterable[Record]) -> OrderedDict[str, _Turn]:
    turns: OrderedDict[str, _Turn] = OrderedDict()
    for record in records:
        data = record.data
        key = data.get("utterance")
        if record.kind == "utterance" and isinstance(key, str):
            speaker = (data.get("operator"), data.get("claimed"), data.get("device"))
            turns[key] = _Turn(key, parse_timestamp(record.time), speaker)
        elif record.kind in ("transcript", "decision") and (turn := turns.get(str(key))):
            _add(turn, record.kind, data)
    return turns


def _add(turn: _Turn, kind: str, data: dict[str, Any]) -> None:
    if kind == "transcript":
        turn.text, turn.language = str(data.get("text", "")), str(data.get("language", ""))
        return
    try:
        turn.commands = parse_commands(data.get("command"))
    except CommandError:  # of another version
        turn.dated = True
    follows = data.get("follows") or {}
    turn.dated |= "follows" not in data
    turn.decision, turn.how, turn.about = (
        str(data.get("decision", "")),
        follows.get("how", ""),
        follows.get("utterance", ""),
    )
    turn.language = str(data.get("language") or turn.language)


def _lesson(turn: _Turn, followers: dict[str, list[_Turn]], later: Iterable[_Turn]) -> Lesson:
    """``later``: what the same speaker said after it."""
    meant, outcome, why = None, None, _unfit(turn)
    if not why:
        meant, outcome, why = _ended(turn, followers)
    yes = (one.at for one in followers.get(turn.utterance, ()) if one.how == How.CONFIRMS)
    if meant and _is_taken_back(turn, next(yes, turn.at), later):
        meant, outcome, why = None, None, "it was stopped or cancelled right afterwards"
    return Lesson(turn.utterance, turn.text, turn.language, turn.commands, meant, outcome, why)


_HANGING = {
    How.CONFIRMS: "it is a yes or no",
    How.DECLINES: "it is a yes or no",
    How.UNHEARD: "it is a yes or no",
    How.COMPLETES: "it answers a question",
    How.CORRECTS: "it corrects what was said before",
    How.REFERS: "it refers to what was said before, or to whichever vehicle fits",
    How.PARTLY: "only a part of it is on record",
}


def _unfit(turn: _Turn) -> str:
    """Why nothing can be learnt from a sentence by itself; empty if something can."""
    if turn.dated or not turn.decision:
        return "the record is of another version" if turn.dated else "nothing was decided about it"
    return _HANGING[How(turn.how)] if turn.how in set(How) else ""


_Ended = tuple[tuple[Command, ...] | None, Outcome | None, str]


def _ended(turn: _Turn, followers: dict[str, list[_Turn]], depth: int = 0) -> _Ended:
    """What came of a sentence, through corrections and answers to the last of them."""
    later = followers.get(turn.utterance, [])
    changed = [one for one in later if one.how in (How.CORRECTS, How.COMPLETES)]
    if changed and depth < len(followers):
        meant, _, why = _ended(changed[-1], followers, depth + 1)
        corrected = changed[-1].how == How.CORRECTS
        meant = tuple(c for c in meant if not corrected or c.action is not Action.CANCEL) if meant else None
        if meant is None or not meant:
            return None, None, why or "it was called off"
        own = tuple(c for c in turn.commands if turn.how != How.CORRECTS or c.action is not Action.CANCEL)
        if corrected and _size(meant) != _size(own):
            return None, None, "a part of it was corrected"
        return meant, Outcome.CORRECTED if corrected else Outcome.ANSWERED, ""
    hows = {one.how for one in later}
    if How.DECLINES in hows:
        return None, None, "it was declined"
    match turn.decision:
        case Verdict.ACCEPT:
            return turn.commands, Outcome.ACCEPTED, ""
        case Verdict.CONFIRM if How.CONFIRMS in hows:
            return turn.commands, Outcome.CONFIRMED, ""
        case Verdict.CONFIRM | Verdict.ASK:
            return None, None, "the question was not answered"
    return None, None, "it was refused, or not understood"


def _size(commands: Sequence[Command]) -> tuple[int, int]:
    return len(commands), sum(len(command.vehicles) for command in commands)


def _is_taken_back(turn: _Turn, began: float, later: Iterable[_Turn]) -> bool:
    """Whether the same speaker stops or cancels, soon after it ``began``, what this turn set off."""
    if not any(command.action.drives for command in turn.commands):
        return False
    soon = takewhile(lambda one: one.at - began <= REGRET_S, later)
    return any(
        one.how != How.CORRECTS and any(command.action in (Action.STOP, Action.CANCEL) for command in one.commands)
        for one in soon
    )
