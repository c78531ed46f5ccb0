"""Taking orders and their updates, or saying why not (2.1.0 §6.6.2, figure 8; 3.0 §6.1.2, §6.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from banksman_firmware_sim.errors import RefusedError, Until
from banksman_firmware_sim.order import (
    AUTOMATIC_MODES,
    check_actions,
    check_fields,
    check_form,
    check_room,
    order_actions,
)
from banksman_shared.vda5050 import ErrorType, Node, OperatingMode, Order, State

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine


def handle_order(machine: Machine, order: Order) -> None:
    """Take over an order or an update, or report why not."""
    if machine.asleep:
        return
    try:
        check_form(order)
        if machine.order.is_repeat(order):
            _check_repeat(machine, order)
        elif order.order_id == machine.order.order_id:
            _update(machine, order)
        else:
            _begin(machine, order)
    except RefusedError as refusal:
        unavailable = refusal.error_type is ErrorType.MOBILE_ROBOT_NOT_AVAILABLE and machine.edition.is_3
        machine.report(
            refusal,
            Until.MODE if unavailable and machine.conditions.fatal is None else Until.NEW_ORDER,
            topic="order",
            headerId=order.header_id,
            orderId=order.order_id,
            orderUpdateId=order.order_update_id,
        )
    machine.wanted.add(State)
    machine.settle()


def _check_repeat(machine: Machine, order: Order) -> None:
    """Whoever sends an order again may have missed the state that answered the first (3.0 §6.1.4.5)."""
    if machine.edition.is_3 and not machine.order.same_content(order):
        raise RefusedError(
            ErrorType.SAME_ORDER_UPDATE_ID, f"orderUpdateId {order.order_update_id} was accepted with other content"
        )


def _update(machine: Machine, order: Order) -> None:
    machine.order.check_update(
        order, cancelling=machine.halts.clearing, appends=machine.behaviour.appends_stitch_actions
    )
    check_room(
        order,
        nodes=sum(node.released for node in machine.order.nodes),
        actions=len(machine.actions.order) - len(machine.order.horizon_actions()),
    )
    _check_abilities(machine, order)
    _extend(machine, order)


def _begin(machine: Machine, order: Order) -> None:
    current, first = machine.order, order.nodes[0]
    if not machine.idle:
        raise RefusedError(
            ErrorType.OTHER_ORDER_ACTIVE, f"order {current.order_id} is not finished; cancel it or extend it"
        )
    if machine.edition.is_3 and (order.order_update_id, first.sequence_id) != (0, 0):
        raise RefusedError(
            ErrorType.VALIDATION_ERROR, "a new order has orderUpdateId 0, and its first node sequenceId 0"
        )
    check_room(order)
    _check_abilities(machine, order)
    if not _stands_on(machine, first):
        raise RefusedError(
            ErrorType.START_NODE_OUT_OF_RANGE, "the order must begin where the vehicle stands", nodeId=first.node_id
        )
    machine.errors.end(Until.NEW_ORDER)
    machine.effects.stuck = False
    machine.actions.begin_order(keep_instant=machine.edition.is_3)
    machine.repeats.begin_order(order)
    current.begin(order)
    _add_actions(machine, order)
    if first.node_position is not None:
        machine.chassis.turn_to(first.node_position)
    machine.pilot.placed()
    machine.actions.trigger(first.actions)
    machine.touch()


def _stands_on(machine: Machine, node: Node) -> bool:
    machine.chassis.sync(machine.now)
    if node.node_position is not None:
        return machine.chassis.stands_on(node.node_position)
    return machine.pilot.on_node and node.node_id == machine.order.last_node_id


def _check_abilities(machine: Machine, order: Order) -> None:
    """Raises :class:`RefusedError` where the vehicle cannot, or may not now, do what the order asks."""
    if machine.halts.mode not in (*AUTOMATIC_MODES, OperatingMode.INTERVENED):
        raise RefusedError(
            ErrorType.MOBILE_ROBOT_NOT_AVAILABLE, f"the vehicle is in {machine.halts.mode} mode and takes no orders"
        )
    if (reason := machine.conditions.fatal) is not None:
        raise RefusedError(ErrorType.MOBILE_ROBOT_NOT_AVAILABLE, reason)
    check_fields(order, machine.profile)
    check_actions(order, machine.abilities, machine.profile)
    if machine.edition.has_maps:
        _check_maps(machine, order)
    machine.zonework.check_reachable(order)


def _check_maps(machine: Machine, order: Order) -> None:
    """See that every map is there and in use, or will be by an action of the order (2.1.0 §6.7.1, §6.7.2).

    Raises:
        RefusedError: unknownMapId.
    """
    given = [parameter for action, _ in order_actions(order) for parameter in action.action_parameters]
    coming = {parameter.value for parameter in given if parameter.key == "mapId"}
    coming |= {run.given().get("mapId") for run in machine.actions.order.values() if not run.ended}
    for node in order.nodes:
        if node.node_position is None:
            continue
        map_id = node.node_position.map_id
        if not machine.maps.knows(map_id):
            wrong = f"there is no map {map_id}; download it first"
        elif not machine.maps.usable(map_id) and map_id not in coming:
            wrong = f"map {map_id} is disabled; enable a version of it first"
        else:
            continue
        raise RefusedError(ErrorType.UNKNOWN_MAP_ID, wrong, nodeId=node.node_id, mapId=map_id)


def _extend(machine: Machine, order: Order) -> None:
    """Stitch an update to the base. What the stitching node does is known and not done again."""
    current = machine.order
    shared, replaced = order.nodes[0], {action.action_id for action in current.horizon_actions()}
    bare = replace(order, nodes=(replace(shared, actions=()), *order.nodes[1:]))
    for action, _ in order_actions(bare):
        if action.action_id in machine.actions and action.action_id not in replaced:
            raise RefusedError(ErrorType.VALIDATION_ERROR, "the actionId is already in use", actionId=action.action_id)
    machine.actions.forget(replaced)
    appended = shared.actions if machine.behaviour.appends_stitch_actions else ()
    _add_actions(machine, replace(bare, nodes=(replace(shared, actions=appended), *bare.nodes[1:])))
    current.extend(order, appended)
    if appended and current.last_sequence_id >= shared.sequence_id:
        machine.actions.trigger(appended)
    machine.touch()


def _add_actions(machine: Machine, order: Order) -> None:
    for action, scope in order_actions(order):
        machine.actions.add(machine.new_run(action, scope))
