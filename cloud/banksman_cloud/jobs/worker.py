"""Works one plan out, so that a crash at any point leaves something to go on from."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from banksman_cloud import errors, tracing
from banksman_cloud.errors import (
    DatabaseError,
    InfeasibleError,
    NoSuchPlanError,
    PlannerError,
    PlanRejectedError,
    ProviderError,
    ProviderUnavailableError,
    TooLargeError,
    trail,
)
from banksman_cloud.jobs.durable import Durable, LetGo
from banksman_cloud.jobs.job import WORKING, Job
from banksman_cloud.jobs.outcome_texts import told
from banksman_cloud.jobs.store import PlanStore
from banksman_cloud.metrics import Metrics
from banksman_cloud.planning import Planner, Proposal
from banksman_cloud.providers import GoalPrompt, Guard, GuardedModel
from banksman_cloud.solving import Progress
from banksman_shared.clock import Clock
from banksman_shared.errors import BanksmanError
from banksman_shared.plans import Goals, PlanRequest, PlanState, Step, plan_hash
from banksman_shared.site import Site, parse_site
from banksman_shared.verify import violations

_LOG = logging.getLogger(__name__)
_LOOK_S = 0.25
"""How often a plan is looked at for having ended meanwhile, on whatever replica."""
_GRACE_S = 2.0
"""How much later than its deadline a model may give up by itself."""

T = TypeVar("T")


class _Superseded(Exception):  # noqa: N818  no error: somebody cancelled, or time ran out
    """The plan has gone elsewhere meanwhile."""


@dataclass(frozen=True, slots=True)
class Moves:
    """How plans move on; :class:`banksman_cloud.jobs.service.Jobs` tells listeners of it."""

    move: Callable[[Job, PlanState, dict[str, Any]], Job]
    """The job in that state, with these fields of its plan changed."""
    tell: Callable[[str], None]
    """Something new is to be read of this plan."""


class Worker:
    """What :class:`Durable` calls for every plan."""

    def __init__(self, planner: Planner, guard: Guard, store: PlanStore, metrics: Metrics, moves: Moves) -> None:
        self._planner, self._guard, self._store = planner, guard, store
        self._metrics, self._moves = metrics, moves
        self.durable: Durable | None = None

    def work(self, plan_id: str) -> None:
        """From wherever the plan is to a proposal or a failure."""
        due = math.inf
        try:
            job = self._patiently(lambda: self._store.get(plan_id), due)
            due = job.due or due
            if job.plan.state in WORKING:
                with tracing.continued("plan", job.traceparent, plan=plan_id, site=job.site):
                    self._plan(job)
        except (_Superseded, NoSuchPlanError):
            return
        except BanksmanError as error:
            self._fail(plan_id, due, error)
        except Exception as error:  # noqa: BLE001  a plan that fails by a fault of ours is told so, like any other
            _LOG.error("plan %s failed by a fault of the planner: %s", plan_id, trail(error))
            self._fail(plan_id, due, PlannerError("a fault of the planner; see its log"))

    def _plan(self, job: Job) -> None:
        watch = _Watch(lambda: self._store.get(job.plan.id).plan.state.ended)
        request, work_by = job.request, job.due or 0.0
        site = parse_site(request.site)
        model = _DurableModel(
            self, self._guard.for_plan(job.plan.id, job.site), job.plan.id, watch, self._planner.clock
        )
        with self._metrics.stage("understanding"), tracing.span("understand"):
            goals = replace(self._planner, provider=model).understand(request, site, work_by)
        self._advance(job, PlanState.SOLVING, goals=goals.goals, unsupported=goals.unsupported)
        with self._metrics.stage("solving"), tracing.span("solve"):
            proposal = self._solved(job, request, site, goals, watch)
        self._progress(job.plan.id, "solving", proposal.progress)
        with self._metrics.stage("verifying"), tracing.span("verify"):
            self.progress(job.plan.id, "verifying")
            # Once more, since what is proposed has come out of the database.
            if wrong := violations(site, request.fleet, proposal.goals.goals, proposal.steps):
                raise PlanRejectedError(wrong)
        self._advance(
            job,
            PlanState.PROPOSED,
            steps=proposal.steps,
            hash=plan_hash(proposal.goals.goals, proposal.steps, proposal.goals.unsupported),
            explanation=proposal.explanation,
        )

    def _solved(self, job: Job, request: PlanRequest, site: Site, goals: Goals, watch: _Watch) -> Proposal:
        def solve() -> str:
            stop, report = (lambda: self._closing() or watch.ended()), self._reporter(job.plan.id)
            proposal = self._planner.plan(request, site, goals, stop, report)
            steps = [step.model_dump(mode="json", by_alias=True) for step in proposal.steps]
            best = proposal.progress
            figures = {"value_s": best.value_s, "bound_s": best.bound_s, "keeps": best.keeps}
            return json.dumps({"steps": steps, "explanation": proposal.explanation, "progress": figures})

        solved = json.loads(self.step("solve", job.due or math.inf, solve))
        steps = tuple(Step.model_validate(step) for step in solved["steps"])
        return Proposal(goals, steps, solved["explanation"], Progress(**solved["progress"]))

    def step(self, name: str, due: float, function: Callable[[], str]) -> str:
        """One step that is not done again after a crash; what it raises on purpose is noted as well. ``due``: when
        the plan is worthless."""

        def noted() -> str:
            try:
                outcome = {"result": self._patiently(function, due)}
            except BanksmanError as error:
                outcome = {"error": type(error).__name__, "sentence": str(error)}
            if self._closing():  # so it may have stopped short
                raise LetGo
            return json.dumps(outcome)

        outcome = json.loads(Durable.step(name, noted))
        if "result" in outcome:
            return str(outcome["result"])
        raise _error(outcome["error"], outcome["sentence"])

    def progress(self, plan_id: str, stage: str, **figures: object) -> None:
        """Tell listeners how far the work is. Not worth waiting for a database."""
        try:
            self._store.tell(plan_id, json.dumps({"stage": stage, **figures}))
        except (DatabaseError, NoSuchPlanError):
            return
        self._moves.tell(plan_id)

    def _reporter(self, plan_id: str) -> Callable[[Progress], None]:
        """Tells listeners of better plans, not more often than they can read."""
        told = -_LOOK_S

        def report(progress: Progress) -> None:
            nonlocal told
            if time.monotonic() - told >= _LOOK_S:
                told = time.monotonic()
                self._progress(plan_id, "solving", progress)

        return report

    def _progress(self, plan_id: str, stage: str, best: Progress) -> None:
        figures = {"value_s": round(best.value_s, 1), "bound_s": round(best.bound_s, 1), "gap": round(best.gap, 4)}
        self.progress(plan_id, stage, **figures, keeps=best.keeps)

    def abandonable(self, function: Callable[[threading.Event], T], ended: Callable[[], bool], seconds: float) -> T:
        """The result of ``function``, which is left to itself when the plan or the process ends before, or ``seconds``
        have passed: an SDK's timeout begins anew with every byte. The event that it is called with is set then."""
        unwanted = threading.Event()
        try:
            return self._awaited(lambda: function(unwanted), ended, seconds)
        finally:
            unwanted.set()

    def _awaited(self, function: Callable[[], T], ended: Callable[[], bool], seconds: float) -> T:
        future: Future[T] = Future()
        context, gives_up = copy_context(), time.monotonic() + seconds + _GRACE_S

        def run() -> None:
            try:
                future.set_result(context.run(function))
            except BaseException as error:  # noqa: BLE001  raised again where it is waited for
                future.set_exception(error)

        threading.Thread(target=run, name="planner-model", daemon=True).start()
        while not wait([future], _LOOK_S).done:
            if self._closing():
                raise LetGo
            if ended():
                raise _Superseded
            if time.monotonic() > gives_up:
                raise ProviderUnavailableError("the language model did not answer in time; ask again later")
        return future.result()

    def _advance(self, job: Job, state: PlanState, **changes: Any) -> None:
        def decide(now: Job, _: sa.Connection) -> Job | None:
            if now.plan.state is state:  # before a crash
                return None
            if not now.can(state):
                raise _Superseded
            return self._moves.move(now, state, changes)

        self._patiently(lambda: self._store.change(job.plan.id, decide), job.due or math.inf)
        self._moves.tell(job.plan.id)

    def _fail(self, plan_id: str, due: float, error: BanksmanError) -> None:
        def decide(now: Job, _: sa.Connection) -> Job | None:
            if now.plan.state not in WORKING:
                return None
            explanation, faults = told(now.language, error)
            return self._moves.move(now, PlanState.FAILED, {"explanation": explanation, "faults": faults})

        try:
            self._patiently(lambda: self._store.change(plan_id, decide), due)
        except (_Superseded, NoSuchPlanError):
            return
        self._moves.tell(plan_id)

    def _patiently(self, function: Callable[[], T], due: float) -> T:
        """Wait for a database that is away: what was worked out is not thrown away for that, until it is ``due``. Then
        whoever looks after deadlines ends the plan, as soon as that can be written down."""
        while True:
            try:
                return function()
            except DatabaseError:
                if self._closing():
                    raise LetGo from None
                if self._planner.clock.time() > due:
                    raise _Superseded from None
                time.sleep(_LOOK_S)

    def _closing(self) -> bool:
        return self.durable is not None and self.durable.closing


