"""Generated sites with single-lane roads, for tests of the traffic and of scale."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

from banksman_shared.site import Site, parse_site

KIND, MAP = "carrier", "floor"
AISLE_PITCH_M, SHELF_PITCH_M, BAY_PITCH_M, STUB_M, FOLLOWING_M = 8.0, 4.0, 3.2, 4.0, 4.0


class SiteBuilder:
    """A site by its roads: a node is written as its name and place, a road as two names."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: dict[str, tuple[float, float]] = {}
        self._roads: list[tuple[str, str]] = []
        self._places: list[tuple[str, str]] = []
        self._homes: list[str] = []

    def node(self, name: str, x: float, y: float) -> str:
        self._nodes[name] = (x, y)
        return name

    def one_way(self, *nodes: str) -> None:
        self._roads += itertools.pairwise(nodes)

    def highway(self, *nodes: str) -> None:
        """One way, with nodes so close together that vehicles can follow each other."""
        for a, b in itertools.pairwise(nodes):
            (ax, ay), (bx, by) = self._nodes[a], self._nodes[b]
            parts = math.ceil(math.dist((ax, ay), (bx, by)) / FOLLOWING_M)
            between = [
                self.node(f"{a}-{b}.{k}", ax + (bx - ax) * k / parts, ay + (by - ay) * k / parts)
                for k in range(1, parts)
            ]
            self.one_way(a, *between, b)

    def two_way(self, *nodes: str) -> None:
        self.one_way(*nodes)
        self.one_way(*reversed(nodes))

    def place(self, kind: str, node: str) -> None:
        self._places.append((kind, node))

    def home(self, node: str) -> None:
        self._homes.append(node)
        self._places.append(("bay", node))

    def documents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The tables of ``site.toml``, and the layout (VDMA LIF)."""
        counts: Counter[str] = Counter()
        places: list[dict[str, Any]] = []
        for kind, node in self._places:
            counts[kind] += 1
            places.append({"id": node.lower(), "kind": kind, "number": counts[kind], "node": node})
        site = {
            "site": {"id": self._name, "name": self._name, "languages": ["en"]},
            "vehicle_kinds": {KIND: {"names": {"en": ["carrier"]}}},
            "vehicles": [
                {
                    "id": f"agv-{n}",
                    "kind": KIND,
                    "number": n,
                    "manufacturer": "Acme",
                    "serial_number": f"{self._name}-{n}",
                    "home": home.lower(),
                }
                for n, home in enumerate(self._homes, 1)
            ],
            "place_kinds": {kind: {"names": {"en": [kind]}} for kind in counts},
            "places": places,
        }
        nodes = [
            {"nodeId": node, "mapId": MAP, "nodePosition": {"x": x, "y": y}, "vehicleTypeNodeProperties": []}
            for node, (x, y) in self._nodes.items()
        ]
        edges = [
            {
                "edgeId": f"{a}>{b}",
                "startNodeId": a,
                "endNodeId": b,
                "vehicleTypeEdgeProperties": [{"vehicleTypeId": KIND, "maxSpeed": 2.0}],
            }
            for a, b in self._roads
        ]
        return site, {"layouts": [{"layoutId": MAP, "nodes": nodes, "edges": edges, "stations": []}]}

    def site(self) -> Site:
        tables, layout = self.documents()
        return parse_site({**tables, "layout_document": layout})


def ring_site(vehicles: int = 30, depth: int = 4, name: str = "ring") -> SiteBuilder:
    """One-way roads around single-lane aisles that are driven both ways, docks, and a bay for each vehicle.

    The bottom road leads right, past the docks; the top road and the bays' road above it lead left.
    """
    plan = SiteBuilder(name)
    aisles = max(2, vehicles // 5)
    top_y = (depth + 1) * SHELF_PITCH_M
    bottom = [plan.node(f"B{i}", i * AISLE_PITCH_M, 0) for i in range(aisles)]
    top = [plan.node(f"T{i}", i * AISLE_PITCH_M, top_y) for i in range(aisles)]
    for i in range(aisles):
        shelves = [plan.node(f"A{i}.{j}", i * AISLE_PITCH_M, (j + 1) * SHELF_PITCH_M) for j in range(depth)]
        plan.two_way(bottom[i], *shelves, top[i])
        for shelf in shelves:
            plan.place("shelf", shelf)
    docks = [plan.node(f"E{i}", (i + 0.5) * AISLE_PITCH_M, 0) for i in range(aisles)]
    for i, entry in enumerate(docks):
        plan.two_way(entry, plan.node(f"D{i}", (i + 0.5) * AISLE_PITCH_M, -STUB_M))
        plan.place("dock", f"D{i}")
    bays_y = top_y + STUB_M + 4
    bays = [plan.node(f"R{k}", k * BAY_PITCH_M, bays_y) for k in range((vehicles + 1) // 2)]
    for k in range(vehicles):
        side = 1 if k % 2 else -1
        plan.two_way(bays[k // 2], plan.node(f"P{k}", (k // 2) * BAY_PITCH_M, bays_y + side * STUB_M))
        plan.home(f"P{k}")
    right = max(len(bays) * BAY_PITCH_M, aisles * AISLE_PITCH_M) + 4
    corners = [
        plan.node(n, x, y)
        for n, x, y in (
            ("SE", right, 0), ("ME", right, top_y), ("NE", right, bays_y),
            ("NW", -6, bays_y), ("MW", -6, top_y), ("SW", -6, 0),
        )
    ]  # fmt: skip
    south_east, middle_east, north_east, north_west, middle_west, south_west = corners
    eastward = [node for pair in zip(bottom, docks, strict=True) for node in pair]
    plan.highway(south_west, *eastward, south_east, middle_east, north_east, *reversed(bays), north_west, middle_west)
    plan.highway(middle_east, *reversed(top), middle_west, south_west)
    return plan


def corridor_site(vehicles: int = 30, depth: int = 3, name: str = "corridor") -> SiteBuilder:
    """The harder one: every road is a single lane for both directions, so that all traffic is opposed."""
    plan = SiteBuilder(name)
    aisles, pitch = max(2, vehicles // 3), AISLE_PITCH_M / 3
    top_y = (depth + 1) * SHELF_PITCH_M
    bottom = [plan.node(f"B{i}", i * AISLE_PITCH_M, 0) for i in range(aisles)]
    top = [plan.node(f"T{i}", i * AISLE_PITCH_M, top_y) for i in range(aisles)]
    bays = [plan.node(f"R{k}", k * pitch, top_y + 6) for k in range(vehicles)]
    for road in (bottom, top, bays):
        plan.two_way(*road)
    for i in range(aisles):
        shelves = [plan.node(f"A{i}.{j}", i * AISLE_PITCH_M, (j + 1) * SHELF_PITCH_M) for j in range(depth)]
        plan.two_way(bottom[i], *shelves, top[i], bays[3 * i])
        for shelf in shelves:
            plan.place("shelf", shelf)
        plan.two_way(bottom[i], plan.node(f"D{i}", i * AISLE_PITCH_M, -STUB_M))
        plan.place("dock", f"D{i}")
    for k, bay in enumerate(bays):
        plan.two_way(bay, plan.node(f"P{k}", k * pitch, top_y + 6 + STUB_M))
        plan.home(f"P{k}")
    return plan
