"""Where an order may begin."""

from __future__ import annotations

import pytest

from banksman_edge.fleet.routing import Call, Start, Terrain, drive_length
from banksman_shared.site import Edge, Layout, Node, Router

# a ── b crosses c ── d at (5, 0) without a node there.
NODES = {i: Node(i, x, y, "m") for i, x, y in (("a", 0, 0), ("b", 10, 0), ("c", 5, -5), ("d", 5, 5))}
EDGES = {f"{s}{e}": Edge(f"{s}{e}", s, e, 10.0) for s, e in ("ab", "ba", "cd", "bd")}
LAYOUT = Layout(NODES, EDGES, {})
TERRAIN = Terrain(LAYOUT)


def at(last_node: str, x: float, y: float, map_id: str = "m") -> Start | None:
    return TERRAIN.locate("any", last_node, (x, y), map_id)


def test_near_its_last_node_a_vehicle_is_there() -> None:
    start = at("a", 0.6, 0.0)
    assert start
    assert (start.node, start.ways[0].offset) == ("a", 0.6)


def test_a_vehicle_that_was_moved_by_hand_is_where_it_is() -> None:
    start = at("a", 10.0, 0.2)
    assert start
    assert start.node == "b"


def test_on_a_road_it_may_go_on_or_back() -> None:
    start = at("a", 3.0, 0.1)
    assert start
    assert sorted(way.edge.id for way in start.ways if way.edge) == ["ab", "ba"]
    assert start.node is None


def test_on_a_crossing_it_stays_on_the_road_it_came_by() -> None:
    start = at("a", 5.0, 0.0)
    assert start
    assert {way.edge.id for way in start.ways if way.edge} == {"ab", "ba"}
    assert drive_length(Router(LAYOUT), "any", start, [Call("d")]) == 20.0  # on to b, then to d


@pytest.mark.parametrize(("x", "map_id"), [(3.0, "other"), (200.0, "m")])
def test_elsewhere_there_is_no_start(x: float, map_id: str) -> None:
    assert at("a", x, 3.0, map_id) is None


def test_without_a_position_the_last_node_is_believed() -> None:
    assert TERRAIN.locate("any", "c", None, None)
    assert TERRAIN.locate("any", "elsewhere", None, None) is None
