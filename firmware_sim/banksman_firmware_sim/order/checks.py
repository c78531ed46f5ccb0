"""What a valid order is, and what this vehicle can do of it (2.1.0 §6.6.4; 3.0 §6.1.4)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from banksman_firmware_sim.errors import RefusedError
from banksman_firmware_sim.motion import FARTHEST, VehicleProfile
from banksman_firmware_sim.order.abilities import Ability, Scope
from banksman_shared.vda5050 import Action, Edge, ErrorType, Node, Order

SLOWEST = 0.01
"""m/s; a lower limit would keep a vehicle on an edge for ever."""
MAX_NODES = 1000
"""Nodes of an order that fit into the vehicle's memory; the factsheet says so."""
MAX_ACTIONS = 1000
"""Actions of an order with all its updates, whose states it can keep; the factsheet says so."""
LOAD_POSITION = "lift"


def order_actions(order: Order) -> Iterator[tuple[Action, Scope]]:
    for node in order.nodes:
        yield from ((action, "NODE") for action in node.actions)
    for edge in order.edges:
        yield from ((action, "EDGE") for action in edge.actions)


def check_form(order: Order) -> None:
    """See that nodes and edges are a path, released from its start (2.1.0 §6.6.1).

    Raises:
        RefusedError: validationError.
    """
    if not order.order_id or order.order_update_id < 0:
        raise _invalid("an order needs an orderId and an orderUpdateId of 0 or more")
    if len(order.edges) != len(order.nodes) - 1:
        raise _invalid("an order has at least one node, and one edge fewer than nodes")
    _check_sequence(order)
    _check_release(order)
    for before, edge, after in zip(order.nodes, order.edges, order.nodes[1:], strict=False):
        if (edge.start_node_id, edge.end_node_id) != (before.node_id, after.node_id):
            raise _invalid("the edge does not join the nodes beside it", edgeId=edge.edge_id)
        if edge.max_speed is not None and not edge.max_speed >= SLOWEST:
            raise _invalid(f"maxSpeed must be at least {SLOWEST} m/s", edgeId=edge.edge_id)
        if edge.orientation is not None and not abs(edge.orientation) <= FARTHEST:
            raise _invalid("the orientation is no angle in radians", edgeId=edge.edge_id)
    _check_positions(order)
    for action_id, times in Counter(action.action_id for action, _ in order_actions(order)).items():
        if times > 1:
            raise _invalid("an actionId stands twice in the order", actionId=action_id)


def _invalid(description: str, **references: object) -> RefusedError:
    return RefusedError(ErrorType.VALIDATION_ERROR, description, **references)


def _check_positions(order: Order) -> None:
    for index, node in enumerate(order.nodes):
        position = node.node_position
        if position is None:
            # The first node may be known by its id.
            if index:
                raise _invalid("this vehicle drives by nodePosition, which is missing", nodeId=node.node_id)
        # Not "greater than", which a number that is none would pass.
        elif not max(abs(position.x), abs(position.y), abs(position.theta or 0.0)) <= FARTHEST:
            raise _invalid("the nodePosition is not on this earth", nodeId=node.node_id)


def _check_sequence(order: Order) -> None:
    first = order.nodes[0].sequence_id
    for offset, element in enumerate(_path(order)):
        if first < 0 or first % 2 or element.sequence_id != first + offset:
            raise _invalid(
                "sequenceId must count on along the path, even for nodes and odd for edges",
                sequenceId=element.sequence_id,
            )


def _check_release(order: Order) -> None:
    released = [element.released for element in _path(order)]
    if not released[0] or any(later and not earlier for earlier, later in itertools.pairwise(released)):
        raise _invalid("the released nodes and edges must be the first of the order")
    if sum(released) % 2 == 0:
        raise _invalid("an edge is released only together with its end node")


def _path(order: Order) -> Iterator[Node | Edge]:
    for node, edge in itertools.zip_longest(order.nodes, order.edges):
        yield node
        if edge is not None:
            yield edge


# What the vehicle can do

