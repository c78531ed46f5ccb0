"""One simulated vehicle in this process, on a clock that a test moves. It is told and asked in JSON only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from black_box import MANUFACTURER, MAP, PLACES, Json, Wording
from papers import Papers, action

from banksman_firmware_sim import VehicleProfile, VirtualVehicle
from banksman_shared.clock import ManualClock
from banksman_shared.errors import MessageError
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    Connection,
    Factsheet,
    InstantActions,
    Order,
    Responses,
    State,
    VehicleAddress,
    ZoneSet,
    codec_for,
)

TICK_S = 0.1
PROFILE = VehicleProfile()


class Stand(Papers):
    """A vehicle that stands on A of the yard, and all that it has published."""

    def __init__(self, version: str, *, profile: VehicleProfile = PROFILE, charge: float = 80.0) -> None:
        super().__init__(Wording(version), "stand", 0)
        x, y = PLACES["A"]
        self.clock = ManualClock()
        self.vehicle = VirtualVehicle(
            VehicleAddress(MANUFACTURER, self.serial),
            SiteNode(self.id("A"), x, y, MAP),
            profile,
            clock=self.clock,
            version=version,
            charge=charge,
        )
        self.sent: list[tuple[str, Json]] = []
        self._codec = codec_for(version, strict=True)
        self.run(1)

    # To the vehicle

    def send(self, topic: str, body: Json) -> None:
        """As if it came from the broker."""
        kinds: dict[str, tuple[type, Callable[[Any], None]]] = {
            "order": (Order, self.vehicle.handle_order),
            "instantActions": (InstantActions, self.vehicle.handle_instant_actions),
            "responses": (Responses, self.vehicle.handle_responses),
            "zoneSet": (ZoneSet, self.vehicle.handle_zone_set),
        }
        kind, handle = kinds[topic]
        try:
            handle(self._codec.decode(kind, json.dumps({**self.header(topic), **body}).encode()))
        except MessageError as error:
            self.vehicle.refuse_payload(topic, str(error))

    def instantly(self, kind: str, **parameters: object) -> str:
        """Send an instant action. Returns its id."""
        document = action(kind, "NONE", **parameters)
        self.send("instantActions", {"actions": [document]})
        return str(document["actionId"])

    def accept(self, order: Json) -> Json:
        """Send an order that the vehicle takes."""
        self.send("order", order)
        state = self.now()
        assert (state["orderId"], state["orderUpdateId"]) == (order["orderId"], order["orderUpdateId"]), state["errors"]
        return state

    # From the vehicle

    def now(self) -> Json:
        """The state that it would publish at this moment."""
        return self._written(self.vehicle.state())

    def _written(self, message: Any) -> Json:
        document = json.loads(self._codec.encode(message))
        assert isinstance(document, dict)
        return document

    def flush(self) -> list[tuple[str, Json]]:
        """Let it publish what is due."""
        names = {State: "state", Factsheet: "factsheet", Connection: "connection"}
        new = [(names.get(type(m), "visualization"), self._written(m)) for m in self.vehicle.due()]
        self.sent += new
        return new

    def published(self, topic: str) -> list[Json]:
        return [body for name, body in self.sent if name == topic]

    @property
    def driving(self) -> bool:
        return bool(self.now()["driving"])

    def position(self) -> Json:
        return self.words.position(self.now())

    # Time

    def run(self, seconds: float, tick_s: float = TICK_S) -> None:
        for _ in range(round(seconds / tick_s)):
            self.clock.advance(tick_s)
            self.vehicle.step(tick_s)
            self.flush()

    def until(self, holds: Callable[[Json], bool], within_s: float = 300.0) -> Json:
        """Let time pass until the state is as wanted."""
        for _ in range(round(within_s / TICK_S)):
            state = self.now()
            if holds(state):
                return state
            self.run(TICK_S)
        raise AssertionError(f"not within {within_s} s: {self.now()}")

    def arrive(self, name: str) -> Json:
        """The state in which it stands on a node and has nothing left to traverse."""
        return self.until(lambda s: s["lastNodeId"] == self.id(name) and not s["nodeStates"] and not s["driving"])
