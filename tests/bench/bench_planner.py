"""The planner's solver against others on generated warehouses: how early all is done, and after how long.

    python tests/bench/bench_planner.py [--seconds 4] [--seeds 3] [--sizes 5/20 10/40 20/100 50/400] [--plot growth.svg]

Each method has the same problems and seconds. Printed as a table of means over the seeds, in seconds: a bound that no
plan can be below, greedy (and how long it takes), OR-Tools' routing library from the greedy plan, PyVRP alone with an
ever earlier end, and the planner's solver after its first answer, after one second, and in the end, with its gap.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyvrp
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from banksman_cloud.solving.assignment import Assignment, cost
from banksman_cloud.solving.bounds import bound
from banksman_cloud.solving.greedy import greedy
from banksman_cloud.solving.instance import Instance
from banksman_cloud.solving.routing import Routing
from banksman_cloud.solving.solver import Progress, solve
from banksman_cloud.solving.tasks import build_instance
from banksman_cloud.solving.travel_times import TICKS_PER_S
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


_AXIS = "% above the bound"


@dataclass(frozen=True)
class Row:
    """Seconds until all is done by each method, for one problem."""

    bound: float
    greedy: float
    greedy_took: float
    ortools: float
    pyvrp: float
    first: float
    first_took: float
    second: float
    last: float


def measure(build: Callable[[], Instance], seconds: float) -> Row:
    """``build``: the problem, anew for each that is timed, since it remembers the ways that were asked for."""
    problem, fresh = build(), build()
    started = time.perf_counter()
    first = greedy(problem)
    took = time.perf_counter() - started
    heard: list[tuple[float, Progress]] = []
    started = time.perf_counter()
    solution = solve(fresh, SystemClock(), seconds, report=lambda p: heard.append((time.perf_counter() - started, p)))
    least = max(solution.bound, bound(problem)) / TICKS_PER_S
    return Row(
        least,
        makespan(problem, first),
        took,
        makespan(problem, by_ortools(problem, first, seconds)),
        makespan(problem, by_pyvrp(problem, first, seconds)),
        heard[0][1].value_s,
        heard[0][0],
        min(progress.value_s for at, progress in heard if at <= max(1.0, heard[0][0])),
        solution.progress.value_s,
    )


def makespan(problem: Instance, assignment: Assignment) -> float:
    return cost(problem, assignment).makespan / TICKS_PER_S


def by_ortools(problem: Instance, start: Assignment, seconds: float) -> Assignment:
    """OR-Tools' routing library with guided local search from ``start``; the longest way of all counts."""
    frame = Routing(problem, start, random.Random(0))
    matrix, count = frame.data.duration_matrix(0), len(problem.carriers)
    manager = pywrapcp.RoutingIndexManager(len(matrix), count, list(range(count)), [count] * count)
    model = pywrapcp.RoutingModel(manager)
    way = model.RegisterTransitCallback(
        lambda a, b: int(matrix[manager.IndexToNode(a), manager.IndexToNode(b)])  # the same ways as all others have
    )
    model.SetArcCostEvaluatorOfAllVehicles(way)
    model.AddDimension(way, 0, int(10 * cost(problem, start).makespan), True, "time")
    model.GetDimensionOrDie("time").SetGlobalSpanCostCoefficient(1000)
    firsts = {order_first for order in frame.order for order_first in order}
    groups: list[list[int]] = []
    for number in range(len(frame.stops)):
        groups += [[]] if number in firsts else []
        groups[-1].append(manager.NodeToIndex(count + 1 + number))
    for nodes in groups:
        model.AddDisjunction(nodes, 10**9, 1)
    parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    model.CloseModelWithParameters(parameters)
    routes = [[manager.NodeToIndex(count + 1 + number) for number in order] for order in frame.order]
    initial = model.ReadAssignmentFromRoutes(routes, True)
    found = model.SolveFromAssignmentWithParameters(initial, parameters)
    if found is None:
        return start
    made: dict[str, tuple[Any, ...]] = {}
    for vehicle, carrier in enumerate(problem.carriers):
        visits, at = [], model.Start(vehicle)
        while not model.IsEnd(at := found.Value(model.NextVar(at))):
            visits.append(frame.stops[manager.IndexToNode(at) - count - 1])
        made[carrier.id] = tuple(visits)
    return made


