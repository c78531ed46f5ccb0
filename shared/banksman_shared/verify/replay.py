"""Replays the steps of a plan in time: every vehicle over the layout, its battery, what is closed when, the chargers.

Part of the verifier. Nothing here is shared with the solver but what both assume of vehicles (:mod:`.timing`): ways
are the fastest that are open, so a step fails only if nobody could drive it in the time it was given.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import networkx as nx

from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, OneWayGoal, ReserveGoal, Step, VehicleSnapshot
from banksman_shared.site import Edge, Site
from banksman_shared.verify.timing import CHARGING, DROP_S, FLOOR, PICK_S, WORK_DRAIN

TOLERANCE_S = 1e-3
_TOLERANCE_PERCENT = 0.01
_AT_ONCE_S = 0.2
"""What begins so soon has begun."""


class World:
    """What the goals make of the site: for each vehicle what is open to it, and when."""

    def __init__(self, site: Site, fleet: FleetSnapshot, goals: Sequence[Goal]) -> None:
        self.site, self.fleet, self.goals = site, fleet, goals
        self.leaving: dict[str, list[Edge]] = {}
        against = self.against()
        for edge in site.layout.edges.values():
            if (edge.start, edge.end) not in against:
                self.leaving.setdefault(edge.start, []).append(edge)

    def roads(self, vehicle: VehicleSnapshot) -> Roads:
        closed: set[str] = set(self.fleet.blocked or ())
        spans: dict[str, list[tuple[float, float]]] = {}
        for goal in self.goals:
            if isinstance(goal, AvoidGoal) and (not goal.vehicles or vehicle.id in goal.vehicles):
                for node in (node for place in goal.places for node in self.nodes(place)):
                    if goal.from_s is None and goal.until_s is None:
                        closed.add(node)
                    else:
                        span = (goal.from_s or 0.0, math.inf if goal.until_s is None else goal.until_s)
                        spans.setdefault(node, []).append(span)
        return Roads(self, vehicle, closed, spans)

    def nodes(self, place: str) -> set[str]:
        """Where a place is used: its own node and those of its station."""
        item = self.site.places[place]
        return {item.node, *self.site.layout.stations.get(item.station or "", ())}

    def floor(self, vehicle: str) -> float | None:
        """The per cent that a vehicle has to keep, None where nobody asked for a reserve."""
        reserves = (goal for goal in self.goals if isinstance(goal, ReserveGoal))
        return max((r.percent for r in reserves if not r.vehicles or vehicle in r.vehicles), default=None)

    def against(self) -> set[tuple[str, str]]:
        """The pairs of nodes between which a one-way goal forbids to drive."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        for edge in self.site.layout.edges.values():
            known = graph.get_edge_data(edge.start, edge.end, {"length": math.inf})
            graph.add_edge(edge.start, edge.end, length=min(edge.length, known["length"]))
        found: set[tuple[str, str]] = set()
        for goal in self.goals:
            if isinstance(goal, OneWayGoal):
                start, end = (self.site.places[place].node for place in (goal.start, goal.end))
                found |= _against(graph, start, end)
        return found


def _against(graph: nx.DiGraph[str], start: str, end: str) -> set[tuple[str, str]]:
    """The pairs of nodes that lie the other way round on a shortest way from ``start`` to ``end``, but for a pair that
    alone leads into ``start`` or out of ``end``."""
    if start not in graph or end not in graph:
        return set()
    there = nx.single_source_dijkstra_path_length(graph, start, weight="length")
    back = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), end, weight="length")
    whole = there.get(end, -1.0) + 1e-6
    return {
        (b, a)
        for a, b in graph.edges
        if a in there
        and b in back
        and there[a] + graph.edges[a, b]["length"] + back[b] <= whole
        and not (a == start and graph.in_degree(start) == 1)
        and not (b == end and graph.out_degree(end) == 1)
    }


@dataclass(slots=True)
class Roads:
    """What is open to one vehicle. ``spans``: node → from when until when it may not be there."""

    world: World
    vehicle: VehicleSnapshot
    closed: set[str]
    spans: dict[str, list[tuple[float, float]]]

    def arrive(self, start: str, end: str, now: float, *, loaded: bool) -> float:
        """The earliest moment at ``end``, setting out at ``now``; infinite where no way leads. It may wait on the
        way wherever it may be."""
        kind = self.world.site.vehicles[self.vehicle.id].kind
        best = {start: now}
        queue = [(now, start)]
        while queue:
            time, node = heapq.heappop(queue)
            if node == end:
                return time
            if time > best[node]:
                continue
            for edge in self.world.leaving.get(node, ()):
                if edge.end in self.closed or not _open(edge, kind, loaded):
                    continue
                drive = edge.length / min(self.vehicle.speed, edge.max_speed or math.inf)
                later = self.clear(edge.end, time + drive)
                waits = later - drive > time + TOLERANCE_S
                if later < best.get(edge.end, math.inf) and not (waits and self.shut(node, time, later - drive)):
                    best[edge.end] = later
                    heapq.heappush(queue, (later, edge.end))
        return math.inf

    def clear(self, node: str, moment: float, stay: float = 0.0) -> float:
        """The first moment from ``moment`` on from which it may be at ``node`` for ``stay`` seconds."""
        for begin, end in sorted(self.spans.get(node, ())):
            if moment < end - TOLERANCE_S and moment + stay > begin - TOLERANCE_S:
                moment = end
        return moment

    def shut(self, node: str, since: float, until: float, *, found: bool = False) -> bool:
        """Whether ``node`` is closed at some time of a stay. ``found``: the vehicle is found there, so it may leave
        what is closed already."""
        spans = [span for span in self.spans.get(node, ()) if not found or span[0] > since + _AT_ONCE_S]
        return any(since < end - TOLERANCE_S and until > begin + TOLERANCE_S for begin, end in spans)


