"""What is known of the way to the cloud's planner: whether it works, and how much it may be used."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from pathlib import Path

from banksman_shared.clock import Clock

log = logging.getLogger(__name__)

FAILURES = 3
REST_S = 30.0


class Breaker:
    """Open after ``FAILURES`` in a row, for ``REST_S``; then one request tries, and closes it or opens it again."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._rests_until = 0, 0.0

    def rests(self) -> bool:
        """Whether no request may try now."""
        return self._failures >= FAILURES and self._clock.monotonic() < self._rests_until

    def enter(self) -> bool:
        """Whether a request may try now. One that may, has to tell how it ended."""
        with self._lock:
            if self.rests():
                return False
            if self._failures >= FAILURES:  # the others wait for how this one ends
                self._rests_until = self._clock.monotonic() + REST_S
            return True

    def ended(self, *, well: bool) -> None:
        """A request was answered, or was not."""
        with self._lock:
            self._failures = 0 if well else self._failures + 1
            if not well:
                self._rests_until = self._clock.monotonic() + REST_S


class Budget:
    """How many plans the cloud was asked for today, by the clock of the machine. ``file``: where that outlives a
    restart; None: nowhere."""

    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock, self._file, self._lock = clock, file, threading.Lock()
        self._day, self._count = "", 0
        self._read()

    def today(self) -> int:
        with self._lock:
            return self._count if self._day == self._now() else 0

    def spend(self) -> None:
        """One more."""
        with self._lock:
            today = self._now()
            self._day, self._count = today, self._count + 1 if self._day == today else 1
            try:
                if self._file is not None:
                    self._file.write_text(json.dumps({"day": self._day, "plans": self._count}), "utf-8")
            except OSError as error:
                log.warning("how many plans were asked for today will not outlive a restart: %s", error.strerror)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock.time(), UTC).astimezone().date().isoformat()

    def _read(self) -> None:
        try:
            found = json.loads(self._file.read_text("utf-8")) if self._file else {}
            self._day, self._count = str(found["day"]), int(found["plans"])
        except (OSError, ValueError, KeyError, TypeError):
            self._day, self._count = "", 0  # a new site, or a file that a crash has torn
