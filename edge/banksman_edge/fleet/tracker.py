"""What is known of one vehicle from its messages."""

from __future__ import annotations

from banksman_edge.fleet.capability import UNKNOWN, Capability, read_capability
from banksman_edge.fleet.model import Picked, VehicleView
from banksman_edge.fleet.routing import Start, Terrain
from banksman_shared.clock import Clock
from banksman_shared.site import Router, Vehicle
from banksman_shared.vda5050 import ConnectionState, ErrorLevel, EStop, Factsheet, OperatingMode, State

DEFAULT_SPEED = 1.0
"""m/s, for vehicles whose factsheet does not say."""


class Tracker:
    """Keeps the latest messages of a vehicle and answers questions about them."""

    def __init__(self, vehicle: Vehicle, terrain: Terrain, router: Router, clock: Clock) -> None:
        self.vehicle = vehicle
        self.state: State | None = None
        self.fresh = False
        """A state has come since the vehicle, or the broker, was last away. Until then nobody knows what it got."""
        self.described = False
        """A factsheet has come."""
        self._terrain, self._router, self._clock = terrain, router, clock
        self._picked: Picked | None = None
        self._connection: ConnectionState | None = None
        self._anew = False
        """It has come online, and its next state is the latest whatever header and clock say."""
        self._capability = UNKNOWN

    def take_connection(self, connection: ConnectionState) -> None:
        if connection is ConnectionState.ONLINE:
            self._anew = True
        else:
            self.fresh = False
        self._connection = connection

    def take_state(self, state: State) -> bool:
        """Remember a state. False: it is a repeat or was overtaken by a later one, and says nothing new."""
        last = self.state
        # A restarted vehicle counts its headers from zero again, a corrected clock may jump back; both only with a new
        # connection.
        if last and not self._anew and state.header_id <= last.header_id and state.timestamp <= last.timestamp:
            return False
        if state.loads and not (last and last.loads):
            self._picked = Picked(self._clock.time(), state.loads[0].load_id, state.loads[0].load_type)
        self.state, self.fresh, self._anew = state, True, False
        if self._connection is None:
            # After a broker's restart some vehicles go on without announcing themselves again.
            self._connection = ConnectionState.ONLINE
        return True

    def take_factsheet(self, factsheet: Factsheet) -> None:
        self._capability = read_capability(factsheet)
        self.described = True

    def lose_broker(self) -> None:
        """The way to the vehicle is gone; whether it is there is not known."""
        self._connection, self.fresh = None, False

    @property
    def connected(self) -> bool:
        return self._connection is ConnectionState.ONLINE

    @property
    def gone(self) -> bool:
        """It is known not to be there; without a broker that is not known."""
        return self._connection not in (None, ConnectionState.ONLINE)

    @property
    def reachable(self) -> bool:
        """Connected, and its state is known since it was last away."""
        return self.connected and self.fresh

    @property
    def active_order(self) -> str | None:
        """The order it still works on."""
        return self.state.order_id if self.state and is_active(self.state) else None

    @property
    def driving(self) -> bool:
        """Whether it drove when it was heard last."""
        return self.state is not None and self.state.driving

    @property
    def speed(self) -> float:
        """m/s on a free edge."""
        return self._capability.speed or DEFAULT_SPEED

    @property
    def capability(self) -> Capability:
        """What it can do by its factsheet, with what it carries now."""
        loads = self.state.loads if self.state else None
        return self._capability.carrying(loads[0] if loads else None)

    def start(self) -> Start | None:
        """Where an order for it can begin now."""
        if self.state is None:
            return None
        position = self.state.agv_position
        return self._terrain.locate(
            self.vehicle.kind,
            self.state.last_node_id,
            (position.x, position.y) if position else None,
            position.map_id if position else None,
        )

    def view(self, *, job: str | None, stopped: bool, own_order: str | None) -> VehicleView:
        """Everything known, with what the master adds: its job, its latch, and the id of our order for it."""
        state = self.state
        if state is None:
            return VehicleView(self.vehicle.id, self.vehicle.kind, self.connected, job=job, stopped=stopped)
        position = state.agv_position
        ahead = sorted(state.node_states, key=lambda node: node.sequence_id)
        return VehicleView(
            id=self.vehicle.id,
            kind=self.vehicle.kind,
            connected=self.connected,
            speed=self.speed,
            node=self._node(state),
            x=position.x if position else None,
            y=position.y if position else None,
            heading=position.theta if position else None,
            map_id=position.map_id if position else None,
            base=tuple(node.node_id for node in ahead if node.released),
            horizon=tuple(node.node_id for node in ahead if not node.released),
            battery=state.battery_state.battery_charge,
            charging=state.battery_state.charging,
            loaded=None if state.loads is None else bool(state.loads),
            picked=self._picked,
            driving=state.driving,
            paused=bool(state.paused),
            automatic=state.operating_mode in (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC),
            reporting=self.fresh,
            initialised=position is None or position.position_initialized,
            emergency_stop=state.safety_state.e_stop is not EStop.NONE,
            fatal=any(error.error_level is ErrorLevel.FATAL for error in state.errors),
            errors=tuple(
                f"{error.error_type}: {error.error_description}" if error.error_description else error.error_type
                for error in state.errors
            ),
            job=job,
            foreign_order=self.active_order not in (None, own_order),
            stopped=stopped,
        )

    def _node(self, state: State) -> str | None:
        if state.last_node_id in self._terrain.layout.nodes:
            return state.last_node_id
        position = state.agv_position
        nearest = self._router.nearest_node(position.x, position.y, position.map_id) if position else None
        return nearest.id if nearest else None


def is_active(state: State) -> bool:
    """Whether the order in a state is still being worked on."""
    unfinished = any(not action.action_status.ended for action in state.action_states)
    return bool(state.order_id) and bool(state.node_states or state.edge_states or unfinished)
