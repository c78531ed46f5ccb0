"""Driving times between nodes, as the solver sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from banksman_shared.site import Edge, Layout, Router, Site

TICKS_PER_S = 10
"""The solver counts in tenths of a second, always rounded up, so that a plan never promises too much."""


def ticks(seconds: float) -> int:
    return math.ceil(seconds * TICKS_PER_S - 1e-9)


def nodes_of(site: Site, place: str) -> frozenset[str]:
    """All nodes at which a place is used: its own, and those of its station."""
    item = site.places[place]
    return frozenset((item.node, *site.layout.stations.get(item.station or "", ())))


class Travel:
    """Ticks from node to node for a kind of vehicle at a speed; nobody drives *onto* a node in ``avoid``.

    A vehicle that stands on such a node may leave it.
    """

    def __init__(self, layout: Layout, avoid: Iterable[str] = ()) -> None:
        self._router, self._closed = Router(layout), frozenset(avoid)
        self._known: dict[tuple[str, str, str, float], int | None] = {}

    def ticks(self, start: str, end: str, kind: str, speed: float) -> int | None:
        """Driving time along the shortest way, or None where there is none. ``speed`` in m/s."""
        key = (start, end, kind, speed)
        if key not in self._known:
            route = self._router.route(start, end, kind, self._closed)
            self._known[key] = None if route is None else ticks(sum(_seconds(edge, speed) for edge in route.edges))
        return self._known[key]


def _seconds(edge: Edge, speed: float) -> float:
    return edge.length / min(speed, edge.max_speed or speed)
