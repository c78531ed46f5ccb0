"""A vehicle made of JSON for the master to command: it says what a test tells it to, in the words of its version."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from black_box import MANUFACTURER, MAP, PATIENCE_S, PLACES, Json, Message, Wording
from paho.mqtt.enums import CallbackAPIVersion

INCOMING = ("order", "instantActions", "responses", "zoneSet")


class PaperVehicle:
    """Stands on A of the yard, takes every order without driving it, and echoes every instant action as done."""

    def __init__(self, url: str, words: Wording, serial: str) -> None:
        self.words, self.serial = words, serial
        self.prefix = f"{words.prefix}/{MANUFACTURER}/{serial}"
        self._messages: list[Message] = []
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        self._counts: dict[str, int] = {}
        self._instant: list[Json] = []
        self._said: Json = {}
        self.refuse_with: str | None = None
        """The error type that answers every order, instead of taking it."""
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.on_connect = lambda client, *_: client.subscribe([(f"{self.prefix}/{t}", 2) for t in INCOMING])
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        address = urlsplit(url)
        self._client.connect(address.hostname or "", address.port or 1883)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    # What it says

    def connect(self, state: str = "ONLINE") -> None:
        self._publish("connection", {"connectionState": state}, qos=1, retain=True)

    def introduce(self, *optional_parameters: str, **features: Any) -> None:
        """Publish a factsheet that supports these optional parameters of an order and no others."""
        new = self.words.new
        actions = [
            {"actionType": kind, "actionScopes": ["NODE"], "pauseAllowed": True, "cancelAllowed": True}
            for kind in ("pick", "drop", "startCharging", "stopCharging")
        ]
        parameters = [{"parameter": name, "support": "SUPPORTED"} for name in optional_parameters]
        body = {
            "typeSpecification": {},
            "physicalParameters": {},
            "protocolLimits": {},
            "protocolFeatures": {
                "optionalParameters": parameters,
                "mobileRobotActions" if new else "agvActions": actions,
                **features,
            },
            "mobileRobotGeometry" if new else "agvGeometry": {},
            "loadSpecification": {},
        }
        self._publish("factsheet", body, retain=True)

    def say(self, **changes: Any) -> None:
        """Publish a state; what is not changed stays as it was. Names are those of 2.x where 3.0 differs."""
        self._said = {**self._said, **changes}
        self._publish("state", self._state())

    def drive(self, name: str = "B") -> None:
        """Be where the order leads, with all its actions finished."""
        order = self.order()
        actions = [a for node in order["nodes"] for a in node["actions"]]
        self.say(
            lastNodeId=f"{name}0",
            lastNodeSequenceId=order["nodes"][-1]["sequenceId"],
            nodeStates=[],
            edgeStates=[],
            actionStates=[{"actionId": a["actionId"], "actionStatus": "FINISHED"} for a in actions],
            at=PLACES[name],
        )

    def _state(self) -> Json:
        new, said = self.words.new, self._said
        x, y = said.get("at", PLACES["A"])
        localised = said.get("localised", True)
        body = {
            "orderId": "",
            "orderUpdateId": 0,
            "lastNodeId": "A0",
            "lastNodeSequenceId": 0,
            "driving": False,
            "paused": False,
            "nodeStates": [],
            "edgeStates": [],
            "actionStates": [],
            "operatingMode": "AUTOMATIC",
            "errors": [],
            "loads": [],
            "mobileRobotPosition" if new else "agvPosition": {
                "x": x,
                "y": y,
                "theta": 0.0,
                "mapId": MAP,
                "localized" if new else "positionInitialized": localised,
            },
            "powerSupply" if new else "batteryState": {
                "stateOfCharge" if new else "batteryCharge": said.get("charge", 80.0),
                "charging": False,
            },
            "safetyState": {"activeEmergencyStop" if new else "eStop": "NONE", "fieldViolation": False},
        }
        if new:
            body["instantActionStates"] = list(self._instant)
        body |= {key: value for key, value in said.items() if key not in ("at", "charge", "localised")}
        if not new:
            body["actionStates"] = [*body["actionStates"], *self._instant]
        return body

    def _publish(self, topic: str, body: Json, *, qos: int = 0, retain: bool = False) -> None:
        count = self._counts[topic] = self._counts.get(topic, -1) + 1
        header = {
            "headerId": count,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "version": self.words.version,
            "manufacturer": MANUFACTURER,
            "serialNumber": self.serial,
        }
        payload = json.dumps({**header, **body}, ensure_ascii=False).encode()
        self._client.publish(f"{self.prefix}/{topic}", payload, qos, retain)

    # What it hears

    def _hear(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        heard = Message(message.topic.rpartition("/")[2], message.qos, bool(message.retain), bytes(message.payload))
        if heard.topic == "order":
            self._take(heard.body)
        elif heard.topic == "instantActions":
            self._obey(heard.body["actions"])
        with self._changed:
            self._messages.append(heard)
            self._changed.notify_all()

    def _take(self, order: Json) -> None:
        if self.refuse_with:
            references = [
                {"referenceKey": "orderId", "referenceValue": order["orderId"]},
                {"referenceKey": "orderUpdateId", "referenceValue": str(order["orderUpdateId"])},
            ]
            error = {"errorType": self.refuse_with, "errorLevel": "WARNING", "errorReferences": references}
            self.say(errors=[error])
            return
        actions = [a for node in order["nodes"] for a in node["actions"]]
        self.say(
            orderId=order["orderId"],
            orderUpdateId=order["orderUpdateId"],
            nodeStates=[{k: n[k] for k in ("nodeId", "sequenceId", "released")} for n in order["nodes"][1:]],
            edgeStates=[{k: e[k] for k in ("edgeId", "sequenceId", "released")} for e in order["edges"]],
            actionStates=[{"actionId": a["actionId"], "actionStatus": "WAITING"} for a in actions],
        )

    def _obey(self, actions: list[Json]) -> None:
        for action in actions:
            if action["actionId"] not in [known["actionId"] for known in self._instant]:
                self._instant.append({"actionId": action["actionId"], "actionStatus": "FINISHED"})
            match action["actionType"]:
                case "startPause":
                    self._said["paused"] = True
                case "stopPause":
                    self._said["paused"] = False
                case "cancelOrder":
                    self._said |= {"nodeStates": [], "edgeStates": []}
                case "clearInstantActions":
                    self._instant = self._instant[-1:]
        self.say()

    def heard(self, topic: str) -> list[Message]:
        with self._changed:
            return [m for m in self._messages if m.topic == topic]

    def wait(self, topic: str, holds: Callable[[Json], bool] = lambda _: True) -> Json:
        """The first message on a topic that is as wanted, once it has come."""

        def found() -> Json | None:
            return next((m.body for m in self._messages if m.topic == topic and holds(m.body)), None)

        with self._changed:
            assert self._changed.wait_for(lambda: found() is not None, PATIENCE_S), self._messages
            body = found()
            assert body is not None
            return body

    def order(self) -> Json:
        """The newest order, once there is one."""
        self.wait("order")
        return self.heard("order")[-1].body

    def action(self, kind: str) -> Json:
        """The first instant action of a kind, once it has come."""
        message = self.wait("instantActions", lambda m: kind in [a["actionType"] for a in m["actions"]])
        found: Json = next(a for a in message["actions"] if a["actionType"] == kind)
        return found

    def actions(self) -> list[str]:
        """The types of all instant actions so far."""
        return [a["actionType"] for m in self.heard("instantActions") for a in m.body["actions"]]
