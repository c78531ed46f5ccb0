"""A vehicle that is only a connection: it reports what it is told to, and keeps what it is sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import msgspec

from banksman_shared.clock import timestamp
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import (
    AgvPosition,
    BatteryState,
    Connection,
    ConnectionState,
    EStop,
    Factsheet,
    Header,
    OperatingMode,
    SafetyState,
    State,
    codec_for,
)

PATIENCE_S = 60.0


class WireVehicle:
    """Speaks one version on the topics of that version. A context manager: online while it is open."""

    def __init__(self, site: Site, vehicle: str, url: str, version: str) -> None:
        self.vehicle = site.vehicles[vehicle]
        self.node = site.layout.nodes[site.places[self.vehicle.home].node]
        self.codec = codec_for(version)
        self._link = MqttLink(MqttSettings(url))
        self._received: list[tuple[str, dict[str, Any]]] = []
        self._changed = threading.Condition()
        self._headers = 0
        for topic in ("order", "instantActions", "responses"):
            self._link.subscribe(self._topic(topic), self._keep)

    def __enter__(self) -> Self:
        self._link.open()
        online = Connection(**self.header(), connection_state=ConnectionState.ONLINE)
        self.publish("connection", online, retain=True)
        self.report()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for topic in ("connection", "factsheet"):
            self._link.publish_and_wait(self._topic(topic), b"", retain=True)
        self._link.close()

    def _topic(self, name: str) -> str:
        return self.codec.topics.of(self.vehicle.address, name)

    def header(self) -> dict[str, Any]:
        self._headers += 1
        address = self.vehicle.address
        return {
            "header_id": self._headers,
            "timestamp": timestamp(time.time()),
            "version": self.codec.version,
            "manufacturer": address.manufacturer,
            "serial_number": address.serial_number,
        }

    def publish(self, topic: str, message: Header, *, retain: bool = False) -> None:
        self._link.publish_and_wait(self._topic(topic), self.codec.encode(message), retain=retain)

    def report(self, **changes: Any) -> None:
        """Send a state: standing at home, idle and ready, but for the changes."""
        at = self.node
        state = State(
            **self.header(),
            order_id="",
            order_update_id=0,
            last_node_id=at.id,
            last_node_sequence_id=0,
            driving=False,
            paused=False,
            operating_mode=OperatingMode.AUTOMATIC,
            node_states=(),
            edge_states=(),
            action_states=(),
            battery_state=BatteryState(battery_charge=80.0, charging=False),
            errors=(),
            safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
            agv_position=AgvPosition(x=at.x, y=at.y, theta=0.0, map_id=at.map_id, position_initialized=True),
            loads=(),
        )
        self.publish("state", msgspec.structs.replace(state, **changes))

    def describe(self, **parts: Any) -> None:
        """Send a factsheet, retained, with these parts and nothing else in it."""
        names = ("type_specification", "physical_parameters", "protocol_limits", "protocol_features",
                 "agv_geometry", "load_specification")  # fmt: skip
        empty: dict[str, Any] = {name: {} for name in names}
        self.publish("factsheet", Factsheet(**{**self.header(), **empty, **parts}), retain=True)

    def _keep(self, topic: str, payload: bytes) -> None:
        with self._changed:
            self._received.append((topic.rpartition("/")[2], json.loads(payload)))
            self._changed.notify_all()

    def received(self, topic: str) -> list[dict[str, Any]]:
        with self._changed:
            return [document for name, document in self._received if name == topic]

    def until(self, topic: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The first message on the topic, past or to come, that fits."""

        def found() -> dict[str, Any] | None:
            return next((document for name, document in self._received if name == topic and fits(document)), None)

        with self._changed:
            document = self._changed.wait_for(found, PATIENCE_S)
        assert document is not None, f"nothing such on {topic}: {self._received}"
        return document
