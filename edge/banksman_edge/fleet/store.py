"""What must survive a restart of the edge agent, in one SQLite file: stops, jobs, and orders as they were sent; and of
jobs that have ended, how.

Everything goes to the write-ahead log at once, so a killed process loses nothing. A machine that loses its power
may lose the last moments of jobs, which the vehicles' own states show; never a stop, which is forced to the disk.

A file that cannot be read is moved aside, and then **every vehicle counts as stopped** until an operator resumes
it: which ones were is not known, and a vehicle that stands too long harms less than one that starts to move.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from platformdirs import user_state_path

from banksman_edge.fleet.absence import Absence
from banksman_edge.fleet.model import Code, JobStatus
from banksman_edge.quarantine import ASIDE, prune
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.commands import Command
from banksman_shared.errors import BanksmanError
from banksman_shared.vda5050 import Action, Order

log = logging.getLogger(__name__)

SCHEMA = 3
FILE_NAME = "fleet.db"
PAST_JOBS = 2000
"""Of so many jobs that have ended it is remembered how."""

_TABLES = """
CREATE TABLE latches (vehicle TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE jobs (id TEXT PRIMARY KEY, taken INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE errands (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, document BLOB NOT NULL, sent BLOB,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
"""
_PAST_SINCE = 2
_PAST = "CREATE TABLE past (number INTEGER PRIMARY KEY, job TEXT UNIQUE NOT NULL, status TEXT NOT NULL)"


_NOT_THE_FILES_FAULT = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOMEM,
)


class StoreError(BanksmanError):
    """The state of the fleet cannot be kept there."""


@dataclass(frozen=True, slots=True)
class StoredErrand:
    """One command of one vehicle, as far as it has come. Times are wall-clock seconds, None where there is none.

    ``number`` counts within the job; ``origin`` and ``destination`` are place ids.
    """

    number: int
    step: int
    vehicle: str
    command: Command
    status: JobStatus
    origin: str | None = None
    destination: str | None = None
    closed: frozenset[str] = frozenset()
    closed_lanes: frozenset[tuple[str, str]] = frozenset()
    closed_spans: tuple[tuple[str, float, float], ...] = ()
    begun: bool = False
    deadline: float | None = None
    due: float | None = None
    stale_at: float | None = None
    late: Code | None = None
    cancelling: bool = False
    target: tuple[str, int] | None = None
    """Of a cancel: job and number of the errand that it is meant for."""
    action: Action | None = None
    """The instant action that went out for it."""
    gives_up: frozenset[str] = frozenset()
    """Of a cancel: the jobs whose work it gives up; empty: all."""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job that has not ended. ``orders``: by errand number, the whole order as sent so far, updates included."""

    id: str
    errands: tuple[StoredErrand, ...]
    orders: dict[int, Order]


_encoder = msgspec.json.Encoder()
_errands = msgspec.json.Decoder(StoredErrand)
_orders = msgspec.json.Decoder(Order)


def default_state_dir(site: str) -> Path:
    """Where the agent of a site keeps its state unless told otherwise: in the user's state folder, by site id."""
    return user_state_path("banksman") / site


class FleetStore:
    """The file, open for one agent alone. Not thread-safe: call it under the fleet's lock."""

    def __init__(self, folder: Path, vehicles: Iterable[str] = (), *, clock: Clock | None = None) -> None:
        """Open or make the file in ``folder``; ``vehicles`` are those to stop should it be unreadable.

        Raises:
            StoreError: another agent has it open, a later version wrote it, or it cannot be written.
        """
        self.path = folder / FILE_NAME
        self._clock = clock or SystemClock()
        self.absence = Absence(folder, self._clock)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {folder} for the fleet's state cannot be made: {error}") from error
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else None
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(
                    f"another agent keeps its state in {folder}; end it, or give this one its own folder with --state"
                ) from error
            if code in _NOT_THE_FILES_FAULT:
                raise StoreError(f"the fleet's state in {self.path} cannot be opened: {error}") from error
            self._db = self._start_over(error, vehicles)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0.5)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("BEGIN IMMEDIATE")  # takes the lock, for as long as the file is open
            self._make_tables(db)
            db.execute("COMMIT")
            self._read(db)  # what cannot be used later shall not be found out later
            db.execute("SELECT vehicle FROM latches")
        except BaseException:
            db.close()
            raise
        return db

    def _make_tables(self, db: sqlite3.Connection) -> None:
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA:
            raise StoreError(f"{self.path} is of a later version of Banksman; update this one, or use --state")
        if found == 0:
            self.absence.end()  # there was nobody before
            for statement in _TABLES.split(";"):
                db.execute(statement)
        elif (verdict := db.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)
        if found < _PAST_SINCE:
            db.execute(_PAST)
            self._mark(db)
        if found < SCHEMA:
            db.execute(f"PRAGMA user_version = {SCHEMA}")

    def _start_over(self, error: Exception, vehicles: Iterable[str]) -> sqlite3.Connection:
        aside = self.path.with_name(f"{FILE_NAME}.{ASIDE}-{int(self._clock.time())}")
        self.path.replace(aside)
        for leftover in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(FILE_NAME + leftover).replace(aside.with_name(aside.name + leftover))
        prune(self.path.parent, f"{FILE_NAME}.{ASIDE}-*")
        log.error(
            "the fleet's state was unreadable (%s) and is now %s; nobody knows who was stopped, so every vehicle "
            "counts as stopped until it is resumed",
            error,
            aside,
        )
        self._db = self._open()
        self.latch(vehicles, on=True)
        return self._db

    # Stops

    def latch(self, vehicles: Iterable[str], *, on: bool) -> None:
        """Remember that these vehicles are stopped, or are not any more. On the disk when it returns.

        Not inside :meth:`together`, which is no place to wait for a disk.
        """
        statement = "INSERT OR IGNORE INTO latches VALUES (?)" if on else "DELETE FROM latches WHERE vehicle = ?"
        self._db.execute("PRAGMA synchronous = FULL")
        with self.together():
            self._db.executemany(statement, [(vehicle,) for vehicle in vehicles])
        self._db.execute("PRAGMA synchronous = NORMAL")

    def latched(self) -> frozenset[str]:
        """The vehicles that are stopped."""
        return frozenset(vehicle for (vehicle,) in self._db.execute("SELECT vehicle FROM latches"))

    # Jobs

    def save_job(self, job: str, errands: Iterable[StoredErrand]) -> None:
        """Remember a job that was taken, or more errands of one that is known."""
        with self.together():
            self._db.execute(
                "INSERT OR IGNORE INTO jobs SELECT ?, coalesce(max(taken), 0) + 1 FROM jobs",
                (job,),
            )
            for errand in errands:
                self.save_errand(job, errand)

    def save_errand(self, job: str, errand: StoredErrand) -> None:
        """Remember how far an errand of a known job has come; its order stays as it is."""
        self._db.execute(
            "INSERT INTO errands (job, number, document) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET document = excluded.document",
            (job, errand.number, _encoder.encode(errand)),
        )

    def save_order(self, job: str, number: int, order: Order) -> None:
        """Remember the order of an errand, whole, as it was sent up to now."""
        self._db.execute(
            "UPDATE errands SET sent = ? WHERE job = ? AND number = ?", (_encoder.encode(order), job, number)
        )

    def forget_job(self, job: str, status: JobStatus | None = None) -> None:
        """The job has ended; ``status``: how, if anybody may want to know."""
        with self.together():
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job,))
            if status:
                self._db.execute("INSERT OR REPLACE INTO past (job, status) VALUES (?, ?)", (job, str(status)))
                self._db.execute("DELETE FROM past WHERE number <= (SELECT max(number) FROM past) - ?", (PAST_JOBS,))

    def earlier_jobs(self, job: str) -> JobStatus | None:
        """How a job has ended, None if that is not known (any more)."""
        row = self._db.execute("SELECT status FROM past WHERE job = ?", (job,)).fetchone()
        return JobStatus(row[0]) if row else None

    @property
    def mark(self) -> int:
        """Names this memory: it is another one after a gap, or where the file is another one."""
        return int(self._db.execute("PRAGMA application_id").fetchone()[0])

    def note_gap(self) -> None:
        """Something was not written down."""
        self._mark(self._db)

    @staticmethod
    def _mark(db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA application_id = {secrets.randbelow(2**31 - 1) + 1}")

    def jobs(self) -> list[StoredJob]:
        """The jobs that have not ended, in the order in which they were taken."""
        return self._read(self._db)

    @staticmethod
    def _read(db: sqlite3.Connection) -> list[StoredJob]:
        """All jobs.

        Raises:
            sqlite3.DatabaseError: one cannot be read.
        """
        found: dict[str, tuple[list[StoredErrand], dict[int, Order]]] = {}
        rows = db.execute("SELECT id, number, document, sent FROM jobs JOIN errands ON job = id ORDER BY taken, number")
        try:
            for job, number, document, sent in rows:
                errands, orders = found.setdefault(job, ([], {}))
                errands.append(_errands.decode(document))
                if sent is not None:
                    orders[number] = _orders.decode(sent)
        except msgspec.DecodeError as error:
            raise sqlite3.DatabaseError(f"an entry is damaged: {error}") from error
        return [StoredJob(job, tuple(errands), orders) for job, (errands, orders) in found.items()]

    @contextmanager
    def together(self) -> Iterator[None]:
        """Writes inside are one: all of them are kept, or none. Nested ones belong to the outermost."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Safe to call twice."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
