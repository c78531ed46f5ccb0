"""Doubles that behave: a fleet that tells its news when told to, a language model with a script, an ear for events."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from banksman_edge import Agent, Answer, FleetError, JobStatus, OrderEvent, Pipeline, VehicleView
from banksman_edge.fleet import Code, Fleet, Listener, Problem
from banksman_edge.turns.events import EVENT_NAMES
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import Site
from banksman_shared.vda5050 import VehicleAddress

PATIENCE_S = 60.0
PARAPHRASE = "forklift three, would you mind heading for the vicinity of dock two at your leisure"
"""An order that only the language model can read."""


class FleetDouble(Fleet):
    """All vehicles idle at home. Takes what it is given, unless ``problems`` or ``refusal`` speak against it."""

    def __init__(self, site: Site) -> None:
        self.views = {
            v.id: VehicleView(
                v.id,
                v.kind,
                connected=True,
                node=site.places[v.home].node,
                battery=80.0,
                loaded=False,
                automatic=True,
                reporting=True,
                initialised=True,
            )
            for v in site.vehicles.values()
        }
        self.problems: list[Problem] = []
        self.refusal: Problem | None = None
        self.submissions: list[tuple[str, tuple[Command, ...]]] = []
        self._listeners: list[Listener] = []
        self._submitted = threading.Condition()

    def given(self, count: int = 1) -> list[tuple[Command, ...]]:
        """The orders, once there are so many: a decision is told a moment before the fleet is given what it says."""
        with self._submitted:
            enough = self._submitted.wait_for(lambda: len(self.submissions) >= count, PATIENCE_S)
        assert enough, f"the fleet was given {self.orders}, less than {count}"
        return self.orders

    @property
    def orders(self) -> list[tuple[Command, ...]]:
        return [commands for _, commands in self.submissions]

    def vehicles(self) -> Mapping[str, VehicleView]:
        return self.views

    def strangers(self) -> tuple[VehicleAddress, ...]:
        return ()

    def check(self, commands: Sequence[Command], **_options: Any) -> list[Problem]:
        return [] if all(c.action is Action.STOP for c in commands) else self.problems

    def submit(self, job: str, commands: Sequence[Command], **_options: Any) -> None:
        if self.refusal:
            raise FleetError([self.refusal])
        with self._submitted:
            self.submissions.append((job, tuple(commands)))
            self._submitted.notify_all()

    def stop(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.STOP, tuple(vehicles))])

    def resume(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.RESUME, tuple(vehicles))])

    def cancel(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.CANCEL, tuple(vehicles))])

    def listen(self, callback: Listener) -> None:
        self._listeners.append(callback)

    def tell(
        self, status: str, *, code: Code | None = None, detail: str = "", vehicle: str | None = None, **facts: Any
    ) -> None:
        """News of every command of the last submission, for ``vehicle`` or those it names."""
        job, commands = self.submissions[-1]
        for command in commands:
            for who in [vehicle] if vehicle else command.vehicles:
                for listener in self._listeners:
                    listener(OrderEvent(job, who, command, JobStatus(status), detail, code, facts))

    def drive(self) -> None:
        """The last submission, from beginning to end."""
        for status in ("queued", "sent", "accepted", "running", "done"):
            self.tell(status)


class ScriptedModel:
    """Answers the lines of its script, one after the other, the last one again and again; an error is raised.

    While ``go`` is cleared it hangs.
    """

    def __init__(self, *script: str | Exception, probability: float = 0.95) -> None:
        self._script, self._probability = list(script), probability
        self.asked: list[str] = []
        self.entered, self.go = threading.Event(), threading.Event()
        self.go.set()

    @property
    def languages(self) -> frozenset[str]:
        """None that it was taught."""
        return frozenset()

    def answer(self, sentence: Tagged) -> Answer:
        self.asked.append(sentence.text)
        self.entered.set()
        assert self.go.wait(PATIENCE_S), "nobody let the model go"
        line = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(line, Exception):
            raise line
        return Answer(line, self._probability)


class Recorder:
    """Hears all events of an agent, in order."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self._changed = threading.Condition()

    def attach(self, agent: Agent) -> None:
        for name in EVENT_NAMES:
            agent.on(name, self._hear)

    def _hear(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, name: str, key: str | None = None) -> list[Any]:
        """The events of a name so far, and of one utterance."""
        with self._changed:
            return [e for e in self.events if e.name == name and key in (None, e.id)]

    def names(self, key: str) -> list[str]:
        """What happened to an utterance so far; a run of the same counts once."""
        with self._changed:
            return [name for name, _ in itertools.groupby(e.name for e in self.events if e.id == key)]

    def texts(self, key: str | None = None) -> list[str]:
        """What the operator was told."""
        return [reply.text for reply in self.of("reply", key)]

    def until(self, holds: Callable[[Any], bool]) -> Any:
        """The first event, past or to come, of which this holds."""

        def found() -> Any:
            return next((e for e in self.events if holds(e)), None)

        with self._changed:
            event = self._changed.wait_for(found, PATIENCE_S)
        assert event is not None, f"did not happen; what did: {self.events}"
        return event

    def until_reply(self, *parts: str, key: str | None = None) -> Any:
        """The first reply with all these parts in it, in this order."""
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        return self.until(lambda e: e.name == "reply" and key in (None, e.id) and pattern.search(e.text))


def agent_of(site: Site, fleet: Fleet, heard: Recorder, model: Any = None, **parts: Any) -> Agent:
    """An agent that is not yet started, heard by ``heard``. ``model`` None: the reader that comes with the product."""
    from taught import real_reader  # noqa: PLC0415  programs that import this module run without the path of tests

    agent = Agent(site, fleet, Pipeline(site, model or real_reader()), **parts)
    heard.attach(agent)
    return agent
