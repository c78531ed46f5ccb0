"""A master with simulated vehicles in this process, on a clock that a test moves. What passes between is JSON."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from black_box import MANUFACTURER, Json, Wording

from banksman_edge.fleet import Master, OrderEvent
from banksman_firmware_sim import VirtualVehicle
from banksman_shared.clock import ManualClock
from banksman_shared.commands import parse_commands
from banksman_shared.site import Site, parse_site
from banksman_shared.vda5050 import (
    Connection,
    Factsheet,
    Header,
    InstantActions,
    Order,
    Responses,
    State,
    VehicleAddress,
    codec_for,
)

STEP_S = 0.2
UP, DOWN = "upstairs", "downstairs"
NODES = {
    "A": (0.0, 0.0), "B": (10.0, 0.0), "C": (20.0, 0.0), "D": (30.0, 0.0), "E": (40.0, 0.0), "F": (50.0, 0.0),
    "G": (60.0, 0.0), "X": (30.0, 10.0), "Y": (30.0, -10.0), "U": (20.0, 0.0), "V": (20.0, -10.0),
}  # fmt: skip
"""One road from A to G, a longer way around D over X, a bay Y beside D, and upstairs U, which lies above C, and V."""
ROADS = ("AB", "BC", "CD", "DE", "EF", "FG", "CX", "XE", "YD", "UV")
THETA = {"G": 3 * 3.14159 / 2}
"""As layouts may have it: beyond pi."""
TOPICS: dict[str, type[Header]] = {"connection": Connection, "state": State, "factsheet": Factsheet}


def hall_site(roads: Collection[str] = ROADS) -> Site:
    """``v0`` is at home on A and ``v1`` on Y; every node is a place under its own name in small letters."""
    names = [name for name in NODES if name in "".join(roads)]
    points = {name: (*NODES[name], UP if name in "UV" else DOWN) for name in names}
    return _site(points, [(a, b) for a, b in roads], ["A", "Y"])


def ring_site(vehicles: int) -> Site:
    """A road around, with nodes P0, P1, … 10 m apart; every other one is home to a vehicle, P0 to ``v0``."""
    count = 2 * vehicles
    radius = 10.0 * count / math.tau
    turns = {f"P{n}": math.tau * n / count for n in range(count)}
    points = {name: (radius * math.cos(turn), radius * math.sin(turn), DOWN) for name, turn in turns.items()}
    names = list(points)
    return _site(points, [*itertools.pairwise(names), (names[-1], names[0])], names[::2])


def _site(
    points: Mapping[str, tuple[float, float, str]], roads: Sequence[tuple[str, str]], homes: Sequence[str]
) -> Site:
    kind = "carrier"
    nodes = [
        {
            "nodeId": name,
            "mapId": level,
            "nodePosition": {"x": x, "y": y},
            "vehicleTypeNodeProperties": [{"vehicleTypeId": kind, "theta": THETA.get(name)}] if name in THETA else [],
        }
        for name, (x, y, level) in points.items()
    ]
    edges = [
        {
            "edgeId": f"{a}-{b}",
            "startNodeId": a,
            "endNodeId": b,
            "vehicleTypeEdgeProperties": [{"vehicleTypeId": kind, "maxSpeed": 1.5}],
        }
        for road in roads
        for a, b in (road, road[::-1])
    ]
    vehicles = [
        {
            "id": f"v{n}",
            "kind": kind,
            "number": n,
            "manufacturer": MANUFACTURER,
            "serial_number": f"h-{n}",
            "home": home.lower(),
        }
        for n, home in enumerate(homes)
    ]
    return parse_site(
        {
            "site": {"id": "hall", "name": "Hall", "languages": ["en"]},
            "vehicle_kinds": {kind: {"names": {"en": [kind]}}},
            "vehicles": vehicles,
            "place_kinds": {"spot": {"names": {"en": ["spot"]}}},
            "places": [
                {"id": name.lower(), "kind": "spot", "number": n, "node": name} for n, name in enumerate(points)
            ],
            "layout_document": {"layouts": [{"layoutId": "hall", "nodes": nodes, "edges": edges, "stations": []}]},
        }
    )


class Hall:
    """``lies`` are written over what a vehicle says, by vehicle and topic; None takes a field away."""

    def __init__(self, version: str, site: Site | None = None) -> None:
        self.words, self.site, self.clock = Wording(version), site or hall_site(), ManualClock()
        self.events: list[OrderEvent] = []
        self.sent: list[tuple[str, str, Json]] = []
        """Vehicle, topic and body of all that the master has sent."""
        self.states: dict[str, Json] = {}
        self.lies: dict[tuple[str, str], Json] = {}
        self.lost = 0
        """So many of the next messages to vehicles get lost."""
        self._codec = codec_for(version, strict=True)
        self._read = codec_for(version)
        self._ids = {vehicle.address: vehicle.id for vehicle in self.site.vehicles.values()}
        self._inbox: list[tuple[str, str, bytes]] = []
        self.master = Master(self.site, self.clock, self._send, self.events.append)
        self.vehicles = {
            v.id: VirtualVehicle(
                v.address, self.site.layout.nodes[self.site.places[v.home].node], clock=self.clock, version=version
            )
            for v in self.site.vehicles.values()
        }
        self.master.on_link(True)
        for vehicle in self.vehicles.values():
            vehicle.install_maps([UP])
        for name in self.vehicles:
            self.connect(name, "ONLINE")
        self.run(1)

    # The broker

    def _send(self, address: VehicleAddress, topic: str, message: Order | InstantActions | Responses) -> bool:
        payload, name = self._codec.encode(message), self._ids[address]
        self.sent.append((name, topic, json.loads(payload)))
        if self.lost:
            self.lost -= 1
        else:
            self._inbox.append((name, topic, payload))
        return True

    def _deliver(self) -> None:
        inbox, self._inbox = self._inbox, []
        for name, topic, payload in inbox:
            vehicle = self.vehicles[name]
            if topic == "order":
                vehicle.handle_order(self._codec.decode(Order, payload))
            elif topic == "instantActions":
                vehicle.handle_instant_actions(self._codec.decode(InstantActions, payload))
            else:
                vehicle.handle_responses(self._codec.decode(Responses, payload))

    def hear(self, name: str, topic: str, body: Json) -> None:
        """Hand the master a message of a vehicle."""
        for key, value in self.lies.get((name, topic), {}).items():
            body = {k: v for k, v in body.items() if k != key} | ({} if value is None else {key: value})
        if topic == "state":
            self.states[name] = body
        message: Any = self._read.decode(TOPICS[topic], json.dumps(body).encode())
        getattr(self.master, f"on_{topic}")(self.vehicles[name].address, message)

    def connect(self, name: str, state: str, **header: Any) -> None:
        """A message on the vehicle's topic ``connection``."""
        address = self.vehicles[name].address
        own = {
            "headerId": 0,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "version": self.words.version,
            "manufacturer": address.manufacturer,
            "serialNumber": address.serial_number,
        }
        self.hear(name, "connection", {**own, **header, "connectionState": state})

    def say(self, name: str) -> None:
        """Have a vehicle report its state now."""
        self.hear(name, "state", json.loads(self._codec.encode(self.vehicles[name].state())))

    # Time

    def step(self) -> None:
        self.clock.advance(STEP_S)
        self._deliver()
        for name, vehicle in self.vehicles.items():
            vehicle.step(STEP_S)
            for message in vehicle.due():
                topic = next((t for t, kind in TOPICS.items() if isinstance(message, kind)), None)
                if topic:
                    self.hear(name, topic, json.loads(self._codec.encode(message)))
        self.master.tick()

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def until(self, met: Callable[[], bool], within_s: float = 600.0) -> None:
        for _ in range(round(within_s / STEP_S)):
            if met():
                return
            self.step()
        raise AssertionError(f"not within {within_s} s: {self.events}, {self.states}")

    # What is asked and seen

    def submit(self, job: str, action: str, vehicle: str = "v0", **details: Any) -> None:
        self.master.submit(job, parse_commands([{"action": action, "vehicles": [vehicle], **details}]))

    def done(self, job: str) -> Callable[[], bool]:
        return lambda: self.statuses(job)[-1:] == ["done"]

    def statuses(self, job: str) -> list[str]:
        return [str(event.status) for event in self.events if event.job == job]

    def at(self, node: str, vehicle: str = "v0") -> Callable[[], bool]:
        return lambda: self.states[vehicle]["lastNodeId"] == node

    def orders(self, vehicle: str = "v0") -> list[Json]:
        """The orders and updates sent, repeats left out."""
        found: dict[tuple[str, int], Json] = {}
        for name, topic, body in self.sent:
            if (name, topic) == (vehicle, "order"):
                known = found.setdefault((body["orderId"], body["orderUpdateId"]), body)
                assert (known["nodes"], known["edges"]) == (body["nodes"], body["edges"]), "a repeat is the same"
        return list(found.values())