class _Watch:
    """Whether a plan has ended, looked up now and then."""

    def __init__(self, look: Callable[[], bool]) -> None:
        self._look, self._ended, self._next = look, False, 0.0

    def ended(self) -> bool:
        """May be called as often as one likes."""
        if not self._ended and time.monotonic() >= self._next:
            self._next = time.monotonic() + _LOOK_S
            try:
                self._ended = self._look()
            except DatabaseError:
                return False
            except NoSuchPlanError:
                self._ended = True
        return self._ended


@dataclass(frozen=True, slots=True)
class _DurableModel:
    """The guarded model, each answer of which is a step."""

    worker: Worker
    model: GuardedModel
    plan_id: str
    watch: _Watch
    clock: Clock

    @property
    def name(self) -> str:
        return self.model.name

    def load(self) -> None:
        """It is loaded once for all plans."""

    def goals(self, prompt: GoalPrompt, deadline: float, _unwanted: threading.Event) -> str:
        """See :class:`banksman_cloud.providers.GoalProvider`."""

        def ask() -> str:
            left = deadline - self.clock.time()
            return self.worker.abandonable(
                lambda unwanted: self.model.goals(prompt, deadline, unwanted), self.watch.ended, left
            )

        self.worker.progress(self.plan_id, "understanding", repairs=prompt.repair is not None)
        return self.worker.step("ask", deadline, ask)


_TOLD = (InfeasibleError, ProviderError, TooLargeError)
"""What a step ends with that operators are told of as what it is."""


def _error(name: str, sentence: str) -> PlannerError:
    """An error that a step ended with, perhaps before a crash."""
    kind = getattr(errors, name, PlannerError)
    return kind(sentence) if issubclass(kind, _TOLD) else PlannerError(sentence)
