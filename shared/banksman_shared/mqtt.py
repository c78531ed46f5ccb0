"""One MQTT connection that comes back by itself.

A thin layer over paho-mqtt (MQTT 3.1.1, which VDA 5050 asks for and every broker speaks): URL and TLS
settings, last will, subscriptions that survive a reconnect, and handlers whose failure harms nobody else.
"""

from __future__ import annotations

import logging
import re
import ssl
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from banksman_shared.errors import BrokerError

log = logging.getLogger(__name__)

Handler = Callable[[str, bytes], None]
"""Called with topic and payload, on the connection's own thread: it must return soon."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Where the broker is and how to be let in. Paths are PEM files."""

    url: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str | None = None

    @property
    def shown(self) -> str:
        """The URL without user and password, for people to read."""
        # Not by parsing: what is no URL, or has an unescaped password, must not show it either.
        return re.sub(r"^([a-z]+://)?.*@", r"\1", self.url, flags=re.IGNORECASE | re.DOTALL)

    def endpoint(self) -> tuple[str, int, bool]:
        """Host, port, and whether TLS is used.

        Raises:
            BrokerError: the URL is not mqtt:// or mqtts:// with a host.
        """
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            # Without the cause: it quotes what stands where the port should be, which may be of a password.
            raise BrokerError(
                f"broker URL '{self.shown}' is not valid; write mqtt://host:1883 or mqtts://host:8883"
            ) from None
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise BrokerError(f"broker URL '{self.shown}' must look like mqtt://host:1883 or mqtts://host:8883")
        tls = parts.scheme == "mqtts"
        return parts.hostname, port or (8883 if tls else 1883), tls

    def credentials(self) -> tuple[str | None, str | None]:
        """User and password, from the fields or else from the URL."""
        parts = urlsplit(self.url)
        user = self.user or (unquote(parts.username) if parts.username else None)
        return user, self.password or (unquote(parts.password) if parts.password else None)


@dataclass(frozen=True, slots=True)
class LastWill:
    """What the broker publishes for us when the connection breaks."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


KEEPALIVE_S = 15
"""After one and a half times this many seconds of silence the broker publishes the last will."""


def tls_context(settings: MqttSettings) -> ssl.SSLContext | None:
    """How to trust the broker and be trusted by it; None where the URL asks for no TLS. Connections can share it.

    Raises:
        BrokerError: a file cannot be used, or the URL is not valid.
    """
    if not settings.endpoint()[2]:
        return None
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if settings.ca:
            context.load_verify_locations(settings.ca)
        else:
            context.load_default_certs()
        if settings.certificate:
            context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise BrokerError(f"the TLS files for {settings.shown} cannot be used: {error}") from error
    return context


def new_client(
    settings: MqttSettings, *, will: LastWill | None = None, tls: ssl.SSLContext | None = None
) -> paho.Client:
    """A client that knows how to be let in, not yet connected; for those who bring a loop of their own."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=settings.client_id or f"banksman-{uuid.uuid4().hex[:12]}"
    )
    client.max_queued_messages_set(10_000)
    user, password = settings.credentials()
    if user:
        client.username_pw_set(user, password)
    if tls:
        client.tls_set_context(tls)
    if will:
        client.will_set(will.topic, will.payload, will.qos, will.retain)
    return client


