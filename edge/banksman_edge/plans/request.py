"""A request for a plan while it is being planned. Until its plan is put to whoever asked, it may be taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from banksman_edge.asr import Transcript
from banksman_edge.utterance import Utterance
from banksman_shared.plans import Plan


class Tell(Protocol):
    """Tells the operator the sentence ``key``."""

    def __call__(self, key: str, **values: object) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """Ends once: it is either settled (a plan is proposed, or it is said why there is none) or taken back. Safe to use
    from any thread.

    ``free``: the vehicles that its plan may have, when it is asked for; ``tell``: tells the operator what happens, by
    the key of a sentence; ``latest``: the plan as the planner last told of it, if it has.
    """

    utterance: Utterance
    transcript: Transcript
    language: str
    free: Callable[[], Collection[str]]
    tell: Tell
    runs: int = 0
    """How many agents have asked for it before."""
    latest: Plan | None = None
    recalled: threading.Event = field(default_factory=threading.Event)
    """Set when it has been taken back: nobody need work on it any longer."""
    _open: bool = True
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def key(self) -> str:
        """By which the planner knows a repeat: what another agent asks is about another fleet."""
        return f"{self.utterance.id}/run/{self.runs}" if self.runs else self.utterance.id

    @property
    def is_open(self) -> bool:
        """Whether it is being planned; waits while its end is being told."""
        with self._lock:
            return self._open

    def during(self, call: Callable[[], None]) -> None:
        """Do something that comes before the end, or not at all."""
        with self._lock:
            if self._open:
                call()

    def settle(self, call: Callable[[], None] = lambda: None) -> bool:
        """End it with what ``call`` tells, unless it was taken back; whether that was done."""
        with self._lock:
            if self._open:
                self._open = False
                call()
            return not self.recalled.is_set()

    def take_back(self) -> bool:
        """Whether this was in time: nothing is told of it any more then."""
        with self._lock:
            was_open, self._open = self._open, False
            if was_open:
                self.recalled.set()
            return was_open
