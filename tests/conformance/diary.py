"""An eventful day of one vehicle, in each version, with every change of its state and whether it was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from black_box import MAP, Json
from papers import action, action_states
from stand import PROFILE, Stand

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.vda5050 import OperatingMode

LOOK_S = 0.05
WATCHED = (
    "orderUpdateId",
    "lastNodeId",
    "lastNodeSequenceId",
    "nodeStates",
    "edgeStates",
    "driving",
    "paused",
    "newBaseRequest",
    "operatingMode",
    "actionStates",
    "instantActionStates",
    "zoneActionStates",
    "loads",
    "errors",
    "safetyState",
    "maps",
    "zoneSets",
    "zoneRequests",
    "charging",
)
"""Fields of a state, as 3.0 names them; a change of any is to be reported."""


class Diary:
    """What happened. ``changes``: for each field, whether each change was in the next message, sent at once."""

    def __init__(self, version: str) -> None:
        self.stand = Stand(version)
        self.changes: dict[str, list[bool]] = defaultdict(list)
        self.histories: dict[str, list[str]] = defaultdict(list)
        """By action, its statuses one after the other."""
        self.levels: set[str] = set()
        self._shown = self._fields(self.stand.now())
        for _ in _events(self.stand):
            self.look()

    def look(self) -> None:
        """Note what has changed since the last look. More time passes than two states must be apart."""
        stand = self.stand
        stand.clock.advance(0.2)
        state = stand.now()
        now = self._fields(state)
        sent = [body for topic, body in stand.flush() if topic == "state"]
        for name, value in now.items():
            if value != self._shown.get(name):
                self.changes[name].append(bool(sent) and self._fields(sent[0])[name] == value)
        self._shown = now
        self.levels |= {error["errorLevel"] for error in state["errors"]}
        for entry in action_states(state):
            history = self.histories[entry["actionId"]]
            if history[-1:] != [entry["actionStatus"]]:
                history.append(entry["actionStatus"])

    def _fields(self, state: Json) -> dict[str, Any]:
        power = state["powerSupply" if self.stand.words.new else "batteryState"]
        return {name: state.get(name) for name in WATCHED if name != "charging"} | {"charging": power["charging"]}


@cache
def diary(version: str) -> Diary:
    return Diary(version)


def _pass(stand: Stand, seconds: float) -> Iterator[None]:
    for _ in range(round(seconds / LOOK_S)):
        stand.vehicle.step(LOOK_S)
        yield


def _events(stand: Stand) -> Iterator[None]:
    """The day. Yields after every event and every moment."""
    yield from _a_transport_in_two_parts(stand)
    yield from _trouble(stand)
    yield from _charging_and_modes(stand)
    if stand.words.version != "2.0.0":
        yield from _maps(stand)
    if stand.words.new:
        yield from _zones(stand)


def _a_transport_in_two_parts(stand: Stand) -> Iterator[None]:
    pick, drop = action("pick"), action("drop")
    order = stand.order("ABC", base=2, at={"B": [pick], "C": [drop]})
    stand.accept(order)
    yield from _pass(stand, 3)
    stand.instantly("startPause")
    yield from _pass(stand, 5)
    stand.instantly("stopPause")
    yield from _pass(stand, 6)
    stand.instantly("startPause")  # while the load is handled
    yield from _pass(stand, 2)
    stand.instantly("stopPause")
    yield from _pass(stand, 12)
    stand.accept(stand.order("BC", order_id=order["orderId"], update_id=1, first=2, at={"B": [pick], "C": [drop]}))
    yield from _pass(stand, 20)


def _trouble(stand: Stand) -> Iterator[None]:
    stand.send("order", stand.order("AB"))  # out of reach
    yield
    stand.accept(stand.order("CB", at={"B": [action("pick"), action("detectObject", "NONE")]}))
    yield from _pass(stand, 2)
    for kind in (FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP):
        stand.vehicle.inject(Fault(kind))
        yield from _pass(stand, 3)
        stand.vehicle.clear(kind)
        yield from _pass(stand, 3)
    yield from _pass(stand, 12)
    stand.vehicle.inject(Fault(FaultKind.LOAD_LOST))
    yield
    stand.vehicle.inject(Fault(FaultKind.ACTION_FAILS))
    retriable = {"retriable": True} if stand.words.new else {}
    stand.accept(stand.order("B", at={"B": [{**action("pick"), **retriable}]}))
    yield from _pass(stand, 8)
    if retriable:
        failed = next(a["actionId"] for a in stand.now()["actionStates"] if a["actionStatus"] == "RETRIABLE")
        stand.instantly("retry", actionId=failed)
        yield from _pass(stand, 8)
    stand.instantly("playFanfare")
    yield
    stand.accept(stand.order("BA", at={"A": [action("finePositioning")]}))
    yield from _pass(stand, 3)
    stand.instantly("cancelOrder")
    yield from _pass(stand, 4)


def _charging_and_modes(stand: Stand) -> Iterator[None]:
    stand.instantly("startCharging")
    yield
    stand.instantly("stopCharging")
    yield
    for mode in (OperatingMode.MANUAL, OperatingMode.SEMIAUTOMATIC, OperatingMode.AUTOMATIC):
        stand.vehicle.switch_mode(mode)
        yield from _pass(stand, 1)
    stand.instantly("logReport", reason="a test")
    yield from _pass(stand, 4)


def _maps(stand: Stand) -> Iterator[None]:
    stand.instantly("downloadMap", mapId=MAP, mapVersion="2", mapDownloadLink="https://maps.example/2")
    yield from _pass(stand, PROFILE.download_s + 2)
    stand.instantly("enableMap", mapId=MAP, mapVersion="2")
    yield
    stand.instantly("deleteMap", mapId=MAP, mapVersion="1")
    yield


def zone(kind: str, left: float, right: float, **more: Any) -> Json:
    """A zone across the way from A to B, which leads along the x axis."""
    corners = ((left, -1.0), (right, -1.0), (right, 1.0), (left, 1.0))
    return {"zoneId": kind.lower(), "zoneType": kind, "vertices": [{"x": x, "y": y} for x, y in corners], **more}


def zone_set(*zones: Json, name: str = "set") -> Json:
    return {"zoneSet": {"zoneSetId": name, "mapId": MAP, "zones": list(zones)}}


def initialise(stand: Stand, name: str = "A") -> str:
    """Put the vehicle on a node of the yard."""
    position = stand.node(name, 0)["nodePosition"]
    kind = "initializePosition" if stand.words.new else "initPosition"
    return stand.instantly(kind, **position, theta=0.0, lastNodeId=stand.id(name))


def _zones(stand: Stand) -> Iterator[None]:
    initialise(stand)
    yield
    deed = {"actionType": "detectObject", "blockingType": "NONE", "actionParameters": []}
    deeds = zone("ACTION", 1.2, 1.6, entryActions=[deed], duringActions=[], exitActions=[])
    stand.send("zoneSet", zone_set(deeds, zone("RELEASE", 3.0, 4.0)))
    yield
    stand.instantly("enableZoneSet", zoneSetId="set")
    yield
    stand.accept(stand.order("AB"))
    yield from _pass(stand, 8)
    _answer(stand, "REJECTED")
    yield from _pass(stand, 15)  # until it asks again
    _answer(stand, "GRANTED")
    yield from _pass(stand, 20)
    stand.instantly("clearZoneActions")
    yield
    stand.instantly("clearInstantActions")
    yield


def _answer(stand: Stand, grant: str) -> None:
    (request,) = stand.now()["zoneRequests"]
    stand.send("responses", {"responses": [{"requestId": request["requestId"], "grantType": grant}]})
