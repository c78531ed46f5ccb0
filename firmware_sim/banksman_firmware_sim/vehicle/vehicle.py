"""A vehicle without a connection: messages and time go in, messages come out."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_firmware_sim.motion import VehicleProfile
from banksman_firmware_sim.order import edition_of
from banksman_firmware_sim.vehicle.battery import INITIAL_CHARGE
from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_firmware_sim.vehicle.factsheet import factsheet_parts
from banksman_firmware_sim.vehicle.instant import handle_instant_actions
from banksman_firmware_sim.vehicle.machine import Machine
from banksman_firmware_sim.vehicle.order_acceptance import handle_order
from banksman_firmware_sim.vehicle.outbox import Headers, Schedule
from banksman_firmware_sim.vehicle.report import state_of
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    VERSION,
    Connection,
    ConnectionState,
    Factsheet,
    Header,
    InstantActions,
    OperatingMode,
    Order,
    Responses,
    State,
    VehicleAddress,
    Visualization,
    ZoneSet,
)


class VirtualVehicle:
    """One vehicle by VDA 5050 2.0.0, 2.1.0 or 3.0.0, without any input or output of its own.

    It begins standing on a node, localised and automatic, with the map of that node. Feed it
    with the ``handle`` methods and :meth:`step`, and publish what :meth:`due` returns. It drives straight to the
    positions that an order names and knows no layout. Not thread-safe.

    Raises:
        ValueError: it does not speak ``version``.
    """

    def __init__(
        self,
        address: VehicleAddress,
        at: SiteNode,
        profile: VehicleProfile | None = None,
        *,
        clock: Clock | None = None,
        charge: float = INITIAL_CHARGE,
        version: str = VERSION,
        behaviour: Behaviour | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.address, self.version = address, version
        self.profile, self.behaviour = profile or VehicleProfile(), behaviour or Behaviour()
        edition = edition_of(version)
        self._machine = Machine(at, self.profile, charge, edition, self.behaviour)
        self._headers = Headers(address, version, clock)
        self._schedule = Schedule(clock, self.profile.state_interval_s)

    # From master control

    def handle_order(self, order: Order) -> None:
        """Take over an order or an update; what is refused becomes an error in the state."""
        handle_order(self._machine, order)

    def handle_instant_actions(self, message: InstantActions) -> None:
        """Carry out instant actions; each is reported in the state."""
        handle_instant_actions(self._machine, message)

    def handle_responses(self, message: Responses) -> None:
        """Take answers to requests for access to zones (3.0 §6.9); before 3.0 there are none."""
        machine = self._machine
        for response in message.responses if machine.edition.is_3 and not machine.asleep else ():
            try:
                machine.zonework.answer(response)
            except ValueError as error:
                self.refuse_payload("responses", f"leaseExpiry of {response.request_id}: {error}")
        machine.settle()

    def handle_zone_set(self, message: ZoneSet) -> None:
        """Keep a zone set, disabled until enableZoneSet (3.0 §6.4.2); before 3.0 there are none."""
        if self._machine.edition.is_3 and not self._machine.asleep:
            self._machine.zonework.take(message.zone_set)
            self._machine.settle()

    def refuse_payload(self, topic: str, reason: str) -> None:
        """Report a message on ``topic`` that could not be read as validationError."""
        if not self._machine.asleep:
            self._machine.refuse_payload(topic, reason)

    # From people at the vehicle, and fate

    def inject(self, fault: Fault) -> None:
        """Let a fault happen. Its ``seconds`` pass in :meth:`step`.

        Raises:
            ValueError: it is a fault of the connection, not of the vehicle.
        """
        self._machine.conditions.inject(fault)
        self._headers.clock_error_s = self._machine.conditions.clock_error_s
        self._machine.settle()

    def clear(self, kind: FaultKind) -> None:
        """End a fault: remove the obstacle, acknowledge the emergency stop, and so on."""
        self._machine.conditions.clear(kind)
        self._headers.clock_error_s = self._machine.conditions.clock_error_s
        self._machine.settle()

    def reboot(self) -> None:
        """Switch off and on: order, actions, errors and header counters are forgotten; place, load, charge stay."""
        self._machine.reboot()
        self._headers.begin_anew()

    def install_maps(self, map_ids: Iterable[str]) -> None:
        """Put maps on the vehicle as its maker does, so that orders may lead there (2.1.0 §6.7.1)."""
        self._machine.maps.install(map_ids)
        self._machine.touch()
        self._machine.settle()

    def switch_mode(self, mode: OperatingMode) -> None:
        """Turn the key at the vehicle. An order is given up first where the mode demands it (3.0 §6.6.7).

        Raises:
            ValueError: the vehicle's version has no such mode.
        """
        self._machine.halts.switch_mode(mode)
        self._machine.settle()

    def press_button(self) -> None:
        """Release every waitForTrigger that a person at the vehicle may release."""
        self._machine.press_button()

    @property
    def faults(self) -> tuple[FaultKind, ...]:
        """The faults that the vehicle itself has at this moment."""
        return self._machine.conditions.kinds

    # Time

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. However long it is, everything happens at its own moment within it."""
        machine = self._machine
        machine.step(dt_s)
        if machine.by_the_clock:
            machine.look_at_clock(self._headers.time())

    def next_event_s(self) -> float:
        """Seconds of :meth:`step` until something happens by itself; infinity if nothing ever will.

        While the vehicle drives its position changes without events.
        """
        return self._machine.wake_at - self._machine.now

    def announce(self) -> None:
        """Let the next :meth:`due` contain factsheet and state, changed or not: the connection is new."""
        self._machine.wanted |= {Factsheet, State}

    def due(self) -> list[Header]:
        """Messages to publish now, each built at this moment; call it after every input and step.

        With 3.0 a :class:`Connection` may be among them: HIBERNATING, ONLINE again, or OFFLINE, after which the
        vehicle has to be disconnected.
        """
        machine = self._machine
        if machine.asleep and not machine.wanted:
            return []
        kinds = self._schedule.due(machine.wanted, machine.revision, moving=machine.driving)
        return [self._build(kind) for kind in kinds] if kinds else []

    def _build(self, kind: type[Header]) -> Header:
        if kind is State:
            message = self.state()
            self._headers.take(State)
            return message
        if kind is Factsheet:
            return self.factsheet()
        if kind is Connection:
            return self.connection(self._machine.halts.connection)
        chassis = self._machine.chassis
        chassis.sync(self._machine.now)
        return Visualization(
            **self._headers.take(Visualization),
            agv_position=chassis.position,
            velocity=chassis.velocity,
            reference_state_header_id=self._headers.latest(State),
        )

    def state(self) -> State:
        """The state at this moment, with the header that the next one to be published has."""
        return state_of(self._machine, self._headers.peek(State))

    def connection(self, state: ConnectionState) -> Connection:
        """A message for the topic ``connection``."""
        return Connection(**self._headers.take(Connection), connection_state=state)

    def factsheet(self) -> Factsheet:
        """A message for the topic ``factsheet``."""
        return Factsheet(**self._headers.take(Factsheet), **factsheet_parts(self.profile, self._machine.edition))
