"""Tokens of other issuers, files of keys, and how often somebody may ask."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from planner_world import ScriptedProvider, Service, goals_of, serving, transport

from banksman_cloud.access import AUDIENCE, Access, Caller
from banksman_cloud.api.gate import Gate
from banksman_cloud.api.rate import RateLimit
from banksman_cloud.errors import SettingsError, UnknownCallerError
from banksman_shared.clock import ManualClock

GOALS = goals_of(transport(1, "dock-1", "aisle-2"))
ALL = "plans:read plans:write plans:approve"


def read(service: Service, plan_id: str, bearer: str) -> httpx.Response:
    return service.http.get(f"/v1/plans/{plan_id}", headers={"Authorization": f"Bearer {bearer}"})


class Issuer:
    """Issues tokens, and shows its keys."""

    def __init__(self) -> None:
        self.keys = {"k1": ec.generate_private_key(ec.SECP256R1())}
        self.fetched = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetched += 1
                keys = [
                    json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": kid} for kid, key in issuer.keys.items()
                ]
                body = json.dumps({"keys": keys}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"

    def token(self, kid: str = "k1", key: Any = None, **more: Any) -> str:
        claims = {
            "sub": "edge",
            "iss": "us",
            "aud": AUDIENCE,
            "exp": time.time() + 600,
            "scope": ALL,
            "sites": ["yard"],
        }
        return jwt.encode(claims | more, key or self.keys[kid], "ES256", headers={"kid": kid})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@contextmanager
def issuing() -> Iterator[Issuer]:
    issuer = Issuer()
    try:
        yield issuer
    finally:
        issuer.close()


def test_tokens_of_an_issuer_are_checked_with_its_keys() -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    with issuing() as issuer:
        access = Access(jwks_url=issuer.url, issuer="us")
        with serving(ScriptedProvider(GOALS), access=access) as service:
            plan = service.proposed()
            assert read(service, plan["id"], issuer.token()).status_code == 200
            assert read(service, plan["id"], issuer.token()).status_code == 200
            assert issuer.fetched == 1
            assert read(service, plan["id"], issuer.token(sites=["other"])).status_code == 404
            for bad in (issuer.token(key=stranger), issuer.token(iss="them"), issuer.token("k9", stranger)):
                assert read(service, plan["id"], bad).status_code == 401
            assert issuer.fetched == 1  # keys that there are not are not asked for again and again


def test_a_key_that_its_issuer_takes_back_opens_nothing_once_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with issuing() as issuer:
        gate = Gate((), Access(jwks_url=issuer.url))
        token = issuer.token()
        assert gate.caller(token).sites == {"yard"}
        issuer.keys = {"k2": ec.generate_private_key(ec.SECP256R1())}
        monkeypatch.setattr("banksman_cloud.api.issuer._FRESH_S", 0.0)
        for _ in range(2):
            with pytest.raises(UnknownCallerError):
                gate.caller(token)
        issuer.close()
        assert gate.caller(issuer.token("k2")).sites == {"yard"}  # an issuer that is away takes nothing back


def test_an_issuer_that_is_away_is_no_fault_of_the_caller() -> None:
    with issuing() as issuer:
        good = issuer.token()
    with serving(ScriptedProvider(GOALS), access=Access(jwks_url=issuer.url)) as service:
        answer = read(service, "unknown", good)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert service.http.get("/v1/plans/unknown").status_code == 404  # tokens that are known here still work


def test_a_public_key_in_pem_checks_tokens_and_is_never_taken_for_a_secret() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    gate = Gate((), Access(jwt_key=pem.decode()))
    claims = {"sub": "edge", "aud": AUDIENCE, "exp": time.time() + 60, "scope": "plans:read", "sites": "*"}
    assert gate.caller(jwt.encode(claims, private, "ES256")).scopes == {"plans:read"}
    header, payload = (
        jwt.utils.base64url_encode(json.dumps(part).encode()).decode() for part in ({"alg": "HS256"}, claims)
    )
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{header}.{payload}".encode(), pem
    )
    with pytest.raises(Exception, match="not valid"):
        gate.caller(f"{header}.{payload}.{jwt.utils.base64url_encode(signature).decode()}")


def test_keys_of_a_file_have_their_own_rights(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"edge token").hexdigest()
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[[keys]]\nname = "edge"\nsha256 = "{digest}"\nscopes = ["plans:read"]\nsites = ["yard"]\n')
    access = Access.from_environment({"BANKSMAN_PLANNER_KEYS": str(keys)})
    assert Gate((), access).caller("edge token") == Caller(digest, frozenset({"plans:read"}), frozenset({"yard"}))
    with pytest.raises(Exception, match="not known"):
        Gate((), access).caller(digest)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "keys"),
        ("[[keys]]\nsha256 = 'short'\nscopes = []\nsites = '*'\n", "sha256"),
        (f"[[keys]]\nsha256 = '{'0' * 64}'\nscopes = ['plans:all']\nsites = '*'\n", "plans:all"),
        (f"[[keys]]\nsha256 = '{'0' * 64}'\nscopes = []\nsites = 'yard'\n", "sites"),
        (f"[[keys]]\nsha256 = '{'0' * 64}'\nscope = []\nsites = '*'\n", "scope"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_wrong_file_of_keys_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(text)
    with pytest.raises(SettingsError, match=fault):
        Access.from_environment({"BANKSMAN_PLANNER_KEYS": str(keys)})


def test_weak_secrets_and_open_ways_to_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="32 bytes"):
        Gate((), Access(jwt_key="short"))
    with pytest.raises(SettingsError, match="no public key"):
        Gate((), Access(jwt_key="-----BEGIN NONSENSE-----"))
    with pytest.raises(SettingsError, match="https"):
        Access.from_environment({"BANKSMAN_PLANNER_JWKS_URL": "http://example.com/jwks.json"})
    with pytest.raises(SettingsError, match="cannot be read"):
        Access.from_environment({"BANKSMAN_PLANNER_JWT_KEY": str(tmp_path / "none.pem")})


def test_a_bucket_fills_at_its_rate() -> None:
    clock = ManualClock()
    limit = RateLimit(clock, per_minute=60, burst=2)
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 0]
    assert limit.wait_s("a") == pytest.approx(1.0)
    assert limit.wait_s("b") == 0
    clock.advance(0.5)
    assert limit.wait_s("a") == pytest.approx(0.5)
    clock.advance(0.5)
    assert limit.wait_s("a") == 0


def test_who_may_ask_less_than_four_times_a_minute_may_ask_all_the_same() -> None:
    clock = ManualClock()
    limit = RateLimit(clock, per_minute=2, burst=0.5)
    assert limit.wait_s("a") == 0
    clock.advance(limit.wait_s("a"))
    assert limit.wait_s("a") == 0


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    with serving(ScriptedProvider(GOALS), ManualClock(), requests_per_minute=40) as service:
        answers = [service.http.get("/v1/plans/unknown") for _ in range(11)]
        assert [a.status_code for a in answers] == [404] * 10 + [429]
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert service.http.get("/v1/plans/unknown", headers={"Authorization": "Bearer other"}).status_code == 404
        assert service.http.get("/healthz").status_code == 200
