"""The planner's tables, in the same database as the durable jobs: SQLite for one process, Postgres for several."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from banksman_cloud.errors import DatabaseError, SettingsError

metadata = sa.MetaData()

plans = sa.Table(
    "planner_plans",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default="en"),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("key", sa.String(255)),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("traceparent", sa.String(64)),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("world", sa.Integer, nullable=False),  # the site's last approval when the plan was asked for
    sa.Column("approval", sa.Integer),  # which approval of its site this plan's was
    sa.Column("approve_by", sa.Float, nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False, server_default="0"),  # 0: nobody noted it
    sa.Column("due", sa.Float, index=True),  # when the present state has lasted too long; null: it has ended
    sa.Column("ended_at", sa.Float, index=True),
    sa.UniqueConstraint("caller", "key"),
    sa.Index("planner_plans_of_site", "site", "state"),
    sa.Index("planner_plans_by_state", "state"),  # looked for five times a second, beside whole sites
)
events = sa.Table(
    "planner_events",
    metadata,
    sa.Column("plan_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)
keys = sa.Table(  # of plans that were dropped before their time
    "planner_keys",
    metadata,
    sa.Column("caller", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Float, nullable=False, index=True),
)
calls = sa.Table(
    "planner_calls",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("plan_id", sa.String(64), nullable=False, index=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of the prompt before anything was blacked out in it
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("usd", sa.Float, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),  # false: the figures are the most that the call can cost
    sa.Column("prices", sa.Text, nullable=False, server_default=""),  # by which prices
    sa.Index("planner_calls_by_day", "site", "day"),
)
replicas = sa.Table(
    "planner_replicas",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("beat", sa.Integer, nullable=False),  # a count, so that no two clocks have to agree
    sa.Column("gone", sa.Boolean, nullable=False),
)

_CREATING = 7_263_541
"""Number of the advisory lock under which replicas that start at once make the tables, one after the other."""

_BUSY_MS = 30_000
"""How long a transaction waits for one of another process on the same SQLite file: somebody looking, or a backup."""


class Database:
    """Connections to one database. Several processes may share one on Postgres; an SQLite file is one process'."""

    def __init__(self, url: str, *, reading: bool = False) -> None:
        """Connect and make what tables there are not. ``reading``: only to look, beside a planner; then an SQLite file
        has to be there.

        Raises:
            SettingsError: this is no URL of SQLite or Postgres, another planner uses the file, or the tables cannot be
                made.
            DatabaseError: the database cannot be reached.
        """
        self.url = _parsed(url)
        self.shared = self.url.get_backend_name() == "postgresql"
        if reading and not self.shared and not Path(self.url.database or "").is_file():
            raise SettingsError(f"there is no database {self.url.database}; name the one that the service has")
        self._lock = None if self.shared or reading else _claim(self.url)
        options: dict[str, Any] = {"hide_parameters": True}  # what is planned is nothing for a log
        if self.shared:
            options |= {"pool_pre_ping": True, "pool_timeout": 5, "connect_args": {"connect_timeout": 5}}
        self._engine = sa.create_engine(self.url, **options)
        if not self.shared:
            _serialise(self._engine)
        try:
            with self.write() as connection:
                if self.shared:  # replicas that start at once
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CREATING})
                metadata.create_all(connection)
                _catch_up(connection)
        except DatabaseError:
            self.close()
            raise
        except SQLAlchemyError as error:
            self.close()
            raise SettingsError(
                f"the planner's tables cannot be made or brought up to date ({_sentence(error)}); see that its user "
                "may do so, and that BANKSMAN_PLANNER_DATABASE is a planner's database"
            ) from error

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that ends with this block. On SQLite nobody else writes meanwhile.

        Raises:
            DatabaseError: the database cannot be reached; nothing was changed.
        """
        with _named_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """The same for looking only; waits for no writer.

        Raises:
            DatabaseError: the database cannot be reached.
        """
        with _named_errors(), self._engine.execution_options(reads=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()


def _catch_up(connection: sa.Connection) -> None:
    """Add the columns and indexes that tables of an earlier version lack. Each new column needs a default, which
    replicas of that version that still run rely on as well."""
    inspector, dialect = sa.inspect(connection), connection.dialect
    for table in metadata.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                added = sa.schema.CreateColumn(column).compile(dialect=dialect)
                connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {added}"))
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _parsed(url: str) -> sa.URL:
    """``url`` with the driver that is installed; libpq's own spellings of Postgres are taken too."""
    try:
        parsed = sa.make_url(url)
        backend = {"postgres": "postgresql", "sqlite": "sqlite", "postgresql": "postgresql"}[parsed.get_backend_name()]
    except (ArgumentError, NoSuchModuleError, KeyError, ValueError) as error:
        raise SettingsError(
            "the database is no URL like sqlite:///planner.sqlite or postgresql://user@host/name; "
            "mend BANKSMAN_PLANNER_DATABASE"
        ) from error
    if backend == "sqlite" and not parsed.database:
        raise SettingsError("an SQLite database needs a file; write BANKSMAN_PLANNER_DATABASE=sqlite:///FILE")
    return parsed.set(drivername="postgresql+psycopg" if backend == "postgresql" else "sqlite")


def _claim(url: sa.URL) -> FileLock:
    """Two processes on one file would both take up what is pending in it."""
    path = Path(url.database or "")
    lock = FileLock(f"{path}.lock", thread_local=False)  # the service ends in another thread than it began in
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        path.touch(0o600)  # what people asked for is nobody else's business
    except Timeout as error:
        raise SettingsError(f"{path} is in use by another planner; several of them need Postgres") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}; set BANKSMAN_PLANNER_DATABASE") from error
    return lock


def _serialise(engine: sa.Engine) -> None:
    """SQLAlchemy's way to make transactions of SQLite real: its driver would begin them only at the first change."""

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")

    def begun(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)


@contextmanager
def _named_errors() -> Iterator[None]:
    """What passes by itself, or when somebody has looked after the database, is named so; the rest is a fault."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        if not _passes(error):
            raise
        raise DatabaseError(f"the planner's database cannot be used ({_sentence(error)}); ask again") from error


def _passes(error: SQLAlchemyError) -> bool:
    """Whether the same may work later: the database is away, full or busy, and not asked for what there is not."""
    if isinstance(error, DBAPIError) and not error.connection_invalidated:
        wrong = (
            getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        )  # its driver has one class for all
        return isinstance(error, OperationalError | InterfaceError | InternalError) and not wrong
    return True


def _sentence(error: SQLAlchemyError) -> str:
    """What kind of error; its text may hold addresses and data."""
    return type(getattr(error, "orig", None) or error).__name__
