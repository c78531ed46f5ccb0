"""Whatever goes wrong, no answer, no log and no metric holds a secret, and no log holds what was asked for."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
import sqlalchemy as sa
from hosted_double import MODELS, HostedDouble, Reply, hosted_double, provider_at
from planner_world import TOKEN, ScriptedProvider, Service, fleet_of, goals_of, serving, transport, vehicle

from banksman_cloud import Settings
from banksman_cloud.access import AUDIENCE, Access
from banksman_cloud.api.gate import Gate
from banksman_cloud.database import Database
from banksman_cloud.errors import DatabaseError, SettingsError

SECRET = "signing-secret-of-more-than-thirty-two-bytes"
FORGED = jwt.encode({"sub": "x", "aud": AUDIENCE, "exp": 4e9, "scope": "plans:read"}, "another-secret" * 4, "HS256")
READER = jwt.encode({"sub": "x", "aud": AUDIENCE, "exp": 4e9, "scope": "plans:read", "sites": "*"}, SECRET, "HS256")
STRANGER = jwt.encode({"sub": "y", "aud": AUDIENCE, "exp": 4e9, "scope": "plans:write", "sites": []}, SECRET, "HS256")
INNER = "text-of-an-inner-error"
ASKED = "carry them to Mrs Miller"
KEY = "idempotency-key-of-somebody"
GOOD = goals_of(transport(1, "dock-1", "aisle-2"))

NOWHERE = (TOKEN, SECRET, FORGED, READER, STRANGER, INNER, "sk-key")
"""Neither in answers nor in logs."""
NOT_LOGGED = (*NOWHERE, ASKED, "Miller", KEY, "inbound dock")


class Ears:
    """All that the service says to callers, and to its log."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog, self.answers = caplog, list[httpx.Response]()
        caplog.set_level(logging.INFO)
        for name in ("banksman_cloud", "dbos", "uvicorn"):  # debugging an SDK or SQLAlchemy shows what passes through
            caplog.set_level(logging.DEBUG, name)

    def hear(self, answer: httpx.Response) -> httpx.Response:
        self.answers.append(answer)
        return answer

    def check(self) -> None:
        for answer in self.answers:
            said = f"{answer.text} {dict(answer.headers)}"
            assert not [secret for secret in NOWHERE if secret in said], said
        own = [record for record in self.caplog.records if not record.name.startswith(("http", "asyncio"))]
        logged = "\n".join(self.caplog.handler.format(record) for record in own)
        assert own
        assert not [line for line in logged.splitlines() if any(secret in line for secret in NOT_LOGGED)]


@pytest.fixture
def ears(caplog: pytest.LogCaptureFixture) -> Ears:
    return Ears(caplog)


@pytest.fixture
def service() -> Iterator[Service]:
    settings = {"access": Access(jwt_key=SECRET), "max_body_bytes": 100_000, "requests_per_minute": 400}
    with serving(ScriptedProvider(GOOD), **settings) as running:
        yield running


def refusals(service: Service, plan: dict[str, Any]) -> Iterator[httpx.Response]:
    """Every way to be refused that needs no fault of the service."""
    http, at = service.http, f"/v1/plans/{plan['id']}"
    for bearer in (FORGED, f"{TOKEN}x", STRANGER[:-3], "\xff"):
        yield http.get(at, headers={"Authorization": f"Bearer {bearer}".encode("latin-1")})
    yield http.get(at, headers={"Authorization": f"Basic {TOKEN}"})
    yield http.delete(at, headers={"Authorization": f"Bearer {READER}"})
    yield http.post("/v1/plans", json=service.body(), headers={"Authorization": f"Bearer {STRANGER}"})
    yield http.post("/v1/plans", content=b"{nonsense", headers={"Content-Type": "application/json"})
    yield http.post("/v1/plans", content=b"x", headers={"Content-Type": "text/plain"})
    yield http.post("/v1/plans", content=b"x" * 200_000, headers={"Content-Type": "application/json"})
    yield http.post("/v1/plans", json={"request": 5, "site": 5})
    yield http.get("/v1/plans/unknown")
    yield http.put("/v1/plans")
    yield service.ask(KEY, request=f"{ASKED} again")
    yield service.ask(fleet=fleet_of(vehicle(1, "moon")).model_dump(mode="json"))
    yield service.ask(deadline="2020-01-01T00:00:00Z")
    yield http.post(f"{at}/approve")
    yield http.post(f"{at}/approve", headers={"If-Match": '"other"'})
    yield http.post(f"{at}/progress", json={"state": "running"})


