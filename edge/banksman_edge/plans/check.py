"""The edge's own check of a plan, in time, against the fleet as it is now. The cloud has verified it; the edge trusts
only what it can see itself."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, Plan, Step, plan_hash
from banksman_shared.site import Closed, Site
from banksman_shared.verify import Replay, World, violations

_FOR_EVER_S = 1e9


def commands_of(step: Step) -> Command:
    """The command that a step of a plan is."""
    return Command(Action(step.action), (step.vehicle,), origin=step.origin, destination=step.destination)


def check_plan(plan: Plan, site: Site, fleet: FleetSnapshot, late_s: float = 0.0) -> list[str]:
    """What speaks against driving this plan here and now, a sentence each; empty if nothing does.

    ``fleet``: the vehicles as they are now. ``late_s``: seconds since it was asked for; goals count from then, steps
    and vehicles from now.
    """
    unknown = unknown_places(plan.goals, site)
    found = [f"the plan names place '{place}', which the site does not have" for place in unknown]
    if plan.hash != plan_hash(plan.goals, plan.steps, plan.unsupported):
        found.append("the plan's hash does not fit its goals and steps")
    if not plan.steps:
        found.append("the plan has no steps")
    return found or violations(site, later_fleet(fleet, late_s), plan.goals, later_steps(plan.steps, late_s))


def barred_wishes(plan: Plan, site: Site, fleet: FleetSnapshot, late_s: float = 0.0) -> list[str]:
    """The words of the goals that vehicles which are out of order keep this plan from meeting; empty where something
    else, or nothing, speaks against it. See :func:`check_plan`."""
    clear = fleet.model_copy(update={"blocked": None})
    if not fleet.blocked or check_plan(plan, site, clear, late_s):
        return []
    worlds = [World(site, later_fleet(each, late_s), plan.goals) for each in (fleet, clear)]
    steps, barred = sorted(later_steps(plan.steps, late_s), key=lambda s: (s.start_s, s.end_s)), set[int]()
    for vehicle in worlds[0].fleet.vehicles:
        shut, free = (Replay(world, vehicle) for world in worlds)
        for step in (s for s in steps if s.vehicle == vehicle.id):
            if len(list(shut.faults([step]))) > len(list(free.faults([step]))):
                barred.add(step.goal)
    return [plan.goals[index].words for index in sorted(barred)]


def later_steps(steps: Sequence[Step], seconds: float) -> tuple[Step, ...]:
    """The steps as they are when they begin ``seconds`` later."""
    return tuple(s.model_copy(update={"start_s": s.start_s + seconds, "end_s": s.end_s + seconds}) for s in steps)


def later_fleet(fleet: FleetSnapshot, seconds: float) -> FleetSnapshot:
    """The vehicles as they are now, by a clock that began ``seconds`` ago."""
    vehicles = (v.model_copy(update={"ready_s": v.ready_s + seconds}) for v in fleet.vehicles)
    return fleet.model_copy(update={"vehicles": tuple(vehicles)})


def closed_to(vehicle: str, goals: Sequence[Goal], site: Site, began: float) -> Closed:
    """What the goals close to a vehicle: nodes and lanes at all times, and nodes for a time. ``began``: the wall-clock
    second from which the goals count."""
    world = World(site, FleetSnapshot(), goals)
    nodes: set[str] = set()
    spans: list[tuple[str, float, float]] = []
    for goal in goals:
        if not isinstance(goal, AvoidGoal) or (goal.vehicles and vehicle not in goal.vehicles):
            continue
        here = sorted({node for place in goal.places for node in world.nodes(place)})
        if goal.from_s is None and goal.until_s is None:
            nodes.update(here)
        else:
            since, until = goal.from_s or 0.0, _FOR_EVER_S if goal.until_s is None else goal.until_s
            spans += [(node, began + since, began + until) for node in here]
    return Closed(frozenset(nodes), frozenset(world.against()), tuple(spans))


def unknown_places(goals: Sequence[Goal], site: Site) -> list[str]:
    """Places of goals that there are not; those of steps are the verifier's to find."""
    fields = ("places", "origins", "destinations")
    named = [place for goal in goals for name in fields for place in getattr(goal, name, ())]
    named += [place for goal in goals for name in ("start", "end") if (place := getattr(goal, name, None))]
    return [place for place in dict.fromkeys(named) if place not in site.places]
