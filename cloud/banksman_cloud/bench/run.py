"""Asks a planner service, over its API, for a plan of every request, and keeps what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from uuid import uuid4

import httpx
import uvicorn

from banksman_cloud.api import create_app
from banksman_cloud.bench.cases import Case, Cases, CasesError
from banksman_cloud.bench.outcomes import Verdict, judge
from banksman_cloud.errors import PlannerError
from banksman_cloud.providers import GoalPrompt, GoalProvider
from banksman_cloud.settings import Settings
from banksman_shared.plans import Goals, Plan, PlanState

_TOKEN = "token-of-the-bench"  # noqa: S105  of a service that lives in this process, on loopback
_LOOK_S = 0.02
_GRACE_S = 10.0
_ATTEMPTS = 5
_SETTLED = frozenset({PlanState.PROPOSED, PlanState.FAILED, PlanState.CANCELLED})


class BenchError(PlannerError):
    """The planner did not take or end a request as it promises."""


class ScriptedProvider:
    """A perfect model: answers with the goals that are written beside each request."""

    name = "scripted"

    def __init__(self, cases: Sequence[Case]) -> None:
        if lacking := [case.id for case in cases if case.goals is None]:
            raise CasesError(f"{lacking[0]} has no 'goals', which the scripted provider answers with; add them")
        self._goals = {case.request: case.goals or Goals(goals=()) for case in cases}

    def load(self) -> None:
        """Nothing to do."""

    def goals(self, prompt: GoalPrompt, *_: object) -> Goals:
        """See :class:`banksman_cloud.providers.GoalProvider`."""
        return self._goals[prompt.request]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one request, after so many seconds. ``work``: of this process' cores together, which other
    processes do not lengthen."""

    case: Case
    plan: Plan
    verdict: Verdict
    seconds: float
    work: float


@contextmanager
def serving(settings: Settings, provider: GoalProvider | None = None) -> Iterator[httpx.Client]:
    """A client of a planner of its own, on a free port of this machine.

    Raises:
        BenchError: it does not become ready.
    """
    app = create_app(replace(settings, tokens=(_TOKEN,), requests_per_minute=10**6), provider)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2, timeout_keep_alive=3600)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise BenchError("the planner did not start; see its log")
            time.sleep(_LOOK_S)
        port = server.servers[0].sockets[0].getsockname()[1]
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            _wait_ready(client)
            yield client
    finally:
        server.should_exit = True
        thread.join(30)


def _wait_ready(client: httpx.Client) -> None:
    while (answer := _patiently(lambda: client.get("/readyz"))).status_code != HTTPStatus.OK:
        if "is being loaded" not in (problem := answer.json()["detail"]):
            raise BenchError(problem)
        time.sleep(0.2)


def ask(client: httpx.Client, cases: Cases, chosen: Iterable[Case], limit_s: float) -> Iterator[Result]:
    """One request after the other. ``limit_s``: after which a plan must have ended, however the model behaves.

    Raises:
        BenchError: the planner refused a request's form, or did not end one in time.
    """
    for case in chosen:
        started, worked = time.monotonic(), time.process_time()
        plan = _settled(client, cases, case, limit_s)
        seconds, work = time.monotonic() - started, time.process_time() - worked
        yield Result(case, plan, judge(case, cases.scene(case), plan), seconds, work)


def _settled(client: httpx.Client, cases: Cases, case: Case, limit_s: float) -> Plan:
    headers = {"Idempotency-Key": uuid4().hex}
    answer = _patiently(lambda: client.post("/v1/plans", json=cases.body(case), headers=headers))
    if answer.status_code != HTTPStatus.ACCEPTED:
        raise BenchError(f"{case.id}: the planner answered {answer.status_code}: {answer.text}")
    plan_id, until = answer.json()["id"], time.monotonic() + limit_s + _GRACE_S
    while time.monotonic() < until:
        plan = Plan.model_validate(_patiently(lambda: client.get(f"/v1/plans/{plan_id}")).json())
        if plan.state in _SETTLED:
            return plan
        time.sleep(_LOOK_S)
    raise BenchError(f"{case.id}: the planner hangs: no end after {limit_s:g} s")


def _patiently(call: Callable[[], httpx.Response]) -> httpx.Response:
    """On a machine that is busy with a model, a connection may break.

    Raises:
        BenchError: again and again.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return call()
        except httpx.TransportError as error:
            if attempt == _ATTEMPTS:
                raise BenchError(f"the planner of the bench does not answer: {error!r}; run it again") from error
            time.sleep(attempt)
    raise AssertionError("unreachable")
