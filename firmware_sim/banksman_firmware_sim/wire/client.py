"""One vehicle's presence on the broker."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_firmware_sim.wire.connection import Listener, Wire
from banksman_firmware_sim.wire.endpoint import Endpoint, Outgoing
from banksman_firmware_sim.wire.reactor import Reactor, Timer
from banksman_shared.mqtt import LastWill, MqttSettings
from banksman_shared.vda5050 import ConnectionState, State


@dataclass(frozen=True, slots=True)
class Setting:
    """What all vehicles of a fleet share. ``changed`` is called when one came online or could not."""

    reactor: Reactor
    mqtt: MqttSettings
    tls: ssl.SSLContext | None
    speed_up: float
    changed: Callable[[], None]


class VehicleClient:
    """Connects a vehicle: last will, ``connection`` and ``factsheet`` retained, orders in, states out.

    All of it happens on the reactor's thread. The vehicle keeps driving while the connection is down, and reports
    anew when it is back.
    """

    def __init__(self, endpoint: Endpoint, setting: Setting, chance: random.Random) -> None:
        self.endpoint = endpoint
        self.online = False
        """Whether the broker has taken subscriptions and ``connection``, so that no order sent from now on is lost."""
        self.failure: str | None = None
        self._reactor, self._speed_up, self._changed = setting.reactor, setting.speed_up, setting.changed
        self._staying = False
        self._stepped_at = self._reactor.clock.monotonic()
        self._step_at = self._stepped_at
        self._timer: Timer | None = None
        listener = Listener(
            topics=dict.fromkeys(endpoint.subscriptions, 0),
            message=self._on_message,
            up=self._on_up,
            down=self._on_down,
            failed=self._on_failed,
        )
        # A client id of its own: two connections under one id would throw each other out.
        self._wire = Wire(setting.reactor, setting.mqtt, listener, tls=setting.tls, chance=chance)

    def open(self) -> None:
        """Begin to live: time passes, and the vehicle goes online as soon as it can."""
        self._staying = True
        self._stepped_at = self._reactor.clock.monotonic()
        self._follow()

    def close(self, gone: Callable[[], None]) -> None:
        """Say goodbye and disconnect; ``gone`` is called when that is done."""
        self._staying = False
        if self._timer is not None:
            self._timer.cancel()
        if self._wire.up:
            goodbye = self.endpoint.connection(ConnectionState.OFFLINE)
            self._publish(goodbye, lambda: self._wire.close(gone))
        else:
            self._wire.close(gone)

    def drop(self) -> None:
        """Leave without a goodbye."""
        self._staying = False
        self._wire.abandon()

    def inject(self, fault: Fault) -> None:
        """Give the vehicle a fault. Raises :class:`ValueError` where it cannot have it now."""
        self._advance()
        self.endpoint.inject(fault)
        self._follow()

    def clear(self, kind: FaultKind) -> None:
        self._advance()
        self.endpoint.clear(kind)
        self._follow()

    def state(self) -> State:
        """The vehicle's state at this moment."""
        self._advance()
        return self.endpoint.vehicle.state()

    # Time

    def _advance(self) -> None:
        """Bring the vehicle up to this moment, before anything happens to it."""
        now = self._reactor.clock.monotonic()
        dt_s, self._stepped_at = now - self._stepped_at, now
        if self._staying and dt_s > 0:
            self.endpoint.step(dt_s * self._speed_up, now)

    def _tick(self) -> None:
        self._timer = None
        self._advance()
        self._follow()

    def _follow(self) -> None:
        """Do what follows from the vehicle's condition: connect or break off, publish, and wake up in time."""
        if not self._staying:
            return
        endpoint, now = self.endpoint, self._stepped_at
        if not endpoint.reachable and not endpoint.off:
            self._wire.abandon()
        for message in endpoint.outgoing(now):
            self._publish(message)
        if endpoint.off and self._wire.wanted:
            self._wire.close(lambda: None)
        elif endpoint.reachable and not self._wire.wanted:
            will = endpoint.connection(ConnectionState.CONNECTIONBROKEN)
            self._wire.open(LastWill(will.topic, will.payload, will.qos, will.retain))
        step_at = endpoint.next_step(now)
        if self._timer is not None:
            if self._step_at <= step_at:
                return
            self._timer.cancel()
        self._step_at = step_at
        self._timer = self._reactor.at(step_at, self._tick)

    # The connection

    def _publish(self, message: Outgoing, delivered: Callable[[], None] | None = None) -> None:
        self._wire.publish(message.topic, message.payload, qos=message.qos, retain=message.retain, delivered=delivered)

    def _on_up(self) -> None:
        self._advance()
        self._publish(self.endpoint.came_up(), self._on_introduced)
        self._follow()

    def _on_introduced(self) -> None:
        self.online, self.failure = True, None
        self._changed()

    def _on_down(self) -> None:
        self.online = False
        self.endpoint.went_down()

    def _on_failed(self, reason: str) -> None:
        self.failure = reason
        self._changed()

    def _on_message(self, topic: str, payload: bytes) -> None:
        self._advance()
        self.endpoint.receive(topic, payload, self._stepped_at)
        self._follow()
