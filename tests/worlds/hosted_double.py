"""A hosted model on this machine that answers in the wire form of whoever is asked, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic
import openai

from banksman_cloud.providers.anthropic import AnthropicProvider
from banksman_cloud.providers.base import HostedProvider
from banksman_cloud.providers.gemini import GeminiProvider
from banksman_cloud.providers.openai import OpenAIProvider
from banksman_shared.clock import Clock, SystemClock

MODELS = {"openai": "gpt-5.5", "anthropic": "claude-sonnet-5-5", "gemini": "gemini-3.5-flash"}


@dataclass(frozen=True)
class Reply:
    """One answer. ``text`` is what the model writes; the rest is what goes wrong with that."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    refused: bool = False
    broke_off: bool = False
    cut: bool = False
    """The connection ends in the middle of the answer."""
    raw: bytes | None = None
    tokens: tuple[int, int] = (1000, 100)


class HostedDouble:
    """``answer(number, request)`` says how the request of that number, from 0, is answered."""

    def __init__(self) -> None:
        self.answer: Callable[[int, dict[str, Any]], Reply] = lambda _, __: Reply()
        self.delay: Callable[[], float] = lambda: 0.0
        """Seconds that an answer takes."""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.go = threading.Event()
        self.go.set()
        self._lock = threading.Lock()
        self.server = _server(self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def always(self, reply: Reply) -> None:
        self.requests.clear()
        self.headers.clear()
        self.answer = lambda _, __: reply

    def in_turn(self, *replies: Reply) -> None:
        """The last one repeats."""
        self.requests.clear()
        self.headers.clear()
        self.answer = lambda number, _: replies[min(number, len(replies) - 1)]

    def take(self, request: dict[str, Any], headers: dict[str, str]) -> Reply:
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.headers.append(headers)
        self.go.wait(60)
        time.sleep(self.delay())
        return self.answer(number, request)

    def close(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(10)


@contextmanager
def hosted_double() -> Iterator[HostedDouble]:
    double = HostedDouble()
    try:
        yield double
    finally:
        double.close()


def provider_at(vendor: str, url: str, clock: Clock | None = None) -> HostedProvider:
    """The vendor's real SDK, asking the double."""
    clock, model = clock or SystemClock(), MODELS[vendor]
    if vendor == "openai":
        client = openai.OpenAI(api_key="sk-key-of-the-planner", base_url=url + "/v1", max_retries=0)
        return OpenAIProvider(model, clock, client)
    if vendor == "anthropic":
        return AnthropicProvider(
            model, clock, anthropic.Anthropic(api_key="sk-key-of-the-planner", base_url=url, max_retries=0)
        )
    return GeminiProvider(model, clock, api_key="sk-key-of-the-planner", base_url=url)


def _server(double: HostedDouble) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = double.take(request, {name.lower(): value for name, value in self.headers.items()})
            body = reply.raw if reply.raw is not None else json.dumps(_wire(self.path, reply)).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if reply.cut else body)
            if reply.cut:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that gave up is what some tests are about."""

    return Server(("127.0.0.1", 0), Handler)


def _wire(path: str, reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": "sk-key-of-the-planner may not", "type": "x", "code": reply.status, "status": "X"}}
    if path.endswith("/chat/completions"):
        reason = "length" if reply.broke_off else "stop"
        message = {"role": "assistant", "content": None if reply.refused else reply.text}
        message["refusal"] = "I cannot help with that" if reply.refused else None
        usage = dict(zip(("prompt_tokens", "completion_tokens"), reply.tokens, strict=True))
        choice = {"index": 0, "finish_reason": reason, "message": message}
        head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        return head | {"choices": [choice], "usage": usage | {"total_tokens": sum(reply.tokens)}}
    if path.endswith("/messages"):
        reason = "refusal" if reply.refused else "max_tokens" if reply.broke_off else "tool_use"
        content = [] if reply.refused else [{"type": "tool_use", "id": "t", "name": "set_goals", "input": _read(reply)}]
        head = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
        usage = dict(zip(("input_tokens", "output_tokens"), reply.tokens, strict=True))
        return head | {"content": content, "stop_reason": reason, "usage": usage}
    reason = "SAFETY" if reply.refused else "MAX_TOKENS" if reply.broke_off else "STOP"
    parts = [] if reply.refused else [{"text": reply.text}]
    usage = dict(zip(("promptTokenCount", "candidatesTokenCount"), reply.tokens, strict=True))
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason}],
        "usageMetadata": usage,
    }


def _read(reply: Reply) -> Any:
    """A tool's input is a document; a text that is none becomes one that fits nothing."""
    try:
        return json.loads(reply.text)
    except ValueError:
        return {"said": reply.text}
