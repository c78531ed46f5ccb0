"""One MQTT connection on a reactor, kept up for as long as it is wanted."""

from __future__ import annotations

import contextlib
import logging
import random
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from banksman_firmware_sim.wire.reactor import Reactor, Timer
from banksman_shared.mqtt import KEEPALIVE_S, LastWill, MqttSettings, new_client

log = logging.getLogger(__name__)

FIRST_RETRY_S, LAST_RETRY_S = 1.0, 15.0


@dataclass(frozen=True, slots=True)
class Listener:
    """What a connection's owner wants to hear, always on the reactor's thread.

    ``up``: it stands and the broker has the subscriptions; ``down``: it does not any more; ``failed``: it could not
    be made, with the reason, and will be tried again.
    """

    topics: Mapping[str, int]
    """Topic filters to subscribe, with their quality of service."""
    message: Callable[[str, bytes], None]
    up: Callable[[], None]
    down: Callable[[], None] = lambda: None
    failed: Callable[[str], None] = lambda _reason: None


class Wire:
    """Connects when opened, and again after every loss, with back-off and jitter."""

    def __init__(
        self,
        reactor: Reactor,
        settings: MqttSettings,
        listener: Listener,
        *,
        tls: ssl.SSLContext | None = None,
        chance: random.Random,
    ) -> None:
        self._reactor, self._listener, self._chance = reactor, listener, chance
        host, port, _ = settings.endpoint()
        self.where = f"{host}:{port}"
        self.up = False
        self.wanted = self._connecting = False
        self._retries = 0
        self._retry: Timer | None = None
        self._socket: socket.socket | None = None
        self._driven = self._broken = False
        self._delivered: dict[int, Callable[[], None]] = {}
        self._gone: Callable[[], None] | None = None
        client = new_client(settings, tls=tls)
        client.connect_async(host, port, KEEPALIVE_S)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_socket_register_write
        self._client = client

    def open(self, will: LastWill | None = None) -> None:
        """Want the connection from now on."""
        if will is not None:
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        self.wanted = True
        self._connect()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 0,
        retain: bool = False,
        delivered: Callable[[], None] | None = None,
    ) -> None:
        """Send a message if the connection stands; ``delivered`` is called when the broker has it (QoS 1)."""
        if not self.up:
            return
        info = self._client.publish(topic, payload, qos, retain)
        if delivered is not None:
            self._delivered[info.mid] = delivered

    def close(self, gone: Callable[[], None]) -> None:
        """Say goodbye to the broker; ``gone`` is called when the connection has ended."""
        self._unwant()
        if self._socket is None:
            gone()
            return
        self._gone = gone
        self._client.disconnect()
        self._reactor.wants_flush(self)

    def abandon(self) -> None:
        """Break the connection without a goodbye, so that the broker publishes the last will."""
        self._unwant()
        if self._socket is None:
            return
        self._broken = True
        # The other side may have been faster.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        # Reading on finds the end of the stream, and paho closes the socket. Within one of paho's callbacks, whose
        # lock it holds, that is left to the read that called it.
        while self._socket is not None and not self._driven:
            self._drive(self._client.loop_read)

    def _drive(self, step: Callable[[], object]) -> None:
        """Have paho do something of which it may call back."""
        self._driven = True
        try:
            step()
        finally:
            self._driven = False

    def _unwant(self) -> None:
        self.wanted = False
        self._retries = 0
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    # Connecting

    def _connect(self) -> None:
        if self._connecting or self._socket is not None:
            return
        self._connecting, self._retry = True, None
        self._reactor.in_background(self._client.reconnect, self._connected)

    def _connected(self, error: Exception | None) -> None:
        """There is a socket, or a reason why not."""
        self._connecting = False
        sock = self._client.socket()
        if error is None and isinstance(sock, socket.socket):
            self._socket, self._broken = sock, False
            self._reactor.serve(self, sock)
            if not self.wanted:
                self.abandon()
            return
        self._fail(f"no MQTT broker answers at {self.where} ({error}); start one or correct the URL")

    def _fail(self, reason: str) -> None:
        if not self.wanted:
            return
        log.debug("%s", reason)
        self._listener.failed(reason)
        self._try_again()

    def _try_again(self) -> None:
        if not self.wanted or self._retry is not None:
            return
        delay_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2**self._retries) * self._chance.uniform(0.5, 1.0)
        self._retries += 1
        self._retry = self._reactor.at(self._reactor.clock.monotonic() + delay_s, self._connect)

    # What the reactor calls

    def readable(self) -> None:
        self._drive(self._client.loop_read)
        # TLS may have read more from the socket than it gave away; the selector cannot know of it.
        while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            self._drive(self._client.loop_read)

    def flush(self) -> None:
        self._drive(self._client.loop_write)
        if self._socket is not None:
            self._reactor.watch_writing(self, self._socket, wanted=self._client.want_write())

    def tend(self) -> None:
        self._drive(self._client.loop_misc)

    # What paho calls

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._fail(f"the broker at {self.where} did not let us in: {reason}")
            return
        client.subscribe(list(self._listener.topics.items()))

    def _on_subscribe(self, _client: paho.Client, _data: Any, _mid: int, _reasons: Any, _properties: Any) -> None:
        if not self.wanted or self._broken:
            return
        self.up, self._retries = True, 0
        self._listener.up()

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        was_up, self.up = self.up, False
        self._delivered.clear()
        if was_up:
            if self.wanted:
                log.info("a connection to %s was lost: %s; trying again", self.where, reason)
            self._listener.down()
        if self._gone is not None:
            gone, self._gone = self._gone, None
            gone()
        self._try_again()

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if self._broken:
            return  # what had not been read when the connection broke is lost
        try:
            self._listener.message(message.topic, bytes(message.payload))
        except Exception:
            log.exception("a message on %s was dropped", message.topic)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        delivered = self._delivered.pop(mid, None)
        if delivered is not None:
            delivered()

    def _on_socket_close(self, _client: paho.Client, _data: Any, _sock: Any) -> None:
        if self._socket is not None:
            sock, self._socket = self._socket, None
            self._reactor.leave(self, sock)

    def _on_socket_register_write(self, _client: paho.Client, _data: Any, _sock: Any) -> None:
        # Elsewhere only while connecting, after which all is flushed anyhow.
        if self._reactor.here:
            self._reactor.wants_flush(self)
