"""Greedy against the solver: 20 vehicles, 100 loads, a generated warehouse. Run: python tests/bench/bench_planner.py"""

from __future__ import annotations

import random
import time

from banksman_cloud.assignment import cost
from banksman_cloud.greedy import greedy
from banksman_cloud.instance import Instance
from banksman_cloud.solver import solve
from banksman_cloud.tasks import build_instance
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, TransportGoal, VehicleSnapshot
from banksman_shared.site import Site, parse_site


def grid_site(columns: int = 10, rows: int = 6, vehicles: int = 20) -> Site:
    """A grid of two-way lanes, 8 m apart; every crossing is a place ``p-COLUMN-ROW``."""
    at = [(c, r) for c in range(columns) for r in range(rows)]
    lanes = [((c, r), (c + 1, r)) for c, r in at if c + 1 < columns] + [
        ((c, r), (c, r + 1)) for c, r in at if r + 1 < rows
    ]
    nodes = [{"nodeId": f"n-{c}-{r}", "nodePosition": {"x": 8.0 * c, "y": 8.0 * r}} for c, r in at]
    edges = [
        {"edgeId": f"{a}-{b}", "startNodeId": f"n-{a[0]}-{a[1]}", "endNodeId": f"n-{b[0]}-{b[1]}"}
        for lane in lanes
        for a, b in (lane, lane[::-1])
    ]
    return parse_site(
        {
            "site": {"id": "grid", "name": "Grid", "languages": ["en"]},
            "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"]}}},
            "vehicles": [
                {
                    "id": f"agv-{i}",
                    "kind": "forklift",
                    "number": i,
                    "manufacturer": "Acme",
                    "serial_number": f"A-{i}",
                    "home": f"p-{i % columns}-{i // columns}",
                }
                for i in range(vehicles)
            ],
            "places": [{"id": f"p-{c}-{r}", "node": f"n-{c}-{r}", "names": {"en": [f"place {c} {r}"]}} for c, r in at],
            "layout_document": {"layouts": [{"layoutId": "grid", "nodes": nodes, "edges": edges}]},
        }
    )


def instance(loads: int = 100, vehicles: int = 20, seed: int = 1) -> Instance:
    """``loads`` single loads between random places, each with a choice of two destinations for every third."""
    site, chance = grid_site(vehicles=vehicles), random.Random(seed)
    goals: list[TransportGoal] = []
    for number in range(loads):
        origin, *destinations = chance.sample(sorted(site.places), 3)
        kept = tuple(destinations if number % 3 == 0 else destinations[:1])
        goals.append(TransportGoal(count=1, origins=(origin,), destinations=kept, words=f"load {number}"))
    fleet = tuple(VehicleSnapshot(id=v.id, node=site.places[v.home].node, battery=80) for v in site.vehicles.values())
    return build_instance(site, FleetSnapshot(vehicles=fleet), goals)


def main() -> None:
    for seed in (1, 2, 3):
        problem = instance(seed=seed)
        started = time.perf_counter()
        first = cost(problem, greedy(problem))
        between = time.perf_counter()
        solution = solve(problem, SystemClock())
        done = time.perf_counter()
        print(
            f"seed {seed}: greedy {first.makespan / 10:.1f} s makespan in {between - started:.2f} s; "
            f"solver {solution.cost.makespan / 10:.1f} s makespan in {done - between:.2f} s"
        )


if __name__ == "__main__":
    main()
