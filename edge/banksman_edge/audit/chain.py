"""Appending to the chain, by one process at a time, and forgetting its oldest part.

Before each write the end of the chain is looked at, if somebody else may have written: several processes make one
chain. A line that a crash has torn is cut off, and a record says so.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from filelock import FileLock

from banksman_edge.audit.errors import AuditError
from banksman_edge.audit.record import BEGINNING, Entry, parse, seal
from banksman_edge.audit.segments import Tail, first_seq, read_tail, segment_path, segments, whole_lines
from banksman_shared.clock import parse_timestamp, timestamp

log = logging.getLogger(__name__)

LARGEST = 64 << 20
"""Bytes from which on a new file is begun, even on the same day."""
LOCK_S = 5.0
_DAY = len("2026-01-01")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

Note = tuple[str, dict[str, Any]]
"""Kind and data of a record that the chain has to make about itself."""


class Chain:
    """The chain in a folder. Not thread-safe."""

    def __init__(self, folder: Path, keep_days: int) -> None:
        """Raises:
        AuditError: the folder cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise AuditError(f"the folder {folder} for the audit log cannot be made: {error}") from error
        self._folder, self._keep_s = folder, keep_days * 86400.0
        self._lock = FileLock(folder / "audit.lock", thread_local=False)
        self._file: int | None = None
        self._path: Path | None = None
        self._seen: Path | None = None
        self._notes: list[Note] = []
        self._size = 0
        self._seq, self._hash, self._day = 0, BEGINNING, ""

    def write(self, entries: Sequence[Entry], now: str | None = None) -> int:
        """Append records for the first of these, those of one day, and return how many they were.

        They survive the process from now on, and a loss of power after :meth:`sync`. ``now``: by which records are too
        old; by default the time of the first of these, which may have waited for long.

        Raises:
            OSError: they could not be written; none of them was.
            filelock.Timeout: another process does not let go of the log.
        """
        day = entries[0].time[:_DAY]
        taken = list(takewhile(lambda entry: entry.time[:_DAY] == day, entries))
        with self._lock.acquire(timeout=LOCK_S):
            self._notes += self._catch_up()
            now = now or entries[0].time
            try:
                self._append_on(day, taken)
            except OSError as error:
                if error.errno not in _FULL or not self._make_room(now):
                    raise
                self._append_on(day, taken)
            if self._seen != self._path:  # a file that this process has not seen before
                self._seen = self._path
                try:
                    self._prune(now)
                except OSError as error:  # the records are written all the same; tomorrow is another day
                    log.warning("the oldest records of the audit log in %s cannot be removed: %s", self._folder, error)
        return len(taken)

    def sync(self) -> None:
        """Force what was written to the disk.

        Raises:
            OSError: that failed.
        """
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = self._path = None

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last record."""
        return self._seq, self._hash

    def _catch_up(self) -> list[Note]:
        """Find the end of the chain, if it is not where this left it; what there is to be said about it."""
        files = segments(self._folder)
        if self._path and files[-1:] == [self._path] and self._path.stat().st_size == self._size:
            return []
        self.close()
        notes: list[Note] = []
        while files:
            tail = read_tail(files[-1])
            if tail.torn:
                os.truncate(files[-1], tail.size)
                log.warning("the audit log ended in a torn line of %d bytes, which was cut off", tail.torn.size)
                notes.append(("repaired", {"bytes": tail.torn.size, "sha256": tail.torn.sha256}))
            if tail.size:
                return [*self._resume(files[-1], tail), *notes]
            files.pop().unlink()  # begun, and torn before its first record was whole
        data = {"after": f"record {self._seq}, with which the whole log vanished"} if self._seq else {}
        if data:
            log.error("the audit log in %s has vanished; a new one begins", self._folder)
        self._seq, self._hash, self._day = 0, BEGINNING, ""
        return [("begun", data), *notes]

    def _resume(self, path: Path, tail: Tail) -> list[Note]:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._path, self._size = path, tail.size
        if tail.last:
            self._seq, self._hash, self._day = tail.last.seq, tail.last.hash, tail.last.time[:_DAY]
            return []
        # It stays as it is, for whoever looks into it; a new chain goes on behind it.
        log.error("the last record of the audit log in %s is damaged; a new chain begins", path)
        self._seq, self._hash, self._day = first_seq(path) - 1 + sum(1 for _ in whole_lines(path)), BEGINNING, ""
        return [("begun", {"after": "a damaged record"})]

    def _append_on(self, day: str, entries: Sequence[Entry]) -> None:
        """Write the notes and these records, all or none."""
        self._turn_over(day)
        self._append([*(Entry(entries[0].time, kind, data) for kind, data in self._notes), *entries])
        self._notes.clear()

    def _turn_over(self, day: str) -> None:
        """Begin a new file where the day wants one."""
        if self._file is not None and self._size == 0:  # begun for records that the disk then had no room for
            self._day = day
        if self._file is not None and self._day == day and self._size < LARGEST:
            return
        self.close()
        path = segment_path(self._folder, self._seq + 1)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        _sync_folder(self._folder)
        self._path, self._size, self._day = path, 0, day

    def _append(self, entries: Sequence[Entry]) -> None:
        """Write records, all or none."""
        assert self._file is not None  # noqa: S101  the caller has opened it
        seq, last, lines = self._seq, self._hash, bytearray()
        for entry in entries:
            record = seal(entry, seq + 1, last)
            seq, last = record.seq, record.hash
            lines += record.line() + b"\n"
        try:
            at = 0
            while at < len(lines):
                at += os.write(self._file, memoryview(lines)[at:])
        except OSError:
            with suppress(OSError):  # if that fails as well, the torn line is cut off next time
                os.ftruncate(self._file, self._size)
            raise
        self._seq, self._hash, self._size = seq, last, self._size + len(lines)

    def _prune(self, now: str) -> None:
        """Remove the oldest files, all of whose records are too old; a record says which, so that the chain holds."""
        if old := self._too_old(now):
            self._append([Entry(now, *self._cut(old[-1][1], now))])
            self.sync()
            for path, _ in old:
                path.unlink()

    def _make_room(self, now: str) -> bool:
        """Remove what is too old where the disk has no room for the record that says so: it is written next. Whether
        there was anything. The end of the chain stays, for the next start to hold on to."""
        old = [(path, following) for path, following in self._too_old(now) if following.stat().st_size]
        for path, following in old:
            cut = self._cut(following, now)
            path.unlink()
            self._notes = [*(note for note in self._notes if note[0] != "pruned"), cut]
        return bool(old)

    def _too_old(self, now: str) -> list[tuple[Path, Path]]:
        """The oldest files, if all their records are too old, each with the one that follows."""
        before = parse_timestamp(now) - self._keep_s
        return list(takewhile(lambda pair: _newest(pair[0]) < before, pairwise(segments(self._folder))))

    def _cut(self, following: Path, now: str) -> Note:
        """That nothing before this file is kept."""
        first = parse(next(whole_lines(following), b""))
        data = {
            "through": first_seq(following) - 1,
            "hash": first.prev if first else self._hash,
            "older_than": timestamp(parse_timestamp(now) - self._keep_s),
        }
        return ("pruned", data)


def _newest(path: Path) -> float:
    """When the last record of a file was made; where it is damaged, when the file was written."""
    last = read_tail(path).last
    return parse_timestamp(last.time) if last else path.stat().st_mtime


def _sync_folder(folder: Path) -> None:
    """Let a new file's name survive a loss of power."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
