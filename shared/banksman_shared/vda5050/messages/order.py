"""Orders and instant actions: what the master sends (2.1.0 §6.6 and §6.9; 3.0 §7.3 and §7.4)."""

from __future__ import annotations

from banksman_shared.vda5050.messages.common import Action, Header, NodePosition, Record, Trajectory
from banksman_shared.vda5050.messages.enums import CorridorRefPoint, CorridorReleaseLoss


class Corridor(Record, frozen=True, kw_only=True):
    """How far a vehicle may leave the trajectory of an edge, in metres to either side (2.1.0 §6.6.5)."""

    left_width: float
    right_width: float
    corridor_ref_point: CorridorRefPoint | None = None
    # 3.0: the vehicle asks before it leaves the trajectory.
    release_required: bool | None = None
    release_loss_behavior: CorridorReleaseLoss | None = None


class Node(Record, frozen=True, kw_only=True):
    node_id: str
    sequence_id: int
    released: bool
    actions: tuple[Action, ...]
    node_description: str | None = None
    node_position: NodePosition | None = None


class Edge(Record, frozen=True, kw_only=True):
    edge_id: str
    sequence_id: int
    released: bool
    # Not on the wire of 3.0, whose codec takes them from the nodes around the edge.
    start_node_id: str
    end_node_id: str
    actions: tuple[Action, ...]
    edge_description: str | None = None
    max_speed: float | None = None
    max_height: float | None = None
    min_height: float | None = None
    orientation: float | None = None
    orientation_type: str | None = None
    direction: str | None = None
    rotation_allowed: bool | None = None
    max_rotation_speed: float | None = None
    length: float | None = None
    trajectory: Trajectory | None = None
    corridor: Corridor | None = None


class Order(Header, frozen=True, kw_only=True):
    """Topic ``order``: nodes have even, edges odd sequence ids, alternating along the path."""

    order_id: str
    order_update_id: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    zone_set_id: str | None = None
    # 3.0: for people to read.
    order_description: str | None = None


class InstantActions(Header, frozen=True, kw_only=True):
    """Topic ``instantActions``: to be carried out as they arrive."""

    actions: tuple[Action, ...]