_UNUSABLE: Mapping[str, Callable[[Edge], object]] = {
    "trajectory": lambda edge: edge.trajectory,
    "minHeight": lambda edge: edge.min_height,
    "direction": lambda edge: edge.direction,
    "maxRotationSpeed": lambda edge: edge.max_rotation_speed,
}
"""Optional fields of an edge that this vehicle cannot act upon, and so must not ignore (2.1.0 §6.1.1)."""


def check_room(order: Order, *, nodes: int = 0, actions: int = 0) -> None:
    """See that the vehicle has room for the order, beside the ``nodes`` and ``actions`` that it keeps of it already.

    Raises:
        RefusedError: insufficientMemory.
    """
    if nodes + len(order.nodes) > MAX_NODES:
        raise RefusedError(ErrorType.INSUFFICIENT_MEMORY, f"an order may have {MAX_NODES} nodes")
    if actions + sum(1 for _ in order_actions(order)) > MAX_ACTIONS:
        raise RefusedError(ErrorType.INSUFFICIENT_MEMORY, f"an order may have {MAX_ACTIONS} actions")


def check_fields(order: Order, profile: VehicleProfile) -> None:
    """See that the vehicle can use every optional field.

    Raises:
        RefusedError: unsupportedParameter or orderError.
    """
    if order.zone_set_id is not None:
        # The state of a vehicle that drives by an order's zoneSetId carries the same; this one knows no such set.
        raise _unusable("zoneSetId")
    for edge in order.edges:
        for name, value in _UNUSABLE.items():
            if value(edge) is not None:
                raise _unusable(name, edgeId=edge.edge_id)
        if edge.max_height is not None and edge.max_height < profile.height:
            raise RefusedError(
                ErrorType.ORDER_ERROR,
                f"the vehicle is {profile.height} m high, which maxHeight forbids",
                edgeId=edge.edge_id,
                parameter="maxHeight",
            )


def _unusable(name: str, **references: object) -> RefusedError:
    description = f"this vehicle cannot use {name}; its factsheet lists the optional fields that it can"
    return RefusedError(ErrorType.UNSUPPORTED_PARAMETER, description, parameter=name, **references)


def check_actions(order: Order, abilities: Mapping[str, Ability], profile: VehicleProfile) -> None:
    """See that the vehicle can do all that is asked of it (2.1.0 §6.6.4.2).

    Raises:
        RefusedError: orderError.
    """
    for action, scope in order_actions(order):
        check_action(action, scope, abilities, profile, ErrorType.ORDER_ERROR)


def check_action(
    action: Action, scope: Scope, abilities: Mapping[str, Ability], profile: VehicleProfile, refusal: ErrorType
) -> Ability:
    """The ability behind an action that the vehicle can do here, with these parameters.

    Raises:
        RefusedError: of the kind ``refusal``.
    """
    ability = abilities.get(action.action_type)
    if ability is None or scope not in ability.scopes:
        place = {"INSTANT": "as an instant action", "NODE": "for a node", "EDGE": "for an edge"}.get(
            scope, "for a zone"
        )
        raise _impossible(refusal, action, f"this vehicle has no action '{action.action_type}' {place}")
    given = {parameter.key: parameter.value for parameter in action.action_parameters}
    for parameter in ability.parameters:
        if parameter.key not in given:
            if not parameter.optional:
                raise _impossible(refusal, action, f"{action.action_type} needs {parameter.key}", parameter.key)
        elif not parameter.accepts(given[parameter.key]):
            kind = parameter.data_type.lower()
            raise _impossible(refusal, action, f"{parameter.key} must be of type {kind}", parameter.key)
    if action.action_type in ("pick", "drop"):
        if not given.get("height", 0.0) <= profile.lift_m:
            raise _impossible(refusal, action, f"this vehicle lifts to {profile.lift_m} m at most", "height")
        if given.get("lhd", LOAD_POSITION) != LOAD_POSITION:
            raise _impossible(refusal, action, f"the only load handling device is '{LOAD_POSITION}'", "lhd")
    return ability


def _impossible(refusal: ErrorType, action: Action, description: str, parameter: str | None = None) -> RefusedError:
    references = {"parameter": parameter} if parameter else {}
    return RefusedError(refusal, description, actionId=action.action_id, actionType=action.action_type, **references)
