"""Where a vehicle stands on the layout, and the way from there."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from banksman_shared.site import NOTHING_CLOSED, Closed, Edge, Layout, Node, Router

AT_NODE_M = 1.0
"""Within this many metres of a node a vehicle counts as being there."""
ON_EDGE_M = 0.5
"""Within this many metres of an edge a vehicle counts as being on it."""
SQUARE_M = 4.0
BARRED_M = 1e6
"""A drive past vehicles that are out of order counts as so many metres longer."""

_Square = tuple[str, int, int]
"""Map, column, row."""


Point = tuple[float, float]
"""Metres on a map."""


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
class Call:
    """A node to drive to, and whether the vehicle carries something on the way there; None: nobody knows.

    ``node`` None is where the vehicle stands; between nodes, that is the node it comes to first.
    """

    node: str | None
    loaded: bool | None = None


class Terrain:
    """A layout by squares: what is near a position is found without a look at everything, thousands of times a second.

    ``layout`` does not change.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._nodes: dict[_Square, list[Node]] = defaultdict(list)
        self._edges: dict[_Square, list[Edge]] = defaultdict(list)
        for node in layout.nodes.values():
            for square in _around(node.map_id, node.x, node.y):
                self._nodes[square].append(node)
        for edge in layout.edges.values():
            for square in self._along(edge):
                self._edges[square].append(edge)

    def _along(self, edge: Edge) -> dict[_Square, None]:
        start, end = self.layout.nodes[edge.start], self.layout.nodes[edge.end]
        steps = math.ceil(math.dist((start.x, start.y), (end.x, end.y)) / SQUARE_M) or 1
        squares: dict[_Square, None] = {}
        for i in range(steps + 1):
            x, y = start.x + (end.x - start.x) * i / steps, start.y + (end.y - start.y) * i / steps
            squares |= dict.fromkeys(_around(start.map_id, x, y))
        return squares

    def locate(self, kind: str, last_node: str, position: Point | None, map_id: str | None) -> Start | None:
        """Where an order for this vehicle can begin, or None if it is off the roads.

        The last passed node is trusted as long as the position does not contradict it. Between nodes the order has
        to begin with the edge the vehicle is on: a route from the nearest node would make it cut the corner.
        """
        last = self.layout.nodes.get(last_node)
        if position is None or map_id is None:
            return Start((Way(last.id),)) if last else None
        if last and last.map_id == map_id and _distance(last, position) <= AT_NODE_M:
            return Start((Way(last.id, offset=_distance(last, position)),))
        square = _square(map_id, *position)
        nearest = min(self._nodes.get(square, ()), key=lambda node: _distance(node, position), default=None)
        if nearest and _distance(nearest, position) <= AT_NODE_M:
            return Start((Way(nearest.id, offset=_distance(nearest, position)),))
        ways = list(self._ways_along(kind, position, square))
        known = [w for w in ways if w.edge and last_node in (w.edge.start, w.edge.end)]
        return Start(tuple(known or ways)) if ways else None

    def _ways_along(self, kind: str, position: Point, square: _Square) -> Iterator[Way]:
        for edge in self._edges.get(square, ()):
            start, end = self.layout.nodes[edge.start], self.layout.nodes[edge.end]
            open_to_it = not edge.kinds or kind in edge.kinds
            if open_to_it and distance_to_segment((start.x, start.y), (end.x, end.y), position) <= ON_EDGE_M:
                yield Way(edge.end, edge, _distance(start, position))


def _square(map_id: str, x: float, y: float) -> _Square:
    return map_id, math.floor(x / SQUARE_M), math.floor(y / SQUARE_M)


def _around(map_id: str, x: float, y: float) -> Iterator[_Square]:
    """The squares in which something within SQUARE_M metres of here may be."""
    _, column, row = _square(map_id, x, y)
    return ((map_id, column + dx, row + dy) for dx, dy in itertools.product((-1, 0, 1), repeat=2))


def drive_length(
    router: Router, kind: str, start: Start, stops: Sequence[Call], closed: Closed = NOTHING_CLOSED
) -> float | None:
    """Metres of the shortest drive from ``start`` through ``stops``, or None if there is no way.

    What is ``closed`` at all times is not entered; a vehicle that is inside may come out.
    """
    lengths = (_length(router, kind, way, stops, closed) for way in start.ways if not _enters(way, closed))
    return min((length for length in lengths if length is not None), default=None)


def length_around(
    router: Router, kind: str, start: Start, stops: Sequence[Call], closed: Closed, barred: frozenset[str]
) -> float | None:
    """Metres of the shortest drive around the nodes that vehicles bar; BARRED_M more where that is no way, since they
    may be gone by then."""
    length = drive_length(router, kind, start, stops, closed)
    if length is None or not barred:
        return length
    around = drive_length(router, kind, start, stops, replace(closed, nodes=closed.nodes | barred))
    return length + BARRED_M if around is None else around


def _enters(way: Way, closed: Closed) -> bool:
    edge = way.edge
    return edge is not None and closed.bars(edge.start, way.node) and edge.start not in closed.nodes


def _length(router: Router, kind: str, way: Way, stops: Sequence[Call], closed: Closed) -> float | None:
    metres, here = way.edge.length if way.edge else 0.0, way.node
    for stop in stops:
        leg = router.route(here, stop.node or way.node, kind, closed, stop.loaded)
        if leg is None:
            return None
        metres, here = metres + leg.length, stop.node or way.node
    return metres


def _distance(node: Node, position: Point) -> float:
    return math.dist((node.x, node.y), position)


def distance_to_segment(start: Point, end: Point, point: Point) -> float:
    """Metres from a point to the straight line between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / square if square else 0.0
    along = min(1.0, max(0.0, along))
    return math.dist((start[0] + along * dx, start[1] + along * dy), point)
