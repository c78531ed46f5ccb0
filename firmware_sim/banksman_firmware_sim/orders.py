"""Orders: what a valid one is, and how far the vehicle is in it (2.1.0 §6.6)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from banksman_firmware_sim.actions import SUPPORTED, Scope
from banksman_firmware_sim.chassis import FARTHEST
from banksman_firmware_sim.errors import NO_ROUTE_ERROR, ORDER_ERROR, ORDER_UPDATE_ERROR, VALIDATION_ERROR, RefusedError
from banksman_shared.vda5050 import Action, Edge, EdgeState, Node, NodeState, Order

SLOWEST = 0.01
"""m/s; a lower limit would keep a vehicle on an edge for ever."""


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
        raise RefusedError(VALIDATION_ERROR, "an order needs an orderId and an orderUpdateId of 0 or more")
    if len(order.edges) != len(order.nodes) - 1:
        raise RefusedError(VALIDATION_ERROR, "an order has at least one node, and one edge fewer than nodes")
    _check_sequence(order)
    _check_release(order)
    for before, edge, after in zip(order.nodes, order.edges, order.nodes[1:], strict=False):
        if (edge.start_node_id, edge.end_node_id) != (before.node_id, after.node_id):
            raise RefusedError(VALIDATION_ERROR, "the edge does not join the nodes beside it", edgeId=edge.edge_id)
        if edge.max_speed is not None and edge.max_speed < SLOWEST:
            raise RefusedError(VALIDATION_ERROR, f"maxSpeed must be at least {SLOWEST} m/s", edgeId=edge.edge_id)
    _check_positions(order)
    for action_id, times in Counter(action.action_id for action, _ in order_actions(order)).items():
        if times > 1:
            raise RefusedError(VALIDATION_ERROR, "an actionId stands twice in the order", actionId=action_id)


def _check_positions(order: Order) -> None:
    for index, node in enumerate(order.nodes):
        position = node.node_position
        if position is None:
            # The first node may be known by its id.
            if index:
                raise RefusedError(
                    VALIDATION_ERROR, "this vehicle drives by nodePosition, which is missing", nodeId=node.node_id
                )
        elif max(abs(position.x), abs(position.y), abs(position.theta or 0.0)) > FARTHEST:
            raise RefusedError(VALIDATION_ERROR, "the nodePosition is not on this earth", nodeId=node.node_id)


def _check_sequence(order: Order) -> None:
    first = order.nodes[0].sequence_id
    for offset, element in enumerate(_path(order)):
        if first < 0 or first % 2 or element.sequence_id != first + offset:
            raise RefusedError(
                VALIDATION_ERROR,
                "sequenceId must count on along the path, even for nodes and odd for edges",
                sequenceId=element.sequence_id,
            )


def _check_release(order: Order) -> None:
    released = [element.released for element in _path(order)]
    if not released[0] or any(later and not earlier for earlier, later in itertools.pairwise(released)):
        raise RefusedError(VALIDATION_ERROR, "the released nodes and edges must be the first of the order")
    if sum(released) % 2 == 0:
        raise RefusedError(VALIDATION_ERROR, "an edge is released only together with its end node")


def _path(order: Order) -> Iterator[Node | Edge]:
    for node, edge in itertools.zip_longest(order.nodes, order.edges):
        yield node
        if edge is not None:
            yield edge


def check_abilities(order: Order) -> None:
    """See that the vehicle can do all that is asked of it (2.1.0 §6.6.4.2).

    Raises:
        RefusedError: orderError.
    """
    for action, scope in order_actions(order):
        if scope not in SUPPORTED.get(action.action_type, ()):
            raise RefusedError(
                ORDER_ERROR,
                f"this vehicle has no action '{action.action_type}' for a {scope.lower()}",
                actionId=action.action_id,
                actionType=action.action_type,
            )
    for edge in order.edges:
        if edge.trajectory is not None:
            raise RefusedError(ORDER_ERROR, "this vehicle cannot follow a trajectory", edgeId=edge.edge_id)


class OrderProgress:
    """The order the vehicle holds: nodes and edges yet to traverse, and the last node it was on.

    ``edges[i]`` leads to ``nodes[i]``. After the end or a cancellation the ids stay (2.1.0 §6.6.3).
    """

    def __init__(self, last_node_id: str) -> None:
        self.order_id, self.update_id = "", 0
        self.last_node_id, self.last_sequence_id = last_node_id, 0
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.cancelled = False

    @property
    def parts(self) -> list[Node | Edge]:
        """All that is yet to be traversed or released, nodes first."""
        return [*self.nodes, *self.edges]

    @property
    def has_horizon(self) -> bool:
        return bool(self.nodes) and not self.nodes[-1].released

    @property
    def decision_point(self) -> tuple[str, int]:
        """Id and sequence id of the last node of the base, where an update has to begin."""
        base = [(node.node_id, node.sequence_id) for node in self.nodes if node.released]
        return base[-1] if base else (self.last_node_id, self.last_sequence_id)

    def node_states(self) -> tuple[NodeState, ...]:
        return tuple(
            NodeState(
                node_id=n.node_id,
                sequence_id=n.sequence_id,
                released=n.released,
                node_description=n.node_description,
                node_position=n.node_position,
            )
            for n in self.nodes
        )

    def edge_states(self) -> tuple[EdgeState, ...]:
        return tuple(
            EdgeState(
                edge_id=e.edge_id, sequence_id=e.sequence_id, released=e.released, edge_description=e.edge_description
            )
            for e in self.edges
        )

    def check_new(self, *, busy: bool, on_first_node: bool, first: Node) -> None:
        """Raises :class:`RefusedError` where a new order cannot be taken."""
        if busy:
            raise RefusedError(ORDER_UPDATE_ERROR, f"order {self.order_id} is not finished; cancel it or extend it")
        if not on_first_node:
            raise RefusedError(NO_ROUTE_ERROR, "the order must begin where the vehicle stands", nodeId=first.node_id)

    def check_update(self, order: Order, *, cancelling: bool) -> None:
        """Raises :class:`RefusedError` where an update does not continue what the vehicle holds."""
        if order.order_update_id < self.update_id:
            raise RefusedError(ORDER_UPDATE_ERROR, f"orderUpdateId {self.update_id} was already accepted")
        if cancelling or self.cancelled:
            raise RefusedError(ORDER_UPDATE_ERROR, "the order was cancelled; send a new one with another orderId")
        first = order.nodes[0]
        if (first.node_id, first.sequence_id) != self.decision_point:
            node_id, sequence_id = self.decision_point
            raise RefusedError(
                ORDER_UPDATE_ERROR,
                f"an update must begin at the last node of the base, {node_id} with sequenceId {sequence_id}",
                nodeId=first.node_id,
            )

    def begin(self, order: Order) -> None:
        """Take a new order; its first node is traversed by standing there."""
        self.order_id, self.update_id, self.cancelled = order.order_id, order.order_update_id, False
        self.last_node_id, self.last_sequence_id = order.nodes[0].node_id, order.nodes[0].sequence_id
        self.nodes, self.edges = list(order.nodes[1:]), list(order.edges)

    def horizon_actions(self) -> list[Action]:
        """The actions of nodes and edges that are not released."""
        return [action for part in self.parts if not part.released for action in part.actions]

    def passed(self, node: Node) -> bool:
        """Whether ``node`` of the order is not ahead any more."""
        return node.sequence_id <= self.last_sequence_id

    def extend(self, order: Order) -> None:
        """Let an update take the place of the horizon; actions of its first node are added to the shared node."""
        self.update_id = order.order_update_id
        base = [node for node in self.nodes if node.released]
        if base:
            base[-1] = replace(base[-1], actions=base[-1].actions + order.nodes[0].actions)
        self.nodes = [*base, *order.nodes[1:]]
        self.edges = [*(edge for edge in self.edges if edge.released), *order.edges]

    def traverse(self) -> Node:
        """The next node was reached: it and the edge to it are done."""
        node = self.nodes.pop(0)
        self.edges.pop(0)
        self.last_node_id, self.last_sequence_id = node.node_id, node.sequence_id
        return node

    def delete(self) -> None:
        self.nodes, self.edges, self.cancelled = [], [], True
