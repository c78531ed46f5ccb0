"""A whole plant on one machine: broker, simulated vehicles, fleet, agent, and the planner where it is needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from edge_world import PATIENCE_S, Recorder, agent_of

from banksman_cloud import GoalPrompt, Settings, create_app
from banksman_edge import Agent, FleetService
from banksman_edge.app.gateway import Gateway
from banksman_firmware_sim import SimulatedFleet
from banksman_shared.mqtt import MqttSettings
from banksman_shared.plans import Goals
from banksman_shared.site import Site

TOKEN = "token-for-tests"
SPEED_UP = 20.0


@dataclass(frozen=True)
class Plant:
    """The parts that a test looks at."""

    site: Site
    sim: SimulatedFleet
    fleet: FleetService
    agent: Agent
    heard: Recorder

    def stands_at(self, vehicle: str, place: str) -> bool:
        """What the vehicle itself says."""
        return self.sim.state(vehicle).last_node_id == self.site.places[place].node

    def ended(self, key: str) -> list[tuple[str | None, str]]:
        """Vehicle and status of all that has ended for an utterance."""
        return [(n.vehicle, str(n.status)) for n in self.heard.of("order", key) if n.status.ended]


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


@contextmanager
def running_plant(site: Site, url: str, **parts: Any) -> Iterator[Plant]:
    """All vehicles of the site at home and ready. ``parts``: the agent's, and ``speed_up``."""
    settings, heard = MqttSettings(url), Recorder()
    speed_up = parts.pop("speed_up", SPEED_UP)
    with ExitStack() as stack:
        sim = stack.enter_context(SimulatedFleet.from_site(site, settings, speed_up=speed_up))
        fleet = stack.enter_context(FleetService(site, settings))
        agent = agent_of(site, fleet, heard, parts.pop("model", None), **parts)
        stack.enter_context(agent)
        stack.enter_context(Gateway(agent, settings))
        eventually(lambda: all(view.idle for view in fleet.vehicles().values()), "all vehicles ready")
        yield Plant(site, sim, fleet, agent, heard)


class ScriptedGoals:
    """The cloud's language model, which understands every request as the same goals."""

    name = "scripted"

    def __init__(self, *goals: dict[str, Any], unsupported: tuple[str, ...] = ()) -> None:
        self._goals = Goals.model_validate({"goals": goals, "unsupported": unsupported})
        self.requests: list[GoalPrompt] = []

    def load(self) -> None:
        """Nothing to load."""

    def goals(self, prompt: GoalPrompt, *_: object) -> Goals:
        self.requests.append(prompt)
        return self._goals


@contextmanager
def running_planner(provider: ScriptedGoals) -> Iterator[httpx.Client]:
    """The cloud service on a free port; a client of it."""
    app = create_app(Settings(tokens=(TOKEN,), solve_s=1.0), provider)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the planner started")
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join(30)
