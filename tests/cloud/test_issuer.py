"""An issuer of tokens that hangs or goes away holds up nobody but those who come with its tokens."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from planner_world import ScriptedProvider, goals_of, serving, transport

from banksman_cloud.access import Access
from banksman_cloud.api.issuer import IssuerKeys
from banksman_cloud.errors import SettingsError

HEADER = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"x"}').decode().rstrip("=")
STRANGE = {"Authorization": f"Bearer {HEADER}.e30.AA"}


@contextmanager
def hanging() -> Iterator[str]:
    """An issuer that takes a call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/jwks.json"


def test_an_issuer_that_hangs_holds_up_one_caller() -> None:
    with (
        hanging() as url,
        serving(ScriptedProvider(goals_of(transport(1, "dock-1", "gate"))), access=Access(jwks_url=url)) as service,
    ):
        at, answers = f"{service.http.base_url}/v1/plans/x", list[int]()

        def ask() -> None:
            answers.append(httpx.get(at, headers=STRANGE, timeout=60).status_code)

        callers = [threading.Thread(target=ask) for _ in range(45)]
        for caller in callers:
            caller.start()
        assert service.http.get("/healthz").status_code == 200
        assert service.http.get("/v1/plans/x").status_code == 404
        assert service.ask().status_code == 202
        for caller in callers:
            caller.join(60)
        assert answers == [503] * 45
        assert httpx.get(at, headers=STRANGE).status_code == 503


def test_old_keys_hold_while_the_issuer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging() as url:
        keys = IssuerKeys(url)
    monkeypatch.setattr(keys, "_keys", {"k": "the key"})
    assert keys.find("k") == "the key"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "http://a@localhost/",
        "https://",
        "file:///k",
    ],
)
def test_keys_are_fetched_only_over_a_safe_way(url: str) -> None:
    with pytest.raises(SettingsError, match="JWKS_URL"):
        Access.from_environment({"BANKSMAN_PLANNER_JWKS_URL": url})


def test_one_key_has_one_source(tmp_path: Path) -> None:
    both = {"BANKSMAN_PLANNER_JWKS_URL": "https://example.com/jwks.json", "BANKSMAN_PLANNER_JWT_KEY": str(tmp_path)}
    with pytest.raises(SettingsError, match="set one of them"):
        Access.from_environment(both)


def test_keys_may_come_from_this_machine() -> None:
    url = "http://[::1]:8080/jwks.json"
    assert Access.from_environment({"BANKSMAN_PLANNER_JWKS_URL": url}).jwks_url == url
