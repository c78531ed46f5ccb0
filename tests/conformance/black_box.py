"""The simulator as a program on a broker, judged by its bytes: nothing here uses our own messages or codecs."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import jsonschema
import paho.mqtt.client as paho
import pytest
from matrix import ROOT
from paho.mqtt.enums import CallbackAPIVersion

Json = dict[str, Any]

PATIENCE_S = 30.0
MAP = "hall"
MANUFACTURER = "Bench"
SPEED_UP = 20
PLACES = {"A": (0.0, 0.0), "B": (6.0, 0.0), "C": (6.0, 4.0), "D": (60.0, 4.0)}
"""The nodes of every vehicle's own yard; it stands on A."""
OUTGOING = ("state", "connection", "factsheet", "visualization")

_ids = itertools.count()


def fresh(name: str) -> str:
    return f"{name}-{next(_ids)}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came from the broker."""

    topic: str
    qos: int
    retained: bool
    payload: bytes

    @property
    def body(self) -> Json:
        """Refuses what no JSON parser but Python's would take."""
        body = json.loads(self.payload.decode("utf-8"), parse_constant=_refuse)
        assert isinstance(body, dict)
        return body


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


class Witness:
    """Hears all topics of one vehicle, with how they were sent, and speaks to it."""

    def __init__(self, url: str, prefix: str) -> None:
        self.prefix = prefix
        self._messages: list[Message] = []
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.on_connect = lambda client, *_: client.subscribe(f"{prefix}/+", qos=2)
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

    def _hear(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        name = message.topic.rpartition("/")[2]
        with self._changed:
            self._messages.append(Message(name, message.qos, bool(message.retain), bytes(message.payload)))
            self._changed.notify_all()

    def heard(self, topic: str) -> list[Message]:
        with self._changed:
            return [m for m in self._messages if m.topic == topic]

    def send(self, topic: str, body: Json) -> None:
        self._client.publish(f"{self.prefix}/{topic}", json.dumps(body).encode(), qos=1).wait_for_publish(PATIENCE_S)

    def wait(self, topic: str, holds: Callable[[Json], bool], after: int = 0) -> Json:
        """The first message on a topic that is as wanted, of those after the first ``after`` ones."""

        def found() -> Json | None:
            bodies = (m.body for m in [m for m in self._messages if m.topic == topic][after:])
            return next((body for body in bodies if holds(body)), None)

        with self._changed:
            came = self._changed.wait_for(lambda: found() is not None, PATIENCE_S)
            last = [m.payload for m in self._messages if m.topic == topic][-1:]
            assert came, f"no {topic} as wanted; the last was {last}"
            body = found()
            assert body is not None
            return body


@dataclass(frozen=True, slots=True)
class Wording:
    """How one version of the standard says things."""

    version: str

    @property
    def new(self) -> bool:
        """Whether this is 3.0."""
        return self.version.startswith("3")

    @property
    def prefix(self) -> str:
        return "uagv/v3" if self.new else "uagv/v2"

    def error(self, old: str, new: str) -> str:
        return new if self.new else old

    def deviation(self, radius: float) -> Json | float:
        return {"a": radius, "b": radius, "theta": 0.0} if self.new else radius

    def position(self, state: Json) -> Json:
        position = state["mobileRobotPosition" if self.new else "agvPosition"]
        assert isinstance(position, dict)
        return position


TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
"""ISO 8601 in UTC with a fraction of the second, as the header has it."""


def schema_of(version: str, topic: str) -> jsonschema.Draft202012Validator:
    """The official schema of a topic; without it the test is skipped."""
    folder = ROOT.parent / "shared" / "vda5050" / ("3.0" if version == "3.0.0" else version)
    if not folder.is_dir():
        pytest.skip("the official schemas of VDA 5050 are not beside this checkout")
    document: Json = json.loads(next(folder.glob(f"{topic}.*")).read_text(encoding="utf-8"))
    if topic == "state" and version != "3.0.0":  # the published schemas forget PAUSED, which the texts have (§6.11)
        document["properties"]["actionStates"]["items"]["properties"]["actionStatus"]["enum"].append("PAUSED")
    return jsonschema.Draft202012Validator(document)


@contextmanager
def tapped(url: str) -> Iterator[tuple[str, list[bytes]]]:
    """A detour to a broker: its URL, and the first packet of every connection that takes it."""
    address = urlsplit(url)
    packets: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as connections:

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client = connections.enter_context(server.accept()[0])
                    broker = connections.enter_context(socket.create_connection((address.hostname, address.port)))
                    packets.append(client.recv(65536))
                    broker.sendall(packets[-1])
                    for way in ((client, broker), (broker, client)):
                        threading.Thread(target=pump, args=way, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"mqtt://127.0.0.1:{server.getsockname()[1]}", packets
        server.shutdown(socket.SHUT_RDWR)