def by_pyvrp(problem: Instance, frame: Assignment, seconds: float) -> Assignment:
    """PyVRP from nothing, with an end that is a hundredth earlier each time it has kept one."""
    routing = Routing(problem, frame, random.Random(0))
    until = time.perf_counter() + seconds
    best, end = frame, 2**40
    routing.order = [[] for _ in routing.order]
    while (left := until - time.perf_counter()) > 0:
        types = [t.replace(tw_late=end, start_late=end) for t in routing.data.vehicle_types()]
        stop = pyvrp.stop.MultipleCriteria([pyvrp.stop.FirstFeasible(), pyvrp.stop.MaxRuntime(left)])
        result = pyvrp.solve(routing.data.replace(vehicle_types=types), stop, seed=1, collect_stats=False)
        if not result.best.is_feasible():
            break
        made = {carrier.id: tuple[Any, ...]() for carrier in problem.carriers}
        for route in result.best.routes():
            visits = (routing.stops[activity.idx] for activity in route.schedule() if activity.is_client())
            made[problem.carriers[route.vehicle_type()].id] = tuple(visits)
        best = made
        end = cost(problem, best).makespan * 99 // 100
    return best


def plot(sizes: Sequence[str], rows: Sequence[Row]) -> str:
    """How far above the bound each method ends, over the size, as SVG."""
    width, height, left, below = 640, 360, 60, 50
    lines: dict[str, Callable[[Row], float]] = {
        "greedy": lambda row: row.greedy,
        "OR-Tools routing": lambda row: row.ortools,
        "PyVRP alone": lambda row: row.pyvrp,
        "planner, 1 s": lambda row: row.second,
        "planner": lambda row: row.last,
    }
    colours = ("#7f7f7f", "#ff7f0e", "#2ca02c", "#9ecae1", "#1f77b4")
    over = {name: [100 * (figure(row) / row.bound - 1) for row in rows] for name, figure in lines.items()}
    top = 10 * (max(max(values) for values in over.values()) // 10 + 1)

    def point(column: int, per_cent: float) -> tuple[float, float]:
        share = column / max(1, len(sizes) - 1)
        return left + share * (width - left - 150), 20 + (height - 20 - below) * (1 - per_cent / top)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{(width - 90) / 2}" y="{height - 8}" text-anchor="middle">vehicles/loads</text>',
        f'<text x="14" y="{height / 2}" transform="rotate(-90 14 {height / 2})" text-anchor="middle">{_AXIS}</text>',
    ]
    for step in range(6):
        x, y = point(0, top * step / 5)
        parts.append(f'<line x1="{x}" y1="{y:.1f}" x2="{width - 150}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">{top * step / 5:.0f}</text>')
    for column, size in enumerate(sizes):
        x, y = point(column, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{size}</text>')
    for number, ((name, values), colour) in enumerate(zip(over.items(), colours, strict=True)):
        points = [point(column, value) for column, value in enumerate(values)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{width - 138}" y="{40 + 18 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sizes", nargs="+", default=["5/20", "10/40", "20/100", "50/400"])
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    names = ("bound", "greedy", "took", "OR-Tools", "PyVRP", "first", "took", "1 s", "end")
    print(f"{'':>8} " + " ".join(f"{name:>8}" for name in names) + f" {'gap':>7}")
    means: list[Row] = []
    for size in options.sizes:
        vehicles, loads = map(int, size.split("/"))
        seeds = range(1, options.seeds + 1)
        problems = [partial(instance, loads=loads, vehicles=vehicles, seed=seed) for seed in seeds]
        rows = [measure(problem, options.seconds) for problem in problems]
        figures = [statistics.mean(getattr(row, name) for row in rows) for name in Row.__dataclass_fields__]
        mean = Row(*figures)
        means.append(mean)
        print(
            f"{size:>8} " + " ".join(f"{f:8.2f}" for f in figures) + f" {1 - mean.bound / mean.last:7.1%}", flush=True
        )
    if options.plot:
        options.plot.write_text(plot(options.sizes, means), "utf-8")


if __name__ == "__main__":
    main()
