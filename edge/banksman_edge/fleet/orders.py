"""From a command with its places to a VDA 5050 order (2.1.0 §6.6)."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from banksman_edge.fleet.traffic import Course
from banksman_shared.actions import Action as Wish
from banksman_shared.commands import Command
from banksman_shared.site import Edge as SiteEdge
from banksman_shared.site import Layout, OwnAction, Place
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import Action, ActionParameter, BlockingType, Edge, Node, NodePosition, Order, State

PICK, DROP, START_CHARGING, STOP_CHARGING = "pick", "drop", "startCharging", "stopCharging"
"""Predefined actions (2.1.0 §6.8.2)."""

ACTION_S = 20.0
"""Seconds that handling a load or docking to a charger is expected to take."""

_OFFSET_WORTH_SAYING_M = 0.1
_OFFSET_MARGIN_M = 0.2


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way and what to do there. ``place`` None: where the vehicle stands."""

    place: Place | None
    action_type: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Of an action of the site's own."""


def stops_for(
    command: Command, origin: Place | None, destination: Place | None, own: Mapping[str, OwnAction]
) -> tuple[Stop, ...]:
    """What a driving command comes to. ``own``: the actions that the site declares."""
    match command.action:
        case Wish.PICK:
            return (Stop(destination, PICK),)
        case Wish.DROP:
            return (Stop(destination, DROP),)
        case Wish.TRANSPORT:
            return (*((Stop(origin, PICK),) if origin else ()), Stop(destination, DROP))
        case Wish.CHARGE:
            return (Stop(destination, START_CHARGING),)
        case Wish.OWN:
            action = own[command.name or ""]
            return (Stop(destination, action.type, action.parameters),)
        case _:
            return (Stop(destination),)


