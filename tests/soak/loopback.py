"""A broker that is no more than a queue, so that a master meets a million payloads in minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Self

from paho.mqtt.client import topic_matches_sub

from banksman_shared.mqtt import MqttSettings

Handler = Callable[[str, bytes], None]


class LoopbackLink:
    """Stands in for an ``MqttLink``. What is published waits until :meth:`pump`; handlers may raise, and nobody
    catches it."""

    def __init__(
        self,
        _settings: MqttSettings,
        *,
        on_up: Callable[[], None],
        **_others: object,
    ) -> None:
        self.up = False
        self.outside: Handler = lambda _topic, _payload: None
        """Gets what is published, too: where the vehicles are."""
        self._on_up = on_up
        self._handlers: list[tuple[str, Handler]] = []
        self._routes: dict[str, list[Handler]] = {}
        self._queue: deque[tuple[str, bytes]] = deque()

    def open(self) -> Self:
        self.up = True
        self._on_up()
        return self

    def close(self) -> None:
        self.up = False

    def subscribe(self, topic: str, handler: Handler, **_how: object) -> None:
        self._handlers.append((topic, handler))

    def publish(self, topic: str, payload: bytes, **_how: object) -> bool:
        self._queue.append((topic, payload))
        return True

    def publish_and_wait(self, topic: str, payload: bytes, **_how: object) -> None:
        self._queue.append((topic, payload))

    def deliver(self, topic: str, payload: bytes) -> None:
        """Hand a message to whoever has subscribed."""
        routes = self._routes.get(topic)
        if routes is None:
            routes = [handler for wanted, handler in self._handlers if topic_matches_sub(wanted, topic)]
            if len(self._routes) < 1000:
                self._routes[topic] = routes
        for handler in routes:
            handler(topic, payload)

    def pump(self) -> None:
        """Deliver what has been published until now."""
        for _ in range(len(self._queue)):
            topic, payload = self._queue.popleft()
            self.deliver(topic, payload)
            self.outside(topic, payload)
