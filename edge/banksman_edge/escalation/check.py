"""The edge's own check of a plan. The cloud has verified it; the edge trusts only what it can see itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from banksman_edge.fleet import VehicleView
from banksman_shared.commands import Action, Command
from banksman_shared.plans import AvoidGoal, Plan, Step, plan_hash
from banksman_shared.site import Router, Site


def commands_of(step: Step) -> Command:
    """The command that a step of a plan is."""
    return Command(Action(step.action), (step.vehicle,), origin=step.origin, destination=step.destination)


def avoided_places(plan: Plan, vehicle: str | None = None) -> tuple[str, ...]:
    """The places through which ``vehicle`` (None: some vehicle) may not drive at any time while the plan runs. What
    is closed for a time only is in the times of the plan's steps."""
    avoids = (g for g in plan.goals if isinstance(g, AvoidGoal) and g.from_s is None and g.until_s is None)
    closed = (g for g in avoids if vehicle is None or not g.vehicles or vehicle in g.vehicles)
    return tuple(dict.fromkeys(place for goal in closed for place in goal.places))


def closed_nodes(plan: Plan, site: Site, vehicle: str) -> frozenset[str]:
    """All nodes of the places that ``vehicle`` avoids: where vehicles stop, and all that their stations have."""
    places = [site.places[p] for p in avoided_places(plan, vehicle) if p in site.places]
    return frozenset(node for p in places for node in (p.node, *site.layout.stations.get(p.station or "", ())))


def check_plan(plan: Plan, site: Site, vehicles: Mapping[str, VehicleView], router: Router) -> list[str]:
    """What speaks against driving this plan here and now, a sentence each; empty if nothing does."""
    found: list[str] = []
    if plan.hash != plan_hash(plan.goals, plan.steps, plan.unsupported):
        found.append("the plan's hash does not fit its goals and steps")
    if not plan.steps:
        found.append("the plan has no steps")
    found += [
        f"the plan avoids place '{place}', which the site does not have"
        for place in avoided_places(plan)
        if place not in site.places
    ]
    free_from: dict[str, float] = {}
    at: dict[str, str | None] = {}
    for number, step in enumerate(sorted(plan.steps, key=lambda s: s.start_s), 1):
        where = f"step {number}"
        view = vehicles.get(step.vehicle)
        if view is None:
            found.append(f"{where} names vehicle '{step.vehicle}', which the site does not have")
            continue
        unknown = [p for p in (step.origin, step.destination) if p is not None and p not in site.places]
        if unknown:
            found.append(f"{where} names place '{unknown[0]}', which the site does not have")
            continue
        if step.vehicle not in at and not view.available:
            found.append(f"{step.vehicle} is not available")
        if step.end_s < step.start_s or step.start_s < free_from.get(step.vehicle, 0.0) - 1e-6:
            found.append(f"{where} gives {step.vehicle} two things to do at once")
        if step.action == "transport" and step.origin is None:
            found.append(f"{where} is a transport from nowhere")
        roads = _Roads(site, router, closed_nodes(plan, site, step.vehicle))
        if blocked := roads.blocked(step, view.kind, at.get(step.vehicle, view.node)):
            found.append(f"{where}: {blocked}")
        free_from[step.vehicle] = step.end_s
        at[step.vehicle] = site.places[step.destination].node
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Roads:
    """The roads as the plan leaves them open."""

    site: Site
    router: Router
    closed: frozenset[str]

    def blocked(self, step: Step, kind: str, start: str | None) -> str:
        """Why a vehicle of ``kind`` at node ``start`` cannot drive this step; empty if it can."""
        places = [place for place in (step.origin, step.destination) if place is not None]
        for place in places:
            if self.site.places[place].node in self.closed:
                return f"{step.vehicle} would go to {place}, which the plan avoids"
        for a, b in pairwise([start, *(self.site.places[place].node for place in places)]):
            if a is not None and b is not None and self.router.route(a, b, kind, self.closed) is None:
                around = " around what the plan avoids" if self.router.route(a, b, kind) else ""
                return f"{step.vehicle} has no way from {a} to {b}{around}"
        return ""
