"""What goes into the audit log: every event of the agent, every log-in, and every message to a vehicle."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from banksman_edge.audit.log import AuditLog, Tell
from banksman_edge.events import DecisionEvent, Event, UtteranceEvent
from banksman_edge.fleet.wire import Outgoing
from banksman_edge.operators import NOBODY, LogIn, Speaker
from banksman_shared.site import Site
from banksman_shared.vda5050 import InstantActions, Order, VehicleAddress

REMEMBERED = 4000
_UNTOLD = ("id", "latency_ms", "speaker", "picture")


class AuditTrail:
    """Hands what happens to the log, with who asked for it. Never fails, and keeps nobody waiting."""

    def __init__(self, site: Site, log: AuditLog) -> None:
        self._log = log
        self._vehicles = {vehicle.address: vehicle.id for vehicle in site.vehicles.values()}
        self._speakers: OrderedDict[str, Speaker] = OrderedDict()

    def on_trouble(self, tell: Tell) -> None:
        """See :meth:`AuditLog.on_trouble`."""
        self._log.on_trouble(tell)

    def event(self, event: Event) -> None:
        """Something happened to an utterance."""
        if isinstance(event, UtteranceEvent):
            self._speakers[event.id] = event.speaker
            if len(self._speakers) > REMEMBERED:
                self._speakers.popitem(last=False)
        speaker = self._speakers.get(event.id, NOBODY)
        data = {key: value for key, value in event.document().items() if key not in _UNTOLD}
        data |= {"utterance": event.id, "operator": speaker.operator}
        if isinstance(event, UtteranceEvent):
            data |= {"claimed": speaker.claimed, "by": speaker.document()}
        elif isinstance(event, DecisionEvent):
            data["by"] = speaker.document()
        self._log.append(event.name, data)

    def log_in(self, operator: str, device: str | None, outcome: LogIn) -> None:
        """Somebody tried a PIN."""
        self._log.append("login", {"operator": operator, "device": device, "outcome": str(outcome)})

    def sent(self, address: VehicleAddress, topic: str, message: Outgoing, delivered: bool) -> None:
        """A message went to a vehicle, or there was no broker to take it."""
        data: dict[str, Any] = {"vehicle": self._vehicles.get(address), "topic": topic, "delivered": delivered}
        match message:
            case Order():
                data |= {
                    "order": message.order_id,
                    "update": message.order_update_id,
                    "nodes": [node.node_id for node in message.nodes if node.released],
                    "actions": [action.action_type for node in message.nodes for action in node.actions],
                }
            case InstantActions():
                data |= {"actions": [action.action_type for action in message.actions]}
        self._log.append("sent", data)

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Something about the agent itself: that it starts, and with what."""
        self._log.append(kind, data)


def about_agent(site: Site) -> dict[str, Any]:
    """With what an agent starts: which version, on which site, under which rules."""
    rules = site.rules
    roles = {
        role: [{key: sorted(value) for key, value in asdict(grant).items() if value is not None} for grant in grants]
        for role, grants in (rules.roles or {}).items()
    }
    operators = {o.id: {"roles": list(o.roles), "devices": list(o.devices)} for o in rules.operators.values()}
    return {
        "version": version("banksman"),
        "site": site.id,
        "roles": roles,
        "operators": operators,
        "trust": asdict(rules.trust),
        "policy": asdict(rules.policy),
        "keep_days": rules.keep_days,
    }
