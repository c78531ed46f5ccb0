"""What goals say that is wrong only together: contradictions that no plan could meet and no solver need look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_shared.plans import (
    AvoidGoal,
    Goal,
    OneWayGoal,
    PreferGoal,
    SendGoal,
    TransportGoal,
    UseGoal,
)


def contradictions(goals: Sequence[Goal]) -> Iterator[str]:
    """Sentences that a model or an operator can act on."""
    yield from _avoided(goals)
    yield from _ended(goals)
    yield from _waiting(goals)
    yield from _kept(goals)
    if len({goal.what for goal in goals if isinstance(goal, PreferGoal)}) > 1:
        yield "only one thing can matter most; leave out the others"
    for goal in goals:
        if isinstance(goal, OneWayGoal) and goal.start == goal.end:
            yield f"'{goal.words}' leads from {goal.start} to itself"


def _avoided(goals: Sequence[Goal]) -> Iterator[str]:
    always = (g for g in goals if isinstance(g, AvoidGoal) and g.from_s is None and g.until_s is None)
    avoided = {place for goal in always if not goal.vehicles for place in goal.places}
    for goal in goals:
        if isinstance(goal, AvoidGoal) and goal.until_s is not None and goal.until_s <= (goal.from_s or 0.0):
            yield f"'{goal.words}' ends before it begins"
        for ids in (getattr(goal, "destinations", ()), getattr(goal, "origins", ())):
            if ids and avoided.issuperset(ids):
                yield f"'{goal.words}' needs {' or '.join(ids)}, which is to be avoided"


def _ended(goals: Sequence[Goal]) -> Iterator[str]:
    """A vehicle that charges or parks at the end is sent nowhere else after it."""
    ended: dict[str, str] = {}
    for goal in goals:
        if not isinstance(goal, SendGoal) or goal.when == "first":
            continue
        for vehicle in goal.vehicles:
            if vehicle in ended:
                yield f"'{goal.words}' sends {vehicle} on after '{ended[vehicle]}', which has no end; ask for it later"
            if goal.action != "move":
                ended[vehicle] = goal.words


def _waiting(goals: Sequence[Goal]) -> Iterator[str]:
    tasks = {i for i, goal in enumerate(goals) if isinstance(goal, TransportGoal | SendGoal)}
    gates = {i: frozenset(getattr(goal, "after", ())) for i, goal in enumerate(goals)}
    for index, goal in enumerate(goals):
        for gate in sorted(gates[index] - tasks):
            yield f"'{goal.words}' waits for goal {gate}, which is nothing to be done; goals are counted from 0"
        if index in _before(gates, index):
            yield f"'{goal.words}' waits for itself"


def _before(gates: dict[int, frozenset[int]], index: int) -> set[int]:
    """All goals that have to be done before one."""
    found: set[int] = set()
    queue = list(gates[index])
    while queue:
        gate = queue.pop()
        if gate not in found:
            found.add(gate)
            queue += gates.get(gate, frozenset())
    return found


def _kept(goals: Sequence[Goal]) -> Iterator[str]:
    """Vehicles that are to stay away from everything else, and are asked for elsewhere."""
    kept = {v: g.words for g in goals if isinstance(g, SendGoal) and g.when == "only" for v in g.vehicles}
    never = {v: g.words for g in goals if isinstance(g, UseGoal) for v in g.never}
    for goal in goals:
        named = goal.vehicles if isinstance(goal, TransportGoal | SendGoal) else ()
        able = [v for v in named if v not in getattr(goal, "without", ())]
        if named and not able:
            yield f"'{goal.words}' leaves no vehicle that may do it"
        if able and all(v in never for v in able):
            yield f"'{goal.words}' needs {' or '.join(able)}, and '{never[able[0]]}' keeps it out of the plan"
        if isinstance(goal, TransportGoal) and able and all(v in kept for v in able):
            yield f"'{goal.words}' needs {' or '.join(able)}, and '{kept[able[0]]}' is all that it does"
        if isinstance(goal, UseGoal) and goal.only and set(goal.only) <= set(goal.never):
            yield f"'{goal.words}' leaves no vehicle to use"
