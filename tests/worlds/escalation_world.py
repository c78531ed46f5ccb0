"""The planner's service as others have it, on a port where it can go away and come back; and a closed model's double
that knows only what it is told."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn
from plant import TOKEN, eventually

from banksman_cloud import GoalPrompt, Settings, create_app
from banksman_edge import Pipeline, PlannerClient, Transcript
from banksman_edge.plans import named_things
from banksman_shared.broker import free_port
from banksman_shared.plans import FleetSnapshot, Goals, PlanRequest, VehicleSnapshot
from banksman_shared.site import Site, parse_site

NOW = "2026-11-26T08:00:00+00:00"


class Dispatcher:
    """Understands every request as ``count`` loads from the first place that it names to the second. What it needs to
    know of the site it takes from the request alone. ``unsupported``: words that it finds no goal for."""

    name = "dispatcher"

    def __init__(self, count: int = 2, *, unsupported: tuple[str, ...] = (), **more: Any) -> None:
        self._count, self._unsupported, self._more = count, unsupported, more
        self.prompts: list[GoalPrompt] = []
        self.go = threading.Event()
        self.go.set()

    def load(self) -> None:
        """Nothing to load."""

    def goals(self, prompt: GoalPrompt, *_: object) -> Goals:
        self.prompts.append(prompt)
        self.go.wait(30)
        named = [m.ids[0] for m in prompt.mentions if len(m.ids) == 1]
        origin, destination = [i for i in named if i in prompt.site.places][:2]
        vehicles = [i for i in named if i in prompt.site.vehicles]
        goal = {"kind": "transport", "words": prompt.request, "count": self._count, "vehicles": vehicles}
        goal |= {"origins": [origin], "destinations": [destination]} | self._more
        return Goals.model_validate({"goals": [goal], "unsupported": self._unsupported})


@dataclass
class Line:
    """All that came in over the line: method and path, headers, body."""

    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self, what: str = "") -> list[bytes]:
        return [body for path, _, body in self.came if what in path]

    def values(self) -> list[str]:
        """Every word of it: paths, all values in bodies, and in headers but for the token and the protocol's own."""
        own = {"host", "authorization", "accept", "accept-encoding", "connection", "user-agent", "content-type"}
        headers = [value for _, headers, _ in self.came for key, value in headers.items() if key not in own]
        bodies = [json.loads(body) for body in self.bodies() if body]
        return [*(path for path, _, _ in self.came), *headers, *values_of(bodies)]


class _Tap:
    """Writes down what comes in, as it comes in."""

    def __init__(self, app: Any, line: Line) -> None:
        self._app, self._line = app, line

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] == "/readyz":
            await self._app(scope, receive, send)
            return
        parts: list[bytes] = []
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}

        async def tapped() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                parts.append(message["body"])
                if not message["more_body"]:
                    self._line.came.append((f"{scope['method']} {scope['path']}", headers, b"".join(parts)))
            return message

        await self._app(scope, tapped, send)


@contextmanager
def planner_on(port: int, provider: Any, line: Line | None = None) -> Iterator[Line]:
    """The real service on ``port`` until the block ends; then nobody is there."""
    line = line or Line()
    app = _Tap(create_app(Settings(tokens=(TOKEN,), solve_s=0.2, requests_per_minute=10**6), provider), line)
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the planner started")
    try:
        yield line
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def client_of(port: int, **more: Any) -> Iterator[PlannerClient]:
    client = PlannerClient(f"http://127.0.0.1:{port}", TOKEN, **more)
    try:
        yield client
    finally:
        client.close()


DISPATCHING = f"""
import sys, threading, os
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
sys.path.insert(0, {str(Path(__file__).parent)!r})
import escalation_world
escalation_world.serve_here(os.environ["BANKSMAN_PLANNER_TOKEN"])
"""
"""A process that behaves as the planner's command does, with a :class:`Dispatcher` as its model."""


def serve_here(token: str) -> None:
    """The service on a free port, which it prints as the command does."""
    port = free_port()
    app = create_app(Settings(tokens=(token,), solve_s=0.2), Dispatcher(5))
    print(f"Planner with a dispatcher at http://127.0.0.1:{port}", flush=True)
    uvicorn.run(app, port=port, log_config=None)


@contextmanager
def planner(provider: Any, **more: Any) -> Iterator[tuple[PlannerClient, Line]]:
    """A running service, a client of it, and what comes in at the service."""
    port = free_port()
    with planner_on(port, provider) as line, client_of(port, **more) as client:
        yield client, line


def with_rules(site: Site, tables: str) -> Site:
    """The site with these tables of ``site.toml`` in addition."""
    return replace(site, rules=parse_site({**site.document, **tomllib.loads(tables)}).rules)


def request_of(site: Site, text: str, language: str = "en", **more: Any) -> PlanRequest:
    """The request that the edge would make, all vehicles at home."""
    mentions = named_things(site, Pipeline(site, None).names_in(Transcript(text, language, 1.0)))
    made = {"request": text, "language": language, "site": dict(site.document), "now": NOW}
    return PlanRequest(**(made | {"mentions": mentions, "fleet": fleet_at_home(site)} | more))


def fleet_at_home(site: Site) -> FleetSnapshot:
    nodes = {v.id: site.places[v.home].node for v in site.vehicles.values()}
    return FleetSnapshot(vehicles=tuple(VehicleSnapshot(id=i, node=node, battery=80) for i, node in nodes.items()))


def values_of(document: Any) -> Iterator[str]:
    """Every text in a document that is none of its keys."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list | tuple):
        for part in document.values() if isinstance(document, dict) else document:
            yield from values_of(part)
