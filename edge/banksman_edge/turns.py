"""The utterances under way: who waits for what, and what is still to be confirmed."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from banksman_edge.asr import Transcript
from banksman_edge.events import DecisionEvent
from banksman_edge.fleet import OrderEvent
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.commands import Command
from banksman_shared.plans import Plan

REMEMBERED = 2000
CONFIRMATION_S = 20.0
"""A question is forgotten after this; forgetting does nothing."""

_NOTHING_YET = Transcript("", "", 0.0)


@dataclass(slots=True)
class Turn:
    """One utterance and what has become of it so far."""

    utterance: Utterance
    started: float
    language: str = ""
    transcript: Transcript = _NOTHING_YET
    decision: DecisionEvent | None = None
    decided: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    succeeded: bool = True
    plan: Plan | None = None
    """The plan that this turn drives."""
    _open: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)

    @property
    def heard(self) -> str:
        return self.transcript.text

    def note(self, event: OrderEvent) -> int:
        """Count an order's news in; returns how many commands of this turn have not ended."""
        key = f"{event.job} {event.vehicle} {event.command}"
        if event.status == "queued" or (key not in self._seen and not event.status.ended):
            self._open[key] += 1
        self._seen.add(key)
        if event.status.ended:
            self._open[key] -= 1
            self.succeeded &= event.status == "done"
        return sum(max(0, count) for count in self._open.values())

    def end(self, *, succeeded: bool) -> None:
        self.succeeded &= succeeded
        self.ended.set()


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for a yes."""

    turn: Turn
    commands: tuple[Command, ...]
    plan: Plan | None
    expires: float


class TurnBook:
    """All turns by id, the last REMEMBERED of them, and one open question per operator and device."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turns: OrderedDict[str, Turn] = OrderedDict()
        self._pending: dict[tuple[str | None, str | None], Pending] = {}
        self._lock = threading.Lock()

    def open(self, utterance: Utterance) -> Turn | None:
        """A new turn; None if an utterance with this id has been here (a redelivered message)."""
        with self._lock:
            if utterance.id in self._turns:
                return None
            turn = self._turns[utterance.id] = Turn(utterance, self._clock.monotonic())
            if len(self._turns) > REMEMBERED:
                self._turns.popitem(last=False)
            return turn

    def of(self, job: str) -> Turn | None:
        """The turn that a fleet job belongs to; jobs of a plan are named ``turn/vehicle``."""
        with self._lock:
            return self._turns.get(job) or self._turns.get(job.rpartition("/")[0])

    def ask(self, turn: Turn, commands: tuple[Command, ...], plan: Plan | None = None) -> None:
        """Wait for this operator's yes; an older open question is given up."""
        key = (turn.utterance.operator, turn.utterance.device)
        expires = self._clock.monotonic() + CONFIRMATION_S
        with self._lock:
            old = self._pending.pop(key, None)
            self._pending[key] = Pending(turn, commands, plan, expires)
        if old:
            old.turn.end(succeeded=False)

    def is_asked(self, utterance: Utterance) -> bool:
        """Whether this operator is being asked something."""
        with self._lock:
            return (utterance.operator, utterance.device) in self._pending

    def take(self, utterance: Utterance) -> Pending | None:
        """What this operator is being asked; from now on it is answered. None once it has expired."""
        self.expire()
        with self._lock:
            return self._pending.pop((utterance.operator, utterance.device), None)

    def expire(self) -> list[Pending]:
        """Questions that nobody answered in time; they end with nothing done."""
        now = self._clock.monotonic()
        with self._lock:
            old = [key for key, pending in self._pending.items() if pending.expires <= now]
            expired = [self._pending.pop(key) for key in old]
        for pending in expired:
            pending.turn.end(succeeded=False)
        return expired
