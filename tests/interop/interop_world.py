"""A witness on the wire, and orders as plain JSON, so that none of our own code judges our messages."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.vda5050 import VehicleAddress

Json = dict[str, Any]

MAP = "hall"
PATIENCE_S = 30.0
MANUFACTURER = "Interop"
TOPICS = ("order", "instantActions", "state", "connection", "factsheet")

_ids = itertools.count()


def fresh(name: str) -> str:
    """An id that no other test uses."""
    return f"{name}-{next(_ids)}"


class Log:
    """What came in, in order; one may wait for what is to come."""

    def __init__(self) -> None:
        self._entries: list[Json] = []
        self._changed = threading.Condition()

    def add(self, entry: Json) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def all(self) -> list[Json]:
        with self._changed:
            return list(self._entries)

    def wait(self, holds: Callable[[Json], bool]) -> Json:
        """The first entry that is as wanted, once it has come."""

        def found() -> Json | None:
            return next((entry for entry in self._entries if holds(entry)), None)

        with self._changed:
            if not self._changed.wait_for(lambda: found() is not None, PATIENCE_S):
                raise AssertionError(f"did not come; the last that came: {self._entries[-3:]}")
            entry = found()
            assert entry is not None
            return entry


class Wire:
    """All messages to and from one vehicle, as they are on the wire."""

    def __init__(self, url: str, address: VehicleAddress) -> None:
        self.address = address
        self._prefix = f"uagv/v2/{address.manufacturer}/{address.serial_number}"
        self._logs = {topic: Log() for topic in TOPICS}
        self._link = MqttLink(MqttSettings(url))
        for topic in TOPICS:
            self._link.subscribe(f"{self._prefix}/{topic}", self._hear)

    def _hear(self, topic: str, payload: bytes) -> None:
        self._logs[topic.rsplit("/", 1)[-1]].add(json.loads(payload))

    def __enter__(self) -> Self:
        self._link.open()
        # Once the broker has acknowledged anything, it has the subscriptions, too.
        self._link.publish_and_wait("banksman-test/hello", b"")
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    @property
    def name(self) -> Json:
        return {"manufacturer": self.address.manufacturer, "serialNumber": self.address.serial_number}

    def all(self, topic: str) -> list[Json]:
        return self._logs[topic].all()

    def state(self, holds: Callable[[Json], bool]) -> Json:
        """The first state that is as wanted, once it has come."""
        return self._logs["state"].wait(holds)

    def instant_action(self, kind: str) -> str:
        """The id of the first instant action of a kind, once it has been sent."""
        message = self._logs["instantActions"].wait(lambda m: any(a["actionType"] == kind for a in m["actions"]))
        return next(str(a["actionId"]) for a in message["actions"] if a["actionType"] == kind)

    def history(self, action_id: str) -> list[str]:
        """The statuses that the states gave an action, one after the other."""
        statuses = [status for state in self.all("state") if (status := status_of(state, action_id))]
        return [status for status, _ in itertools.groupby(statuses)]


def status_of(state: Json, action_id: str) -> str | None:
    """What a state says of an action."""
    found = [a["actionStatus"] for a in state["actionStates"] if a["actionId"] == action_id]
    assert len(found) < 2, f"{action_id} stands twice in {state['actionStates']}"
    return found[0] if found else None


def done_once(history: Sequence[str]) -> bool:
    """Whether an action went from its beginning to its success, and never back. Short phases may go unreported."""
    phases = ["WAITING", "INITIALIZING", "RUNNING", "FINISHED"]
    return list(history) == [phase for phase in phases if phase in history] and history[-1] == "FINISHED"


def arrived(node_id: str) -> Callable[[Json], bool]:
    """The state of a vehicle that has done all it was told to and stands on a node."""

    def holds(state: Json) -> bool:
        ended = all(a["actionStatus"] in ("FINISHED", "FAILED") for a in state["actionStates"])
        return state["lastNodeId"] == node_id and not state["nodeStates"] and not state["driving"] and ended

    return holds


def errors_about(state: Json, key: str, value: str) -> list[str]:
    """The types of the errors that refer to something."""
    reference = {"referenceKey": key, "referenceValue": value}
    return [error["errorType"] for error in state["errors"] if reference in error.get("errorReferences", [])]


@dataclass
class Lane:
    """A straight road of three nodes that one vehicle has for itself: A where it stands, B near, C far."""

    number: int
    names: dict[str, float] = field(default_factory=lambda: {"A": 0.0, "B": 6.0, "C": 45.0})

    def id(self, name: str) -> str:
        return f"{name}{self.number}"

    @property
    def y(self) -> float:
        return 10.0 * self.number

    def node(self, name: str, sequence_id: int, *actions: Json, released: bool = True, **position: Any) -> Json:
        return {
            "nodeId": self.id(name),
            "sequenceId": sequence_id,
            "released": released,
            "nodePosition": {"x": self.names[name], "y": self.y, "mapId": MAP, **position},
            "actions": list(actions),
        }

    def edge(self, start: str, end: str, sequence_id: int, *, released: bool = True) -> Json:
        return {
            "edgeId": f"{self.id(start)}-{self.id(end)}",
            "sequenceId": sequence_id,
            "released": released,
            "startNodeId": self.id(start),
            "endNodeId": self.id(end),
            "actions": [],
        }

    def order(self, path: str, *, order_id: str | None = None, at: Mapping[str, Sequence[Json]] | None = None) -> Json:
        """An order along nodes such as "ABC", all released, with actions ``at`` "B"."""
        return {
            "orderId": order_id or fresh("order"),
            "orderUpdateId": 0,
            "nodes": [self.node(name, 2 * i, *(at or {}).get(name, ())) for i, name in enumerate(path)],
            "edges": [self.edge(a, b, 2 * i + 1) for i, (a, b) in enumerate(itertools.pairwise(path))],
        }


def action(kind: str, blocking: str = "HARD", **parameters: object) -> Json:
    """An action with an id of its own."""
    return {
        "actionType": kind,
        "actionId": fresh(kind),
        "blockingType": blocking,
        "actionParameters": [{"key": key, "value": value} for key, value in parameters.items()],
    }


def write_site(folder: Path, lanes: Sequence[Lane], name: str) -> Path:
    """A site with a vehicle ``v1`` … at the A of each lane, and the places ``a1``, ``b1``, ``c1`` … at its nodes.

    Roads lead both ways. At each node an EPAL pallet may be picked from and dropped on the floor. Serial numbers are
    ``name`` with the number of the lane.
    """
    on_the_floor = [{"key": "stationType", "value": "floor"}, {"key": "loadType", "value": "EPAL"}]
    actions = [
        {"actionType": kind, "requirementType": "OPTIONAL", "blockingType": "HARD", "actionParameters": on_the_floor}
        for kind in ("pick", "drop")
    ]
    properties = [{"vehicleTypeId": "forklift", "actions": actions}]
    nodes = [
        {
            "nodeId": lane.id(n),
            "mapId": MAP,
            "nodePosition": {"x": x, "y": lane.y},
            "vehicleTypeNodeProperties": properties,
        }
        for lane in lanes
        for n, x in lane.names.items()
    ]
    edges = [
        {"edgeId": f"{a}-{b}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": []}
        for lane in lanes
        for pair in ("AB", "BC", "CB", "BA")
        for a, b in [(lane.id(pair[0]), lane.id(pair[1]))]
    ]
    layout = {
        "metaInformation": {"projectIdentification": name, "creator": "test", "lifVersion": "1.0.0"},
        "layouts": [{"layoutId": name, "nodes": nodes, "edges": edges, "stations": []}],
    }
    (folder / "layout.lif.json").write_text(json.dumps(layout), encoding="utf-8")
    parts = [
        f'[site]\nid = "{name}"\nname = "Hall"\nlanguages = ["en"]',
        '[vehicle_kinds.forklift]\nnames = { en = ["forklift"] }\n[place_kinds.floor]\nnames = { en = ["spot"] }',
    ]
    for lane in lanes:
        parts.append(
            f'[[vehicles]]\nid = "v{lane.number}"\nkind = "forklift"\nnumber = {lane.number}\n'
            f'manufacturer = "{MANUFACTURER}"\nserial_number = "{name}-{lane.number}"\nhome = "a{lane.number}"'
        )
        parts += [
            f'[[places]]\nid = "{n.lower()}{lane.number}"\nkind = "floor"\nnumber = {i + 10 * lane.number}\n'
            f'node = "{lane.id(n)}"'
            for i, n in enumerate(lane.names)
        ]
    (folder / "site.toml").write_text("\n".join(parts), encoding="utf-8")
    return folder
