"""All plans of the service: callers ask, read, approve and cancel; a worker moves them on; time ends them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa

from banksman_cloud.database import Database
from banksman_cloud.errors import DatabaseError, HashMismatchError, NoSuchPlanError, WorldMovedError
from banksman_cloud.jobs.durable import Durable
from banksman_cloud.jobs.job import DRIVEN, WORKING, Job
from banksman_cloud.jobs.store import Event, PlanStore, approve
from banksman_cloud.jobs.worker import Moves, Worker
from banksman_cloud.metrics import Metrics
from banksman_cloud.phrases import Phrases
from banksman_cloud.planning import Planner
from banksman_cloud.providers import Guard, Ledger
from banksman_cloud.settings import Settings
from banksman_shared.clock import Clock
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState

_LOG = logging.getLogger(__name__)
_TICK_S = 0.2
_PRUNING_S = 3600.0
"""How often the calls of language models are looked through for old ones."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a plan, and what makes a repeat a repeat."""

    caller: str
    key: str | None
    fingerprint: str
    traceparent: str | None = None


class Jobs:
    """Of each caller at most ``max_plans`` that have not ended and as many that have, none of those ended for
    ``max_age_s``. So long a key is known, also of a plan that is not there any more."""

    def __init__(
        self, planner: Planner, guard: Guard, base: Database, clock: Clock, metrics: Metrics, settings: Settings
    ) -> None:
        self._clock, self._metrics, self._settings = clock, metrics, settings
        self.shared = base.shared
        """Whether other processes may change plans as well."""
        self._store = PlanStore(base)
        worker = Worker(planner, guard, self._store, metrics, Moves(self._moved, self._wake))
        self._durable = worker.durable = Durable(base, worker.work, settings.workers)
        self._ledger = Ledger(base, clock)
        self._pruned_at: float | None = None
        self._submitted: set[str] = set()
        self._listeners: dict[str, set[Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._ticker = threading.Thread(target=self._tick, name="planner-deadlines", daemon=True)
        self._poke, self._closed = threading.Event(), threading.Event()

    def start(self) -> None:
        """Take up what was pending, and be ready for more."""
        self._durable.start()
        self._ticker.start()

    def close(self) -> None:
        """Let go of everything; whoever starts next goes on with it."""
        self._closed.set()
        self._poke.set()
        if self._ticker.ident is not None:
            self._ticker.join(5)
        self._durable.close()

    def submit(self, request: PlanRequest, site: str, deadline: float | None, asking: Asking) -> Plan:
        """Take a request, or find the plan that the same key and request made before. ``deadline``: clock time.

        Raises:
            KeyReusedError: the key came before with another request.
            TooManyPlansError: too many plans have not ended.
        """
        now = self._clock.time()
        approve_by = deadline if deadline is not None else now + self._settings.max_age_s
        job = replace(
            self._asked(request, site, asking),
            due=min(approve_by, now + self._settings.timeout_s),
            approve_by=approve_by,
        )
        kept = self._store.add(job, self._settings.max_plans)
        if kept.plan.id == job.plan.id:
            self._entered(job)
            self._poke.set()
        return kept.plan

    def known(self, request: PlanRequest, site: str, asking: Asking) -> Plan | None:
        """The plan that the same key and request made before.

        Raises:
            KeyReusedError: the key came before with another request.
        """
        job = self._store.known(self._asked(request, site, asking))
        return None if job is None else job.plan

    def get(self, plan_id: str) -> Job:
        """Raises:
        NoSuchPlanError: there is none with this id, or not any more.
        """
        return self._store.get(plan_id)

    def approve(self, plan_id: str, tags: frozenset[str], fleet: FleetSnapshot | None) -> Plan:
        """Approve the proposed plan whose hash is among ``tags``; a repeat changes nothing.

        Raises:
            WorldMovedError: it is not proposed (any more), or a vehicle is not where the plan starts it, or another
                plan that was approved after this one was asked for drives it, or begun now it breaks its goals.
            HashMismatchError: ``tags`` name another plan.
        """
        self._expire(plan_id)
        asked = self._store.get(plan_id)
        proposed = asked.plan.state is PlanState.PROPOSED and asked.plan.hash in tags
        objection = asked.objection(self._clock.time(), fleet) if proposed else None

        def decide(job: Job, connection: sa.Connection) -> Job | None:
            if job.plan.state in DRIVEN and job.plan.hash in tags:
                return None
            if job.plan.state is not PlanState.PROPOSED:
                raise WorldMovedError(f"the plan is {job.plan.state}, not proposed; ask for a new one")
            if job.plan.hash not in tags:
                raise HashMismatchError("the plan is not the one that If-Match names; read it again before approving")
            if fleet is not None and (moved := job.moved_vehicle(fleet)):
                raise WorldMovedError(f"{moved}; ask for a new plan")
            if objection:
                raise WorldMovedError(f"begun now, the plan does not hold: {objection}; ask for a new one")
            return self._moved(approve(connection, job), PlanState.APPROVED, {})

        return self._change(plan_id, decide)

    def progress(self, plan_id: str, state: Literal["running", "done", "failed"], detail: str) -> Plan:
        """Record what the edge says about an approved plan.

        Raises:
            WorldMovedError: the plan is in no state from which that follows.
        """

        def decide(job: Job, _: sa.Connection) -> Job | None:
            target, now = PlanState(state), job.plan.state
            if now in WORKING or now is PlanState.PROPOSED or (now is not target and not job.can(target)):
                raise WorldMovedError(f"a plan that is {now} cannot become {target}; read it again")
            if now is target:
                return None if now.ended else replace(job, due=self._clock.time() + self._settings.max_age_s)
            changes = {"explanation": f"{job.plan.explanation} {detail}".strip()} if detail else {}
            return self._moved(job, target, changes)

        return self._change(plan_id, decide)

    def cancel(self, plan_id: str) -> Plan:
        """Cancel whatever has not ended; what has stays as it is."""

        def decide(job: Job, _: sa.Connection) -> Job | None:
            if not job.can(PlanState.CANCELLED):
                return None
            undriven = replace(job, approval=None) if job.plan.state is PlanState.APPROVED else job
            return self._moved(undriven, PlanState.CANCELLED, {})

        return self._change(plan_id, decide)

    @contextmanager
    def listen(self, plan_id: str, listener: Callable[[], None]) -> Iterator[None]:
        """Have ``listener`` called, from any thread, when this process changes the plan. Others may as well."""
        with self._lock:
            self._listeners.setdefault(plan_id, set()).add(listener)
        try:
            yield
        finally:
            with self._lock:
                listeners = self._listeners[plan_id]
                listeners.discard(listener)
                if not listeners:
                    del self._listeners[plan_id]

    def events(self, plan_id: str, after: int) -> list[Event]:
        """What was said about the plan since event ``after``; 0 gives only its present state."""
        return self._store.events(plan_id, after)

    def count_open(self) -> int:
        """How many plans have not ended, on all replicas."""
        return self._store.count_open()

    def _asked(self, request: PlanRequest, site: str, asking: Asking) -> Job:
        plan = Plan(id=uuid4().hex, state=PlanState.UNDERSTANDING, request=request.request)
        given = (request.language, asking.caller, asking.key, asking.fingerprint, asking.traceparent)
        now = self._clock.time()
        return Job(plan, request.model_dump_json(), site, *given, due=None, approve_by=0.0, asked_at=now)

    def _change(self, plan_id: str, decide: Callable[[Job, sa.Connection], Job | None]) -> Plan:
        plan = self._store.change(plan_id, decide).plan
        self._wake(plan_id)
        return plan

    def _moved(self, job: Job, state: PlanState, changes: dict[str, Any]) -> Job:
        """``job`` in ``state``, with what follows from that."""
        now, plan = self._clock.time(), job.plan.model_copy(update={"state": state, **changes})
        due = job.due if state is PlanState.SOLVING else now + self._settings.max_age_s
        if state is PlanState.PROPOSED:
            due = job.approvable_until(plan)
            if due <= now:
                late = Phrases(job.language).say("no_time")
                return self._moved(job, PlanState.FAILED, {"explanation": late})
        moved = replace(
            job,
            plan=plan,
            due=None if state.ended else due,
            ended_at=now if state.ended else None,
        )
        self._entered(moved)
        return moved

    def _entered(self, job: Job) -> None:
        self._metrics.states.labels(str(job.plan.state)).inc()
        _LOG.info("plan %s is %s", job.plan.id, job.plan.state)

    def _wake(self, plan_id: str) -> None:
        with self._lock:
            listeners = tuple(self._listeners.get(plan_id, ()))
        for listener in listeners:
            listener()

    def _tick(self) -> None:
        while not self._closed.is_set():
            self._poke.wait(_TICK_S)
            self._poke.clear()
            try:
                self._submit_new()
                for plan_id in self._store.overdue(self._clock.time()):
                    self._expire(plan_id)
                dropped = self._store.drop(self._clock.time() - self._settings.max_age_s, self._settings.max_plans)
                self._durable.forget(dropped)
                self._prune()
            except DatabaseError:
                continue  # it has said so to whoever asked
            except Exception:  # noqa: BLE001  deadlines have to be watched whatever else goes wrong
                _LOG.exception("looking after deadlines failed")

    def _prune(self) -> None:
        """Once an hour, and once at the beginning."""
        now = self._clock.time()
        if self._pruned_at is None or not 0 <= now - self._pruned_at < _PRUNING_S:
            self._ledger.drop(self._settings.calls_days)
            self._pruned_at = now

    def _submit_new(self) -> None:
        """Hand on what was asked for, also by a process that died before it could. No caller waits for it."""
        working = set(self._store.working())
        self._submitted &= working  # whichever replica drops the others
        for plan_id in working - self._submitted:
            self._durable.submit(plan_id)
            self._submitted.add(plan_id)

    def _expire(self, plan_id: str) -> None:
        def decide(job: Job, _: sa.Connection) -> Job | None:
            reason = job.overdue(self._clock.time())
            return self._moved(job, PlanState.FAILED, {"explanation": reason}) if reason else None

        with suppress(NoSuchPlanError):
            self._change(plan_id, decide)
