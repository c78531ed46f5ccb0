"""Where a vehicle stands on the layout, and the way from there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_shared.site import Edge, Layout, Node, Route, Router

AT_NODE_M = 1.0
"""Within this many metres of a node a vehicle counts as being there."""
ON_EDGE_M = 0.5
"""Within this many metres of an edge a vehicle counts as being on it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to begin: at ``node``, or first along ``edge`` that ends there. ``offset``: metres to the first node."""

    node: str
    edge: Edge | None = None
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Start:
    """Where a route may begin. Between two nodes there may be two ways: on, or back."""

    ways: tuple[Way, ...]

    @property
    def node(self) -> str | None:
        """The node it stands at, None between nodes."""
        way = self.ways[0]
        return way.node if way.edge is None else None


@dataclass(frozen=True, slots=True)
class Drive:
    """A route and how far, in metres, the vehicle is from the first node of it."""

    route: Route
    offset: float
    stops: tuple[int, ...]
    """Indexes into ``route.nodes``, one for each stop asked for."""


def locate(
    layout: Layout, kind: str, last_node: str, position: tuple[float, float] | None, map_id: str | None
) -> Start | None:
    """Where an order for this vehicle can begin, or None if it is off the roads.

    The last passed node is trusted as long as the position does not contradict it. Between nodes the order has
    to begin with the edge the vehicle is on: a route from the nearest node would make it cut the corner.
    """
    if position is None:
        return Start((Way(last_node),)) if last_node in layout.nodes else None
    last = layout.nodes.get(last_node)
    if last and last.map_id == map_id and _distance(last, position) <= AT_NODE_M:
        return Start((Way(last.id, offset=_distance(last, position)),))
    here = [node for node in layout.nodes.values() if node.map_id == map_id]
    nearest = min(here, key=lambda node: _distance(node, position), default=None)
    if nearest and _distance(nearest, position) <= AT_NODE_M:
        return Start((Way(nearest.id, offset=_distance(nearest, position)),))
    ways = list(_ways_along(layout, kind, position, map_id))
    known = [w for w in ways if w.edge and last_node in (w.edge.start, w.edge.end)]
    return Start(tuple(known or ways)) if ways else None


def find_drive(
    router: Router,
    layout: Layout,
    kind: str,
    start: Start,
    stops: Sequence[str | None],
    closed: frozenset[str] = frozenset(),
) -> Drive | None:
    """The shortest drive from ``start`` through the nodes ``stops``, or None if there is no way.

    A stop None is where the vehicle stands; between nodes, that is the node it comes to first. Nodes in ``closed``
    are not entered; a vehicle that is inside may come out.
    """
    drives = (_drive(router, layout, kind, way, stops, closed) for way in start.ways if not _enters(way, closed))
    return min((d for d in drives if d), key=lambda d: d.route.length, default=None)


def _enters(way: Way, closed: frozenset[str]) -> bool:
    return way.edge is not None and way.node in closed and way.edge.start not in closed


def _drive(
    router: Router, layout: Layout, kind: str, way: Way, stops: Sequence[str | None], closed: frozenset[str]
) -> Drive | None:
    nodes = [layout.nodes[way.edge.start]] if way.edge else []
    edges = [way.edge] if way.edge else []
    nodes.append(layout.nodes[way.node])
    indexes = []
    for here, there in itertools.pairwise([way.node, *(stop or way.node for stop in stops)]):
        leg = router.route(here, there, kind, closed)
        if leg is None:
            return None
        nodes += leg.nodes[1:]
        edges += leg.edges
        indexes.append(len(nodes) - 1)
    return Drive(Route(tuple(nodes), tuple(edges)), way.offset, tuple(indexes))


def _ways_along(layout: Layout, kind: str, position: tuple[float, float], map_id: str | None) -> Iterator[Way]:
    for edge in layout.edges.values():
        start, end = layout.nodes[edge.start], layout.nodes[edge.end]
        open_to_it = start.map_id == map_id and (not edge.kinds or kind in edge.kinds)
        if open_to_it and _distance_to_segment(start, end, position) <= ON_EDGE_M:
            yield Way(edge.end, edge, _distance(start, position))


def _distance(node: Node, position: tuple[float, float]) -> float:
    return math.dist((node.x, node.y), position)


def _distance_to_segment(start: Node, end: Node, position: tuple[float, float]) -> float:
    dx, dy = end.x - start.x, end.y - start.y
    square = dx * dx + dy * dy
    along = ((position[0] - start.x) * dx + (position[1] - start.y) * dy) / square if square else 0.0
    along = min(1.0, max(0.0, along))
    return math.dist((start.x + along * dx, start.y + along * dy), position)
