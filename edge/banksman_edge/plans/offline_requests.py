"""Requests that wait for the cloud's planner to come back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from banksman_shared.clock import Clock

PROBE_S = 2.0
"""How often it is looked whether the planner is back."""
ROOM = 8
"""So many requests wait at most; nobody remembers more than that."""


class OfflineRequests:
    """Whoever came first is the first to go on. ``probe`` says whether the planner is back."""

    def __init__(self, clock: Clock, probe: Callable[[], bool]) -> None:
        self._clock, self._probe = clock, probe
        self._line: list[object] = []
        self._lock, self._closed = threading.Lock(), False

    def __len__(self) -> int:
        return len(self._line)

    def full(self) -> bool:
        return len(self) >= ROOM

    def wait(self, until: float, recalled: threading.Event) -> bool:
        """Wait until the planner is back, until the clock shows ``until``, or until it is ``recalled``; whether the
        planner is back."""
        ticket = object()
        with self._lock:
            self._line.append(ticket)
        try:
            while (left := until - self._clock.time()) > 0 and not self._closed:
                if recalled.wait(min(PROBE_S, left)):
                    return False
                if self._clock.time() < until and self._line[0] is ticket and self._probe():
                    return True
            return False
        finally:
            with self._lock:
                self._line.remove(ticket)

    def close(self) -> None:
        """Send everybody home, when they next look."""
        self._closed = True
