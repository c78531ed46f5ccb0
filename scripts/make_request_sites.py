"""Draw up the four sites of the planner's requests: a site and a scene in each of tests/data/requests/sites/ID.

    python scripts/make_request_sites.py [FOLDER]

Their names are in request_sites.toml. Distances, and where the places lie, follow from the seed that stands there.
``grid``: lanes of two directions. ``ring``: a one-way ring with one-way lanes across. ``comb``: dead ends off a spine.
``halls``: two halls with one way between them.
"""

from __future__ import annotations

import json
import random
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SITES = ROOT / "tests" / "data" / "requests" / "sites"

Point = tuple[float, float]


class Ways:
    """A layout in the making: nodes, lanes between them, and slots at which a spur may begin."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.at: dict[str, Point] = {}
        self.lanes: list[tuple[str, str]] = []
        self.slots: list[list[tuple[str, Point]]] = [[]]
        """By part of the site, a node and the direction of the spur."""
        self.middle: list[str] = []
        """Where the places go that vehicles drive through."""

    def grid(self, prefix: str, columns: int, rows: int, left: float) -> None:
        step_x, step_y = self.rng.uniform(11, 16), self.rng.uniform(9, 13)
        for c in range(columns):
            for r in range(rows):
                self.at[f"{prefix}{c}{r}"] = (round(left + step_x * c, 1), round(step_y * r, 1))
                if c:
                    self.both(f"{prefix}{c - 1}{r}", f"{prefix}{c}{r}")
                if r:
                    self.both(f"{prefix}{c}{r - 1}", f"{prefix}{c}{r}")
            self.slots[-1] += [(f"{prefix}{c}0", (dx, -4.0)) for dx in (-2.5, 2.5)]
            self.slots[-1] += [(f"{prefix}{c}{rows - 1}", (dx, 4.0)) for dx in (-2.5, 2.5)]

    def both(self, a: str, b: str) -> None:
        self.lanes += [(a, b), (b, a)]


def grid(ways: Ways) -> None:
    ways.grid("g", 6, 3, 0.0)
    ways.middle = [f"g{c}1" for c in range(1, 6)]


def ring(ways: Ways) -> None:
    step, height = ways.rng.uniform(12, 17), ways.rng.uniform(18, 24)
    for i in range(6):
        ways.at[f"b{i}"], ways.at[f"t{i}"] = (round(step * i, 1), 0.0), (round(step * i, 1), round(height, 1))
        ways.slots[-1] += [(f"b{i}", (dx, -4.0)) for dx in (-2.5, 2.5)]
        ways.slots[-1] += [(f"t{i}", (dx, 4.0)) for dx in (-2.5, 2.5)]
    ways.lanes += [(f"b{i}", f"b{i + 1}") for i in range(5)] + [("b5", "t5")]
    ways.lanes += [(f"t{i + 1}", f"t{i}") for i in range(5)] + [("t0", "b0")]
    for number, i in enumerate((1, 2, 4)):
        middle = f"m{i}"
        ways.at[middle] = (round(step * i, 1), round(height / 2, 1))
        up = [(f"b{i}", middle), (middle, f"t{i}")]
        ways.lanes += up if number % 2 else [(b, a) for a, b in up]
        ways.middle.append(middle)


def comb(ways: Ways) -> None:
    step = ways.rng.uniform(16, 22)
    for i in range(7):
        ways.at[f"s{i}"] = (round(step * i, 1), 0.0)
        if i:
            ways.both(f"s{i - 1}", f"s{i}")
    for i in range(1, 6):
        x, reach = ways.at[f"s{i}"][0], ways.rng.uniform(10, 18)
        ways.at |= {
            f"u{i}": (x, round(reach, 1)),
            f"e{i}": (x, round(reach + 8, 1)),
            f"d{i}": (x, round(-reach / 2, 1)),
        }
        for a, b in ((f"s{i}", f"u{i}"), (f"u{i}", f"e{i}"), (f"s{i}", f"d{i}")):
            ways.both(a, b)
        ways.middle.append(f"u{i}")
        ways.slots[-1] += [(f"e{i}", (dx, 3.0)) for dx in (-3.0, 3.0)]
        ways.slots[-1] += [(f"d{i}", (dx, -3.0)) for dx in (-4.0, 0.0, 4.0)]
    ways.slots[-1] += [(end, (dx, dy)) for end, dx in (("s0", -4.0), ("s6", 4.0)) for dy in (-3.0, 3.0)]


def halls(ways: Ways) -> None:
    ways.grid("a", 3, 3, 0.0)
    ways.slots.append([])
    right = max(x for x, _ in ways.at.values())
    ways.grid("b", 3, 3, right + 24)
    ways.at["gate"] = (round(right + 12, 1), ways.at["a21"][1])
    ways.both("a21", "gate")
    ways.both("gate", "b01")
    ways.middle = ["gate"]


STYLES = {"grid": grid, "ring": ring, "comb": comb, "halls": halls}


def spread(ways: Ways, spurs: Sequence[str]) -> dict[str, str]:
    """Give every place at the end of a spur a node of its own, by chance; returns the nodes of the places."""
    found: dict[str, str] = {}
    left = list(spurs)
    for slots in ways.slots:
        chosen = ways.rng.sample(slots, min(len(slots), len(left) if slots is ways.slots[-1] else 10))
        for (node, (dx, dy)), place in zip(chosen, left, strict=False):
            x, y = ways.at[node]
            ways.at[place.upper()] = (round(x + dx, 1), round(y + dy, 1))
            ways.both(node, place.upper())
            found[place] = place.upper()
        left = left[len(chosen) :]
    if left:
        raise SystemExit(f"there is no room for {', '.join(left)}")
    return found


def layout(site: str, table: Mapping[str, Any], ways: Ways, nodes: Mapping[str, str]) -> dict[str, Any]:
    kinds, gate_only = table["kinds"], table.get("gate_only")
    charging = {nodes[place] for place in nodes if place.startswith("charger")}
    through = set(ways.middle)

    def actions(node: str) -> list[str]:
        if node in charging:
            return ["startCharging", "stopCharging"]
        return ["pick", "drop"] if node in nodes.values() else []

    def allowed(a: str, b: str) -> list[str]:
        return [gate_only] if gate_only and {a, b} & through else list(kinds)

    return {
        "metaInformation": {
            "projectIdentification": site,
            "creator": "scripts/make_request_sites.py",
            "exportTimestamp": "2026-01-01T00:00:00Z",
            "lifVersion": "1.0.0",
        },
        "layouts": [
            {
                "layoutId": site,
                "layoutVersion": "1",
                "nodes": [
                    {
                        "nodeId": node,
                        "mapId": site,
                        "nodePosition": {"x": x, "y": y},
                        "vehicleTypeNodeProperties": [
                            {"vehicleTypeId": kind, "actions": [_action(name) for name in actions(node)]}
                            for kind in kinds
                        ],
                    }
                    for node, (x, y) in ways.at.items()
                ],
                "edges": [
                    {
                        "edgeId": f"{a}-{b}",
                        "startNodeId": a,
                        "endNodeId": b,
                        "vehicleTypeEdgeProperties": [
                            {"vehicleTypeId": kind, "maxSpeed": 2.0, "rotationAllowed": True} for kind in allowed(a, b)
                        ],
                    }
                    for a, b in ways.lanes
                ],
                "stations": [],
            }
        ],
    }


def _action(name: str) -> dict[str, str]:
    return {"actionType": name, "requirementType": "CONDITIONAL", "blockingType": "HARD"}


def site_toml(site: str, table: Mapping[str, Any], nodes: Mapping[str, str], homes: Mapping[str, str]) -> str:
    names = table["names"]
    lines = [
        "[site]",
        f"id = {_text(site)}",
        f"name = {_text(table['name'])}",
        f"languages = {_text(table['languages'])}",
        'layout = "layout.lif.json"',
    ]
    numbered = dict.fromkeys(_kind(place) for place in nodes if _number(place))
    lines += [line for kind in table["kinds"] for line in ("", f"[vehicle_kinds.{kind}]", _names(names[kind]))]
    lines += [line for kind in numbered for line in ("", f"[place_kinds.{kind}]", _names(names[kind]))]
    for number, vehicle in enumerate(table["vehicles"], 1):
        lines += ["", "[[vehicles]]", *_identity(vehicle), 'manufacturer = "Acme"']
        lines += [f"serial_number = {_text(f'{site}-{number}')}", f"home = {_text(homes[vehicle])}"]
        lines += [_names(names[vehicle])] if vehicle in names else []
    for place, node in nodes.items():
        lines += ["", "[[places]]", *(_identity(place) if _number(place) else [f"id = {_text(place)}"])]
        lines += [f"node = {_text(node)}", *([] if _number(place) else [_names(names[place])])]
    for group, own in table.get("groups", {}).items():
        lines += ["", "[[groups]]", f"id = {_text(group)}", f"vehicles = {_text(own['vehicles'])}"]
        lines.append(_names(own["names"]))
    for zone, own in table.get("zones", {}).items():
        lines += ["", "[[zones]]", f"id = {_text(zone)}", f"places = {_text(own['places'])}", _names(own["names"])]
    return "\n".join(lines) + "\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _names(names: Mapping[str, list[str]]) -> str:
    return "names = { " + ", ".join(f"{code} = {_text(words)}" for code, words in names.items()) + " }"


def _number(place: str) -> str:
    return place.rpartition("-")[2] if place.rpartition("-")[2].isdigit() else ""


def _kind(place: str) -> str:
    return place.rpartition("-")[0]


def _identity(thing: str) -> list[str]:
    return [f"id = {_text(thing)}", f"kind = {_text(_kind(thing))}", f"number = {_number(thing)}"]


def scene(table: Mapping[str, Any], nodes: Mapping[str, str], homes: Mapping[str, str]) -> dict[str, Any]:
    """What the planner is told of the moment: fleet, loads, the time on the clock."""
    own = table["scene"]
    vehicles = [
        {
            "id": vehicle,
            "node": nodes[homes[vehicle]],
            "battery": own["batteries"].get(vehicle, own["battery"]),
            "available": vehicle not in own.get("away", ()),
            "speed": own["speed"],
        }
        for vehicle in table["vehicles"]
    ]
    counts = own.get("loads")
    loads = [
        {"id": f"{place}-load-{n}", "place": place, "type": _type(own.get("types", {}).get(place), n)}
        for place, count in (counts or {}).items()
        for n in range(1, count + 1)
    ]
    return {"now": own.get("now"), "fleet": {"vehicles": vehicles, "loads": loads if counts else None}}


def _type(types: str | list[str] | None, number: int) -> str | None:
    """Of the load with that number, counted from 1, where all are of a type or each has its own."""
    return types[number - 1] if isinstance(types, list) else types


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SITES
    tables = tomllib.loads(Path(__file__).with_name("request_sites.toml").read_text("utf-8"))
    for site, table in tables.items():
        ways = Ways(random.Random(table["seed"]))
        STYLES[table["style"]](ways)
        bays = [f"bay-{n}" for n, _ in enumerate(table["vehicles"], 1)]
        homes = dict(zip(table["vehicles"], bays, strict=True))
        nodes = dict(zip(table["through"], ways.middle, strict=True))
        nodes |= spread(ways, list(dict.fromkeys([*table["spurs"], *bays])))
        folder = target / site
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "site.toml").write_text(site_toml(site, table, nodes, homes), "utf-8")
        document = json.dumps(layout(site, table, ways, nodes), separators=(",", ":"))
        (folder / "layout.lif.json").write_text(document + "\n", "utf-8")
        (folder / "scene.json").write_text(json.dumps(scene(table, nodes, homes), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
