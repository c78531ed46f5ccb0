"""The order that a vehicle holds, and which messages continue it (2.1.0 §6.6.2; 3.0 §6.1.2)."""

from __future__ import annotations

from msgspec.structs import replace

from banksman_firmware_sim.errors import RefusedError
from banksman_shared.vda5050 import Action, Edge, EdgeState, ErrorType, Node, NodeState, Order


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
        self._last_node: Node | None = None
        self._message: Order | None = None

    @property
    def has_horizon(self) -> bool:
        return bool(self.nodes) and not self.nodes[-1].released

    @property
    def decision_point(self) -> tuple[str, int]:
        """Id and sequence id of the last node of the base, where an update has to begin."""
        base = self._base_end
        return (base.node_id, base.sequence_id) if base else (self.last_node_id, self.last_sequence_id)

    @property
    def _base_end(self) -> Node | None:
        base = next((node for node in reversed(self.nodes) if node.released), None)
        return base or self._last_node

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

    def is_repeat(self, order: Order) -> bool:
        """Whether the message has the ids of the last one that was accepted."""
        return (order.order_id, order.order_update_id) == (self.order_id, self.update_id)

    def same_content(self, order: Order) -> bool:
        """Whether a repeat says what the message that was accepted said."""
        known = self._message
        return known is None or (known.nodes, known.edges) == (order.nodes, order.edges)

    def check_update(self, order: Order, *, cancelling: bool, appends: bool = False) -> None:
        """Raises :class:`RefusedError` where an update does not continue what the vehicle holds."""
        if order.order_update_id < self.update_id:
            raise _refused(f"orderUpdateId {self.update_id} was already accepted")
        if cancelling or self.cancelled:
            raise RefusedError(
                ErrorType.ORDER_UPDATE_FOLLOWING_CANCEL,
                "the order was cancelled; send a new one with another orderId",
            )
        first = order.nodes[0]
        if (first.node_id, first.sequence_id) != self.decision_point:
            node_id, sequence_id = self.decision_point
            raise _refused(
                f"an update must begin at the last node of the base, {node_id} with sequenceId {sequence_id}",
                nodeId=first.node_id,
            )
        known = self._base_end
        if known is not None and not appends:
            _check_unchanged(known, first)

    def begin(self, order: Order) -> None:
        """Take a new order; its first node is traversed by standing there."""
        self._message = order
        self.order_id, self.update_id, self.cancelled = order.order_id, order.order_update_id, False
        self._pass(order.nodes[0])
        self.nodes, self.edges = list(order.nodes[1:]), list(order.edges)

    def horizon_actions(self) -> list[Action]:
        """The actions of nodes and edges that are not released."""
        parts: list[Node | Edge] = [*self.nodes, *self.edges]
        return [action for part in parts if not part.released for action in part.actions]

    def extend(self, order: Order, appended: tuple[Action, ...] = ()) -> None:
        """Let an update take the place of the horizon; ``appended``: actions that its first node adds."""
        self._message, self.update_id = order, order.order_update_id
        base = [node for node in self.nodes if node.released]
        if base and appended:
            base[-1] = replace(base[-1], actions=base[-1].actions + appended)
        self.nodes = [*base, *order.nodes[1:]]
        self.edges = [*(edge for edge in self.edges if edge.released), *order.edges]

    def traverse(self) -> tuple[Node, Edge]:
        """The next node was reached: it and the edge to it are done."""
        node, edge = self.nodes.pop(0), self.edges.pop(0)
        self._pass(node)
        return node, edge

    def _pass(self, node: Node) -> None:
        self._last_node = node
        self.last_node_id, self.last_sequence_id = node.node_id, node.sequence_id

    def relocate(self, last_node_id: str) -> None:
        """The vehicle was put on a node by hand."""
        self._last_node = None
        self.last_node_id, self.last_sequence_id = last_node_id, 0

    def delete(self) -> None:
        self.nodes, self.edges, self.cancelled = [], [], True


def _refused(description: str, **references: object) -> RefusedError:
    return RefusedError(ErrorType.ORDER_UPDATE_ERROR, description, **references)


def _check_unchanged(known: Node, sent: Node) -> None:
    """See that the stitching node, being released, is what it was; its actions may be sent again or left out."""
    old, new = known.node_position, sent.node_position
    if old is not None and new is not None and (old.x, old.y, old.map_id) != (new.x, new.y, new.map_id):
        raise _refused("the base cannot be changed, but the stitching node has moved", nodeId=sent.node_id)
    for action in sent.actions:
        if action not in known.actions:
            raise _refused(
                "the base cannot be changed; new actions go to another node at the same place, with sequenceId + 2",
                nodeId=sent.node_id,
                actionId=action.action_id,
            )
