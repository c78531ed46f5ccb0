"""What goals say that is wrong only together: contradictions that no plan could meet and no solver need look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_shared.plans import (
    AvoidGoal,
    Goal,
    OneWayGoal,
    PreferGoal,
    SendGoal,
    TransportGoal,
    UseGoal,
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A sentence that a model can act on, and the goals (by index) that cannot all be meant. A single one, or none, is
    a slip in how they are written."""

    sentence: str
    goals: tuple[int, ...] = ()


def contradictions(goals: Sequence[Goal]) -> Iterator[Contradiction]:
    """All that is wrong with goals together."""
    yield from _avoided(goals)
    yield from _ended(goals)
    yield from _waiting(goals)
    yield from _kept(goals)
    if len({goal.what for goal in goals if isinstance(goal, PreferGoal)}) > 1:
        preferred = tuple(i for i, goal in enumerate(goals) if isinstance(goal, PreferGoal))
        yield Contradiction("only one thing can matter most; leave out the others", preferred)
    for goal in goals:
        if isinstance(goal, OneWayGoal) and goal.start == goal.end:
            yield Contradiction(f"'{goal.words}' leads from {goal.start} to itself")


def _avoided(goals: Sequence[Goal]) -> Iterator[Contradiction]:
    avoided: dict[str, int] = {}
    for index, goal in enumerate(goals):
        if isinstance(goal, AvoidGoal) and goal.from_s is None and goal.until_s is None and not goal.vehicles:
            avoided = dict.fromkeys(goal.places, index) | avoided
    for index, goal in enumerate(goals):
        if isinstance(goal, AvoidGoal) and goal.until_s is not None and goal.until_s <= (goal.from_s or 0.0):
            yield Contradiction(f"'{goal.words}' ends before it begins")
        for ids in (getattr(goal, "destinations", ()), getattr(goal, "origins", ())):
            if ids and avoided.keys() >= set(ids):
                sentence = f"'{goal.words}' needs {' or '.join(ids)}, which is to be avoided"
                yield Contradiction(sentence, _all(index, [avoided[place] for place in ids]))


def _ended(goals: Sequence[Goal]) -> Iterator[Contradiction]:
    """A vehicle that charges or parks at the end is sent nowhere else after it."""
    ended: dict[str, str] = {}
    for goal in goals:
        if not isinstance(goal, SendGoal) or goal.when == "first":
            continue
        for vehicle in goal.vehicles:
            if vehicle in ended:
                sentence = f"'{goal.words}' sends {vehicle} on after '{ended[vehicle]}', which has no end"
                yield Contradiction(f"{sentence}; ask for it later")
            if goal.action != "move":
                ended[vehicle] = goal.words


def _waiting(goals: Sequence[Goal]) -> Iterator[Contradiction]:
    tasks = {i for i, goal in enumerate(goals) if isinstance(goal, TransportGoal | SendGoal)}
    gates = {i: frozenset(getattr(goal, "after", ())) for i, goal in enumerate(goals)}
    for index, goal in enumerate(goals):
        for gate in sorted(gates[index] - tasks):
            sentence = f"'{goal.words}' waits for goal {gate}, which is nothing to be done; goals are counted from 0"
            yield Contradiction(sentence)
        if index in (before := _before(gates, index)):
            circle = sorted(gate for gate in before if index in _before(gates, gate))
            yield Contradiction(f"'{goal.words}' waits for itself", tuple(circle))


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


def _kept(goals: Sequence[Goal]) -> Iterator[Contradiction]:
    """Vehicles that are to stay away from everything else, and are asked for elsewhere."""
    numbered = [*enumerate(goals)]
    kept = {v: i for i, g in numbered if isinstance(g, SendGoal) and g.when == "only" for v in g.vehicles}
    never = {v: i for i, g in numbered if isinstance(g, UseGoal) for v in g.never}
    for index, goal in numbered:
        named = goal.vehicles if isinstance(goal, TransportGoal | SendGoal) else ()
        able = [v for v in named if v not in getattr(goal, "without", ())]
        if named and not able:
            yield Contradiction(f"'{goal.words}' leaves no vehicle that may do it")
        needs = f"'{goal.words}' needs {' or '.join(able)}, and"
        if able and all(v in never for v in able):
            sentence = f"{needs} '{goals[never[able[0]]].words}' keeps it out of the plan"
            yield Contradiction(sentence, _all(index, [never[v] for v in able]))
        if isinstance(goal, TransportGoal) and able and all(v in kept for v in able):
            sentence = f"{needs} '{goals[kept[able[0]]].words}' is all that it does"
            yield Contradiction(sentence, _all(index, [kept[v] for v in able]))
        if isinstance(goal, UseGoal) and goal.only and set(goal.only) <= set(goal.never):
            yield Contradiction(f"'{goal.words}' leaves no vehicle to use")


def _all(index: int, others: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted({index, *others}))
