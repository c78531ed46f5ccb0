"""Draw up the layout of the bundled example site.

    python scripts/make_warehouse.py > shared/banksman_shared/data/warehouse/layout.lif.json

A one-way ring road runs counter-clockwise around five aisles. Aisles 1 to 5 cross the ring, one-way, up and
down in turn; aisles 6 to 10 are dead ends above it. Every other place lies at the end of a spur of its own, so
a vehicle that stands at one is in nobody's way. Metres; x to the east, y to the north.

      workshop  C1 6  7  8  9  10 C2  cold store
         |      |  |  |  |  |  |  |     |
         B0 <---B1-B2-B3-B4-B5-------- B6
    P1 \\ |     |  |  |  |  |          | / P4
    P2 - C0     1  2  3  4  5          C6 - P5
    P3 / |     |  |  |  |  |          | \\ P6
         A0 --> A1-A2-A3-A4-A5-------> A6
         |      |  |  |  |  |           |
      inbound D1 D2 D3 D4 D5 D6      packing
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from typing import Any

KINDS = ("forklift", "tugger")
MAP = "warehouse-ground"
ROAD, SPUR = 2.0, 1.0
"""Permitted speeds in m/s."""
NORTH, EAST, SOUTH, WEST = math.pi / 2, 0.0, -math.pi / 2, math.pi

nodes: list[dict[str, Any]] = []
edges: list[dict[str, Any]] = []
stations: list[dict[str, Any]] = []


def action(kind: str, blocking: str = "HARD") -> dict[str, Any]:
    return {"actionType": kind, "requirementType": "CONDITIONAL", "blockingType": blocking}


LOADS = [action("pick"), action("drop")]
CHARGING = [action("startCharging"), action("stopCharging")]


def node(
    name: str, x: float, y: float, theta: float | None = None, actions: list[dict[str, Any]] | None = None
) -> None:
    properties: dict[str, Any] = {}
    if theta is not None:
        properties["theta"] = round(theta, 4)
    if actions:
        properties["actions"] = actions
    nodes.append(
        {
            "nodeId": name,
            "mapId": MAP,
            "nodePosition": {"x": x, "y": y},
            "vehicleTypeNodeProperties": [{"vehicleTypeId": kind, **properties} for kind in KINDS],
        }
    )


def edge(start: str, end: str, speed: float) -> None:
    properties = {"rotationAllowed": True, "maxSpeed": speed}
    edges.append(
        {
            "edgeId": f"{start}-{end}",
            "startNodeId": start,
            "endNodeId": end,
            "vehicleTypeEdgeProperties": [{"vehicleTypeId": kind, **properties} for kind in KINDS],
        }
    )


def station(name: str, title: str, at: str, x: float, y: float) -> None:
    stations.append(
        {
            "stationId": name,
            "interactionNodeIds": [at],
            "stationName": title,
            "stationPosition": {"x": x, "y": y},
        }
    )


def spur(name: str, title: str, off: str, to: tuple[float, float], actions: list[dict[str, Any]] | None = None) -> None:
    """A place at the end of a two-way dead end off a road node; vehicles arrive looking along it."""
    start = next(n["nodePosition"] for n in nodes if n["nodeId"] == off)
    heading = math.atan2(to[1] - start["y"], to[0] - start["x"])
    at = f"n-{name}"
    node(at, *to, heading, actions)
    edge(off, at, SPUR)
    edge(at, off, SPUR)
    station(name, title, at, to[0] + round(math.cos(heading), 2), to[1] + round(math.sin(heading), 2))


def ring() -> list[str]:
    for i in range(7):
        node(f"A{i}", 6.0 * i, 6.0)
        node(f"B{i}", 6.0 * i, 20.0)
    node("C0", 0.0, 13.0)
    node("C6", 36.0, 13.0)
    loop = [f"A{i}" for i in range(7)] + ["C6"] + [f"B{i}" for i in reversed(range(7))] + ["C0", "A0"]
    for start, end in itertools.pairwise(loop):
        edge(start, end, ROAD)
    return loop


def aisles() -> None:
    for i in range(1, 6):
        up = i % 2 == 1
        at = f"n-aisle-{i}"
        node(at, 6.0 * i, 13.0, NORTH if up else SOUTH, LOADS)
        first, last = (f"A{i}", f"B{i}") if up else (f"B{i}", f"A{i}")
        edge(first, at, SPUR)
        edge(at, last, SPUR)
        station(f"aisle-{i}", f"Aisle {i}", at, 6.0 * i + 1.5, 13.0)
    for i in range(6, 11):
        spur(f"aisle-{i}", f"Aisle {i}", f"B{i - 5}", (6.0 * (i - 5), 28.0), LOADS)


def places() -> None:
    for i in range(1, 7):
        spur(f"dock-{i}", f"Dock {i}", f"A{i - 1}", (6.0 * (i - 1), 0.0), LOADS)
    spur("inbound", "Inbound", "A0", (-7.0, 6.0), LOADS)
    spur("packing", "Packing", "A6", (43.0, 6.0), LOADS)
    spur("cold-store", "Cold store", "B6", (43.0, 20.0), LOADS)
    spur("workshop", "Workshop", "B0", (-7.0, 20.0))
    spur("charger-1", "Charger 1", "B0", (0.0, 25.0), CHARGING)
    spur("charger-2", "Charger 2", "B6", (36.0, 25.0), CHARGING)
    for i in range(1, 4):
        spur(f"parking-{i}", f"Parking {i}", "C0", (-7.0, 13.0 + 3.0 * (2 - i)))
        spur(f"parking-{i + 3}", f"Parking {i + 3}", "C6", (43.0, 13.0 + 3.0 * (2 - i)))


def document() -> dict[str, Any]:
    ring()
    aisles()
    places()
    return {
        "metaInformation": {
            "projectIdentification": "Banksman example warehouse",
            "creator": "scripts/make_warehouse.py",
            "exportTimestamp": "2026-01-01T00:00:00.00Z",
            "lifVersion": "1.0.0",
        },
        "layouts": [
            {
                "layoutId": "warehouse",
                "layoutName": "Warehouse, ground floor",
                "layoutVersion": "1",
                "layoutLevelId": "ground",
                "nodes": nodes,
                "edges": edges,
                "stations": stations,
            }
        ],
    }


def write(layout: dict[str, Any]) -> str:
    """JSON with a line for each node, edge and station, so that a change shows as one line."""
    whole = json.dumps(layout, indent=2)
    for name in ("nodes", "edges", "stations"):
        items = layout["layouts"][0][name]
        lines = ",\n".join("        " + json.dumps(item) for item in items)
        block = json.dumps({name: items}, indent=2)[2:-2]
        indented = "\n".join("    " + line for line in block.splitlines())
        whole = whole.replace(indented, f'      "{name}": [\n{lines}\n      ]')
    return whole + "\n"


if __name__ == "__main__":
    sys.stdout.write(write(document()))
