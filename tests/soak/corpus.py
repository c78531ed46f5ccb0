"""Real messages of every topic and version, to begin from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from banksman_firmware_sim import Fault, FaultKind, VirtualVehicle
from banksman_shared.clock import ManualClock, timestamp
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    Action,
    ActionParameter,
    BlockingType,
    ConnectionState,
    Edge,
    GrantType,
    Header,
    InstantActions,
    Node,
    NodePosition,
    Order,
    Response,
    Responses,
    VehicleAddress,
    Vertex,
    Zone,
    ZoneSet,
    ZoneSetContent,
    ZoneType,
    codec_for,
)

Corpus = dict[str, list[bytes]]
"""Payloads by topic."""

TO_VEHICLES = ("order", "instantActions", "responses", "zoneSet")
FROM_VEHICLES = ("connection", "state", "factsheet", "visualization")
ADDRESS = VehicleAddress("Soak", "S-1")
FLOOR = tuple(SiteNode(name, x, y, "floor") for name, x, y in (("A", 0.0, 0.0), ("B", 8.0, 0.0), ("C", 8.0, 6.0)))
HOME = FLOOR[0]
_POSE = {"x": 0.0, "y": 0.0, "theta": 0.5, "mapId": "floor", "lastNodeId": "A"}
_MAP = {"mapId": "floor", "mapVersion": "2"}
INSTANT: dict[str, dict[str, Any]] = {
    "startPause": {},
    "stopPause": {},
    "cancelOrder": {},
    "stateRequest": {},
    "factsheetRequest": {},
    "logReport": {"reason": "soak"},
    "startCharging": {},
    "stopCharging": {},
    "initPosition": _POSE,
    "initializePosition": _POSE,
    "downloadMap": {**_MAP, "mapDownloadLink": "https://maps.example/2"},
    "enableMap": _MAP,
    "deleteMap": _MAP,
    "enableZoneSet": {"zoneSetId": "set"},
    "deleteZoneSet": {"zoneSetId": "set"},
    "clearInstantActions": {},
    "clearZoneActions": {},
    "retry": {"actionId": "p"},
    "trigger": {},
    "startHibernation": {},
    "stopHibernation": {},
}
_ids = itertools.count()


def _header(at: float = 0.0) -> dict[str, Any]:
    return {
        "header_id": next(_ids),
        "timestamp": timestamp(1_700_000_000 + at),
        "version": "",
        "manufacturer": ADDRESS.manufacturer,
        "serial_number": ADDRESS.serial_number,
    }


def _action(kind: str, **parameters: Any) -> Action:
    return Action(
        action_type=kind,
        action_id=f"{kind}-{next(_ids)}",
        blocking_type=BlockingType.NONE,
        action_parameters=tuple(ActionParameter(key=key, value=value) for key, value in parameters.items()),
    )


def an_order(path: Sequence[SiteNode], order_id: str, *, update_id: int = 0, first: int = 0, base: int = 99) -> Order:
    """An order along places, with a load taken on at the second."""
    nodes = [
        Node(
            node_id=at.id,
            sequence_id=first + 2 * index,
            released=index < base,
            node_position=NodePosition(x=at.x, y=at.y, map_id=at.map_id),
            actions=(_action("pick", height=0.5),) if index == 1 else (),
        )
        for index, at in enumerate(path)
    ]
    edges = [
        Edge(
            edge_id=a.node_id + b.node_id,
            sequence_id=a.sequence_id + 1,
            released=b.released,
            start_node_id=a.node_id,
            end_node_id=b.node_id,
            actions=(),
            max_speed=1.5,
        )
        for a, b in itertools.pairwise(nodes)
    ]
    return Order(**_header(), order_id=order_id, order_update_id=update_id, nodes=tuple(nodes), edges=tuple(edges))


def put_on(map_id: str, version: str) -> InstantActions:
    """What tells a vehicle that it stands at the origin of a map."""
    kind = "initializePosition" if version.startswith("3") else "initPosition"
    return InstantActions(**_header(), actions=(_action(kind, **{**_POSE, "mapId": map_id}),))


def _to_vehicles(version: str, ground: Sequence[SiteNode]) -> Iterator[tuple[str, Header]]:
    yield "order", an_order(ground, "one")
    yield "order", an_order(ground, "one", base=2)
    yield "order", an_order(ground[1:], "one", update_id=1, first=2)
    yield "order", an_order(ground[:1], "here")
    yield "instantActions", InstantActions(**_header(), actions=tuple(_action(k, **p) for k, p in INSTANT.items()))
    for kind, parameters in INSTANT.items():
        yield "instantActions", InstantActions(**_header(), actions=(_action(kind, **parameters),))
    if version.startswith("3"):
        for grant in GrantType:
            answer = Response(request_id="1", grant_type=grant, lease_expiry=timestamp(1_700_000_900))
            yield "responses", Responses(**_header(), responses=(answer,))
        for kind in ZoneType:
            corners = tuple(Vertex(x=x, y=y) for x, y in ((3, -1), (5, -1), (5, 1), (3, 1)))
            zone = Zone(zone_id="z", zone_type=kind, vertices=corners, maximum_speed=0.5)
            content = ZoneSetContent(zone_set_id="set", map_id="floor", zones=(zone,))
            yield "zoneSet", ZoneSet(**_header(), zone_set=content)


def _from_vehicles(version: str, ground: Sequence[SiteNode]) -> Iterator[tuple[str, Header]]:
    names = {"State": "state", "Factsheet": "factsheet", "Visualization": "visualization", "Connection": "connection"}
    clock = ManualClock()
    machine = VirtualVehicle(ADDRESS, ground[0], clock=clock, version=version)
    machine.handle_order(an_order(ground, "one"))
    for second in range(60):
        clock.advance(1)
        machine.step(1)
        if second == 5:
            machine.inject(Fault(FaultKind.OBSTACLE, seconds=3))
        if second == 20:
            machine.inject(Fault(FaultKind.EMERGENCY_STOP, seconds=3))
            machine.refuse_payload("order", "nonsense")
        for message in machine.due():
            yield names[type(message).__name__], message
    for state in ConnectionState:
        if version.startswith("3") or state is not ConnectionState.HIBERNATING:
            yield "connection", machine.connection(state)


def corpus(version: str, ground: Sequence[SiteNode] = FLOOR) -> Corpus:
    """What masters and vehicles of this version send, about a way over three places."""
    codec, found = codec_for(version), Corpus()
    for topic, message in (*_to_vehicles(version, ground), *_from_vehicles(version, ground)):
        found.setdefault(topic, []).append(codec.encode(message))
    return found
