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
    return {_name(x, y): (x * SPACING, y * SPACING) for x in range(-1, COLUMNS + 1) for y in range(-1, ROWS + 1)}


def _name(x: int, y: int) -> str:
    """Racks, docks and parking are the border of the grid, so that each can be left by another way."""
    if 0 <= y < ROWS and x in (-1, COLUMNS):
        return (RACKS if x < 0 else DOCKS)[y]
    if 0 <= x < COLUMNS and y in (-1, ROWS):
        return f"park-{x + 1 + (COLUMNS if y == ROWS else 0)}"
    return f"{x}/{y}"


def _roads() -> list[tuple[str, str]]:
    along = [(_name(x, y), _name(x + 1, y)) for x in range(-1, COLUMNS) for y in range(-1, ROWS + 1)]
    across = [(_name(x, y), _name(x, y + 1)) for x in range(-1, COLUMNS + 1) for y in range(-1, ROWS)]
    return [*along, *across]
