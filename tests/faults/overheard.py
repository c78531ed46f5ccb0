"""What a master sends to the vehicles of a plant, as anybody on the broker can hear it."""

from __future__ import annotations

import threading
from typing import Self

from busy_plant import Plant

from banksman_shared.mqtt import Handler, MqttLink
from banksman_shared.vda5050 import Header, InstantActions, Order, codec_for

COMMANDS = ("cancelOrder", "startPause", "stopPause")


class Overheard:
    """Listens for as long as the context lasts."""

    def __init__(self, plant: Plant) -> None:
        self._codec, self._lock = codec_for("2.1.0"), threading.Lock()
        self._names = {vehicle.address: vehicle.id for vehicle in plant.site.vehicles.values()}
        self._link = MqttLink(plant.settings)
        self._orders: list[tuple[str, str]] = []
        self.commands: list[tuple[str, str]] = []
        """Vehicles and the types of the instant actions by which they were directed."""
        for topic, kind in (("order", Order), ("instantActions", InstantActions)):
            self._link.subscribe(self._codec.topics.every(topic), self._taker(kind), qos=1)

    def __enter__(self) -> Self:
        self._link.open()
        self._link.publish_and_wait("banksman-test/hello", b"")
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def _taker(self, kind: type[Header]) -> Handler:
        def take(topic: str, payload: bytes) -> None:
            parsed = self._codec.topics.parse(topic)
            assert parsed is not None
            vehicle, message = self._names[parsed[0]], self._codec.decode(kind, payload)
            with self._lock:
                if isinstance(message, Order):
                    self._orders.append((vehicle, message.order_id))
                elif isinstance(message, InstantActions):
                    self.commands += [(vehicle, a.action_type) for a in message.actions if a.action_type in COMMANDS]

        return take

    def first_orders(self) -> dict[str, str]:
        """For each vehicle the order that the first message is about."""
        with self._lock:
            return dict(reversed(self._orders))