def _open(edge: Edge, kind: str, loaded: bool) -> bool:
    if edge.kinds and kind not in edge.kinds:
        return False
    return kind not in (edge.never_loaded if loaded else edge.never_empty)


@dataclass(frozen=True, slots=True)
class Docked:
    """A vehicle at a charger, from ``since`` until it goes on to something else."""

    vehicle: str
    place: str
    since: float
    until: float = math.inf


class Replay:
    """One vehicle's steps, one after the other; ``faults`` says in sentences what cannot be."""

    def __init__(self, world: World, vehicle: VehicleSnapshot) -> None:
        self.world, self.vehicle, self.roads = world, vehicle, world.roads(vehicle)
        self.now, self.node, self.battery = vehicle.ready_s, vehicle.node, vehicle.battery
        self.final = ""
        self.docked: list[Docked] = []
        """Its charges so far."""

    def faults(self, steps: Sequence[Step]) -> Iterator[str]:
        ordered = sorted(steps, key=lambda s: (s.start_s, s.end_s))
        for number, step in enumerate(ordered):
            name = f"{self.vehicle.id}'s {step.action} to {step.destination}"
            if self.docked and math.isinf(self.docked[-1].until):
                self.docked[-1] = replace(self.docked[-1], until=step.start_s)
            if self.final:
                yield f"{name} comes after its {self.final}, which has no end"
            if step.start_s < self.now - TOLERANCE_S:
                yield f"{name} starts at {step.start_s:g} s, while it is busy until {self.now:g} s"
            if self.roads.shut(self.node, self.now, step.start_s, found=not number):
                yield f"{name} comes too late: until then it stands where it may not"
            yield from self._drive(name, step)
            yield from self._charge_left(name, step)
            self.now = max(self.now, step.end_s)
            if step.action in ("charge", "park") and step.until is None:
                self.final = step.action
        if ordered and self.roads.shut(self.node, self.now, math.inf):
            yield f"{self.vehicle.id} stays at {ordered[-1].destination}, which is to be kept free"

    def _drive(self, name: str, step: Step) -> Iterator[str]:
        """Whether there is enough time for the way and all that is done on it."""
        places = self.world.site.places
        moment, destination = step.start_s, places[step.destination].node
        if step.origin is not None:
            if self.vehicle.loaded:
                yield f"{name} needs an empty vehicle, and it carries a load"
            pick = places[step.origin].node
            if pick in self.roads.closed:
                yield f"{name} takes a load up at {step.origin}, which is {self._why_closed(pick)}"
            moment = self.roads.clear(pick, self.roads.arrive(self.node, pick, moment, loaded=False), PICK_S) + PICK_S
            self.node = pick
        if destination in self.roads.closed:
            yield f"{name} ends at {step.destination}, which is {self._why_closed(destination)}"
        loaded = step.origin is not None or self.vehicle.loaded
        moment = self.roads.arrive(self.node, destination, moment, loaded=loaded)
        stay = DROP_S if step.origin is not None else self._charging(step)
        if step.action == "charge":
            self.docked.append(Docked(self.vehicle.id, step.destination, step.end_s - stay))
        if math.isinf(moment):
            yield f"{name} has no way that is open"
        elif step.end_s < self.roads.clear(destination, moment, stay) + stay - TOLERANCE_S:
            needed = self.roads.clear(destination, moment, stay) + stay - step.start_s
            yield f"{name} takes at least {needed:.1f} s and was given {step.end_s - step.start_s:.1f} s"
        elif self.roads.shut(destination, step.end_s - stay, step.end_s):
            yield f"{name} is at {step.destination} when that is to be kept free"
        self.node = destination

    def _why_closed(self, node: str) -> str:
        return "barred by a vehicle" if node in (self.world.fleet.blocked or ()) else "to be kept free"

    def _charging(self, step: Step) -> float:
        """Seconds at the charger before the vehicle goes on."""
        return 0.0 if step.until is None else max(0.0, step.until - (self.battery or 0.0)) / CHARGING

    def _charge_left(self, name: str, step: Step) -> Iterator[str]:
        asked = self.world.floor(self.vehicle.id)
        if self.battery is None:
            if asked is not None and step.action != "charge" and step.end_s > step.start_s:
                yield f"{name} has to leave {asked:g} % of charge, and nobody knows what {self.vehicle.id} has"
            self.battery = step.until
            return
        work = step.end_s - step.start_s - self._charging(step)
        self.battery -= work * WORK_DRAIN
        floor = max(FLOOR, asked or 0.0)
        if step.until is not None:
            self.battery = max(step.until, self.battery)
        if step.action != "charge" and work > 0 and self.battery < floor - _TOLERANCE_PERCENT:
            yield f"{name} leaves {self.battery:.1f} % of charge, and {floor:g} % are to be kept"


def crowded(site: Site, fleet: FleetSnapshot, docked: Sequence[Docked]) -> Iterator[str]:
    """Two vehicles at one charger at the same time. One that is not available stays where it is."""
    stand = [
        Docked(vehicle.id, place.id, 0.0)
        for vehicle in fleet.vehicles
        for place in site.places.values()
        if not vehicle.available and place.node == vehicle.node
    ]
    stays = sorted(docked, key=lambda stay: stay.since)
    for number, stay in enumerate(stays):
        for other in (*stand, *stays[number + 1 :]):
            together = stay.since < other.until and other.since < stay.until
            if stay.place == other.place and stay.vehicle != other.vehicle and together:
                yield f"{stay.vehicle} and {other.vehicle} are to charge at {stay.place} at the same time"
