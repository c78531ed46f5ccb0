"""Drives a plan through, to see what comes of it: where every vehicle is when, its charge, what is carried.

This is how the bench judges, so nothing of solver and verifier is used. What a plan closes (its goals of ways) is
taken for what the fleet will keep to; whether that is what was asked for is another matter, see :mod:`.outcomes`.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, OneWayGoal, Plan, Step, VehicleSnapshot
from banksman_shared.site import Edge, Site
from banksman_shared.verify import CHARGING, DROP_S, FLOOR, PICK_S, WORK_DRAIN

SLACK_S = 0.2
"""Seconds that steps may be short of: plans are rounded to tenths."""


class Stay(NamedTuple):
    """A vehicle is at ``node`` from a moment until another, in seconds from the plan's start."""

    vehicle: str
    node: str
    since: float
    until: float


@dataclass(slots=True)
class Driven:
    """What came of a plan. ``left``: per cent of charge after each step, by its number; ``faults``: what cannot be."""

    stays: list[Stay] = field(default_factory=list)
    edges: set[tuple[str, str]] = field(default_factory=set)
    left: dict[int, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def drive(site: Site, fleet: FleetSnapshot, plan: Plan) -> Driven:
    """Every vehicle does its steps in turn, on the fastest way that the plan leaves open."""
    driven = Driven()
    standing = {vehicle.id: vehicle for vehicle in fleet.vehicles}
    for vehicle in dict.fromkeys(step.vehicle for step in plan.steps):
        snapshot = standing.get(vehicle)
        if snapshot is None or vehicle not in site.vehicles or not snapshot.available:
            driven.faults.append(f"{vehicle} is not to be had")
            continue
        own = [(i, step) for i, step in enumerate(plan.steps) if step.vehicle == vehicle]
        _Trip(site, plan.goals, snapshot, driven).run(sorted(own, key=lambda pair: pair[1].start_s))
    driven.faults += [*_stock(fleet, plan.steps), *_chargers(site, fleet, plan.steps)]
    return driven


def nodes_of(site: Site, place: str) -> set[str]:
    """Where a place is used."""
    known = site.places[place]
    return {known.node, *site.layout.stations.get(known.station or "", ())}


def against_one_way(site: Site, start: str, end: str) -> set[tuple[str, str]]:
    """Where nobody drives if it is one way from a place to another. A place with a single way keeps that."""
    first, last = site.places[start].node, site.places[end].node
    back = {(b, a) for a, b in shortest(site, start, end)}
    edges = {(edge.start, edge.end) for edge in site.layout.edges.values()}
    into, out = {e for e in edges if e[1] == first}, {e for e in edges if e[0] == last}
    return back - {edge for only in (into, out) if len(only) == 1 for edge in only}


def shortest(site: Site, start: str, end: str) -> set[tuple[str, str]]:
    """The edges of all shortest ways from a place to another."""
    there = _metres(site, site.places[start].node, back=False)
    back = _metres(site, site.places[end].node, back=True)
    whole = there.get(site.places[end].node, -math.inf)
    return {
        (edge.start, edge.end)
        for edge in site.layout.edges.values()
        if there.get(edge.start, math.inf) + edge.length + back.get(edge.end, math.inf) <= whole + 1e-6
    }


def _metres(site: Site, start: str, *, back: bool) -> dict[str, float]:
    found, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        metres, node = heapq.heappop(queue)
        for edge in site.layout.edges.values():
            a, b = (edge.end, edge.start) if back else (edge.start, edge.end)
            if a == node and metres + edge.length < found.get(b, math.inf):
                found[b] = metres + edge.length
                heapq.heappush(queue, (found[b], b))
    return found


@dataclass(slots=True)
class _Trip:
    """One vehicle's steps."""

    site: Site
    goals: Sequence[Goal]
    vehicle: VehicleSnapshot
    driven: Driven
    now: float = 0.0
    node: str = ""
    battery: float = math.inf
    shut: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    leaving: dict[str, list[Edge]] = field(default_factory=dict)

    def run(self, steps: Sequence[tuple[int, Step]]) -> None:
        self._close()
        self.now, self.node = self.vehicle.ready_s, self.vehicle.node
        self.battery = math.inf if self.vehicle.battery is None else self.vehicle.battery
        final = ""
        for number, step in steps:
            if final:
                self._wrong(step, f"comes after its {final}, which has no end")
            if step.start_s < self.now - SLACK_S:
                self._wrong(step, f"begins at {step.start_s:g} s, before what it did was done at {self.now:g} s")
            self._stay(self.now, step.start_s)
            self._do(number, step)
            self.now = max(self.now, step.end_s)
            if step.action in ("charge", "park") and step.until is None:
                final = step.action
        self._stay(self.now, math.inf)

    def _close(self) -> None:
        """What the plan closes to this vehicle."""
        against: set[tuple[str, str]] = set()
        for goal in self.goals:
            if isinstance(goal, AvoidGoal) and (not goal.vehicles or self.vehicle.id in goal.vehicles):
                span = (goal.from_s or 0.0, math.inf if goal.until_s is None else goal.until_s)
                for node in (node for place in goal.places for node in nodes_of(self.site, place)):
                    self.shut.setdefault(node, []).append(span)
            elif isinstance(goal, OneWayGoal):
                against |= against_one_way(self.site, goal.start, goal.end)
        kind = self.site.vehicles[self.vehicle.id].kind
        for edge in self.site.layout.edges.values():
            if (edge.start, edge.end) not in against and edge.open_to(kind):
                self.leaving.setdefault(edge.start, []).append(edge)

    def _do(self, number: int, step: Step) -> None:
        moment, work_from = step.start_s, step.start_s
        if step.origin is not None:
            if self.vehicle.loaded:
                self._wrong(step, "takes up a load, and has one")
            moment = self._go(step, self.site.places[step.origin].node, moment, loaded=False)
            moment = self._handle(moment, PICK_S)
        loaded = self.vehicle.loaded or step.origin is not None
        moment = self._go(step, self.site.places[step.destination].node, moment, loaded=loaded)
        if step.origin is not None:
            moment = self._handle(moment, DROP_S)
        charging = 0.0 if step.until is None else max(0.0, step.until - min(self.battery, 100.0)) / CHARGING
        if moment + charging > step.end_s + SLACK_S:
            self._wrong(step, f"cannot be done before {moment + charging:.1f} s, and is to be at {step.end_s:g} s")
        self._stay(moment, step.end_s)
        self.battery -= (step.end_s - work_from - charging) * WORK_DRAIN
        if step.action != "charge":
            self.driven.left[number] = self.battery
            if self.battery < FLOOR - 0.01 and step.end_s > step.start_s:
                self._wrong(step, f"leaves {self.battery:.1f} % of charge")
        elif step.until is not None:
            self.battery = max(self.battery, step.until)

    def _handle(self, moment: float, seconds: float) -> float:
        begin = self._clear(self.node, moment, seconds)
        self._stay(moment, begin + seconds)
        return begin + seconds

    def _go(self, step: Step, target: str, moment: float, *, loaded: bool) -> float:
        way = self._way(target, moment, loaded=loaded)
        if way is None:
            self._wrong(step, "has no way that is open")
            self.node = target
            return moment
        for (node, since), (after, then) in pairwise(way):
            self.driven.edges.add((node, after))
            self.driven.stays.append(Stay(self.vehicle.id, node, since, then))
        self.node = target
        return way[-1][1]

    def _way(self, target: str, moment: float, *, loaded: bool) -> list[tuple[str, float]] | None:
        """Nodes with the moment of arrival, as early as can be; it waits where it may stand."""
        kind = self.site.vehicles[self.vehicle.id].kind
        best, before = {self.node: moment}, dict[str, str]()
        queue = [(moment, self.node)]
        while queue:
            time, node = heapq.heappop(queue)
            if node == target:
                way = [(node, time)]
                while way[0][0] in before:
                    way.insert(0, (before[way[0][0]], best[before[way[0][0]]]))
                return way
            if time > best[node]:
                continue
            for edge in self.leaving.get(node, ()):
                seconds = edge.length / min(self.vehicle.speed, edge.max_speed or math.inf)
                later = self._clear(edge.end, time + seconds, 0.0)
                waits = later - seconds > time + 1e-6 and self._closed(node, time, later - seconds)
                if edge.open_to(kind, loaded) and later < best.get(edge.end, math.inf) and not waits:
                    best[edge.end], before[edge.end] = later, node
                    heapq.heappush(queue, (later, edge.end))
        return None

    def _clear(self, node: str, moment: float, seconds: float) -> float:
        for begin, end in sorted(self.shut.get(node, ())):
            if moment < end and moment + seconds > begin:
                moment = end
        return moment

    def _closed(self, node: str, since: float, until: float) -> bool:
        return any(since < end and until > begin for begin, end in self.shut.get(node, ()))

    def _stay(self, since: float, until: float) -> None:
        self.driven.stays.append(Stay(self.vehicle.id, self.node, since, until))

    def _wrong(self, step: Step, what: str) -> None:
        self.driven.faults.append(f"{step.vehicle}'s {step.action} to {step.destination} {what}")


def _stock(fleet: FleetSnapshot, steps: Sequence[Step]) -> Iterator[str]:
    """Loads are taken only from where some stand, as far as anybody keeps count."""
    there = Counter(load.place for load in fleet.loads or ())
    carried = sorted((step for step in steps if step.origin is not None), key=lambda step: step.start_s)
    for number, step in enumerate(carried if fleet.loads is not None else ()):
        taken = sum(other.origin == step.origin for other in carried[: number + 1])
        brought = sum(o.destination == step.origin and o.end_s <= step.start_s + SLACK_S for o in carried)
        if taken > there[step.origin or ""] + brought:
            yield f"{step.vehicle} finds nothing at {step.origin} at {step.start_s:g} s"


def _chargers(site: Site, fleet: FleetSnapshot, steps: Sequence[Step]) -> Iterator[str]:
    """One vehicle at a charger, at a time."""
    there = [(v.node, v.id, 0.0, math.inf) for v in fleet.vehicles if not v.available]
    for step in (step for step in steps if step.action == "charge"):
        place = site.places[step.destination]
        if not place.charger:
            yield f"{step.destination} is no charger"
        later = [s.start_s for s in steps if s.vehicle == step.vehicle and s.start_s >= step.end_s]
        since, until = step.end_s, min(later, default=math.inf)
        for node, other, other_since, other_until in there:
            if node == place.node and since < other_until and other_since < until:
                yield f"{step.vehicle} and {other} are at {step.destination} at the same time"
        there.append((place.node, step.vehicle, since, until))
