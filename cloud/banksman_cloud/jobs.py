"""All plans of the service, in memory: worker threads move them on, callers read, approve and cancel them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Literal
from uuid import uuid4

from banksman_cloud.errors import HashMismatchError, KeyReusedError, NoSuchPlanError, TooManyPlansError, WorldMovedError
from banksman_cloud.job import DRIVEN, WORKING, Job
from banksman_cloud.metrics import Metrics
from banksman_cloud.planning import Planner
from banksman_cloud.settings import Settings
from banksman_shared.clock import Clock
from banksman_shared.errors import BanksmanError
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState, plan_hash
from banksman_shared.site import Site

_LOG = logging.getLogger(__name__)
_TICK_S = 0.1


class Jobs:
    """At most ``max_plans`` that have not ended and as many that have, none of those ended for ``max_age_s``."""

    def __init__(self, planner: Planner, clock: Clock, metrics: Metrics, settings: Settings) -> None:
        self._planner, self._clock, self._metrics, self._settings = planner, clock, metrics, settings
        self._jobs: dict[str, Job] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._closed = threading.Event()

    def start(self) -> None:
        """Start the threads. They are daemons: a model that never answers does not keep the process alive."""
        for number in range(self._settings.workers):
            threading.Thread(target=self._work, name=f"planner-{number}", daemon=True).start()
        threading.Thread(target=self._tick, name="planner-deadlines", daemon=True).start()

    def close(self) -> None:
        """Cancel what has not ended and let the threads go."""
        with self._lock:
            for job in self._jobs.values():
                self._move(job, PlanState.CANCELLED, explanation="the planner was shut down")
        self._closed.set()
        for _ in range(self._settings.workers):
            self._queue.put(None)

    def submit(
        self, request: PlanRequest, site: Site, deadline: float | None, key: tuple[str, str] | None, fingerprint: str
    ) -> Plan:
        """Take a request, or find the plan that the same key and request made before. ``deadline``: clock time.

        Raises:
            KeyReusedError: the key came before with another request.
            TooManyPlansError: too many plans have not ended.
        """
        with self._lock:
            if known := self.known(key, fingerprint):
                return known
            if sum(not job.plan.state.ended for job in self._jobs.values()) >= self._settings.max_plans:
                raise TooManyPlansError(
                    f"{self._settings.max_plans} plans have not ended; cancel some or ask again later"
                )
            plan = Plan(id=uuid4().hex, state=PlanState.UNDERSTANDING, request=request.request)
            now = self._clock.time()
            approve_by = deadline if deadline is not None else now + self._settings.max_age_s
            work_by = min(approve_by, now + self._settings.timeout_s)
            job = Job(plan, request, site, work_by, approve_by, key, fingerprint)
            self._jobs[plan.id] = job
            if key is not None:
                self._keys[key] = plan.id
            self._metrics.open.inc()
            self._publish(job)
        self._queue.put(job)
        return plan

    def known(self, key: tuple[str, str] | None, fingerprint: str) -> Plan | None:
        """The plan that the same key and request made before.

        Raises:
            KeyReusedError: the key came before with another request.
        """
        with self._lock:
            job = self._jobs.get(self._keys.get(key, "")) if key is not None else None
            if job is not None and job.fingerprint != fingerprint:
                raise KeyReusedError("this Idempotency-Key was used for another request; make a new one")
            return None if job is None else job.plan

    def get(self, plan_id: str) -> Plan:
        with self._lock:
            return self._find(plan_id).plan

    def approve(self, plan_id: str, tags: frozenset[str], fleet: FleetSnapshot | None) -> Plan:
        """Approve the proposed plan whose hash is among ``tags``; a repeat changes nothing.

        Raises:
            WorldMovedError: it is not proposed (any more), or a vehicle is not where the plan starts it.
            HashMismatchError: ``tags`` name another plan.
        """
        with self._lock:
            job = self._find(plan_id)
            self._expire(job)
            if job.plan.state in DRIVEN and job.plan.hash in tags:
                return job.plan
            if job.plan.state is not PlanState.PROPOSED:
                raise WorldMovedError(f"the plan is {job.plan.state}, not proposed; ask for a new one")
            if job.plan.hash not in tags:
                raise HashMismatchError("the plan is not the one that If-Match names; read it again before approving")
            if fleet is not None and (moved := job.moved_vehicle(fleet)):
                raise WorldMovedError(f"{moved}; ask for a new plan")
            job.report_by = self._clock.time() + self._settings.max_age_s
            self._move(job, PlanState.APPROVED)
            return job.plan

    def progress(self, plan_id: str, state: Literal["running", "done", "failed"], detail: str) -> Plan:
        """Record what the edge says about an approved plan.

        Raises:
            WorldMovedError: the plan is in no state from which that follows.
        """
        with self._lock:
            job = self._find(plan_id)
            target, now = PlanState(state), job.plan.state
            if now in WORKING or now is PlanState.PROPOSED or (now is not target and not job.can(target)):
                raise WorldMovedError(f"a plan that is {now} cannot become {target}; read it again")
            job.report_by = self._clock.time() + self._settings.max_age_s
            if now is not target:
                changes = {"explanation": f"{job.plan.explanation} {detail}".strip()} if detail else {}
                self._move(job, target, **changes)
            return job.plan

    def cancel(self, plan_id: str) -> Plan:
        """Cancel whatever has not ended; what has stays as it is."""
        with self._lock:
            job = self._find(plan_id)
            self._move(job, PlanState.CANCELLED)
            return job.plan

    @contextmanager
    def listen(self, plan_id: str, listener: Callable[[], None]) -> Iterator[None]:
        """Have ``listener`` called, from any thread, whenever the plan changes."""
        with self._lock:
            job = self._find(plan_id)
            job.listeners.add(listener)
        try:
            yield
        finally:
            with self._lock:
                job.listeners.discard(listener)

    def events(self, plan_id: str, after: int) -> list[tuple[int, Plan]]:
        """The states of the plan since event ``after``; 0 gives only the present one. Numbers start at 1."""
        with self._lock:
            events = self._find(plan_id).events
            first = len(events) - 1 if after <= 0 else after
            return list(enumerate(events, 1))[first:]

    def _find(self, plan_id: str) -> Job:
        job = self._jobs.get(plan_id)
        if job is None:
            raise NoSuchPlanError(f"there is no plan '{plan_id}'; it may have been dropped after it ended")
        return job

    def _move(self, job: Job, state: PlanState, **changes: object) -> bool:
        """Into ``state`` if it may follow; False if the plan has gone elsewhere meanwhile."""
        with self._lock:
            if not job.can(state):
                return False
            job.plan = job.plan.model_copy(update={"state": state, **changes})
            if state.ended:
                job.ended_at = self._clock.time()
                self._metrics.open.dec()
            self._publish(job)
            return True

    def _publish(self, job: Job) -> None:
        job.events.append(job.plan)
        self._metrics.states.labels(str(job.plan.state)).inc()
        _LOG.info("plan %s is %s", job.plan.id, job.plan.state)
        for listener in tuple(job.listeners):
            listener()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                self._plan(job)
            except BanksmanError as error:
                self._move(job, PlanState.FAILED, explanation=str(error))
            except Exception:  # noqa: BLE001  a worker outlives any fault of a provider or solver
                _LOG.exception("plan %s failed by a fault of the planner", job.plan.id)
                self._move(job, PlanState.FAILED, explanation="a fault of the planner; see its log")

    def _plan(self, job: Job) -> None:
        if job.plan.state.ended:
            return
        with self._metrics.stage("understanding"):
            goals = self._planner.understand(job.request, job.site, job.work_by)
        if not self._move(job, PlanState.SOLVING, goals=goals.goals, unsupported=goals.unsupported):
            return
        with self._metrics.stage("solving"):
            proposal = self._planner.plan(job.request, job.site, goals, lambda: job.plan.state.ended)
        self._expire(job)
        self._move(
            job,
            PlanState.PROPOSED,
            steps=proposal.steps,
            hash=plan_hash(proposal.goals.goals, proposal.steps),
            explanation=proposal.explanation,
        )

    def _expire(self, job: Job) -> None:
        if reason := job.overdue(self._clock.time()):
            self._move(job, PlanState.FAILED, explanation=reason)

    def _tick(self) -> None:
        while not self._closed.wait(_TICK_S):
            with self._lock:
                for job in self._jobs.values():
                    self._expire(job)
                self._drop_old()

    def _drop_old(self) -> None:
        ended = sorted((j for j in self._jobs.values() if j.ended_at is not None), key=lambda j: j.ended_at or 0.0)
        surplus = len(ended) - self._settings.max_plans
        for rank, job in enumerate(ended):
            if rank < surplus or self._clock.time() - (job.ended_at or 0.0) > self._settings.max_age_s:
                del self._jobs[job.plan.id]
                if job.key is not None:
                    self._keys.pop(job.key, None)
