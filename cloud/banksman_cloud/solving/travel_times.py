"""Driving times between nodes, as the solver sees them: along the shortest open way, since that is what is driven."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from banksman_shared.site import Edge, Layout, Site

TICKS_PER_S = 10
"""The solver counts in tenths of a second, always rounded up, so that a plan never promises too much."""

FOREVER = 10**9
"""Ticks after the end of any plan: when a window ends that stays closed."""

_Ways = dict[str, tuple[float, float, str]]
"""Node → metres and seconds to it, and the node before it."""


def ticks(seconds: float) -> int:
    return math.ceil(seconds * TICKS_PER_S - 1e-9)


def nodes_of(site: Site, place: str) -> frozenset[str]:
    """All nodes at which a place is used: its own, and those of its station."""
    item = site.places[place]
    return frozenset((item.node, *site.layout.stations.get(item.station or "", ())))


@dataclass(frozen=True, slots=True)
class Window:
    """Nodes on which nobody may be from tick ``start`` until before ``end``."""

    nodes: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Being on a node that is closed for a time: from tick ``start`` until ``end``, counted from the departure."""

    node: str
    start: int
    end: int


@dataclass(slots=True)
class Roads:
    """What is open to a kind of vehicle at a speed in m/s. Nobody drives *onto* a node of ``closed``; a vehicle that
    stands on one may leave it. ``windows`` close nodes for a time and are for whoever asks for a way to keep."""

    layout: Layout
    kind: str
    speed: float
    closed: frozenset[str] = frozenset()
    closed_edges: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    stops: frozenset[str] = frozenset()
    """Nodes to which times are remembered. There are few of them on a large site."""
    room: int = 100_000
    """To how many nodes whole ways are remembered, where there are windows."""
    _leaving: dict[bool, dict[str, list[Edge]]] = field(default_factory=dict)
    _ways: dict[tuple[str, bool], _Ways] = field(default_factory=dict)
    _times: dict[tuple[str, bool, bool], dict[str, int]] = field(default_factory=dict)

    def ticks(self, start: str, end: str, *, loaded: bool) -> int | None:
        """Driving time along the shortest way, or None where there is none or the end is closed."""
        return self._time(start, end, loaded, by_time=False)

    def least(self, start: str, end: str, *, loaded: bool) -> int | None:
        """Driving time along the fastest way, which nobody can better, however he goes."""
        return self._time(start, end, loaded, by_time=True)

    def _time(self, start: str, end: str, loaded: bool, *, by_time: bool) -> int | None:
        if end in self.closed:  # also to one who stands there: he may leave, and do nothing there
            return None
        known = self._times.get((start, loaded, by_time))
        if known is None or (self.stops and end not in self.stops and end not in known):
            ways = self._from(start, loaded) if self.windows and not by_time else self._search(start, loaded, by_time)
            known = {node: ticks(ways[node][1]) for node in (*(self.stops or ways), end) if node in ways}
            self._times[start, loaded, by_time] = known
        return known.get(end)

    def moments(self, start: str, end: str, *, loaded: bool) -> tuple[Moment, ...]:
        """When a vehicle that drives this way passes nodes that have a window."""
        ways, timed = self._from(start, loaded), {n for window in self.windows for n in window.nodes}
        found: list[Moment] = []
        while end != start:
            _, seconds, before = ways[end]
            if end in timed:
                found.append(Moment(end, math.floor(seconds * TICKS_PER_S), ticks(seconds)))
            end = before
        return tuple(found)

    def around(self) -> Roads | None:
        """The roads without any node that has a window; None where no node has one."""
        if not self.windows:
            return None
        closed = self.closed.union(*(window.nodes for window in self.windows))
        return Roads(self.layout, self.kind, self.speed, closed, self.closed_edges, stops=self.stops)

    def _from(self, start: str, loaded: bool) -> _Ways:
        """All ways from ``start``; the last ones that were asked for are remembered, as far as there is room."""
        if (start, loaded) not in self._ways:
            while self._ways and (len(self._ways) + 1) * len(self.layout.nodes) > self.room:
                del self._ways[next(iter(self._ways))]
            self._ways[start, loaded] = self._search(start, loaded, by_time=False)
        return self._ways[start, loaded]

    def _search(self, start: str, loaded: bool, by_time: bool) -> _Ways:
        return _search(start, self._open(loaded), self.speed, by_time=by_time)

    def _open(self, loaded: bool) -> Mapping[str, Sequence[Edge]]:
        if loaded not in self._leaving:
            edges = self.layout.edges.values()
            shut = (edge for edge in edges if edge.end in self.closed or edge.id in self.closed_edges)
            barred = {edge.id for edge in shut}
            self._leaving[loaded] = _by_start(e for e in edges if e.id not in barred and e.open_to(self.kind, loaded))
        return self._leaving[loaded]


def one_way_edges(layout: Layout, start: str, end: str) -> frozenset[str]:
    """The edges that lead back along any shortest way from node ``start`` to node ``end``, but for the only way into or
    out of either: a place at the end of a way of its own can be left and reached as before."""
    edges = layout.edges.values()
    there = _search(start, _by_start(edges), 1.0)
    back = _search(end, _by_start(Edge(e.id, e.end, e.start, e.length) for e in edges), 1.0)
    if end not in there:
        return frozenset()
    whole = there[end][0] + 1e-6
    used = {
        (e.start, e.end)
        for e in edges
        if e.start in there and e.end in back and there[e.start][0] + e.length + back[e.end][0] <= whole
    }
    into, out = [e.id for e in edges if e.end == start], [e.id for e in edges if e.start == end]
    kept = {edge for only in (into, out) if len(only) == 1 for edge in only}
    return frozenset(edge.id for edge in edges if (edge.end, edge.start) in used and edge.id not in kept)


def _by_start(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    leaving: dict[str, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(edge.start, []).append(edge)
    return leaving


def _search(start: str, leaving: Mapping[str, Sequence[Edge]], speed: float, *, by_time: bool = False) -> _Ways:
    """Dijkstra by length, or by time; metres and seconds are those of the way found."""
    found: _Ways = {start: (0.0, 0.0, start)}
    least = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if so_far > least[node]:
            continue
        for edge in leaving.get(node, ()):
            pace = min(speed, edge.max_speed or speed)
            length, seconds = found[node][0] + edge.length, found[node][1] + edge.length / pace
            further = seconds if by_time else length
            if further < least.get(edge.end, math.inf):
                least[edge.end], found[edge.end] = further, (length, seconds, node)
                heapq.heappush(queue, (further, edge.end))
    return found
