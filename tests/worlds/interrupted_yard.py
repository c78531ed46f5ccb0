"""The yard with a plan that outlives the agent: a restart is a new master and escalation, and what both have kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from driven_yard import KEY, DrivenYard, HeardHerald
from scripted_vehicle import ScriptedVehicle

from banksman_edge.fleet import Master, Problem
from banksman_edge.fleet.store import FleetStore
from banksman_edge.plans import Driver, Escalation, Mandate, PlanRouter, PlanStore, QuestionGate
from banksman_edge.understanding import Pipeline
from banksman_shared.plans import Plan
from banksman_shared.vda5050 import ConnectionState


class InterruptedYard(DrivenYard):
    """``folder``: the agent's state."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.store = FleetStore(folder, clock=self.clock)
        self.plan_store = PlanStore(folder, self.clock)
        self.escalation.keep(self.plan_store)
        self.objection: Callable[[Plan], Problem | None] = lambda _: None
        self.handled: list[str] = []
        for car in self.cars.values():
            self._count(car)
        self._begin_master()
        self.step()

    def _begin_master(self) -> None:
        self.master = Master(self.site, self.clock, self._send, self.events.append, store=self.store)
        self.master.set_latches(self.store.latched())
        self.master.on_link(True)
        for vehicle in self.cars:
            if vehicle not in self.away:
                self.connection(vehicle, ConnectionState.ONLINE)

    def kill(self, away_s: float = 10.0) -> None:
        """The agent ends at once; the vehicles go on for so long."""
        self.driver, now = None, self.clock.time()
        self.master = Master(self.site, self.clock, lambda *_: False, lambda _: None)
        self.run(away_s)
        for path in (self.folder / "plans").glob("*.json"):
            os.utime(path, (now, now))
        self._told = len(self.events)

    def begin_again(self, *, memory: bool = True, report_s: float = 0.0) -> Driver | None:
        """The next agent. ``memory`` False: the fleet's is gone. ``report_s``: so long vehicles report before the
        plan is taken up; their news is told then."""
        if not memory:
            self.store.close()
            (self.folder / "fleet.db").unlink()
            self.store = FleetStore(self.folder, clock=self.clock)
        self._begin_master()
        self.run(report_s)
        self.reporter = HeardHerald()
        names, fleet = Pipeline(self.site, None).names_in, self.fleet
        self.router = PlanRouter(self.site, self.planner, self.here, clock=self.clock)
        anything: Any = fleet
        self.escalation = Escalation(self.site, anything, self.router, self.clock, self.plans.append, names)
        self.escalation.keep(self.plan_store)
        for found in self.escalation.found():
            if found.plan and found.plan.utterance == KEY:
                mandate = Mandate(frozenset(self.site.vehicles), objection=self.objection)
                self.driver = drive = self.escalation.take_up(found, found.plan, mandate, self.reporter, QuestionGate())
                return drive
        return None

    def restart(self, away_s: float = 10.0) -> Driver:
        self.kill(away_s)
        drive = self.begin_again()
        assert drive
        return drive

    def reply(self, *, yes: bool) -> None:
        """The operator's answer to whether it goes on."""
        assert self.driver
        assert self.driver.answer(self.driver.state.again.plan, yes=yes)

    def _count(self, car: ScriptedVehicle) -> None:
        effect = car._effect

        def counted(action_type: str) -> None:
            self.handled.append(action_type)
            effect(action_type)

        car._effect = counted  # type: ignore[method-assign]

    def under_way(self, *goals: dict[str, Any], dropped: int = 0) -> None:
        """Drive until a load has been taken up; ``dropped``: until so many have been put down."""
        self.drive(*goals)
        self.until(lambda: self.handled.count("drop") >= dropped and self.handled.count("pick") >= 1)

    def kept(self) -> dict[str, Any]:
        """What is on the disk of the one plan."""
        (path,) = (self.folder / "plans").glob("*.json")
        document: dict[str, Any] = json.loads(path.read_text())
        return document

    def carried(self) -> tuple[int, int]:
        """Loads taken up and put down, by all vehicles."""
        return self.handled.count("pick"), self.handled.count("drop")
