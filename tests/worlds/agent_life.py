"""One life of an agent in a process of its own, which may end at any moment. Imports nothing of the test's side."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from wheels_site import hall_document

from banksman_edge import Agent, FleetService, Pipeline, PlannerClient
from banksman_edge.app.build import load_reader
from banksman_edge.audit import AuditLog, AuditTrail, audit_dir
from banksman_edge.fleet import FleetStore, OrderEvent
from banksman_edge.plans import Escalation, PlanRouter, PlanStore
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.progress_log import ProgressLog
from banksman_edge.plans.step_dispatch import StepDispatch
from banksman_edge.turns.events import EVENT_NAMES
from banksman_edge.utterance import Utterance
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site, parse_site


def shed(run: str) -> Site:
    """The hall with three vehicles."""
    document = hall_document(run)
    return parse_site(document | {"vehicles": document["vehicles"][3:6]})


MOMENTS: dict[str, tuple[Any, str, bool]] = {
    "intended": (ProgressLog, "intend", True),  # on the disk, and not given to the fleet yet
    "given": (FleetService, "submit", True),  # the fleet has it
    "ended": (Driver, "note", False),  # the fleet knows that it is done, the plan does not
    "approved": (Escalation, "_approve", True),
    "taken over": (
        StepDispatch,
        "take_over",
        True,
    ),  # a vehicle is asked to give its step up, and the plan does not know
}
"""When a life may end: in which method, and whether that has done its work by then."""


def _kill_at(moment: str) -> None:
    """Die as by SIGKILL at this moment, when it comes for the first time; of news, only the end of a step counts."""
    owner, method, after = MOMENTS[moment]
    original = getattr(owner, method)

    def dying(*arguments: Any, **options: Any) -> Any:
        news = next((a for a in arguments if isinstance(a, OrderEvent)), None)
        if after:
            original(*arguments, **options)
        if news is None or news.status.ended:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(owner, method, dying)


def live(line: Connection, where: dict[str, str], kill: str) -> None:
    """Run the agent until it is told nothing. It says its events, as documents, and takes utterances.

    ``where``: ``broker``, ``planner``, ``token``, ``state``, ``run``; ``kill``: the moment at which it ends.
    """
    site, settings, state = shed(where["run"]), MqttSettings(where["broker"]), Path(where["state"])
    if kill:
        _kill_at(kill)
    with ExitStack() as stack:
        store = stack.enter_context(FleetStore(state, site.vehicles))
        trail = AuditTrail(site, stack.enter_context(AuditLog(audit_dir(state), 90)))
        fleet = stack.enter_context(FleetService(site, settings, store=store, overhear=trail.sent))
        client = PlannerClient(where["planner"], where["token"])
        agent = Agent(site, fleet, Pipeline(site, load_reader(None)), planner=PlanRouter(site, client))
        agent.remember(PlanStore(state))
        agent.keep(trail)
        for name in EVENT_NAMES:
            agent.on(name, lambda event: line.send({"name": event.name} | event.document()))
        stack.enter_context(agent)
        while not all(view.reporting for view in fleet.vehicles().values()):
            time.sleep(0.05)
        while said := line.recv():
            agent.submit(Utterance(**said))
