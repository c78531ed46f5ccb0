"""Better assignments by PyVRP: for size. It sees each load as one stop, and the way there and back as its price.

It knows kinds, batteries, deadlines and urgency, and takes no account of windows and of goals that wait for others:
what it finds is timed anew by whoever asked, and kept only if it is better.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyvrp

from banksman_cloud.solving.assignment import Assignment, Visit
from banksman_cloud.solving.instance import HANDLING, Carrier, Instance
from banksman_cloud.solving.travel_times import Roads

_STOPS = 600
"""How many stops the problem may have where loads can be carried in several ways; the rest are left out by chance."""
_CELLS = 20_000_000
"""Of all matrices together; each has eight bytes."""
_FAR = 10**7
"""Ticks of a way that there is not."""
_ENDLESS = 2**40
_ROUNDS = 20_000
"""Of PyVRP's rounds in one try; so many that its penalties, which grow by a hundredth every 500 rounds, stay below
their maximum. An end that cannot be reached is what the tries look for, and nothing to warn of."""
_PARAMS = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(penalty_increase=1.01, max_penalty=2e4))

Matrix = np.ndarray[Any, np.dtype[np.int64]]


def fits(instance: Instance) -> bool:
    """Whether there is room for the problem: a matrix of all its stops for each kind of carrier."""
    goals = {load.goal: load for load in instance.loads}.values()
    kinds = {
        (id(c.roads), c.sends, c.loaded, frozenset(load.goal for load in goals if c.id in load.vehicles))
        for c in instance.carriers
    }
    stops = min(sum(len(load.trips) for load in instance.loads), max(_STOPS, len(instance.loads)))
    return len(kinds) * (len(instance.carriers) + 1 + stops) ** 2 <= _CELLS


@dataclass(slots=True)
class Routing:
    """The problem for PyVRP, built once for a choice of trips; asked again and again with an earlier end."""

    instance: Instance
    chance: random.Random
    stops: list[Visit] = field(init=False)
    order: list[list[int]] = field(init=False)
    """For each carrier the numbers of its stops."""
    data: Any = field(init=False)

    def __init__(self, instance: Instance, current: Assignment, chance: random.Random) -> None:
        self.instance, self.chance = instance, chance
        owners = self._collect(current)
        profiles, matrices = self._matrices()
        clients, groups = self._clients(owners)
        count, spots = len(instance.carriers), len(instance.carriers) + 1 + len(self.stops)
        self.data = pyvrp.ProblemData(
            [pyvrp.Location(0, 0) for _ in range(spots)],
            clients,
            [pyvrp.Depot(i) for i in range(count + 1)],
            [self._vehicle(i, carrier, profiles[i]) for i, carrier in enumerate(instance.carriers)],
            matrices,
            matrices,
            groups,
        )

    def solve(self, end: int, most: int, done: Callable[[], bool], *, cheaper: bool, cold: bool) -> Assignment | None:
        """An assignment in which every carrier is done by tick ``end`` with at most ``most`` loads, if one is found
        before ``done``; with ``cheaper`` one with less work than the present one. ``cold``: from nothing, not from the
        present one."""
        types = [self._limited(t, end, most) for t in self.data.vehicle_types()]
        data = self.data.replace(vehicle_types=types)
        start = self._warm(data)
        below = start.distance() if cheaper else _ENDLESS
        seed = self.chance.randrange(2**31)
        until = _Until(done, below)
        start = None if cold else start
        result = pyvrp.solve(data, until, seed, collect_stats=False, params=_PARAMS, initial_solution=start)
        if not result.best.is_feasible() or result.best.distance() >= below:
            return None
        self.order = [[] for _ in self.instance.carriers]
        for route in result.best.routes():
            numbers = [activity.idx for activity in route.schedule() if activity.is_client()]
            self.order[route.vehicle_type()] = sorted(numbers, key=lambda i: self.stops[i].load.rank)
        orders = zip(self.instance.carriers, self.order, strict=True)
        return {carrier.id: tuple(self.stops[i] for i in order) for carrier, order in orders}

    def _limited(self, kind: Any, end: int, most: int) -> Any:
        late = max(kind.tw_early, end)
        return kind.replace(tw_late=late, start_late=late, capacity=[most])

    def _warm(self, data: Any) -> Any:
        return pyvrp.Solution(data, [pyvrp.Route(data, order, i) for i, order in enumerate(self.order) if order])

    def _collect(self, current: Assignment) -> list[int]:
        """Make a stop for each way to carry each load, the present one always among them; returns whose they are."""
        self.stops, self.order = [], []
        owners: list[int] = []
        room = max(1, _STOPS // max(1, len(self.instance.loads)))
        for carrier in self.instance.carriers:
            self.order.append([])
            for visit in current[carrier.id]:
                others = [trip for trip in visit.load.trips if trip != visit.trip]
                chosen = others if len(others) < room else self.chance.sample(others, room - 1)
                self.order[-1].append(len(self.stops))
                owners += [owners[-1] + 1 if owners else 0] * (len(chosen) + 1)
                self.stops += [Visit(visit.load, trip) for trip in (visit.trip, *chosen)]
        return owners

    def _clients(self, owners: list[int]) -> tuple[list[Any], list[Any]]:
        """Location of a stop: after those of the carriers' starts and the common end."""
        clients: list[Any] = []
        groups: list[Any] = []
        base = len(self.instance.carriers) + 1
        for number, (stop, owner) in enumerate(zip(self.stops, owners, strict=True)):
            late = _ENDLESS if stop.load.due is None else stop.load.due
            alone = owners.count(owner) == 1
            if not alone and (not number or owners[number - 1] != owner):
                groups.append(pyvrp.ClientGroup([], required=True))
            group = None if alone else len(groups) - 1
            clients.append(
                pyvrp.Client(base + number, delivery=[1], tw_late=late, required=alone, group=group, prize=0)
            )
            if group is not None:
                groups[group].add_client(number)
        return clients, groups

    def _vehicle(self, number: int, carrier: Carrier, profile: int) -> Any:
        return pyvrp.VehicleType(
            1,
            [len(self.stops)],
            start_depot=number,
            end_depot=len(self.instance.carriers),
            tw_early=carrier.ready,
            tw_late=_ENDLESS,
            max_distance=_ENDLESS if carrier.budget is None else carrier.budget,
            profile=profile,
        )

    def _matrices(self) -> tuple[list[int], list[Matrix]]:
        """A matrix for carriers that are alike, and which each has."""
        known: dict[tuple[object, ...], int] = {}
        profiles: list[int] = []
        matrices: list[Matrix] = []
        for carrier in self.instance.carriers:
            able = frozenset(stop.load.goal for stop in self.stops if carrier.id in stop.load.vehicles)
            sends = tuple((send.action, send.destinations) for send in carrier.sends)
            key = (id(carrier.roads), able, sends, carrier.loaded)
            if key not in known:
                known[key] = len(matrices)
                matrices.append(self._matrix(carrier))
            profiles.append(known[key])
        return profiles, matrices

    def _matrix(self, carrier: Carrier) -> Matrix:
        """Ticks from location to location as ``carrier`` would drive, with all handling."""
        instance, roads, count = self.instance, carrier.roads, len(self.instance.carriers)
        origins, ends = zip(*(instance.ends(stop.trip) for stop in self.stops), strict=True)
        carry = np.array([_way(roads, o, d, loaded=True) + HANDLING for o, d in zip(origins, ends, strict=True)])
        barred = np.array([carrier.id not in stop.load.vehicles for stop in self.stops])
        froms = [*(c.node for c in instance.carriers), carrier.node, *ends]
        places, targets = sorted(set(froms)), sorted(set(origins))
        fetch = np.array([[_way(roads, a, b, loaded=False) for b in targets] for a in places])
        rows = np.searchsorted(places, froms)
        matrix = np.zeros((len(froms), len(froms)), dtype=np.int64)
        matrix[:, count + 1 :] = fetch[np.ix_(rows, np.searchsorted(targets, origins))] + carry + barred * _FAR
        ranks = np.array([stop.load.rank for stop in self.stops])
        matrix[count + 1 :, count + 1 :] += (ranks[:, None] > ranks[None, :]) * _FAR
        tails = [instance.tail(carrier, node) for node in froms]
        matrix[:, count] = [_FAR if tail is None else sum(a.leg for a in tail) for tail in tails]
        np.fill_diagonal(matrix, 0)
        return np.minimum(matrix, _FAR)


def _way(roads: Roads, start: str, end: str, *, loaded: bool) -> int:
    found = roads.ticks(start, end, loaded=loaded)
    return _FAR if found is None else found


@dataclass(slots=True)
class _Until:
    """PyVRP asks this after each of its rounds: whether a plan that holds costs less than ``below``, or time is up."""

    done: Callable[[], bool]
    below: int
    rounds: int = 0

    def __call__(self, best_cost: float) -> bool:
        self.rounds += 1
        return best_cost < self.below or self.rounds > _ROUNDS or self.done()
