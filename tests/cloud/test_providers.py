"""The closed models' providers, through their own SDKs, against a server on this machine that misbehaves on purpose."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic
import openai
import pytest
from planner_world import goals_of, transport

from banksman_cloud import GoalPrompt, GoalProvider, Repair, Settings, make_provider
from banksman_cloud.errors import (
    ProviderError,
    ProviderRefusedError,
    ProviderTruncatedError,
    ProviderUnavailableError,
    SettingsError,
)
from banksman_cloud.providers.anthropic import AnthropicProvider
from banksman_cloud.providers.base import WANTED
from banksman_cloud.providers.gemini import GeminiProvider
from banksman_cloud.providers.local import LocalProvider
from banksman_cloud.providers.openai import OpenAIProvider
from banksman_shared.clock import SystemClock
from banksman_shared.errors import ModelError
from banksman_shared.plans import Goals
from banksman_shared.site import Site

GOALS = goals_of(transport(2, "dock-1", "aisle-2")).model_dump(mode="json")


class Model:
    """Answers like a hosted model, or badly."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer_now = threading.Event()
        self.answer_now.set()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                model.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                model.headers.append({name.lower(): value for name, value in self.headers.items()})
                model.answer_now.wait(30)
                self.send_response(model.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(model.body)))
                self.end_headers()
                self.wfile.write(model.body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that gave up is what some tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.answer_now.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def model() -> Iterator[Model]:
    hosted = Model()
    yield hosted
    hosted.close()


def chat(content: str | None, reason: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "finish_reason": reason, "message": message}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def message(content: list[dict[str, Any]], reason: str = "tool_use") -> dict[str, Any]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    return head | {"content": content, "stop_reason": reason, "usage": usage}


def tool(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "tool_use", "id": "t", "name": "set_goals", "input": arguments}]


Hosted = tuple[Callable[[str], GoalProvider], dict[str, dict[str, Any]]]


def _openai(url: str) -> GoalProvider:
    return OpenAIProvider("m", SystemClock(), openai.OpenAI(api_key="key", base_url=url + "/v1", max_retries=0))


def _anthropic(url: str) -> GoalProvider:
    return AnthropicProvider("m", SystemClock(), anthropic.Anthropic(api_key="key", base_url=url, max_retries=0))


def _gemini(url: str) -> GoalProvider:
    return GeminiProvider("m", SystemClock(), api_key="key", base_url=url)


def candidate(text: str | None, reason: str = "STOP") -> dict[str, Any]:
    content = {"role": "model", "parts": [] if text is None else [{"text": text}]}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1}
    return {"candidates": [{"content": content, "finishReason": reason}], "usageMetadata": usage}


HOSTED: dict[str, Hosted] = {
    "openai": (
        _openai,
        {
            "good": chat(json.dumps(GOALS)),
            "refused": chat(None, refusal="I cannot help with that"),
            "truncated": chat('{"goals": [', "length"),
            "empty": chat(None),
        },
    ),
    "anthropic": (
        _anthropic,
        {
            "good": message(tool(GOALS)),
            "refused": message([], "refusal"),
            "truncated": message(tool({}), "max_tokens"),
            "empty": message([{"type": "text", "text": "Sure!"}], "end_turn"),
        },
    ),
    "gemini": (
        _gemini,
        {
            "good": candidate(json.dumps(GOALS)),
            "refused": candidate(None, "SAFETY"),
            "truncated": candidate('{"goals": [', "MAX_TOKENS"),
            "empty": candidate(None),
        },
    ),
}


@pytest.fixture(params=HOSTED)
def hosted(request: pytest.FixtureRequest, model: Model) -> tuple[GoalProvider, dict[str, dict[str, Any]]]:
    make, answers = HOSTED[request.param]
    provider = make(model.url)
    provider.load()
    return provider, answers


def ask(provider: GoalProvider, site: Site, seconds: float = 20, repair: Repair | None = None) -> str | Goals:
    return provider.goals(GoalPrompt("carry them", "en", site, repair), time.time() + seconds, WANTED)


def test_goals_come_back_through_the_sdk(hosted: Any, model: Model, yard: Site) -> None:
    provider, answers = hosted
    model.body = json.dumps(answers["good"]).encode()
    answer = ask(provider, yard)
    assert isinstance(answer, str)
    assert Goals.model_validate_json(answer) == Goals.model_validate(GOALS)
    sent = json.dumps(model.requests[0])
    assert "Request: carry them" in sent
    assert '"enum": ["agv-1", "agv-2", "agv-3", "kind:forklift"]' in sent


