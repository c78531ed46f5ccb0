"""Faults on command, over MQTT: what a request and its answer look like, and both ends of the exchange.

A request for one vehicle goes to ``banksman/v1/sim/{manufacturer}/{serialNumber}/fault``; the simulator that has the
vehicle answers on ``…/fault/answer``. Each simulator says which vehicles it has in a retained message on
``banksman/v1/sim/{simulator}/vehicles``, which vanishes with it.
"""

from __future__ import annotations

import queue
import random
import ssl
import uuid
from collections.abc import Callable, Mapping

import msgspec

from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_firmware_sim.wire.client import VehicleClient
from banksman_firmware_sim.wire.connection import Listener, Wire
from banksman_firmware_sim.wire.reactor import Reactor
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import LastWill, MqttLink, MqttSettings
from banksman_shared.vda5050 import VehicleAddress

PREFIX = "banksman/v1/sim"
ANSWER_S = 5.0
"""Seconds to wait for a simulator's answer."""


class FaultRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``kind`` begins, for so many seconds and so much of it; with ``clear`` it ends, and without ``kind`` all end."""

    id: str
    kind: FaultKind | None = None
    seconds: float | None = msgspec.field(default=None, name="for")
    amount: float | None = None
    clear: bool = False

    def fault(self) -> Fault:
        """What is to begin. Raises :class:`ValueError` where there is no such fault."""
        if self.kind is None:
            raise ValueError("a request needs a 'kind', or 'clear'")
        return Fault(self.kind, self.seconds, self.amount)


class FaultAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``faults`` is what the vehicle has now; ``error`` says why a request was not followed."""

    id: str
    ok: bool
    faults: tuple[FaultKind, ...] = ()
    error: str | None = None


class VehicleEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A vehicle in a simulator's list, by the name that people use."""

    name: str
    manufacturer: str
    serial_number: str

    @property
    def address(self) -> VehicleAddress:
        return VehicleAddress(self.manufacturer, self.serial_number)


def fault_topic(address: VehicleAddress) -> str:
    return f"{PREFIX}/{address.manufacturer}/{address.serial_number}/fault"


def apply_request(client: VehicleClient, payload: bytes) -> FaultAnswer:
    """Do what a request says. What is wrong with it comes back as the answer's ``error``."""
    request_id = ""
    try:
        request = msgspec.json.decode(payload, type=FaultRequest)
        request_id = request.id
        if request.clear:
            for kind in client.endpoint.faults if request.kind is None else (request.kind,):
                client.clear(kind)
        else:
            client.inject(request.fault())
    except (ValueError, UnicodeDecodeError) as error:
        return FaultAnswer(request_id, ok=False, faults=client.endpoint.faults, error=str(error))
    return FaultAnswer(request_id, ok=True, faults=client.endpoint.faults)


class FaultControl:
    """The simulator's end, on the reactor's thread."""

    def __init__(
        self,
        reactor: Reactor,
        settings: MqttSettings,
        clients: Mapping[str, VehicleClient],
        *,
        tls: ssl.SSLContext | None,
        answered: Callable[[str | None], None],
    ) -> None:
        """``answered`` is called when the connection stands, and with a reason when it could not be made."""
        self._answered = answered
        addresses = {name: client.endpoint.vehicle.address for name, client in clients.items()}
        self._clients = {fault_topic(addresses[name]): client for name, client in clients.items()}
        entries = [VehicleEntry(name, a.manufacturer, a.serial_number) for name, a in addresses.items()]
        self._list_topic = f"{PREFIX}/{uuid.uuid4().hex[:12]}/vehicles"
        self._list = msgspec.json.encode(entries)
        listener = Listener(
            topics={f"{PREFIX}/+/+/fault": 1}, message=self._on_message, up=self._on_up, failed=answered
        )
        self._wire = Wire(reactor, settings, listener, tls=tls, chance=random.Random())  # noqa: S311  only spreads

    @property
    def up(self) -> bool:
        return self._wire.up

    def open(self) -> None:
        self._wire.open(LastWill(self._list_topic, b""))

    def close(self, gone: Callable[[], None]) -> None:
        self._wire.publish(self._list_topic, b"", qos=1, retain=True)
        self._wire.close(gone)

    def drop(self) -> None:
        self._wire.abandon()

    def _on_up(self) -> None:
        self._wire.publish(self._list_topic, self._list, qos=1, retain=True)
        self._answered(None)

    def _on_message(self, topic: str, payload: bytes) -> None:
        client = self._clients.get(topic)
        if client is None:
            return
        answer = apply_request(client, payload)
        self._wire.publish(f"{topic}/answer", msgspec.json.encode(answer), qos=1)


class NoSuchVehicleError(BanksmanError):
    """No running simulator has a vehicle of that name."""


def send_request(settings: MqttSettings, vehicle: str, request: FaultRequest) -> FaultAnswer:
    """The commander's end: ask whichever simulator has ``vehicle`` (its id in the site, or its serial number).

    Raises:
        NoSuchVehicleError: no simulator on this broker has it.
        BanksmanError: nobody answers, or the broker does not.
    """
    answers: queue.Queue[FaultAnswer] = queue.Queue()
    with MqttLink(settings) as link:
        address = _find(link, settings, vehicle)
        topic = fault_topic(address)

        def hear(_topic: str, payload: bytes) -> None:
            answer = msgspec.json.decode(payload, type=FaultAnswer)
            if answer.id == request.id:
                answers.put(answer)

        link.subscribe(f"{topic}/answer", hear, qos=1)
        link.publish_and_wait(topic, msgspec.json.encode(request))
        try:
            return answers.get(timeout=ANSWER_S)
        except queue.Empty:
            raise BanksmanError(f"the simulator of {vehicle} does not answer; is it still running?") from None


def _find(link: MqttLink, settings: MqttSettings, vehicle: str) -> VehicleAddress:
    entries: list[VehicleEntry] = []
    heard: queue.Queue[None] = queue.Queue()
    marker = f"{PREFIX}/{uuid.uuid4().hex[:12]}/asked"

    def hear(_topic: str, payload: bytes) -> None:
        entries.extend(msgspec.json.decode(payload, type=list[VehicleEntry]) if payload else ())

    link.subscribe(f"{PREFIX}/+/vehicles", hear, qos=1)
    # A broker works in order: when this comes back, all retained lists have come.
    link.subscribe(marker, lambda *_: heard.put(None), qos=1)
    link.publish_and_wait(marker, b"")
    try:
        heard.get(timeout=ANSWER_S)
    except queue.Empty:
        raise BanksmanError(f"the broker {settings.shown} does not deliver on {PREFIX}/#; allow it") from None
    for entry in entries:
        if vehicle in (entry.name, entry.serial_number):
            return entry.address
    names = ", ".join(entry.name for entry in entries[:6]) + (" …" if len(entries) > 6 else "")
    there = f"there are {names}" if names else "no simulator is running there"
    raise NoSuchVehicleError(f"no simulated vehicle '{vehicle}' on {settings.shown}; {there}")
