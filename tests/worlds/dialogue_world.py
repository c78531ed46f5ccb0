"""A fleet double that judges orders as the fleet does, and the stage on which dialogues are played."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from dialogue_script import Line, Script, commands_in
from edge_world import PATIENCE_S, FleetDouble, Recorder

from banksman_edge import Agent, DecisionEvent, FleetError, JobStatus, OrderEvent, Utterance, Verdict
from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Sound
from banksman_edge.fleet import Problem
from banksman_edge.fleet.assign import Assigner
from banksman_edge.fleet.capability import Capability
from banksman_edge.fleet.forecasts import Forecast, Forecasts
from banksman_edge.fleet.roster import Assignment, Roster
from banksman_edge.fleet.routing import Start, Way
from banksman_edge.utterance import Spoken
from banksman_shared.actions import Action
from banksman_shared.clock import ManualClock
from banksman_shared.commands import Command
from banksman_shared.site import Router, Site

BETWEEN_TURNS_S = 2.0
"""The same words from two devices at once would count once."""


class YardDouble(FleetDouble):
    """All vehicles idle at home; orders are judged by the fleet's own rules, and take until they are said to arrive."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._site, self._router = site, Router(site.layout)
        self.under_way: dict[str, list[tuple[str, Assignment]]] = {}
        """What each vehicle does, and what waits behind it."""

    def check(self, commands: Sequence[Command], **options: Any) -> list[Problem]:
        return [objection.problem for objection in self._roster(commands, **options).objections]

    def submit(self, job: str, commands: Sequence[Command], **options: Any) -> None:
        roster = self._roster(commands, **options)
        if roster.objections:
            raise FleetError([objection.problem for objection in roster.objections])
        super().submit(job, commands)
        for given in roster.assignments:
            self._begin(job, given)

    def _roster(
        self,
        commands: Sequence[Command],
        *,
        may: Any = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
        overtaken: Any = None,  # noqa: ARG002
    ) -> Roster:
        named = {one for command in commands for one in command.vehicles}
        clears = not gives_up and any(command.action is Action.CANCEL for command in commands)

        def forecast(vehicle: str) -> Forecast:
            view, ahead = self.views[vehicle], self.under_way.get(vehicle, [])
            found = Forecast(view, Start((Way(view.node),)) if view.node else None, Capability())
            found.works = any(job in gives_up for job, _ in ahead) if gives_up else view.job is not None
            if queue and vehicle in named and not clears and ahead:
                for job, given in ahead:
                    if job not in gives_up:
                        found.carry_out(given)
                found.view = replace(found.view, job=None)
            return found

        forecasts = Forecasts(self.views, forecast)
        return Assigner(self._site, self._router, forecasts, may=may, gives_up=frozenset(gives_up)).run(commands)

    def _begin(self, job: str, given: Assignment) -> None:
        vehicle, action = given.vehicle, given.command.action
        if action is Action.STOP:
            self.set(vehicle, stopped=True)
        elif action is Action.RESUME:
            self.set(vehicle, stopped=False)
        elif action is Action.CANCEL:
            for old in list(self.under_way.get(vehicle, [])):
                if not given.gives_up or old[0] in given.gives_up:
                    self.under_way[vehicle].remove(old)
                    self._news(old[0], vehicle, old[1].command, "cancelled")
            self._show(vehicle)
        else:
            self.under_way.setdefault(vehicle, []).append((job, given))
            self._show(vehicle)
            self._news(job, vehicle, given.command, "running")

    def _show(self, vehicle: str) -> None:
        ahead = self.under_way.get(vehicle, [])
        waiting = tuple((job, given.command) for job, given in ahead[1:])
        self.set(vehicle, job=ahead[0][0] if ahead else None, waiting=waiting)

    def set(self, vehicle: str, **changes: Any) -> None:
        self.views[vehicle] = replace(self.views[vehicle], **changes)

    def arrive(self, vehicle: str) -> None:
        job, given = self.under_way[vehicle].pop(0)
        node = given.destination.node if given.destination else self.views[vehicle].node
        loaded = {Action.PICK: True, Action.DROP: False, Action.TRANSPORT: False}.get(given.command.action)
        view = self.views[vehicle]
        self.set(vehicle, node=node, loaded=view.loaded if loaded is None else loaded)
        self._show(vehicle)
        self._news(job, vehicle, given.command, "done")

    def _news(self, job: str, vehicle: str, command: Command, status: str) -> None:
        for listener in self._listeners:
            listener(OrderEvent(job, vehicle, command, JobStatus(status)))


