"""The firmware's state machine: orders, instant actions and passing time change what the vehicle is and does."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from banksman_firmware_sim.actions import ActionList, ActionRun
from banksman_firmware_sim.battery import INITIAL_CHARGE, Battery
from banksman_firmware_sim.chassis import Chassis
from banksman_firmware_sim.equipment import Equipment
from banksman_firmware_sim.errors import ACTION_ERROR, VALIDATION_ERROR, RefusedError, warning
from banksman_firmware_sim.instant import carry_out
from banksman_firmware_sim.motion import EPSILON
from banksman_firmware_sim.orders import OrderProgress, check_abilities, check_form, order_actions
from banksman_firmware_sim.path import path_ahead
from banksman_firmware_sim.profile import VehicleProfile
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import ActionStatus, Error, Factsheet, Header, InstantActions, Node, Order, State

KEPT_ERRORS = 20


class Machine:
    """What a vehicle does by VDA 5050 2.1.0. It knows no clock: seconds pass only in :meth:`step`."""

    def __init__(self, at: SiteNode, profile: VehicleProfile, charge: float = INITIAL_CHARGE) -> None:
        self.profile = profile
        self.equipment = Equipment(profile, Battery(profile, charge))
        self.chassis = Chassis(at, profile)
        self.order = OrderProgress(at.id)
        self.actions = ActionList(self.equipment)
        self.errors: tuple[Error, ...] = ()
        self.paused = False
        self.wanted: set[type[Header]] = {State, Factsheet}
        """Messages that were asked for; whoever publishes them removes them."""
        self._on_node = True
        self._pausing: list[ActionRun] = []
        self._cancelling: list[ActionRun] = []

    @property
    def driving(self) -> bool:
        return self.chassis.speed > 0

    @property
    def busy(self) -> bool:
        """Whether an order is being carried out or waits for its continuation (2.1.0 §6.6.2, figure 8)."""
        return bool(self.order.nodes) or self.actions.order_open or bool(self._cancelling)

    # What comes in

    def handle_order(self, order: Order) -> None:
        """Take over an order or an update, or report why not (2.1.0 §6.6)."""
        try:
            check_form(order)
            if order.order_id == self.order.order_id and order.order_update_id == self.order.update_id:
                pass  # a repeat; whoever sends it may have missed the state that answered the first
            elif order.order_id == self.order.order_id:
                self.order.check_update(order, cancelling=bool(self._cancelling))
                check_abilities(order)
                self._extend(order)
            else:
                first = order.nodes[0]
                self.order.check_new(busy=self.busy, on_first_node=self._stands_on(first), first=first)
                check_abilities(order)
                self._begin(order)
        except RefusedError as refusal:
            self._warn(
                refusal,
                topic="order",
                headerId=order.header_id,
                orderId=order.order_id,
                orderUpdateId=order.order_update_id,
            )
            return
        self.wanted.add(State)
        self._settle()

    def handle_instant_actions(self, message: InstantActions) -> None:
        """Carry out instant actions as they arrive; one that is already known is not done twice."""
        for action in message.actions:
            if action.action_id in self.actions:
                self.wanted.add(State)
                continue
            run = self.actions.add(action, instant=True)
            try:
                carry_out(self, run)
            except RefusedError as refusal:
                run.end(ActionStatus.FAILED, str(refusal))
                self._warn(
                    refusal,
                    topic="instantActions",
                    headerId=message.header_id,
                    actionId=action.action_id,
                    actionType=action.action_type,
                )
        self._settle()

    def refuse_payload(self, topic: str, reason: str) -> None:
        """Report a message on ``topic`` that could not be read (2.1.0 §6.6.4.1)."""
        self._warn(RefusedError(VALIDATION_ERROR, reason), topic=topic)

    # What instant actions do

    def begin_pause(self, run: ActionRun) -> None:
        """Stop as fast as the brakes allow; paused once it stands."""
        self.actions.pause()
        self._pausing.append(run)

    def end_pause(self) -> None:
        for run in self._pausing:
            run.end(ActionStatus.FAILED, "stopPause came before the vehicle stood")
        self._pausing.clear()
        self.paused = False
        self.actions.resume()

    def begin_cancel(self, run: ActionRun) -> None:
        """Stop as fast as the brakes allow, then delete the order (2.1.0 §6.6.3)."""
        self.actions.abort_order()
        self._cancelling.append(run)

    def relocate(self, x: float, y: float, theta: float, map_id: str, last_node_id: str) -> None:
        self.chassis.place(x, y, theta, map_id)
        self.order.last_node_id, self.order.last_sequence_id = last_node_id, 0
        self._on_node = True

    # Time

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. However long it is, everything happens at its own moment within it."""
        self._settle()
        while dt_s > EPSILON:
            used_s, distance = self._drive(min(dt_s, self.actions.next_change_s()))
            self._report_failures(self.actions.work(used_s))
            self.equipment.battery.run(used_s, distance)
            dt_s -= used_s
            self._settle()

    def _settle(self) -> None:
        """Do all that takes no time: reach nodes, enter edges, start actions, complete pause and cancellation."""
        while self._enter_edge() or self._start_actions() or self._traverse():
            pass
        if self.driving:
            return
        if self._pausing:
            self.paused = True
            for run in self._pausing:
                run.end(ActionStatus.FINISHED)
            self._pausing.clear()
        if self._cancelling:
            self.order.delete()
            for run in self._cancelling:
                run.end(ActionStatus.FINISHED)
            self._cancelling.clear()

    @property
    def _stopping(self) -> bool:
        return self.paused or bool(self._pausing) or bool(self._cancelling)

    def _enter_edge(self) -> bool:
        edges = self.order.edges
        if not edges or not edges[0].released or self._stopping or self.actions.blocks_driving:
            return False
        return self.actions.trigger(edges[0].actions)

    def _start_actions(self) -> bool:
        ended = self.actions.start_ready()
        self._report_failures(ended)
        return bool(ended)

    def _traverse(self) -> bool:
        """Count the next node as passed, if the vehicle is on it and all that belongs to the edge is done."""
        order = self.order
        if not order.nodes or not order.nodes[0].released or self.paused or self.actions.blocks_driving:
            return False
        position = order.nodes[0].node_position
        if (
            position is None
            or self.chassis.distance_to(position) > EPSILON
            or self.actions.open(order.edges[0].actions)
        ):
            return False
        node = order.traverse()
        self.chassis.arrive(position)
        self._on_node = True
        self.actions.trigger(node.actions)
        return True

    def _drive(self, dt_s: float) -> tuple[float, float]:
        """Roll for at most ``dt_s``, at most to the next node. Returns the seconds that passed, and metres."""
        if self._stopping and not self.driving:
            return dt_s, 0.0
        path = path_ahead(self.order, self.actions, self.chassis, self.profile)
        target = self.order.nodes[0].node_position if path else None
        if target is None:
            return dt_s, 0.0
        used_s, distance = self.chassis.drive(path, target, self.order.edges[0], dt_s, braking=self._stopping)
        self._on_node = self._on_node and distance == 0
        return used_s, distance

    # Orders

    def _stands_on(self, node: Node) -> bool:
        if node.node_position is not None:
            return self.chassis.stands_on(node.node_position)
        return self._on_node and node.node_id == self.order.last_node_id

    def _begin(self, order: Order) -> None:
        self.errors = ()
        self.actions.begin_order()
        self.order.begin(order)
        self._on_node = True
        self._add_actions(order)
        self.actions.trigger(order.nodes[0].actions)

    def _extend(self, order: Order) -> None:
        """Stitch an update to the base. Actions of the shared node that are already known are not taken twice."""
        shared, replaced = order.nodes[0], {action.action_id for action in self.order.horizon_actions()}
        fresh = tuple(action for action in shared.actions if action.action_id not in self.actions)
        order = replace(order, nodes=(replace(shared, actions=fresh), *order.nodes[1:]))
        for action, _ in order_actions(order):
            if action.action_id in self.actions and action.action_id not in replaced:
                raise RefusedError(VALIDATION_ERROR, "the actionId is already in use", actionId=action.action_id)
        self.actions.forget(replaced)
        self._add_actions(order)
        self.order.extend(order)
        self.actions.trigger(fresh if self.order.passed(shared) else ())

    def _add_actions(self, order: Order) -> None:
        for action, _ in order_actions(order):
            self.actions.add(action)

    # Warnings

    def _warn(self, refusal: RefusedError, **references: object) -> None:
        """Report until a new order is accepted; of a flood, the latest."""
        error = warning(refusal.error_type, str(refusal), **{**references, **refusal.references})
        self.errors = (*(known for known in self.errors if known != error), error)[-KEPT_ERRORS:]
        self.wanted.add(State)

    def _report_failures(self, ended: Iterable[ActionRun]) -> None:
        for run in ended:
            if run.status is ActionStatus.FAILED:
                refusal = RefusedError(ACTION_ERROR, run.result or "the action failed")
                self._warn(refusal, actionId=run.action.action_id, actionType=run.action.action_type)
