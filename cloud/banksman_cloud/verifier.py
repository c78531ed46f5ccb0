"""Checks a plan against goals, site and fleet, without the solver's code: it shares only the documents.

A plan that passes can be driven as far as the layout tells: every step has enough time for the fastest way from
where its vehicle was, and the goals are met exactly. Traffic and battery are the edge's to watch.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence

from banksman_cloud.timing import DROP_S, PICK_S
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, SendGoal, Step, TransportGoal, VehicleSnapshot
from banksman_shared.site import Edge, Site

TOLERANCE_S = 1e-3


def violations(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], steps: Sequence[Step]) -> list[str]:
    """Everything wrong with a plan, in sentences; empty for a plan that holds."""
    wrong = [sentence for number, step in enumerate(steps) for sentence in _names(site, fleet, goals, number, step)]
    if wrong:
        return wrong
    roads = _Roads(site, goals)
    for vehicle in fleet.vehicles:
        wrong += _replay(site, roads, vehicle, [s for s in steps if s.vehicle == vehicle.id])
    for index, goal in enumerate(goals):
        wrong += _goal(site, goal, [step for step in steps if step.goal == index])
    return wrong


def _names(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], number: int, step: Step) -> Iterator[str]:
    """What a step refers to has to exist."""
    name = f"step {number + 1}"
    snapshot = next((v for v in fleet.vehicles if v.id == step.vehicle), None)
    if step.vehicle not in site.vehicles or snapshot is None:
        yield f"{name} is for {step.vehicle}, which the fleet does not have"
    elif not snapshot.available:
        yield f"{name} is for {step.vehicle}, which is not available"
    elif snapshot.node not in site.layout.nodes:
        yield f"{name} is for {step.vehicle}, which stands at no node of the layout"
    for place in (step.origin, step.destination):
        if place is not None and place not in site.places:
            yield f"{name} names {place}, which the site does not have"
    if (step.origin is not None) != (step.action == "transport"):
        yield f"{name} must say where it takes a load exactly when it carries one"
    if not step.goal < len(goals):
        yield f"{name} serves goal {step.goal + 1}, which does not exist"
        return
    goal = goals[step.goal]
    expected = {"transport": "transport", "avoid": None}.get(goal.kind, getattr(goal, "action", None))
    if step.action != expected:
        yield f"{name} is a {step.action}, which does not serve '{goal.words}'"


class _Roads:
    """Fastest times over the layout, by Dijkstra; avoided places cannot be entered."""

    def __init__(self, site: Site, goals: Sequence[Goal]) -> None:
        self._site = site
        self._leaving: dict[str, list[Edge]] = {}
        for edge in site.layout.edges.values():
            self._leaving.setdefault(edge.start, []).append(edge)
        self._closed: set[str] = set()
        for goal in goals:
            for place in goal.places if isinstance(goal, AvoidGoal) else ():
                self._closed.add(site.places[place].node)
                self._closed.update(site.layout.stations.get(site.places[place].station or "", ()))

    def seconds(self, vehicle: VehicleSnapshot, start: str, end: str) -> float:
        """Infinite where no way leads."""
        kind = self._site.vehicles[vehicle.id].kind
        best = {start: 0.0}
        queue = [(0.0, start)]
        while queue:
            time, node = heapq.heappop(queue)
            if node == end:
                return time
            if time > best[node]:
                continue
            for following, length, limit in self._ways(node, kind):
                later = time + length / min(vehicle.speed, limit)
                if later < best.get(following, math.inf):
                    best[following] = later
                    heapq.heappush(queue, (later, following))
        return math.inf

    def _ways(self, node: str, kind: str) -> Iterator[tuple[str, float, float]]:
        for edge in self._leaving.get(node, ()):
            if edge.end not in self._closed and (not edge.kinds or kind in edge.kinds):
                yield edge.end, edge.length, edge.max_speed or math.inf


def _replay(site: Site, roads: _Roads, vehicle: VehicleSnapshot, steps: Sequence[Step]) -> Iterator[str]:
    """A vehicle's steps one after the other."""
    now, node, final = 0.0, vehicle.node, ""
    for step in sorted(steps, key=lambda s: (s.start_s, s.end_s)):
        name = f"{vehicle.id}'s {step.action} to {step.destination}"
        if final:
            yield f"{name} comes after its {final}, which has no end"
        if step.start_s < now - TOLERANCE_S:
            yield f"{name} starts at {step.start_s:g} s, while it is busy until {now:g} s"
        needed = 0.0
        if step.origin is not None:
            if vehicle.loaded:
                yield f"{name} needs an empty vehicle, and it carries a load"
            pick = site.places[step.origin].node
            needed = roads.seconds(vehicle, node, pick) + PICK_S + DROP_S
            node = pick
        arrive = site.places[step.destination].node
        needed += roads.seconds(vehicle, node, arrive)
        if math.isinf(needed):
            yield f"{name} has no way that is open"
        elif step.end_s - step.start_s < needed - TOLERANCE_S:
            yield f"{name} takes at least {needed:.1f} s and was given {step.end_s - step.start_s:.1f} s"
        now, node = max(now, step.end_s), arrive
        final = step.action if step.action in ("charge", "park") else final


def _goal(site: Site, goal: Goal, steps: Sequence[Step]) -> Iterator[str]:
    if isinstance(goal, AvoidGoal):
        return
    yield from _transports(goal, steps) if isinstance(goal, TransportGoal) else _sends(site, goal, steps)
    for step in steps:
        if goal.within_s is not None and step.end_s > goal.within_s + TOLERANCE_S:
            yield f"'{goal.words}' has to be done in {goal.within_s:g} s and ends at {step.end_s:g} s"
        if goal.vehicles and step.vehicle not in goal.vehicles:
            yield f"'{goal.words}' is not for {step.vehicle}"


def _transports(goal: TransportGoal, steps: Sequence[Step]) -> Iterator[str]:
    if len(steps) != goal.count:
        yield f"'{goal.words}' asks for {goal.count} loads and the plan carries {len(steps)}"
    for step in steps:
        if step.origin not in goal.origins:
            yield f"'{goal.words}' takes nothing from {step.origin}"
        if step.destination not in goal.destinations:
            yield f"'{goal.words}' brings nothing to {step.destination}"
        if step.origin == step.destination:
            yield f"a load for '{goal.words}' stays at {step.origin}"


def _sends(site: Site, goal: SendGoal, steps: Sequence[Step]) -> Iterator[str]:
    sent = [step.vehicle for step in steps]
    if len(set(sent)) != len(sent):
        yield f"'{goal.words}' sends a vehicle twice"
    wanted = len(goal.vehicles) or goal.count
    if len(sent) != wanted:
        yield f"'{goal.words}' sends {wanted} vehicles and the plan sends {len(sent)}"
    chargers = {place.id for place in site.places.values() if place.charger}
    for step in steps:
        usual = chargers if goal.action == "charge" else {site.vehicles[step.vehicle].home}
        if step.destination not in (goal.destinations or usual):
            yield f"'{goal.words}' does not send {step.vehicle} to {step.destination}"
