"""The audit log of a running agent: whoever has something to record hands it over and goes on.

A thread writes what has come at once, so that a killed process loses at most what came in the last moment, and forces
it to the disk within SYNC_S. A disk that is full, or gone, keeps nobody waiting: what could not be written is kept in
memory, tried again, and said; if there is too much of it, a record says how much is missing. A second thread says what
the first one cannot: that it hangs.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import Timeout

from banksman_edge.audit.chain import Chain
from banksman_edge.audit.record import Entry
from banksman_edge.log_redaction import log_failure
from banksman_shared.clock import Clock, SystemClock, timestamp

log = logging.getLogger(__name__)

SYNC_S = 0.25
"""Seconds of records that a loss of power may cost. A stop of one vehicle makes five records; forcing each to the disk
would wear flash memory out for nothing."""
RETRY_S = 1.0
WATCH_S = 0.5
HANG_S = 10.0
"""A disk that takes nothing for so long does not answer. It is longer than a lock is waited for."""
BATCH = 200
"""Records that are written at once: so many are tried in vain each time, while the disk takes none."""
MAX_WAITING = 20_000
"""Records that are kept in memory while the disk takes none."""


Tell = Callable[[], bool]
"""Tells somebody that the log is not written, and returns whether anybody was there to be told."""


class AuditLog:
    """Appends to the log in ``folder``. Any number of processes may; safe to use from any thread; a context manager."""

    def __init__(self, folder: Path, keep_days: int, *, clock: Clock | None = None) -> None:
        """Raises:
        AuditError: the log cannot be kept there.
        """
        self._chain, self._clock, self._folder = Chain(folder, keep_days), clock or SystemClock(), folder
        self._tell: Tell = lambda: False
        self._busy_since: float | None = None
        self._waiting: deque[Entry] = deque()
        self._lost, self._lost_since = 0, ""
        self._failing = ""
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="audit-watch", daemon=True)
        self._watcher.start()

    def on_trouble(self, tell: Tell) -> None:
        """Call this, on a thread of the log's, once writing fails or hangs or too much waits; again until somebody was
        told, and anew when it happens anew."""
        self._tell = tell

    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        """Record that something happened, now. Returns at once and never fails."""
        now = timestamp(self._clock.time())
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                self._lost, self._lost_since = self._lost + 1, self._lost_since or now
            else:
                self._waiting.append(Entry(now, kind, data))
                self._changed.notify()

    def close(self) -> None:
        """Write what is left and end. Safe to call twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._over.set()
        self._thread.join(timeout=10)
        if self._thread.is_alive():
            log.error("%d records wait for the disk of the audit log in %s in vain", len(self._waiting), self._folder)
        self._watcher.join(timeout=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        unsynced_since: float | None = None
        while True:
            due_s = None if unsynced_since is None else max(0.0, unsynced_since + SYNC_S - self._clock.monotonic())
            entries, closing = self._next(due_s)
            if entries and self._write(entries) and unsynced_since is None:
                unsynced_since = self._clock.monotonic()
            late = unsynced_since is not None and self._clock.monotonic() >= unsynced_since + SYNC_S
            if (late or closing) and self._sync():
                unsynced_since = None
            if closing and (self._failing or not self._waiting):
                break
        self._end()

    def _next(self, patience_s: float | None) -> tuple[list[Entry], bool]:
        """What waits to be written, and whether the log is being closed; nothing if ``patience_s`` have passed."""
        with self._changed:
            if self._failing:
                self._changed.wait_for(lambda: self._closing, RETRY_S)
            else:
                self._changed.wait_for(lambda: self._waiting or self._closing, patience_s)
            return list(islice(self._waiting, BATCH)), self._closing

    def _write(self, entries: list[Entry]) -> bool:
        """Whether all of them, or those of the first day, are in the file now."""
        with self._changed:
            lost = self._lost if len(entries) == len(self._waiting) else 0
        note = [Entry(entries[-1].time, "lost", {"records": lost, "since": self._lost_since})] if lost else []
        try:
            with self._at_work():
                written = self._chain.write([*entries, *note], timestamp(self._clock.time()))
        except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
            self._fail("written", error)
            return False
        with self._changed:
            for _ in range(min(written, len(entries))):
                self._waiting.popleft()
            if lost and written > len(entries):
                self._lost, self._lost_since = self._lost - lost, ""
        self._recovered("written")
        return True

    def _sync(self) -> bool:
        try:
            with self._at_work():
                self._chain.sync()
        except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
            self._fail("forced to the disk", error)
            return False
        self._recovered("forced to the disk")
        return True

    def _recovered(self, what: str) -> None:
        if self._failing == what:
            log.warning("the audit log in %s can be %s again", self._folder, what)
            self._failing = ""

    def _fail(self, what: str, error: Exception) -> None:
        if self._failing:
            return
        self._failing = what
        told = f"the audit log in {self._folder} cannot be {what}"
        if isinstance(error, OSError | Timeout):
            log.error("%s (%s): make room; vehicles are directed all the same", told, error)
        else:
            log_failure(log, told, error)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Let the watcher see for how long the disk has not answered."""
        self._busy_since = self._clock.monotonic()
        try:
            yield
        finally:
            self._busy_since = None

    def _watch(self) -> None:
        """Say what goes wrong, once, to whoever is there or comes."""
        logged = told = False
        while not self._over.wait(WATCH_S):
            since = self._busy_since
            hangs = since is not None and self._clock.monotonic() >= since + HANG_S
            wrong = hangs or bool(self._lost)
            if wrong and not logged and not self._failing:
                why = "the disk does not answer" if hangs else "more comes than the disk takes"
                log.error("the audit log in %s is not written: %s", self._folder, why)
            logged = wrong
            told = (wrong or bool(self._failing)) and (told or self._was_told())

    def _was_told(self) -> bool:
        try:
            return self._tell()
        except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
            log_failure(log, "nobody could be told that the audit log cannot be written", error)
            return True

    def _end(self) -> None:
        missing = len(self._waiting) + self._lost
        if missing:
            log.error("%d records never got into the audit log in %s", missing, self._folder)
        seq, digest = self._chain.head
        log.info("the audit log in %s ends with record %d, whose hash is %s", self._folder, seq, digest)
        self._chain.close()
