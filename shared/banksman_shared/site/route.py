"""Shortest allowed paths over the layout."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

import networkx as nx

from banksman_shared.site.model import Edge, Layout, Node


@dataclass(frozen=True, slots=True)
class Route:
    """A path: ``len(edges) == len(nodes) - 1``; ``length`` in metres. One node and no edge: already there."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def length(self) -> float:
        return sum(edge.length for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a vehicle keeps out of: ``nodes`` that are not entered, ``lanes`` (from node, to node) that are not driven,
    and ``spans``: nodes that are not to be stood on from one moment until another, in seconds of one clock."""

    nodes: frozenset[str] = frozenset()
    lanes: frozenset[tuple[str, str]] = frozenset()
    spans: tuple[tuple[str, float, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.lanes or self.spans)

    def bars(self, start: str, end: str) -> bool:
        """Whether driving from one node to its neighbour is never allowed."""
        return end in self.nodes or (start, end) in self.lanes

    def shut(self, node: str, since: float, until: float) -> bool:
        """Whether a node is closed at some time of a stay."""
        return any(node == n and since < end and until > begin for n, begin, end in self.spans)

    def later(self, seconds: float) -> Closed:
        """The same by a clock that is ahead by ``seconds``."""
        return replace(self, spans=tuple((n, begin + seconds, end + seconds) for n, begin, end in self.spans))


NOTHING_CLOSED = Closed()


class Router:
    """Finds paths for a kind of vehicle. Results are remembered, since the layout does not change.

    ``route(start, end, kind, closed, loaded)``: the shortest path from node to node that vehicles of ``kind`` may
    take, or None, around what ``closed`` bars at all times; ``start`` may be inside. ``loaded`` says whether the
    vehicle carries something on it; None asks for no restriction of the roads by load.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._graph = lru_cache(maxsize=None)(self._build)
        self._open = lru_cache(maxsize=64)(self._close)
        self.route = lru_cache(maxsize=65536)(self._route)

    def _build(self, kind: str, loaded: bool | None) -> nx.DiGraph[str]:
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._layout.nodes)
        for edge in self._layout.edges.values():
            known = graph.get_edge_data(edge.start, edge.end)
            if edge.open_to(kind, loaded) and (known is None or edge.length < known["length"]):
                graph.add_edge(edge.start, edge.end, length=edge.length, id=edge.id)
        return graph

    def _close(self, kind: str, closed: Closed, loaded: bool | None) -> nx.DiGraph[str]:
        graph = self._graph(kind, loaded).copy()
        graph.remove_edges_from([*graph.in_edges(closed.nodes), *closed.lanes])
        return graph

    def _route(
        self, start: str, end: str, kind: str, closed: Closed = NOTHING_CLOSED, loaded: bool | None = None
    ) -> Route | None:
        graph = self._open(kind, closed, loaded) if closed else self._graph(kind, loaded)
        try:
            ids = nx.dijkstra_path(graph, start, end, weight="length")
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return None
        edges = tuple(self._layout.edges[graph.edges[a, b]["id"]] for a, b in itertools.pairwise(ids))
        return Route(tuple(self._layout.nodes[i] for i in ids), edges)

    def nearest_node(self, x: float, y: float, map_id: str | None) -> Node | None:
        """The node closest to a position in metres, on that map (any map if None)."""
        nodes = [n for n in self._layout.nodes.values() if map_id is None or n.map_id == map_id]
        return min(nodes, key=lambda n: (n.x - x) ** 2 + (n.y - y) ** 2, default=None)