def faults(service: Service, patch: pytest.MonkeyPatch) -> Iterator[httpx.Response]:
    """Faults of the service and of its database, whose texts hold what must not be told."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(INNER)

    with patch.context() as patched:
        patched.setattr("banksman_cloud.api.request_checks.parse_site", broken)
        yield service.ask(request=ASKED)
    for kind in (sa.exc.OperationalError, sa.exc.ProgrammingError):  # the first passes, the second does not

        def away(*_: object, kind: Any = kind, **__: object) -> None:
            raise kind("SELECT", {"key": KEY}, Exception(INNER), hide_parameters=True)

        with patch.context() as patched:
            patched.setattr("banksman_cloud.jobs.store._find", away)
            yield service.http.get("/v1/plans/unknown")


def test_no_refusal_and_no_fault_tells_a_secret(service: Service, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = service.reaches(service.ask(KEY, request=ASKED).json()["id"], "proposed")
    for answer in (*refusals(service, plan), *faults(service, monkeypatch)):
        ears.hear(answer)
        assert answer.headers["content-type"] == "application/problem+json"
    for path in ("/metrics", "/readyz", "/openapi.json", f"/v1/plans/{plan['id']}"):
        ears.hear(service.http.get(path))
    while ears.answers[-1].status_code != 429:
        ears.hear(service.http.get("/v1/plans/unknown"))
    seen = {answer.status_code for answer in ears.answers}
    assert seen >= {400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503}
    ears.check()


def test_nor_does_a_plan_that_fails_by_a_fault(ears: Ears) -> None:
    with serving(ScriptedProvider(RuntimeError(INNER))) as service:
        plan_id = ears.hear(service.ask(KEY, request=ASKED)).json()["id"]
        service.reaches(plan_id, "failed")
        ears.hear(service.http.get(f"/v1/plans/{plan_id}"))
        ears.hear(service.http.get(f"/v1/plans/{plan_id}/events", headers={"Last-Event-ID": "1"}))
    ears.check()


@pytest.mark.parametrize("vendor", MODELS)
def test_nor_does_a_hosted_model_that_fails(ears: Ears, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_cloud.providers.guard._FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("banksman_cloud.providers.breaker.FAILURES", 10_000)
    # An answer may hold anything, as the key that it was asked with.
    echo = Reply(status=400, raw=json.dumps({"error": {"message": f"{INNER} sk-key-of-the-planner"}}).encode())
    bad = (Reply(status=401), Reply(status=503), echo, Reply(raw=INNER.encode()), Reply(refused=True))
    double: HostedDouble
    with hosted_double() as double, serving(provider_at(vendor, double.url), timeout_s=20.0) as service:
        for reply in (*bad, Reply(GOOD.model_dump_json(), cut=True), Reply("nonsense")):
            double.always(reply)
            plan_id = service.ask(request=ASKED).json()["id"]
            service.reaches(plan_id, "failed")
            ears.hear(service.http.get(f"/v1/plans/{plan_id}"))
    ears.check()


def test_nor_do_settings_that_are_wrong() -> None:
    wrong = (
        lambda: Gate((), Access(jwt_key="hunter2")),
        lambda: Gate((), Access(jwt_key="-----BEGIN hunter2-----")),
        lambda: Access.from_environment({"BANKSMAN_PLANNER_JWKS_URL": "http://me:hunter2@example.com/jwks"}),
        lambda: Settings.from_environment({"BANKSMAN_PLANNER_TOKEN": "hunter2", "BANKSMAN_PLANNER_SOLVE_S": "x"}),
        lambda: Database("mysql://me:hunter2@127.0.0.1/x"),
        lambda: Database("postgresql://me:hunter2@127.0.0.1:1/none"),
        lambda: Database("postgresql://me:hunter2@127.0.0.1:port/none"),
    )
    for make in wrong:
        with pytest.raises((SettingsError, DatabaseError)) as caught:
            make()
        assert "hunter2" not in str(caught.value)
        assert "hunter2" not in repr(caught.value)
