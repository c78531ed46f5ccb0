"""A hall for twelve vehicles: a grid of two-way roads, and every place at the end of a stub beside it."""

from __future__ import annotations

from typing import Any

from banksman_shared.site import Site, parse_site

COLUMNS, ROWS, SPACING_M = 12, 3, 6.0
VEHICLES = 12


def hall_document(run: str = "") -> dict[str, Any]:
    """Six docks and six aisles along the top, twelve bays and two chargers along the bottom. ``run`` makes the
    vehicles' addresses new."""
    nodes = {f"J{c}-{r}": (c * SPACING_M, r * SPACING_M) for c in range(COLUMNS) for r in range(ROWS)}
    roads = [(f"J{c}-{r}", f"J{c + 1}-{r}") for c in range(COLUMNS - 1) for r in range(ROWS)]
    roads += [(f"J{c}-{r}", f"J{c}-{r + 1}") for c in range(COLUMNS) for r in range(ROWS - 1)]
    places: list[dict[str, Any]] = []
    for c in range(COLUMNS):
        kind, number = ("dock", c + 1) if c < 6 else ("aisle", c - 5)
        top, bottom = f"{kind}-{number}", f"bay-{c + 1}"
        nodes |= {top: (c * SPACING_M, ROWS * SPACING_M), bottom: (c * SPACING_M, -SPACING_M)}
        roads += [(f"J{c}-{ROWS - 1}", top), (f"J{c}-0", bottom)]
        places += [
            {"id": top, "kind": kind, "number": number, "node": top},
            {"id": bottom, "kind": "bay", "number": c + 1, "node": bottom},
        ]
    for number, (row, x, joint) in enumerate(((1, -SPACING_M, "J0-1"), (1, COLUMNS * SPACING_M, "J11-1")), 1):
        nodes[f"charger-{number}"] = (x, row * SPACING_M)
        roads.append((joint, f"charger-{number}"))
        places.append({"id": f"charger-{number}", "kind": "charger", "number": number, "node": f"charger-{number}"})
    names = {"dock": "dock", "aisle": "aisle", "bay": "bay", "charger": "charger"}
    return {
        "site": {"id": f"hall{run}", "name": "Hall", "languages": ["en"]},
        "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"]}}},
        "vehicles": [
            {
                "id": f"forklift-{n}",
                "kind": "forklift",
                "number": n,
                "manufacturer": "Acme",
                "serial_number": f"F-{n}{run}",
                "home": f"bay-{n}",
            }
            for n in range(1, VEHICLES + 1)
        ],
        "place_kinds": {kind: {"names": {"en": [name]}} for kind, name in names.items()},
        "places": places,
        "layout_document": {"layouts": [{"layoutId": "hall", "nodes": _nodes(nodes), "edges": _edges(roads)}]},
    }


def hall(run: str = "") -> Site:
    return parse_site(hall_document(run))


def _nodes(nodes: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    charging = [{"vehicleTypeId": "forklift", "actions": [{"actionType": "startCharging"}]}]
    return [
        {
            "nodeId": node,
            "mapId": "hall",
            "nodePosition": {"x": x, "y": y},
            "vehicleTypeNodeProperties": charging if node.startswith("charger") else [],
        }
        for node, (x, y) in nodes.items()
    ]


def _edges(roads: list[tuple[str, str]]) -> list[dict[str, Any]]:
    both = [lane for a, b in roads for lane in ((a, b), (b, a))]
    limit = [{"vehicleTypeId": "forklift", "maxSpeed": 1.5}]
    return [
        {"edgeId": f"{a}_{b}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": limit} for a, b in both
    ]