def new_action(action_type: str, parameters: Mapping[str, Any] | None = None) -> Action:
    """An action with an id of its own that nothing else may run beside."""
    return Action(
        action_type=action_type,
        action_id=f"{action_type}-{uuid.uuid4()}",
        blocking_type=BlockingType.HARD,
        action_parameters=tuple(ActionParameter(key=k, value=v) for k, v in (parameters or {}).items()),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a course that is one order: from node ``first`` to ``last``, released up to ``base_end``."""

    first: int
    base_end: int
    last: int


def order_along(
    course: Course, span: Span, actions: Mapping[int, Sequence[Action]], layout: Layout, offset: float = 0.0
) -> Order:
    """The order for a part of a course.

    ``actions`` are by index into the course; ``offset``: metres from the vehicle to the first node. The header and the
    ids are filled in by whoever sends it.
    """
    nodes, edges, first = [], [], span.first
    for i in range(first, span.last + 1):
        node, off = layout.nodes[course.nodes[i]], offset if i == first else 0.0
        nodes.append(_node(node, 2 * (i - first), i <= span.base_end, actions.get(i, ()), off))
        if i > first:
            edges.append(_edge(course.edges[i - 1], 2 * (i - first) - 1, i <= span.base_end))
    return Order(
        header_id=0,
        timestamp="",
        version="",
        manufacturer="",
        serial_number="",
        order_id="",
        order_update_id=0,
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


def update_from(order: Order, stitch: int, *, resend_actions: bool) -> Order:
    """What of a whole order is sent as an update that continues at node ``stitch`` (2.1.0 §6.6.2).

    That node is sent again as it is. Some vehicles then carry out its actions twice: for them, leave those out.
    """
    nodes = order.nodes[stitch:]
    if not resend_actions:
        nodes = (replace(nodes[0], actions=()), *nodes[1:])
    return replace(order, nodes=nodes, edges=order.edges[stitch:])


def still_to_make(stops: Sequence[Stop], order: Order) -> tuple[Stop, ...]:
    """Those of an errand's stops that a recalled order has: of one that was turned round, some were made before."""
    types = {action.action_type for node in order.nodes for action in node.actions}
    return tuple(stop for stop in stops if stop.action_type is None or stop.action_type in types)


def what_is_left(stops: Sequence[Stop], order: Order) -> tuple[list[int], list[tuple[Action, ...]]]:
    """At which nodes of a recalled order its stops are, and what is done at its beginning and at each of them."""
    goals: list[int] = []
    actions: list[tuple[Action, ...]] = [tuple(a for a in order.nodes[0].actions if a.action_type == STOP_CHARGING)]
    index = 0
    for stop in stops:
        kinds = [[a for a in node.actions if a.action_type == stop.action_type] for node in order.nodes]
        there = next((i for i in range(index, len(kinds)) if kinds[i]), len(order.nodes) - 1)
        index = there
        goals.append(there)
        actions.append(tuple(kinds[there]))
    return goals, actions


def fitted(order: Order, uses: Callable[[str], bool], max_nodes: int | None) -> Order:
    """The order without the optional fields that a vehicle cannot use, and no longer than it can take."""
    theta, deviation = uses("nodePosition.theta"), uses("nodePosition.allowedDeviationXY")
    nodes = []
    for node in order.nodes[:max_nodes]:
        position = node.node_position
        if position and not (theta and deviation):
            position = replace(
                position,
                theta=position.theta if theta else None,
                allowed_deviation_xy=position.allowed_deviation_xy if deviation else None,
            )
        nodes.append(replace(node, node_position=position))
    edges = order.edges[: len(nodes) - 1]
    if not uses("edges.maxSpeed"):
        edges = tuple(replace(edge, max_speed=None) for edge in edges)
    return replace(order, nodes=tuple(nodes), edges=edges)


def released(order: Order) -> int:
    """Index of the last node of the base."""
    return sum(node.released for node in order.nodes) - 1


def reached(order: Order, state: State) -> int | None:
    """Index of the node of this order that the vehicle passed last, by a state for it; None: it does not say.

    ``lastNodeSequenceId`` alone is not believed: until they reach the first node some vehicles show that of the order
    before, and others always show 0.
    """
    ids = [node.node_id for node in order.nodes]
    ahead = min((node.sequence_id for node in state.node_states), default=None)
    index, before = state.last_node_sequence_id // 2, released(order) if ahead is None else ahead // 2 - 1
    possible = 0 <= index < len(ids) and (ahead is None or 2 * index <= ahead)
    if possible and ids[index] == state.last_node_id:
        return index
    return before if 0 <= before < len(ids) and ids[before] == state.last_node_id else None


def _node(node: SiteNode, sequence_id: int, base: bool, actions: Sequence[Action], offset: float) -> Node:
    # Layouts have angles beyond pi; orders must not (2.1.0 §6.7).
    theta = None if node.theta is None else math.remainder(node.theta, math.tau)
    position = NodePosition(
        x=node.x, y=node.y, map_id=node.map_id, theta=theta, allowed_deviation_xy=_deviation(offset)
    )
    return Node(node_id=node.id, sequence_id=sequence_id, released=base, actions=tuple(actions), node_position=position)


def _edge(edge: SiteEdge, sequence_id: int, base: bool) -> Edge:
    return Edge(
        edge_id=edge.id,
        sequence_id=sequence_id,
        released=base,
        start_node_id=edge.start,
        end_node_id=edge.end,
        actions=(),
        max_speed=edge.max_speed,
    )


def _deviation(offset: float) -> float | None:
    # A vehicle refuses an order whose first node is not within reach, so say how far off it may be.
    return round(offset + _OFFSET_MARGIN_M, 2) if offset > _OFFSET_WORTH_SAYING_M else None


def parameters_at(stop: Stop, layout: Layout, load_type: str | None) -> dict[str, Any]:
    """The parameters of a pick or drop (2.1.0 §6.8.2): the layout's own, else what else is known.

    ``load_type``: what the vehicle handles by its factsheet.
    """
    place = stop.place
    if stop.parameters:
        return dict(stop.parameters)
    if place is None or stop.action_type not in (PICK, DROP):
        return {}
    known = {
        "stationType": place.kind,
        "stationName": place.station,
        "loadType": place.load_type or load_type,
        "height": place.height or None,
    }
    given = layout.nodes[place.node].parameters.get(stop.action_type, {})
    return {key: value for key, value in known.items() if value is not None} | dict(given)
