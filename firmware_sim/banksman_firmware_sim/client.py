"""One vehicle's presence on the broker."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from banksman_firmware_sim.dialect import PeerProfile, read_instant_actions, read_order
from banksman_firmware_sim.vehicle import VirtualVehicle
from banksman_shared.errors import BrokerError, MessageError
from banksman_shared.mqtt import LastWill, MqttLink, MqttSettings
from banksman_shared.vda5050 import ConnectionState, Factsheet, State, Topics, Visualization, encode

log = logging.getLogger(__name__)

_TOPIC_OF = {State: "state", Factsheet: "factsheet", Visualization: "visualization"}


class VehicleClient:
    """Connects a vehicle: last will, ``connection`` and ``factsheet`` retained, orders in, states out.

    The vehicle is touched by the connection's thread and by whoever calls :meth:`step`, one at a time. It keeps
    driving while the connection is down, and reports anew when it is back.
    """

    def __init__(
        self, vehicle: VirtualVehicle, settings: MqttSettings, *, peers: PeerProfile = PeerProfile.DEFAULT
    ) -> None:
        self.vehicle = vehicle
        self._peers = peers
        self._topics = Topics()
        self._lock = threading.Lock()
        self._opening = False
        # A client id of its own: two connections under one id would throw each other out.
        self._settings = replace(settings, client_id=None)
        self._link = self._new_link()

    def _new_link(self) -> MqttLink:
        will = LastWill(self._topic("connection"), self._connection(ConnectionState.CONNECTIONBROKEN))
        link = MqttLink(self._settings, will=will, on_up=self._came_up)
        link.subscribe(self._topic("order"), self._on_order)
        link.subscribe(self._topic("instantActions"), self._on_instant_actions)
        return link

    def _topic(self, name: str) -> str:
        return self._topics.of(self.vehicle.address, name)

    def open(self) -> None:
        """Go online. On return the broker has taken our subscriptions, so that no order sent from now on is lost.

        Raises:
            BrokerError: nobody answers there, or the broker refuses us.
        """
        self._opening = True
        try:
            self._link.open()
            # A broker works in order: once it has acknowledged this, it has the subscriptions sent before.
            self._link.publish_and_wait(
                self._topic("connection"), self._connection(ConnectionState.ONLINE), retain=True
            )
        finally:
            self._opening = False
        with self._lock:
            self.vehicle.announce()
            self._publish_due()

    def close(self) -> None:
        """Say goodbye and disconnect."""
        if self._link.up:
            goodbye = self._connection(ConnectionState.OFFLINE)
            try:
                self._link.publish_and_wait(self._topic("connection"), goodbye, retain=True)
            except BrokerError as error:
                log.warning("%s leaves without a goodbye: %s", self.vehicle.address.serial_number, error)
        self._link.close()

    def vanish(self) -> None:
        """Break the connection without a goodbye, as a dead radio does; :meth:`open` brings the vehicle back."""
        self._link.abandon()
        self._link = self._new_link()

    def step(self, dt_s: float) -> None:
        """Let time pass for the vehicle and publish what is due."""
        with self._lock:
            self.vehicle.step(dt_s)
            self._publish_due()

    def state(self) -> State:
        """The vehicle's state at this moment."""
        with self._lock:
            return self.vehicle.state()

    def _connection(self, state: ConnectionState) -> bytes:
        with self._lock:
            return encode(self.vehicle.connection(state))

    def _publish_due(self) -> None:
        if self._opening or not self._link.up:
            return
        for message in self.vehicle.due():
            topic = _TOPIC_OF[type(message)]
            retain = isinstance(message, Factsheet)
            self._link.publish(self._topic(topic), encode(message), qos=1 if retain else 0, retain=retain)

    def _came_up(self) -> None:
        """The connection stands. Here only after it was lost; :meth:`open` does the same, and waits."""
        if self._opening:
            return
        self._link.publish(self._topic("connection"), self._connection(ConnectionState.ONLINE), qos=1, retain=True)
        with self._lock:
            self.vehicle.announce()
            self._publish_due()

    def _on_order(self, _topic: str, payload: bytes) -> None:
        with self._lock:
            try:
                self.vehicle.handle_order(read_order(payload, self._peers, self.vehicle.address))
            except MessageError as error:
                self.vehicle.refuse_payload("order", str(error))
            self._publish_due()

    def _on_instant_actions(self, _topic: str, payload: bytes) -> None:
        with self._lock:
            try:
                message = read_instant_actions(payload, self._peers, self.vehicle.address)
                self.vehicle.handle_instant_actions(message)
            except MessageError as error:
                self.vehicle.refuse_payload("instantActions", str(error))
            self._publish_due()
