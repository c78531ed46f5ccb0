"""A small site in a folder of its own."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from sim_world import MAP, PLACES

from banksman_shared.site import Site, load_site

_runs = itertools.count()


@pytest.fixture
def yard_folder(tmp_path: Path) -> Path:
    """Four nodes A to D, a forklift at home on A and a tugger on D, with serial numbers of this test alone."""
    run = next(_runs)
    layout = {
        "metaInformation": {"projectIdentification": "yard", "creator": "test", "lifVersion": "1.0.0"},
        "layouts": [
            {
                "layoutId": "yard",
                "nodes": [
                    {
                        "nodeId": name,
                        "mapId": MAP,
                        "nodePosition": {"x": x, "y": y},
                        "vehicleTypeNodeProperties": [{"vehicleTypeId": "forklift", "theta": 1.5}]
                        if name == "A"
                        else [],
                    }
                    for name, (x, y) in PLACES.items()
                ],
                "edges": [
                    {"edgeId": a + b, "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": []}
                    for a, b in (*itertools.pairwise("ABCD"), *itertools.pairwise("DCBA"))
                ],
                "stations": [{"stationId": "dock", "interactionNodeIds": ["D"]}],
            }
        ],
    }
    (tmp_path / "layout.lif.json").write_text(json.dumps(layout), encoding="utf-8")
    (tmp_path / "site.toml").write_text(
        f"""
[site]
id = "yard-{run}"
name = "Yard"
languages = ["en"]
[vehicle_kinds.forklift]
names = {{ en = ["forklift"] }}
[vehicle_kinds.tugger]
names = {{ en = ["tugger"] }}
[[vehicles]]
id = "lift"
kind = "forklift"
number = 1
manufacturer = "Yard"
serial_number = "lift-{run}"
home = "corner"
[[vehicles]]
id = "tug"
kind = "tugger"
number = 2
manufacturer = "Yard"
serial_number = "tug-{run}"
home = "dock"
[[places]]
id = "corner"
node = "A"
names = {{ en = ["corner"] }}
[[places]]
id = "dock"
station = "dock"
names = {{ en = ["dock"] }}
""",
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def yard(yard_folder: Path) -> Site:
    return load_site(yard_folder)
