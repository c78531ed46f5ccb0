"""Write layout.lif.json beside site files that have none, so that vehicles can drive there.

    python scripts/make_layout.py FOLDER:KIND…

KIND is the kind of places where vehicles charge.
Two one-way lanes side by side, joined between all places, with the places left and right of them.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

APART_M, BESIDE_M, LANES_M = 6.0, 8.0, 4.0
HANDLING = ("pick", "drop")


def layout_of(site: dict[str, Any], charging: str) -> dict[str, Any]:
    """The layout of a site document."""
    kinds = list(site["vehicle_kinds"])
    nodes, edges, stations = [], [], []
    map_id, places = f"{site['site']['id']}-ground", site["places"]

    def node(name: str, x: float, y: float, actions: Sequence[str] = ()) -> None:
        done = [{"actionType": a, "requirementType": "CONDITIONAL", "blockingType": "HARD"} for a in actions]
        properties = [{"vehicleTypeId": kind, **({"actions": done} if done else {})} for kind in kinds]
        position = {"x": x, "y": y}
        nodes.append(
            {"nodeId": name, "mapId": map_id, "nodePosition": position, "vehicleTypeNodeProperties": properties}
        )

    def lane(start: str, end: str, *, back: bool = True) -> None:
        for a, b in ((start, end), (end, start)) if back else ((start, end),):
            properties = [{"vehicleTypeId": kind, "rotationAllowed": True, "maxSpeed": 1.5} for kind in kinds]
            edges.append(
                {"edgeId": f"{a}-{b}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": properties}
            )

    for i, place in enumerate(places):
        x, up = i * APART_M, i % 2 == 0
        charges = ("startCharging", "stopCharging") if place.get("kind") == charging else ()
        node(f"A{i}", x, 0.0)
        node(f"B{i}", x, LANES_M)
        node(f"n-{place['id']}", x, LANES_M + BESIDE_M if up else -BESIDE_M, (*HANDLING, *charges))
        lane(f"A{i}", f"B{i}")
        lane(f"B{i}" if up else f"A{i}", f"n-{place['id']}")
        if i:
            lane(f"A{i - 1}", f"A{i}", back=False)
            lane(f"B{i}", f"B{i - 1}", back=False)
        stations.append({"stationId": place["station"], "interactionNodeIds": [f"n-{place['id']}"]})
    about = {"projectIdentification": site["site"]["name"], "creator": "make_layout", "lifVersion": "1.0.0"}
    layout = {"layoutId": map_id, "layoutVersion": "1", "nodes": nodes, "edges": edges, "stations": stations}
    return {"metaInformation": {**about, "exportTimestamp": "2026-01-01T00:00:00.00Z"}, "layouts": [layout]}


def main() -> None:
    for argument in sys.argv[1:]:
        name, _, charging = argument.partition(":")
        folder = Path(name)
        site = tomllib.loads((folder / "site.toml").read_text("utf-8"))
        (folder / "layout.lif.json").write_text(json.dumps(layout_of(site, charging), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
