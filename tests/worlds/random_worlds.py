"""Sites, fleets and wishes by chance, for what has to hold for all of them. Everything follows from one ``Random``."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from banksman_shared.plans import FleetSnapshot, Goal, Goals, VehicleSnapshot
from banksman_shared.site import Site, parse_site

KINDS = ("forklift", "tugger")


@dataclass(frozen=True)
class World:
    site: Site
    fleet: FleetSnapshot
    goals: tuple[Goal, ...]


def make_site(chance: Random, columns: int, rows: int, vehicles: int) -> Site:
    """A grid of lanes, some of them one-way, slow, closed to a kind or to loaded vehicles; two chargers in corners."""
    at = [(c, r) for c in range(columns) for r in range(rows)]
    lanes = [(a, (a[0] + 1, a[1])) for a in at if a[0] + 1 < columns] + [
        (a, (a[0], a[1] + 1)) for a in at if a[1] + 1 < rows
    ]
    edges: list[dict[str, Any]] = []
    for a, b in lanes:
        one_way = chance.random() < 0.1
        slow = chance.choice([None, None, None, 0.5])
        barred = chance.random() < 0.1
        for start, end in [(a, b)] if one_way else [(a, b), (b, a)]:
            properties = [
                {"vehicleTypeId": kind}
                | ({"maxSpeed": slow} if slow else {})
                | ({"loadRestriction": {"loaded": False, "unloaded": True}} if barred and kind == "tugger" else {})
                for kind in KINDS
            ]
            edges.append(
                {
                    "edgeId": f"{name(start)}-{name(end)}",
                    "startNodeId": name(start),
                    "endNodeId": name(end),
                    "vehicleTypeEdgeProperties": properties,
                }
            )
    chargers = {(0, 0), (columns - 1, rows - 1)}
    charging = [{"vehicleTypeId": kind, "actions": [{"actionType": "startCharging"}]} for kind in KINDS]
    nodes = [
        {
            "nodeId": name(a),
            "nodePosition": {"x": 10.0 * a[0], "y": 7.0 * a[1]},
            "vehicleTypeNodeProperties": charging if a in chargers else [],
        }
        for a in at
    ]
    document = {
        "site": {"id": "random", "name": "Random", "languages": ["en"]},
        "vehicle_kinds": {kind: {"names": {"en": [kind]}} for kind in KINDS},
        "vehicles": [
            {
                "id": f"v{i}",
                "kind": KINDS[i % 2],
                "number": i + 1,
                "manufacturer": "Acme",
                "serial_number": f"A-{i}",
                "home": name(chance.choice(at)),
            }
            for i in range(vehicles)
        ],
        "places": [{"id": name(a), "node": name(a), "names": {"en": [f"place {a[0]} {a[1]}"]}} for a in at],
        "layout_document": {"layouts": [{"layoutId": "random", "nodes": nodes, "edges": edges}]},
    }
    return parse_site(document)


def name(at: tuple[int, int]) -> str:
    return f"p{at[0]}{at[1]}"


def make_world(seed: int) -> World:
    """A small world with two to eight goals."""
    chance = Random(seed)
    site = make_site(chance, chance.randint(2, 5), chance.randint(2, 4), chance.randint(1, 5))
    nodes = sorted(site.layout.nodes)
    fleet = FleetSnapshot(
        vehicles=tuple(
            VehicleSnapshot(
                id=v,
                node=chance.choice(nodes),
                battery=chance.choice([None, 100, 60, 12]),
                loaded=chance.random() < 0.1,
                available=chance.random() < 0.9,
                speed=chance.choice([0.7, 1.0, 1.5]),
                ready_s=chance.choice([0, 0, 0, 33]),
            )
            for v in site.vehicles
        )
    )
    goals = [_transport(chance, site) for _ in range(chance.randint(1, 3))]
    makers = (_send, _send, _avoid, _avoid, _one_way, _reserve, _use, _prefer)
    goals += [make(chance, site) for make in makers if chance.random() < 0.3]
    if goals[1:] and goals[1]["kind"] in ("transport", "send") and chance.random() < 0.3:
        goals[1] |= {"after": [0]} | ({"when": "last", "until": None} if goals[1]["kind"] == "send" else {})
    return World(site, fleet, Goals.model_validate({"goals": goals}).goals)


def _some(chance: Random, items: Any, most: int) -> list[str]:
    pool = sorted(items)
    return chance.sample(pool, min(len(pool), chance.randint(1, most)))


def _task(chance: Random, site: Site) -> dict[str, Any]:
    return {
        "words": "do it",
        "within_s": chance.choice([None, None, None, 150, 600]),
        "not_before_s": chance.choice([None, None, None, 40]),
        "without": _some(chance, site.vehicles, 1) if chance.random() < 0.1 else [],
    }


def _transport(chance: Random, site: Site) -> dict[str, Any]:
    origins, destinations = _some(chance, site.places, 2), _some(chance, site.places, 2)
    return _task(chance, site) | {
        "kind": "transport",
        "count": chance.randint(1, 4),
        "origins": origins,
        "destinations": destinations,
        "vehicles": _some(chance, site.vehicles, 3) if chance.random() < 0.3 else [],
        "priority": chance.choice(["high", "normal", "normal", "low"]),
        "at_most": chance.choice([None, None, 1, 2]),
    }


def _send(chance: Random, site: Site) -> dict[str, Any]:
    action = chance.choice(["move", "charge", "park"])
    when = chance.choice(["last", "only"] if action == "park" else ["last", "first", "only"])
    named = chance.random() < 0.5
    return _task(chance, site) | {
        "kind": "send",
        "action": action,
        "vehicles": _some(chance, site.vehicles, 2) if named else [],
        "without": [],
        "destinations": _some(chance, site.places, 2) if action == "move" else [],
        "when": when,
        "until": 70 if action == "charge" and when == "first" else None,
    }


def _avoid(chance: Random, site: Site) -> dict[str, Any]:
    begin, end = chance.choice([(None, None), (None, 60), (30, 120), (80, None)])
    vehicles = _some(chance, site.vehicles, 2) if chance.random() < 0.3 else []
    return {
        "kind": "avoid",
        "places": _some(chance, site.places, 2),
        "vehicles": vehicles,
        "from_s": begin,
        "until_s": end,
        "words": "keep away",
    }


def _one_way(chance: Random, site: Site) -> dict[str, Any]:
    start, end = chance.sample(sorted(site.places), 2)
    return {"kind": "one_way", "start": start, "end": end, "words": "one way"}


def _reserve(chance: Random, site: Site) -> dict[str, Any]:
    return {"kind": "reserve", "percent": chance.choice([10, 50]), "words": "keep some"}


def _use(chance: Random, site: Site) -> dict[str, Any]:
    return {"kind": "use", "never": _some(chance, site.vehicles, 1), "words": "not that one"}


def _prefer(chance: Random, site: Site) -> dict[str, Any]:
    return {"kind": "prefer", "what": chance.choice(["early", "little_driving", "even_work"]), "words": "so"}
