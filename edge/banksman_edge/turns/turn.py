"""The utterances under way: who waits for what, and what is still to be confirmed."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Protocol

from banksman_edge.asr import Transcript
from banksman_edge.fleet import OrderEvent
from banksman_edge.operators import NOBODY, Speaker
from banksman_edge.turns.duplicates import Echo
from banksman_edge.turns.events import DecisionEvent, TranscriptEvent, UtteranceEvent
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.commands import Command
from banksman_shared.plans import Plan

REMEMBERED = 2000
CONFIRMATION_S = 20.0
"""A question is forgotten after this; forgetting does nothing."""
MOST_AGAIN = 2
"""So often a question is put once more; then nothing is done."""
RESUMPTION_S = 120.0
"""So long nobody need answer whether a plan goes on after a restart: they may not be at their headset."""

_NOTHING_YET = Transcript("", "", 0.0)


class TurnPlan(Protocol):
    """What is known of the plan that a turn asked for."""

    @property
    def is_being_made(self) -> bool:
        """Whether a planner works on it."""
        ...

    @property
    def is_approved(self) -> bool:
        """Whether it is driven, or was."""
        ...

    @property
    def is_driven(self) -> bool:
        """Whether it is under way."""
        ...

    @property
    def left(self) -> int:
        """How many of its steps have not ended."""
        ...

    @property
    def vehicles(self) -> frozenset[str]:
        """Those that it counts on."""
        ...


@dataclass(slots=True)
class Turn:
    """One utterance and what has become of it so far."""

    utterance: Utterance
    started: float
    number: int
    """Turns are numbered as they come in."""
    after: Callable[[Callable[[], None]], None]
    """Puts a call off until listeners have had the events so far."""
    speaker: Speaker = NOBODY
    rebuff: str = ""
    """The sentence with which everything but a stop is refused: that a PIN was wrong."""
    asr_ms: float = 0.0
    language: str = ""
    transcript: Transcript = _NOTHING_YET
    halted: str | None = None
    """The utterance as which a stop word of this one was carried out while it was still being spoken."""
    echo: Echo | None = None
    """By which the same words from another device are known; None without a device."""
    decision: DecisionEvent | None = None
    decided: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)
    """Whoever listens has had what is answered at once."""
    ended: threading.Event = field(default_factory=threading.Event)
    succeeded: bool = True
    plan: TurnPlan | None = None
    """The plan that it asked for."""
    completes: Turn | None = None
    """The turn whose question this one answers: what comes too late for that does for this."""
    gives_up: frozenset[str] = frozenset()
    """The jobs that its cancels mean; empty: all that their vehicles have to do."""
    puts_off: tuple[tuple[str, Command], ...] = ()
    """Orders that wait and are done again after it, with their jobs."""
    recalled: bool = False
    """It began before a restart of the agent."""
    _open: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)

    @property
    def has_approved_plan(self) -> bool:
        """Whether its plan is driven, or was."""
        return self.plan is not None and self.plan.is_approved

    @property
    def reachable(self) -> bool:
        """Whether somebody waits for replies: it has a device, or came with words. One from before a restart, or that
        could not be read, has neither."""
        return self.utterance.device is not None or self.utterance.text != ""

    @property
    def began(self) -> float:
        """When it began to be said, as far as that is known, in monotonic-clock seconds. What was asked later it does
        not answer."""
        spoken = self.utterance.spoken
        return min(spoken.began, self.started) if spoken else self.started

    @property
    def heard(self) -> str:
        return self.transcript.text

    def event(self) -> UtteranceEvent:
        """That it came in, and from whom."""
        utterance = self.utterance
        seconds = utterance.sound.seconds if utterance.sound else None
        return UtteranceEvent(utterance.id, utterance.operator, utterance.device, seconds, self.speaker)

    def heard_event(self) -> TranscriptEvent:
        """What was heard."""
        heard = self.transcript
        return TranscriptEvent(
            self.utterance.id, heard.text, heard.language, heard.confidence, self.asr_ms, heard.repaired, heard.reason
        )

    def note(self, event: OrderEvent) -> int:
        """Count an order's news in; returns how many commands of this turn have not ended."""
        key = f"{event.job} {event.vehicle} {event.command}"
        if event.status == "queued" or (key not in self._seen and not event.status.ended):
            self._open[key] += 1
        self._seen.add(key)
        if event.status.ended:
            self._open[key] -= 1
            self.succeeded &= event.status == "done" or self.has_approved_plan
        return self.left

    @property
    def left(self) -> int:
        """How many commands have not ended; of a plan, how many are yet to begin as well."""
        return (
            self.plan.left
            if self.plan and self.plan.is_approved
            else sum(max(0, count) for count in self._open.values())
        )

    def decide(self, decision: DecisionEvent) -> None:
        self.decision = decision
        self.after(self.decided.set)

    def await_decision(self, timeout_s: float) -> DecisionEvent:
        """Raises:
        TimeoutError: there was none in time.
        """
        if not self.decided.wait(timeout_s) or self.decision is None:
            raise TimeoutError(f"no decision about utterance {self.utterance.id} within {timeout_s} s")
        return self.decision

    def await_end(self, timeout_s: float) -> bool:
        """Whether all of it was done.

        Raises:
            TimeoutError: it has not ended in time.
        """
        if not self.ended.wait(timeout_s):
            raise TimeoutError(f"utterance {self.utterance.id} has not ended within {timeout_s} s")
        return self.succeeded

    def end(self, *, succeeded: bool) -> None:
        self.succeeded &= succeeded
        self.after(self.ended.set)


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for a yes."""

    turn: Turn
    commands: tuple[Command, ...]
    plan: Plan | None
    asked: float
    expires: float
    again: int = 0
    """How often it was put once more, since the yes was hardly heard."""


class TurnBook:
    """All turns by id, the last REMEMBERED of them, and one open question per speaker and device."""

    def __init__(self, clock: Clock, after: Callable[[Callable[[], None]], None]) -> None:
        self.clock, self._after = clock, after
        self._numbers = count(1)
        self._turns: OrderedDict[str, Turn] = OrderedDict()
        self._pending: dict[tuple[str | None, ...], Pending] = {}
        self._lock = threading.Lock()
        self.on_ask: Callable[[Turn], None] = lambda _: None
        """Told of each question that is put."""

    def open(self, utterance: Utterance) -> Turn | None:
        """A new turn; None if an utterance with this id has been here (a redelivered message)."""
        with self._lock:
            if utterance.id in self._turns:
                return None
            started = utterance.spoken.ended if utterance.spoken else self.clock.monotonic()
            turn = Turn(utterance, started, next(self._numbers), self._after)
            self._turns[utterance.id] = turn
            if len(self._turns) > REMEMBERED:
                self._turns.popitem(last=False)
            return turn

    def known(self, utterance_id: str) -> Turn:
        """The turn of an utterance or a job.

        Raises:
            KeyError: there was no such utterance lately.
        """
        turn = self.of(utterance_id)
        if turn is None:
            raise KeyError(utterance_id)
        return turn

    def latest(self) -> Turn | None:
        """The turn that came in last of those whose replies somebody hears."""
        with self._lock:
            return next((turn for turn in reversed(self._turns.values()) if turn.reachable), None)

    def of(self, job: str) -> Turn | None:
        """The turn that a fleet job belongs to; jobs of a turn's parts are named ``turn/part``."""
        with self._lock:
            return self._turns.get(job) or self._turns.get(job.rpartition("/")[0])

    def driving(self) -> list[Turn]:
        """The turns whose plans are under way."""
        with self._lock:
            return [turn for turn in self._turns.values() if turn.plan and turn.plan.is_driven]

    def planned(self) -> list[Turn]:
        """The turns whose plans are being made, oldest first."""
        with self._lock:
            turns = [turn for turn in self._turns.values() if turn.plan]
        return [turn for turn in turns if turn.plan and turn.plan.is_being_made]  # which may wait: not under the lock

    def proposal(self, turn: Turn) -> Pending | None:
        """The plan for this turn that waits for a yes, and that nobody drives yet."""
        with self._lock:
            pending = self._pending.get(who(turn))
        return pending if pending and pending.turn is turn and pending.plan and not turn.has_approved_plan else None

    def recall(self, job: str, language: str) -> Turn:
        """The turn of a job from before a restart. Who asked for it is not known any more."""
        turn = self.of(job) or self.open(Utterance(text="", id=job))
        if turn is None:  # somebody else was as fast
            return self.recall(job, language)
        turn.language, turn.recalled = turn.language or language, True
        return turn

    def ask(
        self, turn: Turn, commands: tuple[Command, ...], plan: Plan | None = None, for_s: float = CONFIRMATION_S
    ) -> Pending | None:
        """Wait for this operator's yes. Returns the older question that this one takes the place of."""
        key, now = who(turn), self.clock.monotonic()
        self.on_ask(turn)
        with self._lock:
            old = self._pending.pop(key, None)
            self._pending[key] = Pending(turn, commands, plan, now, now + for_s)
            return old

    def waiting(self) -> list[Pending]:
        """All questions that can still be answered."""
        now = self.clock.monotonic()
        with self._lock:
            return [pending for pending in self._pending.values() if now < pending.expires]

    def answered_by(self, turn: Turn) -> Pending | None:
        """The question that this turn may answer: its operator's, and asked before the turn began."""
        with self._lock:
            pending = self._pending.get(who(turn))
        open_ = pending and pending.asked <= turn.began and self.clock.monotonic() < pending.expires
        return pending if open_ else None

    def ask_again(self, pending: Pending) -> bool:
        """Put an open question once more, which gives its operator time anew; False if that was done MOST_AGAIN times,
        or it is not open any more."""
        key, expires = who(pending.turn), self.clock.monotonic() + CONFIRMATION_S
        with self._lock:
            if pending.again >= MOST_AGAIN or self._pending.get(key) is not pending:
                return False
            self._pending[key] = replace(pending, expires=max(pending.expires, expires), again=pending.again + 1)
            return True

    def close(self, pending: Pending) -> bool:
        """The question is answered or given up; False if somebody else has closed it."""
        key = who(pending.turn)
        with self._lock:
            if self._pending.get(key) is not pending:
                return False
            del self._pending[key]
            return True

    def expire(self, *, everything: bool = False) -> list[Pending]:
        """Take away the questions that nobody answered in time, or all."""
        now = self.clock.monotonic()
        with self._lock:
            old = [key for key, pending in self._pending.items() if everything or pending.expires <= now]
            return [self._pending.pop(key) for key in old]


def who(turn: Turn) -> tuple[str | None, ...]:
    """Whose questions and answers belong together: those of one person on one device, as far as can be known."""
    return turn.speaker.operator, turn.utterance.operator, turn.utterance.device
