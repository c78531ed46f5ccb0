"""An agent with a planner that answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, Line, client_of, planner_on, with_rules

from banksman_edge import Utterance
from banksman_edge.audit import AuditLog, AuditTrail, audit_dir, read_records
from banksman_edge.plans import PlanRouter, PseudonymousPlanner
from banksman_shared.broker import free_port
from banksman_shared.site import Site

FREEZER = "move five pallets from the freezer to dock two"


ASKED = "Shall I start it?"


class Office:
    """An agent whose planner in the cloud can be taken away, with what its operator and its auditor learn."""

    def __init__(self, agent: Any, heard: Recorder, port: int, state: Path) -> None:
        self.agent, self.heard, self._port, self._state = agent, heard, port, state
        self.model, self.line = Dispatcher(5), Line()

    @contextmanager
    def cloud(self) -> Iterator[Line]:
        with planner_on(self._port, self.model, self.line):
            yield self.line

    def say(self, text: str, **more: Any) -> str:
        return str(self.agent.submit(Utterance(text=text, **more)))

    def refused(self, key: str, *parts: str) -> None:
        """This was told, and nothing was done."""
        self.heard.until_reply(*parts, key=key)
        assert self.agent.wait(key, PATIENCE_S) is False

    def routes(self, key: str) -> list[tuple[str, str]]:
        """The ways of a request and the rules that decided them, in order, each once."""
        seen = [(e.way, e.rule) for e in self.heard.of("plan", key) if e.rule]
        return list(dict.fromkeys(seen))

    def records(self, kind: str) -> list[dict[str, Any]]:
        """What the audit log holds; after the agent has been closed."""
        return [dict(r.data) for r in read_records(audit_dir(self._state)) if r.kind == kind]


@contextmanager
def office(site: Site, fleet: FleetDouble, state: Path, tables: str = "", **more: Any) -> Iterator[Office]:
    """``here``: the planner on the site."""
    site, heard, port = with_rules(site, tables), Recorder(), free_port()
    with ExitStack() as stack:
        trail = AuditTrail(site, stack.enter_context(AuditLog(audit_dir(state), 90)))
        asked = stack.enter_context(client_of(port, overhear=trail.left))
        cloud = PseudonymousPlanner(asked, site) if site.rules.leaving.pseudonyms else asked
        spent = state / "plans-today.json"
        router = PlanRouter(site, cloud, more.pop("here", None), clock=more.get("clock"), spent=spent)
        stack.callback(router.close)
        agent = stack.enter_context(agent_of(site, fleet, heard, planner=router, **more))
        agent.keep(trail)
        yield Office(agent, heard, port, state)
