"""What goes into the audit log: every event of the agent, every log-in, every message to a vehicle, and all that leaves
for a planner."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from banksman_edge.audit.log import AuditLog, Tell
from banksman_edge.fleet import Outgoing
from banksman_edge.operators import NOBODY, LogIn, Speaker
from banksman_edge.plans import Leaving
from banksman_edge.turns import DecisionEvent, Event, UtteranceEvent
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
        self._site_told: tuple[str | None, date] | None = None

    def on_trouble(self, tell: Tell) -> None:
        """See :meth:`AuditLog.on_trouble`."""
        self._log.on_trouble(tell)

    def event(self, event: Event) -> None:
        """Something happened to an utterance."""
        if isinstance(event, UtteranceEvent):
            self.recall(event.id, event.speaker)
        speaker = self._speakers.get(event.id, NOBODY)
        data = {key: value for key, value in event.document().items() if key not in _UNTOLD}
        data |= {"utterance": event.id, "operator": speaker.operator}
        if isinstance(event, UtteranceEvent):
            data |= {"claimed": speaker.claimed, "by": speaker.document()}
        elif isinstance(event, DecisionEvent):
            follows = asdict(event.follows) if event.follows else None
            data |= {"by": speaker.document(), "latency_ms": event.document()["latency_ms"], "follows": follows}
        self._log.append(event.name, data)

    def recall(self, utterance_id: str, speaker: Speaker) -> None:
        """Whose utterance it is: one that comes in, or of which a plan was interrupted by a restart."""
        self._speakers[utterance_id] = speaker
        if len(self._speakers) > REMEMBERED:
            self._speakers.popitem(last=False)

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

    def left(self, leaving: Leaving) -> None:
        """Something is about to be sent to a planner. The site's document, which seldom changes, is recorded once a
        day; both together are the body, to the letter."""
        site = hashlib.sha256(leaving.site.encode()).hexdigest() if leaving.site else None
        told = (site, datetime.now(UTC).date())
        if site and told != self._site_told:
            self._site_told = told
            self._log.append("left-site", {"sha256": site, "document": leaving.site})
        speaker = self._speakers.get(leaving.key.partition("/")[0], NOBODY) if leaving.key else NOBODY
        data = {"to": leaving.url, "method": leaving.method, "body": leaving.body, "site": site}
        whose = {"utterance": leaving.key or None, "operator": speaker.operator}
        self._log.append("left", data | whose | {"sha256": hashlib.sha256(leaving.content).hexdigest()})

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
        "leaving": asdict(rules.leaving),
        "keep_days": rules.keep_days,
    }
