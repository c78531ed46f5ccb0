"""PyVRP, which plans for many vehicles, on pickups and deliveries with time windows and several loads on board.

    python tests/bench/bench_pdptw.py [--seconds 10] [--pairs 12] [--li-lim FOLDER]

Generated instances have the shape of Li and Lim's: in clusters (c), anywhere (r), or half and half (rc), with narrow
windows; CP-SAT says how good a plan can be. With a folder that holds lc101.txt, lr101.txt and lrc101.txt as published,
those are solved too and compared with the best known (SINTEF's list). Fewer vehicles come first, then distance.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyvrp
from ortools.sat.python import cp_model

SCALE = 100
VEHICLE = 10_000 * SCALE
"""What a vehicle costs: more than all distances."""
BEST_KNOWN = {"lc101": (10, 828.94), "lr101": (19, 1650.80), "lrc101": (14, 1708.80)}


@dataclass(frozen=True)
class Stop:
    x: float
    y: float
    early: int
    late: int
    service: int


@dataclass(frozen=True)
class Problem:
    """``stops[0]`` is the depot; ``pairs`` are pickup, delivery and amount."""

    stops: list[Stop]
    pairs: list[tuple[int, int, int]]
    vehicles: int
    capacity: int

    def distances(self) -> np.ndarray[Any, Any]:
        at = np.array([(stop.x, stop.y) for stop in self.stops])
        return np.rint(SCALE * np.linalg.norm(at[:, None] - at[None], axis=2)).astype(np.int64)

    def durations(self) -> np.ndarray[Any, Any]:
        """With the service where the way begins."""
        made = self.distances() + np.array([SCALE * stop.service for stop in self.stops])[:, None]
        np.fill_diagonal(made, 0)
        return np.asarray(made)


def generate(shape: str, pairs: int, seed: int) -> Problem:
    """Every pair can be served by a vehicle of its own, so there is a plan."""
    chance = random.Random(f"{shape}{seed}")
    horizon, service, width = (1200, 90, 60) if shape == "c" else (240, 10, 15)
    centres = [(chance.uniform(10, 90), chance.uniform(10, 90)) for _ in range(4)]
    stops = [Stop(40, 50, 0, horizon, 0)]

    def point(number: int) -> tuple[float, float]:
        if shape == "c" or (shape == "rc" and number % 2):
            x, y = centres[number % len(centres)]
            return round(x + chance.gauss(0, 3)), round(y + chance.gauss(0, 3))
        return chance.randint(0, 80), chance.randint(0, 80)

    made: list[tuple[int, int, int]] = []
    for number in range(pairs):
        here, there = point(number), point(number)
        out, between, home = math.dist((40, 50), here), math.dist(here, there), math.dist(there, (40, 50))
        last = horizon - home - 2 * service - between - 2 * width
        begin = int(chance.uniform(out, max(out, last)))
        then = int(begin + service + between + chance.uniform(0, width))
        stops.append(Stop(*here, begin, begin + width, service))
        stops.append(Stop(*there, then, then + width, service))
        made.append((2 * number + 1, 2 * number + 2, chance.choice((10, 20, 30, 40))))
    return Problem(stops, made, pairs, 100)


def read(path: Path) -> Problem:
    """A file in the format of Li and Lim."""
    (vehicles, capacity, *_), *rows = [[int(word) for word in line.split()] for line in path.read_text().splitlines()]
    stops = [Stop(x, y, early, late, service) for _, x, y, _, early, late, service, *_ in rows]
    pairs = [(row[0], row[8], row[3]) for row in rows if row[3] > 0]
    return Problem(stops, pairs, vehicles, capacity)


def by_pyvrp(problem: Problem, seconds: float) -> tuple[int, float]:
    """Vehicles and distance."""
    stops = problem.stops

    def step(number: int) -> list[int]:
        return [SCALE * stops[number].early, SCALE * stops[number].late, SCALE * stops[number].service]

    shipments = [pyvrp.Shipment(p, d, *step(p), *step(d), amount=[amount]) for p, d, amount in problem.pairs]
    late = SCALE * stops[0].late
    kind = pyvrp.VehicleType(problem.vehicles, [problem.capacity], fixed_cost=VEHICLE, tw_late=late)
    matrix = problem.distances()
    locations = [pyvrp.Location(stop.x, stop.y) for stop in stops]
    data = pyvrp.ProblemData(locations, [], [pyvrp.Depot(0, tw_late=late)], [kind], [matrix], [matrix], [], shipments)
    result = pyvrp.solve(data, pyvrp.stop.MaxRuntime(seconds), seed=1, collect_stats=False)
    assert result.best.is_feasible(), "PyVRP found no plan"
    return result.best.num_routes(), result.best.distance() / SCALE


def by_cp_sat(problem: Problem, seconds: float) -> tuple[int, float, bool]:
    """A bound on vehicles, a bound on the distance with so many, and whether it is reached."""
    model: Any = cp_model.CpModel()
    distance, duration, count = problem.distances(), problem.durations(), len(problem.stops)
    times = [model.new_int_var(SCALE * stop.early, SCALE * stop.late, "") for stop in problem.stops]
    load = [model.new_int_var(0, problem.capacity, "") for _ in range(count)]
    route = [model.new_int_var(0, count, "") for _ in range(count)]
    amounts = {p: a for p, _, a in problem.pairs} | {d: -a for _, d, a in problem.pairs}
    arcs, used, costs = [], [], []
    for a in range(count):
        for b in range(count):
            begin = SCALE * problem.stops[a].early + duration[a, b]
            if a == b or (a and begin > SCALE * problem.stops[b].late):
                continue
            literal = model.new_bool_var("")
            arcs.append((a, b, literal))
            costs.append(int(distance[a, b]) * literal)
            used += [literal] if not a else []
            if b:
                since = times[a] if a else 0
                model.add(times[b] >= since + int(duration[a, b])).only_enforce_if(literal)
                model.add(load[b] == (load[a] if a else 0) + amounts[b]).only_enforce_if(literal)
                model.add(route[b] == (route[a] if a else b)).only_enforce_if(literal)
            else:
                model.add(times[a] + int(duration[a, 0]) <= SCALE * problem.stops[0].late).only_enforce_if(literal)
    model.add_multiple_circuit(arcs)
    for pickup, delivery, _ in problem.pairs:
        model.add(route[pickup] == route[delivery])
        model.add(times[delivery] >= times[pickup] + int(duration[pickup, delivery]))
    model.minimize(VEHICLE * sum(used) + sum(costs))
    solver: Any = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    vehicles, rest = divmod(math.ceil(solver.best_objective_bound), VEHICLE)
    return vehicles, rest / SCALE, status == cp_model.OPTIMAL


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--li-lim", type=Path)
    options = parser.parse_args()
    for shape in ("c", "r", "rc"):
        for seed in (1, 2, 3):
            problem = generate(shape, options.pairs, seed)
            vehicles, length = by_pyvrp(problem, options.seconds)
            least, bound, proven = by_cp_sat(problem, options.seconds)
            word = "optimum" if proven else "bound"
            print(f"{shape:>7}-{seed}: PyVRP {vehicles} / {length:.2f}, {word} {least} / {bound:.2f}", flush=True)
    for path in sorted(options.li_lim.glob("l*101.txt")) if options.li_lim else ():
        vehicles, length = by_pyvrp(read(path), options.seconds)
        best = BEST_KNOWN.get(path.stem)
        print(f"{path.stem:>9}: PyVRP {vehicles} / {length:.2f}, best known {best}", flush=True)


if __name__ == "__main__":
    main()