_STATES: Mapping[str, dict[str, Any]] = {
    "nowhere": {"node": None},
    "loaded": {"loaded": True},
    "empty": {"loaded": False},
    "unknown-load": {"loaded": None},
    "busy": {"job": "somebody-elses"},
    "offline": {"connected": False, "reporting": False},
}


def fleet_does(fleet: YardDouble, site: Site, text: str) -> None:
    """``forklift-3 arrives``, or what a vehicle is like now: ``forklift-3 at dock-2, battery 20, loaded, busy``."""
    vehicle, _, rest = text.partition(" ")
    for what in rest.split(", "):
        word, _, value = what.partition(" ")
        changes: dict[str, Any] = {}
        match word:
            case "at":
                changes = {"node": site.places[value].node}
            case "battery":
                changes = {"battery": None if value == "unknown" else float(value)}
            case _:
                changes = _STATES.get(word, {})
        if word == "arrives":
            fleet.arrive(vehicle)
        else:
            assert changes, f"what is '{what}'?"
            fleet.set(vehicle, **changes)


class Stage:
    """Plays a dialogue on an agent."""

    def __init__(self, script: Script, agent: Agent, heard: Recorder, fleet: YardDouble, clock: ManualClock) -> None:
        self._script, self._agent, self._heard, self._fleet, self._clock = script, agent, heard, fleet, clock

    def play(self) -> None:
        for line in self._script.lines:
            at = f"{self._script.file}:{line.number} {line.who}: {line.text}"
            if line.who == "fleet":
                fleet_does(self._fleet, self._agent.site, line.text)
            elif line.who == "time":
                self._clock.advance(float(line.text))
            else:
                self._turn(line, at)

    def _turn(self, line: Line, at: str) -> None:
        self._clock.advance(BETWEEN_TURNS_S)
        before = len(self._fleet.submissions)
        decision = self._agent.decision(self._agent.submit(self._utterance(line)), timeout_s=PATIENCE_S)
        self._settle()
        for kind, wanted in line.follows:
            checked(kind, wanted, decision, self._heard, at)
        sent = [command for commands in self._fleet.orders[before:] for command in commands]
        done = decision.commands if decision.verdict is Verdict.ACCEPT else ()
        assert sent == [c for c in done if c.action not in (Action.STATUS, Action.PLAN)], f"{at}\nsent: {sent}"

    def _utterance(self, line: Line) -> Utterance:
        who, _, confidence = line.who.partition(" ")
        language = self._script.heads.get("language")
        if not confidence:
            return Utterance(text=line.text, device=who, language=language)
        now, silence = self._clock.monotonic(), Sound(np.zeros(SAMPLE_RATE, np.float32))
        heard = Transcript(line.text, language or self._agent.site.languages[0], float(confidence))
        return Utterance(sound=silence, spoken=Spoken(heard, now - silence.seconds, now), device=who)

    def _settle(self) -> None:
        """Wait until what follows from a decision has been done: the thread that understands is free again."""
        mark = self._agent.submit(Utterance(text="", device="nobody-at-all"))
        self._agent.decision(mark, timeout_s=PATIENCE_S)


def checked(kind: str, wanted: str, decision: DecisionEvent, heard: Recorder, at: str) -> None:
    """Hold a decision against one line of a script."""
    told = f"{at}\n{decision.verdict} {decision.commands}\n{decision.reason}\n{heard.texts(decision.id)}"
    match kind:
        case "decision":
            verdict, _, commands = wanted.partition(" ")
            assert str(decision.verdict) == verdict, told
            if commands:
                assert decision.commands == commands_in(commands), told
        case "says" if wanted == "nothing":
            assert heard.texts(decision.id) == [], told
        case "says":
            assert wanted in heard.texts(decision.id), told
        case "elsewhere":
            assert wanted in heard.texts(), told
        case "because":
            assert wanted in decision.reason, told
