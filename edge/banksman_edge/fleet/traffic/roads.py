"""What a layout lets each kind of vehicle do, and how long it takes on empty roads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import networkx as nx

from banksman_edge.fleet.traffic.resources import Resources
from banksman_edge.fleet.traffic.timetable import Trip
from banksman_shared.site import Edge, Layout

SETTLE_S = 1.0
"""Seconds that a step takes besides rolling: turning, starting, reporting."""
REMEMBERED = 512
"""Tables of driving times that are kept; each has an entry for every node."""


class Step(NamedTuple):
    """A drive to a neighbour as the search sees it."""

    end: str
    travel_s: float
    lane: tuple[int, ...]
    """What it takes besides the two nodes."""
    edge: Edge


Ways = Mapping[str, Sequence[Step]]
"""Per node where one can drive to from there."""


class Roads:
    """The graph of a layout. What is asked for often is remembered, since a layout does not change."""

    def __init__(self, layout: Layout, resources: Resources) -> None:
        self._layout, self._resources = layout, resources
        neighbours: dict[str, set[str]] = {node: set() for node in layout.nodes}
        for edge in layout.edges.values():
            neighbours[edge.start].add(edge.end)
            neighbours[edge.end].add(edge.start)
        self._passed = {node for node, others in neighbours.items() if len(others) > 1}
        self._passed_resources = {resource for node in self._passed for resource in resources.node(node)}
        self._passed_resources.update(r for edge in layout.edges.values() for r in resources.lane(edge.start, edge.end))
        self._load_matters = any(edge.never_loaded or edge.never_empty for edge in layout.edges.values())
        self.ways = lru_cache(maxsize=None)(self._ways)
        self._graph = lru_cache(maxsize=None)(self._graph_of)
        self._against = lru_cache(maxsize=None)(self._graph_against)
        self.seconds_to = lru_cache(maxsize=REMEMBERED)(self._seconds_to)
        self.seconds_from = lru_cache(maxsize=REMEMBERED)(self._seconds_from)

    def dead_end(self, node: str) -> bool:
        """Whether nobody passes here who does not want to come here."""
        return node not in self._passed

    def passed(self, resources: Iterable[int]) -> bool:
        """Whether any of these is needed for passing through, not only for coming to a dead end."""
        return not self._passed_resources.isdisjoint(resources)

    def _ways(self, kind: str, speed: float, loaded: bool | None = None) -> Ways:
        """The steps of a kind of vehicle with this top speed in m/s; of parallel edges the fastest.

        ``loaded``: whether it carries something, None if that is not known.
        """
        best: dict[tuple[str, str], Step] = {}
        for edge in self._layout.edges.values():
            key, travel_s = (edge.start, edge.end), travel_seconds(edge, speed)
            if edge.open_to(kind, loaded) and (key not in best or travel_s < best[key].travel_s):
                best[key] = Step(edge.end, travel_s, self._resources.lane(edge.start, edge.end), edge)
        ways: dict[str, list[Step]] = {node: [] for node in self._layout.nodes}
        for (start, _), step in best.items():
            ways[start].append(step)
        return ways

    def _seconds_to(self, goal: str, kind: str, speed: float) -> Mapping[str, float]:
        """From every node that leads to ``goal``, the seconds it takes."""
        seconds: dict[str, float] = nx.single_source_dijkstra_path_length(self._against(kind, speed), goal)
        return seconds

    def _seconds_from(self, start: str, kind: str, speed: float) -> Mapping[str, float]:
        """To every node that can be reached from ``start``, the seconds it takes."""
        seconds: dict[str, float] = nx.single_source_dijkstra_path_length(self._graph(kind, speed), start)
        return seconds

    def _graph_of(self, kind: str, speed: float) -> nx.DiGraph[str]:
        """The driving times of :meth:`ways` as weights."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._layout.nodes)
        ways = self.ways(kind, speed)
        graph.add_weighted_edges_from((n, step.end, step.travel_s) for n, steps in ways.items() for step in steps)
        return graph

    def _graph_against(self, kind: str, speed: float) -> nx.DiGraph[str]:
        return self._graph(kind, speed).reverse()

    def reaches(self, trip: Trip, start: str) -> bool:
        """Whether there is a way for the trip on empty roads."""
        for goal in trip.goals:
            if trip.closed or self._load_matters:
                ways = self.ways(trip.kind, trip.speed, goal.loaded)
                if not self.connects(start, (goal.node,), ways, lambda a, b: not trip.closed.bars(a, b)):
                    return False
            elif start not in self.seconds_to(goal.node, trip.kind, trip.speed):
                return False
            start = goal.node
        return True

    def connects(self, start: str, goals: Iterable[str], ways: Ways, open_: Callable[[str, str], bool]) -> bool:
        """Whether every one of ``goals`` can be reached over steps that are ``open_``."""
        seen, stack = {start}, [start]
        missing = set(goals) - seen
        while stack and missing:
            here = stack.pop()
            for step in ways[here]:
                if step.end not in seen and open_(here, step.end):
                    seen.add(step.end)
                    missing.discard(step.end)
                    stack.append(step.end)
        return not missing


def travel_seconds(edge: Edge, speed: float) -> float:
    """How long a vehicle of this top speed in m/s takes for an edge."""
    return edge.length / min(speed, edge.max_speed or speed) + SETTLE_S
