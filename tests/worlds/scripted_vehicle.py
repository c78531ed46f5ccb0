"""A vehicle that behaves after VDA 5050 2.1.0, or misbehaves as told. One step of it is 0.2 s."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from banksman_shared.clock import ManualClock, timestamp
from banksman_shared.site import Node, Vehicle
from banksman_shared.vda5050 import (
    Action,
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    EdgeState,
    Error,
    ErrorLevel,
    ErrorReference,
    EStop,
    InstantActions,
    Load,
    NodeState,
    OperatingMode,
    Order,
    SafetyState,
    State,
)

STEPS_PER_EDGE = 10
STEPS_PER_ACTION = 5


@dataclass
class ScriptedVehicle:
    """What it received counts in ``orders`` and ``instants``, what it took in ``accepted``."""

    vehicle: Vehicle
    clock: ManualClock
    node: Node
    x: float = 0.0
    y: float = 0.0
    loaded: bool | None = False
    battery: float = 80.0
    charging: bool = False
    paused: bool = False
    mode: OperatingMode = OperatingMode.AUTOMATIC
    e_stop: EStop = EStop.NONE
    initialised: bool = True
    errors: list[Error] = field(default_factory=list)
    # Misbehaviour
    lose: int = 0
    """So many of the next messages to it get lost."""
    reject_with: str | None = None
    fail_action: str | None = None
    silent: bool = False
    echoes_instants: bool = True
    reports_pause: bool = True
    refuses_pause: bool = False
    brakes_for: int = 0
    """So many steps it takes to stand once it is paused."""
    # What happened
    orders: list[Order] = field(default_factory=list)
    instants: list[Action] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    headers: int = 0
    order: Order | None = None
    order_id: str = ""
    update_id: int = 0
    ahead: list[Any] = field(default_factory=list)
    work: list[Action] = field(default_factory=list)
    actions: dict[str, ActionState] = field(default_factory=dict)
    last_sequence: int = 0
    driving: bool = False
    progress: int = 0

    def __post_init__(self) -> None:
        self.x, self.y = self.node.x, self.node.y
        self.last_node = self.node.id

    def receive(self, message: Order | InstantActions) -> None:
        if isinstance(message, Order):
            self.orders.append(message)
        else:
            self.instants += message.actions
        if self.lose:
            self.lose -= 1
        elif isinstance(message, Order):
            self._take_order(message)
        else:
            for action in message.actions:
                self._take_instant(action)

    def _take_order(self, order: Order) -> None:
        if order.order_id == self.order_id:
            if order.order_update_id > self.update_id:
                self._extend(order)
            return  # an equal orderUpdateId is ignored (2.1.0 §6.6.4)
        if self.reject_with or self._busy():
            reference = ErrorReference(reference_key="orderId", reference_value=order.order_id)
            kind = self.reject_with or "orderError"
            self.errors = [Error(error_type=kind, error_level=ErrorLevel.WARNING, error_references=(reference,))]
            return
        self.accepted.append(order.order_id)
        self.order, self.order_id, self.update_id = order, order.order_id, order.order_update_id
        self.last_node, self.last_sequence = order.nodes[0].node_id, 0
        self.ahead = list(order.nodes[1:])
        self.actions = {
            a.action_id: ActionState(
                action_id=a.action_id, action_type=a.action_type, action_status=ActionStatus.WAITING
            )
            for node in order.nodes
            for a in node.actions
        }
        self.work = list(order.nodes[0].actions)
        self.progress = 0

    def _extend(self, order: Order) -> None:
        """An update takes the place of the horizon; the node it begins with is known already."""
        self.update_id = order.order_update_id
        self.ahead = [*(node for node in self.ahead if node.released), *order.nodes[1:]]
        for node in order.nodes:
            for a in node.actions:
                waiting = ActionState(
                    action_id=a.action_id, action_type=a.action_type, action_status=ActionStatus.WAITING
                )
                self.actions.setdefault(a.action_id, waiting)

    def _take_instant(self, action: Action) -> None:
        status, why = ActionStatus.FINISHED, None
        match action.action_type:
            case "startPause" if self.refuses_pause:
                status = ActionStatus.FAILED
            case "startPause":
                self.paused = True
            case "stopPause":
                self.paused = False
            case "cancelOrder" if self._busy():
                self.wipe()
                self.actions = {k: self._ended(a) for k, a in self.actions.items()}
            case "cancelOrder":
                status, why = ActionStatus.FAILED, "noOrderToCancel"
        if self.echoes_instants:
            self.actions[action.action_id] = ActionState(
                action_id=action.action_id,
                action_type=action.action_type,
                action_status=status,
                result_description=why,
            )

    @staticmethod
    def _ended(action: ActionState) -> ActionState:
        status = action.action_status if action.action_status.ended else ActionStatus.FAILED
        return ActionState(action_id=action.action_id, action_type=action.action_type, action_status=status)

    def _busy(self) -> bool:
        return bool(self.ahead or self.work)

    def wipe(self) -> None:
        """Forget what is left of the order, keep its id."""
        self.ahead, self.work, self.driving = [], [], False

    def step(self) -> None:
        braking = self.paused and self.brakes_for > 0
        self.brakes_for -= braking
        may_drive = bool(self.ahead) and self.ahead[0].released and not self.work
        self.driving = may_drive and (braking or not self.paused)
        if self.paused or not (may_drive or self.work):
            return
        self.progress += 1
        if self.work:
            self._act()
        elif self.progress >= STEPS_PER_EDGE:
            node = self.ahead.pop(0)
            self.last_node, self.last_sequence, self.progress = node.node_id, node.sequence_id, 0
            self.x, self.y = node.node_position.x, node.node_position.y
            self.work = list(node.actions)
            self.driving = bool(self.ahead) and self.ahead[0].released and not self.work

    def _act(self) -> None:
        action = self.work[0]
        done = self.progress >= STEPS_PER_ACTION
        failed = done and action.action_type == self.fail_action
        status = ActionStatus.FAILED if failed else ActionStatus.FINISHED if done else ActionStatus.RUNNING
        self.actions[action.action_id] = ActionState(
            action_id=action.action_id,
            action_type=action.action_type,
            action_status=status,
            result_description="no pallet there" if failed else None,
        )
        if done:
            self.work.pop(0)
            self.progress = 0
            if not failed:
                self._effect(action.action_type)

    def _effect(self, action_type: str) -> None:
        if action_type in ("pick", "drop"):
            self.loaded = action_type == "pick"
        else:
            self.charging = action_type == "startCharging"

    def state(self) -> State:
        self.headers += 1
        remaining = [(n, e) for n, e in zip(self._nodes_ahead(), self._edges_ahead(), strict=True)]
        return State(
            header_id=self.headers,
            timestamp=timestamp(self.clock.time()),
            version="2.1.0",
            manufacturer=self.vehicle.address.manufacturer,
            serial_number=self.vehicle.address.serial_number,
            order_id=self.order_id,
            order_update_id=self.update_id,
            last_node_id=self.last_node,
            last_node_sequence_id=self.last_sequence,
            driving=self.driving,
            paused=self.paused if self.reports_pause else None,
            operating_mode=self.mode,
            node_states=tuple(n for n, _ in remaining),
            edge_states=tuple(e for _, e in remaining),
            action_states=tuple(self.actions.values()),
            battery_state=BatteryState(battery_charge=self.battery, charging=self.charging),
            errors=tuple(self.errors),
            safety_state=SafetyState(e_stop=self.e_stop, field_violation=False),
            agv_position=AgvPosition(
                x=self.x, y=self.y, theta=0.0, map_id=self.node.map_id, position_initialized=self.initialised
            ),
            loads=None if self.loaded is None else (Load(load_id="pallet"),) * self.loaded,
        )

    def _nodes_ahead(self) -> list[NodeState]:
        return [NodeState(node_id=n.node_id, sequence_id=n.sequence_id, released=n.released) for n in self.ahead]

    def _edges_ahead(self) -> list[EdgeState]:
        return [
            EdgeState(edge_id=f"e{n.sequence_id}", sequence_id=n.sequence_id - 1, released=n.released)
            for n in self.ahead
        ]
