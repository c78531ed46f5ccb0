"""An agent in a process of its own, with a state folder, to be killed; what becomes of it is seen at the vehicles."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent_life import live, shed
from plant import TOKEN, ScriptedGoals, eventually, running_planner

from banksman_edge.audit import audit_dir
from banksman_firmware_sim import SimulatedFleet
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site

PATIENCE_S = 60.0
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["agent_life"])


class AgentProcess:
    """One life of the agent; see :func:`agent_life.live`."""

    def __init__(self, where: dict[str, str], kill: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._line, theirs = _processes.Pipe()
        self._process = _processes.Process(target=live, args=(theirs, where, kill))
        self._process.start()
        theirs.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self.events.append(self._line.recv())

    def until(self, name: str, **fields: Any) -> dict[str, Any]:
        """The first event with these fields; of a text a part is enough."""

        def fits(event: dict[str, Any]) -> bool:
            found = ((event.get(key), value) for key, value in fields.items())
            return event["name"] == name and all(
                value in have if isinstance(have, str) else have == value for have, value in found
            )

        deadline = time.monotonic() + PATIENCE_S
        while not (hits := [event for event in list(self.events) if fits(event)]):
            assert time.monotonic() < deadline, f"never: {name} {fields}, but {self.texts()} {self.events[-3:]}"
            assert self._reader.is_alive(), f"it has ended: {self.texts()}"
            time.sleep(0.05)
        return hits[0]

    def say(self, text: str, key: str = "") -> None:
        self._line.send({"text": text} | ({"id": key} if key else {}))

    def texts(self) -> list[str]:
        return [event["text"] for event in self.events if event["name"] == "reply"]

    def kill(self) -> None:
        """As a crash would: nothing is put in order."""
        self._process.kill()
        self.wait()

    def close(self) -> None:
        """As for an update."""
        self._line.send(None)
        self.wait()

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        self._process.join(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self._line.close()
        assert self._process.exitcode is not None
        return self._process.exitcode


@dataclass
class Handled:
    """The loads that vehicles took up and put down, by what their own states say."""

    actions: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, _: str, payload: bytes) -> None:
        for action in json.loads(payload).get("actionStates", ()):
            if action["actionStatus"] == "FINISHED":
                self.actions.add((action.get("actionType", ""), action["actionId"]))

    def count(self, kind: str) -> int:
        return Counter(name for name, _ in self.actions)[kind]


@dataclass
class Works:
    """A plant whose agent comes and goes."""

    site: Site
    sim: SimulatedFleet
    handled: Handled
    state: Path
    start: Callable[..., AgentProcess]
    """Begins a life of the agent; ``kill``: the moment at which it ends."""

    def audit(self) -> list[dict[str, Any]]:
        lines = [
            line for file in sorted(audit_dir(self.state).glob("*.jsonl")) for line in file.read_text().splitlines()
        ]
        return [json.loads(line) for line in lines]

    def kept(self) -> list[Path]:
        return sorted((self.state / "plans").glob("*"))

    def at_rest(self) -> None:
        """Wait until no vehicle has anything to do."""
        eventually(lambda: not any(self.sim.state(v).node_states for v in self.sim), "all vehicles stand")


@contextmanager
def works(broker: str, state: Path, run: str, *goals: dict[str, Any], speed_up: float = 25.0) -> Iterator[Works]:
    """Vehicles and planner that outlive the agent."""
    site, settings, lives = shed(run), MqttSettings(broker), list[AgentProcess]()
    with ExitStack() as stack:
        handled, link = Handled(), MqttLink(settings)
        for vehicle in site.vehicles.values():
            address = vehicle.address
            link.subscribe(f"uagv/v2/{address.manufacturer}/{address.serial_number}/state", handled.hear)
        link.open()
        stack.callback(link.close)
        sim = stack.enter_context(SimulatedFleet.from_site(site, settings, speed_up=speed_up))
        http = stack.enter_context(running_planner(ScriptedGoals(*goals)))

        where = {"broker": broker, "planner": str(http.base_url), "token": TOKEN, "state": str(state), "run": run}

        def start(kill: str = "") -> AgentProcess:
            life = AgentProcess(where, kill)
            lives.append(life)
            return life

        yield Works(site, sim, handled, state, start)
        for life in lives:
            life.kill()