def test_a_repair_shows_the_wrong_answer_and_its_fault(hosted: Any, model: Model, yard: Site) -> None:
    provider, answers = hosted
    model.body = json.dumps(answers["good"]).encode()
    ask(provider, yard, repair=Repair("my first answer", ("the site has no place 'moon'",)))
    sent = model.requests[0]
    turns = sent.get("messages") or sent["contents"]
    assert [turn["role"].replace("model", "assistant") for turn in turns][-3:] == ["user", "assistant", "user"]
    assert "no place 'moon'" in str(turns[-1])


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_a_model_that_is_away_is_asked_once_and_said_to_be(hosted: Any, model: Model, yard: Site, status: int) -> None:
    model.status, model.body = status, b'{"error": {"message": "overloaded", "type": "x"}}'
    with pytest.raises(ProviderUnavailableError, match=str(status)) as caught:
        ask(hosted[0], yard)
    assert caught.value.retryable
    assert len(model.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_wrong_key_or_model_is_no_matter_of_waiting(hosted: Any, model: Model, yard: Site, status: int) -> None:
    model.status, model.body = status, b'{"error": {"message": "no such key", "type": "x"}}'
    with pytest.raises(ProviderError, match="check key") as caught:
        ask(hosted[0], yard)
    assert not caught.value.retryable


def test_a_model_that_hangs_is_given_up_at_the_deadline(hosted: Any, model: Model, yard: Site) -> None:
    model.answer_now.clear()
    with pytest.raises(ProviderUnavailableError, match="did not answer within"):
        ask(hosted[0], yard, seconds=0.3)
    assert len(model.requests) == 1
    with pytest.raises(ProviderUnavailableError, match="no time is left"):
        ask(hosted[0], yard, seconds=-1)


def test_a_model_that_cannot_be_reached_is_said_to_be(hosted: Any, model: Model, yard: Site) -> None:
    model.close()
    with pytest.raises(ProviderUnavailableError, match="cannot be reached"):
        ask(hosted[0], yard)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("refused", ProviderRefusedError), ("truncated", ProviderTruncatedError), ("empty", ProviderError)],
)
def test_refusal_truncation_and_emptiness_are_told_apart(
    hosted: Any, model: Model, yard: Site, kind: str, error: type[ProviderError]
) -> None:
    provider, answers = hosted
    model.body = json.dumps(answers[kind]).encode()
    with pytest.raises(ProviderError) as caught:
        ask(provider, yard)
    assert type(caught.value) is error


@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"{}", b'"text"', b"", b'{"choices": []}'])
def test_an_answer_that_is_none_is_an_error_of_the_provider(hosted: Any, model: Model, yard: Site, body: bytes) -> None:
    model.body = body
    with pytest.raises(ProviderError):
        ask(hosted[0], yard)


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
def test_the_sdks_read_key_and_address_from_the_environment(
    name: str, model: Model, yard: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", model.url + "/v1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "from-environment")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", model.url)
    monkeypatch.setenv("GEMINI_API_KEY", "from-environment")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", model.url)
    settings = Settings.from_environment({"BANKSMAN_PLANNER_TOKEN": "t", "BANKSMAN_PLANNER_PROVIDER": name})
    provider = make_provider(settings, SystemClock())
    with pytest.raises(ProviderUnavailableError, match="not ready"):
        ask(provider, yard)
    provider.load()
    model.body = json.dumps(HOSTED[name][1]["good"]).encode()
    assert ask(provider, yard)
    assert "from-environment" in str(model.headers[0])


def test_a_missing_local_model_is_an_error_with_a_remedy(yard: Site, tmp_path: Any) -> None:
    provider = LocalProvider("nothing", lambda: tmp_path / "none.gguf", SystemClock())
    with pytest.raises(ModelError, match="cannot be loaded"):
        provider.load()
    with pytest.raises(ProviderUnavailableError, match="not loaded"):
        ask(provider, yard)


@pytest.mark.parametrize(
    ("environment", "provider", "model_name"),
    [
        ({}, "local", "qwen2.5-coder-1.5b"),
        ({"OPENAI_API_KEY": "k", "BANKSMAN_PLANNER_MODEL": "mine"}, "openai", "mine"),
        ({"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}, "anthropic", "claude-sonnet-5-5"),
        ({"GEMINI_API_KEY": "k"}, "gemini", "gemini-3.5-flash"),
        ({"ANTHROPIC_API_KEY": "k", "BANKSMAN_PLANNER_PROVIDER": "local"}, "local", "qwen2.5-coder-1.5b"),
    ],
)
def test_the_environment_chooses_the_provider(environment: dict[str, str], provider: str, model_name: str) -> None:
    settings = Settings.from_environment({"BANKSMAN_PLANNER_TOKEN": " a , b,"} | environment)
    assert (settings.provider, settings.model, settings.tokens) == (provider, model_name, ("a", "b"))


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({"BANKSMAN_PLANNER_TOKEN": " ,"}, "no token"),
        ({"BANKSMAN_PLANNER_PROVIDER": "oracle"}, "use one of openai, anthropic, gemini, local, replay"),
        ({"BANKSMAN_PLANNER_TIMEOUT_S": "soon"}, "BANKSMAN_PLANNER_TIMEOUT_S is 'soon'"),
        ({"BANKSMAN_PLANNER_PLAN_USD": "nan"}, "give a number, above 0"),
        ({"BANKSMAN_PLANNER_FALLBACK": "remote"}, "use local, or leave it out"),
    ],
)
def test_a_wrong_environment_is_refused(environment: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        Settings.from_environment({"BANKSMAN_PLANNER_TOKEN": "t"} | environment)
