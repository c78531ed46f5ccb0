"""A site for a dozen vehicles: a grid of roads, racks on one side, docks on the other, parking above and below."""

from __future__ import annotations

import itertools
from typing import Any

from banksman_shared.site import Site, parse_site

COLUMNS, ROWS, SPACING = 6, 6, 5.0
RACKS = tuple(f"rack-{number}" for number in range(1, ROWS + 1))
DOCKS = tuple(f"dock-{number}" for number in range(1, ROWS + 1))
_runs = itertools.count()


def depot() -> Site:
    """Twelve forklifts, each at home; with serial numbers of this call alone."""
    run = next(_runs)
    nodes, roads, places, vehicles = _grid(), _roads(), list[dict[str, Any]](), list[dict[str, Any]]()
    for kind, names in (("rack", RACKS), ("dock", DOCKS)):
        places += [
            {"id": name, "kind": kind, "number": number, "station": name} for number, name in enumerate(names, 1)
        ]
    for number in range(1, 2 * COLUMNS + 1):
        places.append({"id": f"park-{number}", "kind": "park", "number": number, "node": f"park-{number}"})
        vehicles.append(
            {
                "id": f"lift-{number}",
                "kind": "forklift",
                "number": number,
                "manufacturer": "Depot",
                "serial_number": f"lift-{number}-{run}",
                "home": f"park-{number}",
            }
        )
    every = [{"vehicleTypeId": "forklift", "maxSpeed": 2.0}]
    layout = {
        "layoutId": "depot",
        "nodes": [
            {"nodeId": n, "mapId": "depot", "nodePosition": {"x": x, "y": y}, "vehicleTypeNodeProperties": []}
            for n, (x, y) in nodes.items()
        ],
        "edges": [
            {"edgeId": f"{a}-{b}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": every}
            for one, other in roads
            for a, b in ((one, other), (other, one))
        ],
        "stations": [{"stationId": name, "interactionNodeIds": [name]} for name in (*RACKS, *DOCKS)],
    }
    kinds = {kind: {"names": {"en": [kind]}} for kind in ("rack", "dock", "park")}
    return parse_site(
        {
            "site": {"id": f"depot-{run}", "name": "Depot", "languages": ["en"]},
            "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"]}}},
            "vehicles": vehicles,
            "place_kinds": kinds,
            "places": places,
            "layout_document": {"layouts": [layout]},
        }
    )


def _grid() -> dict[str, tuple[float, float]]:
    nodes = {f"{x}/{y}": (x * SPACING, y * SPACING) for x in range(COLUMNS) for y in range(ROWS)}
    for y in range(ROWS):
        nodes[RACKS[y]] = (-SPACING, y * SPACING)
        nodes[DOCKS[y]] = (COLUMNS * SPACING, y * SPACING)
    for x in range(COLUMNS):
        nodes[f"park-{x + 1}"] = (x * SPACING, -SPACING)
        nodes[f"park-{COLUMNS + x + 1}"] = (x * SPACING, ROWS * SPACING)
    return nodes


def _roads() -> list[tuple[str, str]]:
    along = [(f"{x}/{y}", f"{x + 1}/{y}") for x in range(COLUMNS - 1) for y in range(ROWS)]
    across = [(f"{x}/{y}", f"{x}/{y + 1}") for x in range(COLUMNS) for y in range(ROWS - 1)]
    stations = [(RACKS[y], f"0/{y}") for y in range(ROWS)] + [(DOCKS[y], f"{COLUMNS - 1}/{y}") for y in range(ROWS)]
    parks = [(f"park-{x + 1}", f"{x}/0") for x in range(COLUMNS)]
    parks += [(f"park-{COLUMNS + x + 1}", f"{x}/{ROWS - 1}") for x in range(COLUMNS)]
    return [*along, *across, *stations, *parks]
