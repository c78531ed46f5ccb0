"""What no plan can better: lower bounds that hold whatever the order, the windows and the batteries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ortools.graph.python import linear_sum_assignment

from banksman_cloud.solving.assignment import Cost
from banksman_cloud.solving.instance import HANDLING, Carrier, Instance, Load
from banksman_cloud.solving.travel_times import Roads

_FAR = 10**7


def measure(instance: Instance, cost: Cost) -> int:
    """The figure that is minimised, in ticks: the time at which all is done, or the time spent working."""
    return cost.busy if instance.prefer == "little_driving" else cost.makespan


def bound(instance: Instance) -> int:
    """Ticks below which :func:`measure` cannot be.

    Each load needs its own way, its handling, and a way to it from where some vehicle starts or some other load
    ended; the cheapest such choice for all loads together is an assignment problem. The work can be shared by all
    that may carry at best evenly; and no load is done before somebody could have carried it first of all.
    """
    able = _able(instance)
    work = _work(instance, able, range(len(instance.loads))) if able else 0
    tails = {c.id: instance.tail(c, c.node) or () for c in instance.carriers}
    idle = [c for c in instance.carriers if c not in able]
    if instance.prefer == "little_driving":
        return work + sum(tails[c.id][-1].after for c in idle if tails[c.id])
    single = [_single(instance, load) for load in dict.fromkeys(instance.loads)]
    ends = [c.first[-1].end for c in instance.carriers if c.first]
    ends += [c.ready + tails[c.id][-1].after for c in idle if tails[c.id]]
    return max([0, _level(work, sorted(c.ready for c in able)), *single, *ends])


def hopeless(instance: Instance) -> bool:
    """Whether some time limit of loads is proven to be too short; False proves nothing."""
    able = _able(instance)
    ready = sorted(carrier.ready for carrier in able)
    for due in {load.due for load in instance.loads if load.due is not None}:
        rows = [number for number, load in enumerate(instance.loads) if load.due is not None and load.due <= due]
        single = max(_single(instance, load) for load in dict.fromkeys(instance.loads[row] for row in rows))
        if max(single, _level(_work(instance, able, rows), ready)) > due:
            return True
    return False


def _able(instance: Instance) -> list[Carrier]:
    """The carriers that may carry something."""
    vehicles = {vehicle for load in dict.fromkeys(instance.loads) for vehicle in load.vehicles}
    return [carrier for carrier in instance.carriers if carrier.id in vehicles]


def _single(instance: Instance, load: Load) -> int:
    """When ``load`` can be there at the earliest, whatever its carrier may have done before."""
    ways: list[int] = []
    carried: dict[int, dict[str, int]] = {}
    for carrier in instance.carriers:
        if carrier.id not in load.vehicles:
            continue
        if id(carrier.roads) not in carried:
            carried[id(carrier.roads)] = _carry(instance, carrier.roads, load)
        for origin, carry in carried[id(carrier.roads)].items():
            fetch = carrier.roads.least(carrier.node, origin, loaded=False)
            if fetch is not None:
                ways.append(max(carrier.ready, load.begin) + fetch + carry)
    return min(ways, default=0)


def _carry(instance: Instance, roads: Roads, load: Load) -> dict[str, int]:
    """Node of an origin → ticks that it takes at least to carry the load from there, with its handling."""
    carry: dict[str, int] = {}
    for trip in load.trips:
        origin, destination = instance.ends(trip)
        ticks = roads.ticks(origin, destination, loaded=True)
        if ticks is not None:
            carry[origin] = min(carry.get(origin, _FAR), ticks + HANDLING)
    return carry


def _level(work: int, ready: list[int]) -> int:
    """The earliest time by which carriers that are free at ``ready`` can have done ``work`` together."""
    if not ready or not work:
        return 0
    for count in range(1, len(ready) + 1):
        level = -(-(work + sum(ready[:count])) // count)
        if count == len(ready) or level <= ready[count]:
            return level
    return 0


def _work(instance: Instance, able: list[Carrier], rows: Sequence[int]) -> int:
    """Ticks that the loads ``rows`` together take at the least, each after a start or any other load."""
    starts, size = len(able), len(instance.loads) + len(able)
    costs = np.full((len(instance.loads), size), _FAR, dtype=np.int64)
    for roads in {id(c.roads): c.roads for c in able}.values():
        here = [(k, c) for k, c in enumerate(able) if c.roads is roads]
        _fill(instance, roads, here, costs)
    costs[np.arange(len(instance.loads)), starts + np.arange(len(instance.loads))] = _FAR
    square = np.zeros((size, size), dtype=np.int64)  # further rows: nothing comes after
    square[: len(rows)] = costs[rows]
    solver: Any = linear_sum_assignment.SimpleLinearSumAssignment()
    left, right = np.indices(square.shape)
    solver.add_arcs_with_cost(left.ravel(), right.ravel(), square.ravel())
    if solver.solve() != solver.OPTIMAL or solver.optimal_cost() >= _FAR:
        return 0
    return int(solver.optimal_cost())


def _fill(instance: Instance, roads: Roads, carriers: list[tuple[int, Carrier]], costs: np.ndarray[Any, Any]) -> None:
    """Lower ``costs`` (load × what comes before it) to what a carrier on these roads needs."""
    ids, starts = {c.id for _, c in carriers}, costs.shape[1] - len(instance.loads)
    fetch: dict[tuple[str, str], int] = {}

    def way(start: str, end: str) -> int:
        if (start, end) not in fetch:
            found = roads.ticks(start, end, loaded=False)
            fetch[start, end] = _FAR if found is None else found
        return fetch[start, end]

    left = [{instance.node(trip) for trip in load.trips} for load in instance.loads]
    known: dict[int, np.ndarray[Any, Any]] = {}
    for row, load in enumerate(instance.loads):
        if not ids & load.vehicles:
            continue
        if id(load) not in known:
            carry = _carry(instance, roads, load)
            best = {n: min((way(n, o) + c for o, c in carry.items()), default=_FAR) for n in set().union(*left)}
            line = np.full(costs.shape[1], _FAR, dtype=np.int64)
            for k, carrier in carriers:
                if carrier.id in load.vehicles:
                    line[k] = min((way(carrier.node, o) + c for o, c in carry.items()), default=_FAR)
            line[starts:] = [min(best[n] for n in nodes) for nodes in left]
            known[id(load)] = line
        costs[row] = np.minimum(costs[row], known[id(load)])
