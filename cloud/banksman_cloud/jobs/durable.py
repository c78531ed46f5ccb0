"""Work that outlives the process, through DBOS: what was begun is gone on with, by this process or another one.

DBOS is one for each process. It notes the result of every step; after a crash a workflow runs again and finds the
results of the steps that were done. On SQLite the next process takes up what is pending. On Postgres every replica
counts a beat of its own, and whoever sees one stand still takes up its work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, Queue, SetWorkflowID

from banksman_cloud.database import Database, replicas
from banksman_cloud.errors import DatabaseError, SettingsError

_LOG = logging.getLogger(__name__)

_NAME = "banksman-planner"
_STEPS_VERSION = "1"
"""Raised when the steps of a plan change: workflows begun by another version are left to their deadline."""

_POLL_S = 0.1
_BEAT_S = 2.0
LEASE_S = 10.0
"""A replica whose beat has stood still for so long is taken for dead."""


class LetGo(BaseException):
    """Ends a workflow's thread here without an outcome: it is gone on with elsewhere or later. Not an Exception,
    since DBOS would record that as the outcome."""


_running: Durable | None = None


@DBOS.workflow(name="plan")
def _plan(plan_id: str) -> None:
    if _running is None or _running.closing:
        raise LetGo
    _running.work(plan_id)


class Durable:
    """Runs ``work(plan_id)`` once for every plan handed in, at most ``workers`` at a time in this process.

    ``work`` is called again after a crash. What must not be done again goes through :meth:`step`.
    """

    def __init__(self, base: Database, work: Callable[[str], None], workers: int) -> None:
        self._base, self.work, self._workers = base, work, workers
        self._id = uuid4().hex if base.shared else "single"
        self._closing = threading.Event()
        self._queue: Queue | None = None
        self._beats: dict[str, tuple[int, float]] = {}
        self._beater: threading.Thread | None = None

    @property
    def closing(self) -> bool:
        """Whether all work is to be let go of."""
        return self._closing.is_set()

    def start(self) -> None:
        """Take up what is pending, and be ready for more.

        Raises:
            SettingsError: there is one in this process already.
        """
        global _running  # noqa: PLW0603  DBOS knows workflows by name, so they are functions of the module
        if _running is not None:
            raise SettingsError("this process runs a planner already; run the other one in a process of its own")
        _running = self
        config = DBOSConfig(
            name=_NAME,
            system_database_url=self._base.url.render_as_string(hide_password=False),
            executor_id=self._id,
            application_version=_STEPS_VERSION,
            log_level="WARNING",
            notification_listener_polling_interval_sec=_POLL_S,
            db_engine_kwargs={"hide_parameters": True},
        )
        try:
            DBOS(config=config)
            DBOS.launch()
            self._queue = DBOS.register_queue(_NAME, worker_concurrency=self._workers, polling_interval_sec=_POLL_S)
        except BaseException:
            self.close()
            raise
        if self._base.shared:
            self._beater = threading.Thread(target=self._beat, name="planner-beat", daemon=True)
            self._beater.start()

    def submit(self, plan_id: str) -> None:
        """Have a plan worked on. A repeat, from whichever replica, changes nothing."""
        assert self._queue is not None  # noqa: S101  started
        with SetWorkflowID(plan_id):
            self._queue.enqueue(_plan, plan_id)

    @staticmethod
    def step(name: str, function: Callable[[], str]) -> str:
        """What ``function`` returned when it was done first, even if that was before a crash."""
        return DBOS.run_step({"name": name}, function)

    @staticmethod
    def forget(plan_ids: list[str]) -> None:
        """Drop what was noted of the work on plans that there are no more."""
        if plan_ids:
            DBOS.delete_workflows(plan_ids)

    def close(self) -> None:
        """Let go of all work; it stays pending."""
        global _running  # noqa: PLW0603
        self._closing.set()
        DBOS.destroy()
        if self._beater is not None:
            self._beater.join(_BEAT_S)
            self._leave()
        _running = None

    def _beat(self) -> None:
        while not self._closing.is_set():
            try:
                self._count()
                for replica in self._silent():
                    self._take_over(replica)
            except DatabaseError:
                self._beats.clear()  # nobody could beat meanwhile
            except Exception:  # noqa: BLE001  the others would take this replica for dead
                _LOG.exception("looking after other replicas failed")
            self._closing.wait(_BEAT_S)

    def _count(self) -> None:
        mine = replicas.c.id == self._id
        with self._base.write() as connection:
            beaten = connection.execute(replicas.update().where(mine).values(beat=replicas.c.beat + 1))
            if beaten.rowcount == 0:
                connection.execute(replicas.insert().values(id=self._id, beat=1, gone=False))

    def _silent(self) -> list[str]:
        """Other replicas that have left, or whose beat has stood still as long as this process can tell."""
        with self._base.read() as connection:
            rows = connection.execute(sa.select(replicas).where(replicas.c.id != self._id)).all()
        now, silent = time.monotonic(), []
        known, self._beats = self._beats, {}
        for replica, beat, gone in rows:
            last, since = known.get(replica, (None, now))
            self._beats[replica] = (beat, since if last == beat else now)
            if gone or now - self._beats[replica][1] > LEASE_S:
                silent.append(replica)
        return silent

    def _take_over(self, replica: str) -> None:
        """Put the work of a dead replica back on the queue, unless another one is at it."""
        row = sa.select(replicas.c.beat).where(replicas.c.id == replica).with_for_update(skip_locked=True)
        with self._base.write() as connection:
            if connection.execute(row).scalar_one_or_none() != self._beats[replica][0]:
                return
            for workflow in DBOS.list_workflows(
                status="PENDING", executor_id=replica, load_input=False, load_output=False
            ):
                DBOS.resume_workflow(workflow.workflow_id, queue_name=_NAME)
                _LOG.warning("plan %s is taken over from a replica that went silent", workflow.workflow_id)
            connection.execute(replicas.delete().where(replicas.c.id == replica))

    def _leave(self) -> None:
        try:
            with self._base.write() as connection:
                connection.execute(replicas.update().where(replicas.c.id == self._id).values(gone=True))
        except DatabaseError:
            _LOG.warning("the other replicas could not be told that this one ends; they will notice")
