"""How a sentence was read against what its speaker said before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from banksman_edge.dialogue.context import Ordered, Question
from banksman_edge.dialogue.unresolved_reference import UnresolvedReference
from banksman_edge.policy import Judgement
from banksman_edge.turns import Follows, How, Pending, Turn, Verdict
from banksman_edge.understanding import Parse
from banksman_edge.understanding.entities import kind_of_place
from banksman_shared.commands import NOTHING, Command


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its references resolved.

    ``judgement``: what is done about it, where they could not be; then ``asked`` is what an answer completes.
    ``declined``: the turn that is not meant any more; ``replaces``: the order that waited for a yes and is not meant;
    ``recalls``: the turn whose plan is being made and is not wanted any more; ``corrects``: the order in whose place it
    comes; ``completes``: the turn whose question it answers; ``heard``: how well what it is made of was heard;
    ``doubt``: why it is not done without a yes; ``undoes``: it takes the newest order back; ``gives_up``: the jobs that
    its cancels mean; empty: all that their vehicles have to do; ``puts_off``: orders that wait and are done again after
    it, with their jobs."""

    read: Parse
    judgement: Judgement | None = None
    asked: Question | None = None
    declined: Turn | None = None
    replaces: Pending | None = None
    recalls: Turn | None = None
    corrects: Ordered | None = None
    completes: Turn | None = None
    heard: float = 1.0
    doubt: str = ""
    undoes: bool = False
    gives_up: frozenset[str] = frozenset()
    puts_off: tuple[tuple[str, Command], ...] = ()

    @property
    def follows(self) -> Follows:
        """How it hangs on what was said before."""
        if self.declined:
            return Follows(How.DECLINES, self.declined.utterance.id)
        if self.asked and self.asked.corrects:
            return Follows(How.CORRECTS, self.asked.corrects.job)
        if self.completes:
            return Follows(How.COMPLETES, self.completes.utterance.id)
        return Follows(How.CORRECTS, self.corrects.job) if self.corrects else Follows(How.REFERS)

    @property
    def withdraws(self) -> bool:
        """Whether it only calls off what waits for a yes, or is being planned."""
        called_off = self.replaces is not None or self.recalls is not None
        return called_off and self.judgement is not None and not self.judgement.key


def declines(asked: Turn, read: Parse, *, told: bool = True) -> Said:
    """What was asked about is not meant. ``told``: whether it is for this turn to say so."""
    reason = f"declines the question of utterance {asked.utterance.id}"
    return Said(unread(read, reason), Judgement(Verdict.REJECT, "dropped" if told else "", reason), declined=asked)


def left_open(
    turn: Turn, unclear: UnresolvedReference, read: Parse, now: float, corrects: Ordered | None = None
) -> Said:
    """What is asked or refused where something of a reading stays unclear; ``now``: monotonic-clock seconds."""
    judgement, asked = unclear.judgement, None
    if judgement.verdict is Verdict.ASK:
        choices, heard = unclear.choices, turn.transcript.confidence
        kind = kind_of_place(read.trace.mentions if read.trace else ())
        asked = Question(turn, read.commands, unclear.slot, choices, read.confidence, heard, now, corrects, kind)
    return Said(unread(read, judgement.reason, unclear.choices), judgement, asked)


def unread(read: Parse, reason: str, choices: tuple[str, ...] = ()) -> Parse:
    """A reading of which nothing is done, as sure as it was."""
    return replace(read, commands=(NOTHING,), reason=reason, choices=choices)
