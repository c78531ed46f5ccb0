"""A vehicle without a connection: messages and time go in, messages come out."""

from __future__ import annotations

from collections.abc import Hashable

from banksman_firmware_sim.battery import INITIAL_CHARGE
from banksman_firmware_sim.factsheet import factsheet_parts
from banksman_firmware_sim.machine import Machine
from banksman_firmware_sim.outbox import (
    MIN_STATE_INTERVAL_S,
    STATE_INTERVAL_S,
    VISUALIZATION_INTERVAL_S,
    Headers,
    Schedule,
)
from banksman_firmware_sim.path import wants_base
from banksman_firmware_sim.profile import VehicleProfile
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    BatteryState,
    Connection,
    ConnectionState,
    Factsheet,
    Header,
    InstantActions,
    OperatingMode,
    Order,
    SafetyState,
    State,
    VehicleAddress,
    Visualization,
)
from banksman_shared.vda5050.messages import EStop


class VirtualVehicle:
    """One vehicle by VDA 5050 2.1.0, without any input or output of its own.

    It begins standing on a node, localised and automatic. Feed it with :meth:`handle_order`,
    :meth:`handle_instant_actions` and :meth:`step`, and publish what :meth:`due` returns. Not thread-safe.
    """

    def __init__(
        self,
        address: VehicleAddress,
        at: SiteNode,
        profile: VehicleProfile | None = None,
        *,
        clock: Clock | None = None,
        charge: float = INITIAL_CHARGE,
    ) -> None:
        clock = clock or SystemClock()
        self.address = address
        self.profile = profile or VehicleProfile()
        self._machine = Machine(at, self.profile, charge)
        self._headers = Headers(address, clock)
        self._schedule = Schedule(clock)

    def handle_order(self, order: Order) -> None:
        """Take over an order or an update; what is refused becomes a warning in the state."""
        self._machine.handle_order(order)

    def handle_instant_actions(self, message: InstantActions) -> None:
        """Carry out instant actions; each is reported in ``actionStates``."""
        self._machine.handle_instant_actions(message)

    def refuse_payload(self, topic: str, reason: str) -> None:
        """Report a message on ``topic`` that could not be read as validationError."""
        self._machine.refuse_payload(topic, reason)

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. However long it is, everything happens at its own moment within it."""
        self._machine.step(dt_s)

    def announce(self) -> None:
        """Let the next :meth:`due` contain factsheet and state, changed or not: the connection is new."""
        self._machine.wanted |= {Factsheet, State}

    def due(self) -> list[Header]:
        """Messages to publish now, each built at this moment; call it after every input and step."""
        chassis = self._machine.chassis
        pose = (chassis.x, chassis.y, chassis.theta, chassis.map_id, chassis.speed)
        return [self._build(kind) for kind in self._schedule.due(self._machine.wanted, self._marks, pose)]

    def _build(self, kind: type[Header]) -> Header:
        if kind is State:
            message = self.state()
            self._headers.take(State)
            return message
        if kind is Factsheet:
            return self.factsheet()
        chassis = self._machine.chassis
        return Visualization(
            **self._headers.take(Visualization), agv_position=chassis.position, velocity=chassis.velocity
        )

    def state(self) -> State:
        """The state at this moment, with the header that the next one to be published has."""
        machine = self._machine
        order, battery, chassis = machine.order, machine.equipment.battery, machine.chassis
        return State(
            **self._headers.peek(State),
            order_id=order.order_id,
            order_update_id=order.update_id,
            last_node_id=order.last_node_id,
            last_node_sequence_id=order.last_sequence_id,
            driving=machine.driving,
            paused=machine.paused,
            new_base_request=wants_base(order, chassis, self.profile),
            operating_mode=OperatingMode.AUTOMATIC,
            node_states=order.node_states(),
            edge_states=order.edge_states(),
            action_states=machine.actions.states(),
            battery_state=BatteryState(battery_charge=round(battery.charge, 2), charging=battery.charging),
            errors=machine.errors,
            safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
            agv_position=chassis.position,
            velocity=chassis.velocity,
            loads=machine.equipment.loads,
        )

    def connection(self, state: ConnectionState) -> Connection:
        """A message for the topic ``connection``."""
        return Connection(**self._headers.take(Connection), connection_state=state)

    def factsheet(self) -> Factsheet:
        """A message for the topic ``factsheet``."""
        parts = factsheet_parts(self.profile, MIN_STATE_INTERVAL_S, STATE_INTERVAL_S, VISUALIZATION_INTERVAL_S)
        return Factsheet(**self._headers.take(Factsheet), **parts)

    def _marks(self) -> Hashable:
        """Everything whose change is an event that calls for a state (2.1.0 §6.10)."""
        machine = self._machine
        order, battery = machine.order, machine.equipment.battery
        return (
            (order.order_id, order.update_id, order.last_node_id, order.last_sequence_id),
            tuple((part.sequence_id, part.released) for part in order.parts),
            machine.actions.marks(),
            (machine.driving, machine.paused, wants_base(order, machine.chassis, self.profile), machine.errors),
            (machine.equipment.loads != (), battery.charging, round(battery.charge)),
        )