class MqttLink:
    """A connection to a broker, kept up until closed.

    Use it as a context manager, or call :meth:`open` and :meth:`close`.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        will: LastWill | None = None,
        on_up: Callable[[], None] | None = None,
        on_down: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._host, self._port, _ = settings.endpoint()
        self._handlers: dict[str, tuple[int, Handler]] = {}
        self._on_up, self._on_down = on_up, on_down
        self._up = threading.Event()
        self._answered = threading.Event()
        self._refusal: str | None = None
        self._unconfirmed: set[int | None] = set()
        """Subscriptions of this connection that the broker has not confirmed."""
        client = new_client(settings, will=will, tls=tls_context(settings))
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._unrouted
        self._client = client

    @property
    def up(self) -> bool:
        """Whether the connection stands at this moment."""
        return self._up.is_set()

    def open(self, timeout_s: float = 10.0) -> Self:
        """Connect and wait until the broker has let us in and confirmed what was subscribed to before: from then on
        nothing is missed.

        Raises:
            BrokerError: nobody answers there, or the broker refuses us.
        """
        where = f"{self._host}:{self._port}"
        self._answered.clear()
        try:
            self._client.connect(self._host, self._port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise BrokerError(f"no MQTT broker answers at {where} ({error}); start one or correct the URL") from error
        self._client.loop_start()
        self._answered.wait(timeout_s)
        if not self.up:
            self.close()
            raise BrokerError(f"the broker at {where} did not let us in: {self._refusal or 'no answer'}")
        return self

    def close(self) -> None:
        """Send what is queued, disconnect and stop. Safe to call twice."""
        self._client.disconnect()
        self._client.loop_stop()
        self._up.clear()

    def abandon(self) -> None:
        """End the connection without a goodbye, so that the broker publishes the last will."""
        self._client.loop_stop()
        # Closes the connection, and the wake-up sockets that paho's next loop_start would leave to leak.
        self._client._reset_sockets()
        self._up.clear()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def subscribe(self, topic: str, handler: Handler, *, qos: int = 0, retained: bool = True) -> None:
        """Call ``handler`` for every message on ``topic`` (a filter), now and after each reconnect.

        ``retained`` False: not for what the broker kept from before, which may be of any age.
        """
        self._handlers[topic] = (qos, handler)
        self._client.message_callback_add(topic, lambda *args: self._handle(handler, args[2], retained=retained))
        if self.up:
            self._client.subscribe(topic, qos)

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> bool:
        """Send a message. False: the connection is down and it was dropped (QoS 0) or is queued (QoS 1, 2)."""
        if qos == 0 and not self.up:
            return False
        info = self._client.publish(topic, payload, qos, retain)
        return info.rc == paho.MQTT_ERR_SUCCESS

    def publish_and_wait(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Send a message and wait until it has left (QoS 0) or the broker has it (QoS 1).

        Raises:
            BrokerError: it could not be delivered within ten seconds.
        """
        try:
            self._client.publish(topic, payload, qos, retain).wait_for_publish(10.0)
        except (RuntimeError, ValueError) as error:
            raise BrokerError(f"the message on {topic} could not be sent: {error}") from error

    def _connected(
        self,
        client: paho.Client,
        _data: Any,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            self._answered.set()
            log.warning("broker %s:%s refused the connection: %s", self._host, self._port, reason)
            return
        self._unconfirmed = {client.subscribe(topic, qos)[1] for topic, (qos, _) in list(self._handlers.items())}
        self._up.set()
        if not self._unconfirmed:
            self._answered.set()
        self._notify(self._on_up)

    def _subscribed(self, _client: paho.Client, _data: Any, mid: int, *_more: Any) -> None:
        self._unconfirmed.discard(mid)
        if not self._unconfirmed:
            self._answered.set()

    def _disconnected(
        self,
        _client: paho.Client,
        _data: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._up.clear()
        if reason.is_failure:
            log.warning("connection to broker %s:%s lost: %s; trying again", self._host, self._port, reason)
        self._notify(self._on_down)

    @staticmethod
    def _notify(callback: Callable[[], None] | None) -> None:
        if callback is None:
            return
        try:
            callback()
        except Exception:
            log.exception("a connection listener failed")

    @staticmethod
    def _handle(handler: Handler, message: paho.MQTTMessage, *, retained: bool) -> None:
        if message.retain and not retained:
            log.info("a retained message on %s was ignored", message.topic)
            return
        try:
            handler(message.topic, bytes(message.payload))
        except Exception:
            log.exception("the handler of %s failed; the message is dropped", message.topic)

    @staticmethod
    def _unrouted(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        log.debug("nobody listens to %s", message.topic)
