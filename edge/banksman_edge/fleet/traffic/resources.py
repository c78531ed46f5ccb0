"""What vehicles can get in each other's way on: the nodes of a layout, and the spots where its lanes come too close.

Every node is a resource that one vehicle may hold at a time. Nodes that lie closer together than ``CLEARANCE_M``, lanes
that cross without a node, and lanes that brush past a node get a further resource that both of them need. Lanes are
taken for straight. Who moves from node to node holds both until it has arrived, so opposed traffic on a lane needs no
resource of its own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from banksman_shared.site import Layout

CLEARANCE_M = 0.9
"""Two vehicles nearer than this touch: about the width of a narrow forklift."""

Lane = tuple[str, str]
"""The two nodes of a road, in alphabetical order: both directions are one lane."""


def lane_of(start: str, end: str) -> Lane:
    return (start, end) if start <= end else (end, start)


class Resources:
    """Resource numbers of every node and lane of a layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._nodes: dict[str, tuple[int, ...]] = {node: (index,) for index, node in enumerate(layout.nodes)}
        self._lanes: dict[Lane, tuple[int, ...]] = {lane_of(e.start, e.end): () for e in layout.edges.values()}
        numbers = itertools.count(len(self._nodes))
        for map_id in {node.map_id for node in layout.nodes.values()}:
            for first, second in self._conflicts(map_id):
                number = next(numbers)
                for thing in (first, second):
                    if isinstance(thing, str):
                        self._nodes[thing] += (number,)
                    else:
                        self._lanes[thing] += (number,)
        self._directed = {pair: taken for (a, b), taken in self._lanes.items() for pair in ((a, b), (b, a))}

    def node(self, node: str) -> tuple[int, ...]:
        """What standing on a node takes."""
        return self._nodes[node]

    def lane(self, start: str, end: str) -> tuple[int, ...]:
        """What driving from node to node takes besides the nodes."""
        return self._directed[start, end]

    def _conflicts(self, map_id: str) -> Iterator[tuple[str | Lane, str | Lane]]:
        points = {n.id: (n.x, n.y) for n in self._layout.nodes.values() if n.map_id == map_id}
        lanes = [lane for lane in self._lanes if lane[0] in points and lane[1] in points]
        yield from _close_nodes(points)
        if not lanes:
            return
        starts = np.array([points[a] for a, _ in lanes])
        ends = np.array([points[b] for _, b in lanes])
        for node, point in points.items():
            near = _distances(np.array(point), starts, ends) < CLEARANCE_M
            yield from ((node, lanes[i]) for i in np.flatnonzero(near) if node not in lanes[i])
        for i, lane in enumerate(lanes[:-1]):
            crossing = _crosses(starts[i], ends[i], starts[i + 1 :], ends[i + 1 :])
            yield from ((lane, lanes[i + 1 + j]) for j in np.flatnonzero(crossing))


def _close_nodes(points: dict[str, tuple[float, float]]) -> Iterator[tuple[str, str]]:
    cells: dict[tuple[int, int], list[str]] = defaultdict(list)
    for node, (x, y) in points.items():
        column, row = int(x // CLEARANCE_M), int(y // CLEARANCE_M)
        for dx, dy in itertools.product((-1, 0, 1), repeat=2):
            for other in cells.get((column + dx, row + dy), ()):
                ox, oy = points[other]
                if (ox - x) ** 2 + (oy - y) ** 2 < CLEARANCE_M**2:
                    yield other, node
        cells[column, row].append(node)


def _distances(
    point: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres from a point to each segment."""
    along = ends - starts
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - starts) * along).sum(axis=1) / square, 0.0, 1.0)
    distances: NDArray[np.float64] = np.linalg.norm(starts + share[:, None] * along - point, axis=1)
    return distances


def _crosses(
    start: NDArray[np.float64], end: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which segments cross the one given, inside both."""
    along, others = end - start, ends - starts
    parallel = along[0] * others[:, 1] - along[1] * others[:, 0]
    offset = starts - start
    with np.errstate(divide="ignore", invalid="ignore"):
        here = (offset[:, 0] * others[:, 1] - offset[:, 1] * others[:, 0]) / parallel
        there = (offset[:, 0] * along[1] - offset[:, 1] * along[0]) / parallel
    inside: NDArray[np.bool_] = (here > 1e-9) & (here < 1 - 1e-9) & (there > 1e-9) & (there < 1 - 1e-9)
    crossing: NDArray[np.bool_] = inside & (parallel != 0)
    return crossing
