"""Checks a plan against goals, site and fleet, without the solver's code: it shares only the documents.

A plan that passes can be driven as far as layout, batteries and chargers tell: every step has enough time for the
fastest way that is open when it is driven, and the goals are met exactly as they are meant. Traffic is the edge's to
watch. What is preferred where plans differ (:class:`PreferGoal`) is no property of one plan, so it is not checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, SendGoal, Step, TransportGoal, UseGoal
from banksman_shared.site import Site
from banksman_shared.verify.replay import TOLERANCE_S, Docked, Replay, World, crowded
from banksman_shared.verify.timing import CHARGE_TO

_URGENCY = {"high": 0, "normal": 1, "low": 2}


def violations(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], steps: Sequence[Step]) -> list[str]:
    """Everything wrong with a plan, in sentences; empty for a plan that holds."""
    wrong = [sentence for number, step in enumerate(steps) for sentence in _names(site, fleet, goals, number, step)]
    if wrong:
        return wrong
    world, docked = World(site, fleet, goals), list[Docked]()
    for vehicle in fleet.vehicles:
        own, replay = [step for step in steps if step.vehicle == vehicle.id], Replay(world, vehicle)
        wrong += [*replay.faults(own), *_urgency(goals, own)]
        docked += replay.docked
    for index, goal in enumerate(goals):
        served = [step for step in steps if step.goal == index]
        if isinstance(goal, TransportGoal):
            wrong += [*_transports(site, goal, served), *_task(goals, goal, served, steps)]
        elif isinstance(goal, SendGoal):
            wrong += [*_sends(site, goal, served), *_task(goals, goal, served, steps)]
            wrong += _when(world, goal, served, steps)
        elif isinstance(goal, UseGoal):
            wrong += _uses(goal, steps)
    return [*wrong, *crowded(site, fleet, docked), *_stock(fleet, goals, steps)]


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
    if step.until is not None and step.action != "charge":
        yield f"{name} charges a vehicle without being a charge"
    if not step.goal < len(goals):
        yield f"{name} serves goal {step.goal + 1}, which does not exist"
        return
    goal = goals[step.goal]
    expected = goal.action if isinstance(goal, SendGoal) else "transport" if isinstance(goal, TransportGoal) else None
    if step.action != expected:
        yield f"{name} is a {step.action}, which does not serve '{goal.words}'"


def _task(
    goals: Sequence[Goal], goal: TransportGoal | SendGoal, served: Sequence[Step], steps: Sequence[Step]
) -> Iterator[str]:
    """What holds for all that vehicles have to do: by whom, by when, after what."""
    among = goal.vehicles or (goal.among if isinstance(goal, SendGoal) else ())
    for step in served:
        if goal.within_s is not None and step.end_s > goal.within_s + TOLERANCE_S:
            yield f"'{goal.words}' has to be done in {goal.within_s:g} s and ends at {step.end_s:g} s"
        if goal.not_before_s is not None and step.start_s < goal.not_before_s - TOLERANCE_S:
            yield f"'{goal.words}' begins at {step.start_s:g} s, and not before {goal.not_before_s:g} s"
        if (among and step.vehicle not in among) or step.vehicle in goal.without:
            yield f"'{goal.words}' is not for {step.vehicle}"
    begun = min((step.start_s for step in served), default=float("inf"))
    for gate in goal.after:
        done = max((step.end_s for step in steps if step.goal == gate), default=0.0)
        if begun < done - TOLERANCE_S:
            yield f"'{goal.words}' begins at {begun:g} s, before '{goals[gate].words}' is done at {done:g} s"


def _transports(site: Site, goal: TransportGoal, steps: Sequence[Step]) -> Iterator[str]:
    if len(steps) != goal.count:
        yield f"'{goal.words}' asks for {goal.count} loads and the plan carries {len(steps)}"
    if goal.at_most is not None and len({step.vehicle for step in steps}) > goal.at_most:
        yield f"'{goal.words}' is for at most {goal.at_most} vehicles"
    for step in steps:
        if step.origin not in goal.origins:
            yield f"'{goal.words}' takes nothing from {step.origin}"
        if step.destination not in goal.destinations:
            yield f"'{goal.words}' brings nothing to {step.destination}"
        if step.origin == step.destination:
            yield f"a load for '{goal.words}' stays at {step.origin}"
        for place in (step.origin or step.destination, step.destination):
            handled = site.places[place].load_type
            if goal.load_type is not None and handled not in (None, goal.load_type):
                yield f"'{goal.words}' is about {goal.load_type}, and {place} handles {handled}"


def _sends(site: Site, goal: SendGoal, steps: Sequence[Step]) -> Iterator[str]:
    sent = [step.vehicle for step in steps]
    if len(set(sent)) != len(sent):
        yield f"'{goal.words}' sends a vehicle twice"
    wanted = len(goal.vehicles) or goal.count
    if len(sent) != wanted:
        yield f"'{goal.words}' sends {wanted} vehicles and the plan sends {len(sent)}"
    chargers = {place.id for place in site.places.values() if place.charger}
    enough = goal.until or CHARGE_TO
    for step in steps:
        usual = chargers if goal.action == "charge" else {site.vehicles[step.vehicle].home}
        if step.destination not in (goal.destinations or usual):
            yield f"'{goal.words}' does not send {step.vehicle} to {step.destination}"
        going_on = goal.action == "charge" and goal.when == "first"
        if (step.until is not None) != going_on:
            yield f"'{goal.words}' says when {step.vehicle} has charged enough exactly if it goes on afterwards"
        elif step.until is not None and step.until < enough:
            yield f"'{goal.words}' charges to {enough:g} %, and {step.vehicle} goes on at {step.until:g} %"


def _when(world: World, goal: SendGoal, served: Sequence[Step], steps: Sequence[Step]) -> Iterator[str]:
    """Before, after, or instead of all else that a vehicle does."""
    for step in served:
        others = [s for s in steps if s.vehicle == step.vehicle and s.action == "transport"]
        name = f"'{goal.words}'"
        if goal.when == "first" and any(other.start_s < step.end_s - TOLERANCE_S for other in others):
            yield f"{name} comes first, and {step.vehicle} carries something before"
        if goal.when == "last" and any(other.end_s > step.start_s + TOLERANCE_S for other in others):
            yield f"{name} comes last, and {step.vehicle} carries something after it"
        if goal.when == "only" and others:
            yield f"{name} is all that {step.vehicle} does, and it carries something as well"
        timed = any(isinstance(g, AvoidGoal) and (g.from_s is not None or g.until_s is not None) for g in world.goals)
        if goal.when == "only" and not timed and not goal.after:
            ready = next(v.ready_s for v in world.fleet.vehicles if v.id == step.vehicle)
            before = [s.end_s for s in steps if s.vehicle == step.vehicle and s.start_s < step.start_s]
            if step.start_s > max(ready, goal.not_before_s or 0.0, *before, 0.0) + 0.1 + TOLERANCE_S:
                yield f"{name} begins at once, and {step.vehicle} sets out only at {step.start_s:g} s"


def _uses(goal: UseGoal, steps: Sequence[Step]) -> Iterator[str]:
    for vehicle in dict.fromkeys(step.vehicle for step in steps):
        if (goal.only and vehicle not in goal.only) or vehicle in goal.never:
            yield f"'{goal.words}' keeps {vehicle} out of the plan"


def _urgency(goals: Sequence[Goal], steps: Sequence[Step]) -> Iterator[str]:
    """A vehicle carries what is urgent, and what that waits for, before the rest."""
    last = 0
    for step in sorted(steps, key=lambda s: s.start_s):
        if step.action == "transport":
            rank = _rank(goals, step.goal)
            if rank < last:
                yield f"{step.vehicle} carries what is less urgent before '{goals[step.goal].words}'"
            last = max(last, rank)


def _rank(goals: Sequence[Goal], index: int) -> int:
    goal = goals[index]
    own = _URGENCY[goal.priority] if isinstance(goal, TransportGoal) else _URGENCY["low"]
    waiting = [i for i, g in enumerate(goals) if isinstance(g, TransportGoal | SendGoal) and index in g.after]
    return min([own, *(_rank(goals, i) for i in waiting)])


def _stock(fleet: FleetSnapshot, goals: Sequence[Goal], steps: Sequence[Step]) -> Iterator[str]:
    """Nothing is taken from where nothing stands, as far as anybody keeps count."""
    if fleet.loads is None:
        return
    there = Counter(load.place for load in fleet.loads)
    typed = Counter((load.place, load.type) for load in fleet.loads)
    carried = [step for step in steps if step.origin is not None]
    unknown = fleet.uncounted or ()
    for step in sorted(carried, key=lambda s: s.start_s):
        brought = sum(s.destination == step.origin and s.end_s <= step.start_s + TOLERANCE_S for s in carried)
        taken = sum(s.origin == step.origin and s.start_s <= step.start_s for s in carried)
        if step.origin not in unknown and taken > there[step.origin or ""] + brought:
            yield f"{step.vehicle} finds nothing left at {step.origin} at {step.start_s:g} s"
    wanted: Counter[tuple[str, str]] = Counter()
    for step in carried:
        goal = goals[step.goal]
        if isinstance(goal, TransportGoal) and goal.load_type is not None and step.origin is not None:
            wanted[step.origin, goal.load_type] += 1
            typed[step.destination, goal.load_type] += 1
    for (place, kind), count in wanted.items():
        if place not in unknown and count > typed[place, kind]:
            yield f"{count} of {kind} are taken from {place}, and {typed[place, kind]} stand there"
