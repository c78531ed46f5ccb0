"""Stops that are carried out at the stop word itself, and what becomes of the sentence around it.

What a stop word halts is the site's choice (:class:`EarlyStop`). "all": everything, at once. "named": the sentence gets
a second to say whom it means, two while the operator speaks straight on; then everything is halted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from banksman_edge.streams import StopHeard, Wearer
from banksman_edge.utterance import Spoken
from banksman_shared.clock import Clock
from banksman_shared.site import EarlyStop

NAME_WAIT_S = 1.0
LONGEST_WAIT_S = 2.0
SPOTTED_AFTER_S = 0.8
"""A stop word is spotted at most so long after the last sound of its sentence."""
CHECK_S = 0.02
REMEMBERED = 32

Halt = Callable[[StopHeard, Wearer], str | None]
"""Halts everything. Returns the id of the utterance that the stop was carried out as, or None if it failed."""


@dataclass(frozen=True, slots=True)
class _Halted:
    device: str
    at: float
    utterance: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    heard: StopHeard
    wearer: Wearer
    at: float


class EarlyStops:
    """Halts at stop words spotted in the sound.

    ``speaking``: whether somebody is speaking into a device just now. Safe to use from several threads.
    """

    def __init__(self, choice: EarlyStop, clock: Clock, halt: Halt, speaking: Callable[[str], bool]) -> None:
        self._choice, self._clock, self._halt, self._speaking = choice, clock, halt, speaking
        self._halted: deque[_Halted] = deque(maxlen=REMEMBERED)
        self._waiting: dict[str, _Waiting] = {}
        self._lock = threading.Lock()

    def heard(self, heard: StopHeard, wearer: Wearer) -> None:
        """A stop word was spotted. Returns when the stop is on its way, or is waiting for a name."""
        if self._choice is EarlyStop.OFF:
            return
        spotted = _Waiting(heard, wearer, self._clock.monotonic())
        if self._choice is EarlyStop.ALL:
            self._halt_all(spotted)
            return
        with self._lock:
            first = not self._waiting
            self._waiting.setdefault(heard.device, spotted)
        if first:
            threading.Thread(target=self._watch, name="early-stop", daemon=True).start()

    def said(self, device: str | None, spoken: Spoken, *, stops: bool) -> str | None:
        """What was said turned out to be a stop, which is being carried out, or something else.

        Returns the utterance under which its stop word has halted everything already, if it has.
        """
        with self._lock:
            waiting = self._waiting.get(device or "")
            if waiting and _within(waiting.at, spoken):
                del self._waiting[waiting.heard.device]
            else:
                waiting = None
        if waiting and not stops:
            self._halt_all(waiting)
        with self._lock:
            same = (h.utterance for h in reversed(self._halted) if h.device == device and _within(h.at, spoken))
            return next(same, None)

    def _halt_all(self, spotted: _Waiting) -> None:
        utterance = self._halt(spotted.heard, spotted.wearer)
        if utterance:
            with self._lock:
                self._halted.append(_Halted(spotted.heard.device, spotted.at, utterance))

    def _watch(self) -> None:
        """While anything waits for a name."""
        while True:
            with self._lock:
                due = [waiting for waiting in self._waiting.values() if self._is_due(waiting)]
                for waiting in due:
                    del self._waiting[waiting.heard.device]
            for waiting in due:
                self._halt_all(waiting)
            with self._lock:
                if not self._waiting:
                    return
            time.sleep(CHECK_S)

    def _is_due(self, waiting: _Waiting) -> bool:
        waited = self._clock.monotonic() - waiting.at
        if waited < NAME_WAIT_S:
            return False
        return waited >= LONGEST_WAIT_S or not self._speaking(waiting.heard.device)


def _within(at: float, spoken: Spoken) -> bool:
    return spoken.began <= at <= spoken.ended + SPOTTED_AFTER_S
