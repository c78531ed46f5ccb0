"""A master control that only listens and sends what it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.vda5050 import Connection, ConnectionState, Factsheet, Header, State, VehicleAddress, codec_for

KINDS: dict[str, type[Header]] = {"connection": Connection, "state": State, "factsheet": Factsheet}


class Master:
    """Listens to all vehicles and remembers, per vehicle and topic, every message in order."""

    def __init__(self, url: str, version: str = "2.1.0") -> None:
        self._codec = codec_for(version)
        self._link = MqttLink(MqttSettings(url))
        self._changed = threading.Condition()
        self._heard: dict[tuple[VehicleAddress, str], list[Header]] = {}
        for topic in KINDS:
            self._link.subscribe(self._codec.topics.every(topic), self._hear, qos=1)

    def __enter__(self) -> Self:
        self._link.open()
        # Once the broker has acknowledged anything, it has the subscriptions, too.
        self._link.publish_and_wait("banksman-test/hello", b"")
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def _hear(self, topic: str, payload: bytes) -> None:
        parsed = self._codec.topics.parse(topic)
        assert parsed is not None
        address, name = parsed
        with self._changed:
            self._heard.setdefault((address, name), []).append(self._codec.decode(KINDS[name], payload))
            self._changed.notify_all()

    def send(self, address: VehicleAddress, topic: str, message: Header | bytes) -> None:
        payload = message if isinstance(message, bytes) else self._codec.encode(message)
        self._link.publish_and_wait(self._codec.topics.of(address, topic), payload)

    def heard(self, address: VehicleAddress, topic: str) -> list[Header]:
        """All messages on a topic until now."""
        with self._changed:
            return list(self._heard.get((address, topic), ()))

    def await_last(self, address: VehicleAddress, topic: str, holds: Callable[[Header], bool]) -> Header:
        """The newest message on a topic, once it is as wanted."""

        def newest() -> Header | None:
            heard = self._heard.get((address, topic), [])
            return heard[-1] if heard and holds(heard[-1]) else None

        with self._changed:
            assert self._changed.wait_for(lambda: newest() is not None, 30), self._heard.get((address, topic))
            message = newest()
            assert message is not None
            return message

    def await_connection(self, address: VehicleAddress, wanted: ConnectionState) -> None:
        self.await_last(address, "connection", lambda m: isinstance(m, Connection) and m.connection_state is wanted)

    def await_state(self, address: VehicleAddress, holds: Callable[[State], bool]) -> State:
        state = self.await_last(address, "state", lambda m: isinstance(m, State) and holds(m))
        assert isinstance(state, State)
        return state


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
