"""How many loads transports are about, and from where: "all" becomes a number, and what stands where is shared out.

Goals are gone through in the order in which they can be done, and each takes its loads from what the ones before it
left there or brought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from banksman_cloud.reading.questions import Questions
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, TransportGoal


def split(fleet: FleetSnapshot, goals: Sequence[Goal], questions: Questions) -> list[tuple[Goal, ...]]:
    """For each goal what becomes of it: a transport of which it is known what stands where, one for each origin that
    has something. What only the asker can tell goes to ``questions``."""
    totals = [_in_all(goal) for goal in goals]
    yard = _Yard(totals, fleet.loads is not None, frozenset(fleet.uncounted or ()), questions)
    for load in fleet.loads or ():
        yard.stacks.append(_Stack(load.place, load.type, 1))
    yard.wait()
    parts = {index: yard.parts(index) for index in yard.order()}
    return [parts[index] for index in range(len(goals))]


@dataclass(slots=True)
class _Stack:
    """Loads of a type at a place. ``bringer``: the goal that brings them there, None for what stands there now."""

    place: str
    type: str | None
    count: int
    bringer: int | None = None


@dataclass(slots=True)
class _Yard:
    goals: list[Goal]
    counted: bool
    """Whether anybody keeps count of loads."""
    uncounted: frozenset[str]
    """Where nobody does all the same."""
    questions: Questions
    stacks: list[_Stack] = field(default_factory=list)

    def wait(self) -> None:
        """Have a transport wait for those that bring what it takes, where fewer stand there than it takes: there is no
        other way to do it."""
        taken: Counter[str] = Counter()
        for index, goal in enumerate(self.goals):
            if not isinstance(goal, TransportGoal) or goal.count is None or not self.counted:
                continue
            there = {o: self._there(index, o) - taken[o] for o in goal.origins if o not in self.uncounted}
            others = set(range(len(self.goals))) - self._before(index)
            bring = [i for i in sorted(others) if index not in self._before(i) and self._brings({*there}, {i})]
            if len(there) == len(set(goal.origins)) and sum(there.values()) < goal.count and bring:
                self.goals[index] = goal.model_copy(update={"after": (*goal.after, *bring)})
            elif len(there) == 1:
                taken[goal.origins[0]] += goal.count

    def order(self) -> list[int]:
        """What waits for others after them; of the rest what takes a number before what takes all."""

        def rank(index: int) -> tuple[int, bool, int]:
            return len(self._before(index)), getattr(self.goals[index], "count", 0) is None, index

        return sorted(range(len(self.goals)), key=rank)

    def parts(self, index: int) -> tuple[Goal, ...]:
        goal = self.goals[index]
        if not isinstance(goal, TransportGoal):
            return (goal,)
        if goal.share != "any" and goal.at_most is not None and len(goal.destinations) > 1:
            self.questions.ask("ask_share", goal)
        if not self.counted or not self.uncounted.isdisjoint(goal.origins):
            if goal.count is None:
                self.questions.ask("ask_uncounted", goal)
            parts = _shared_out((goal,))
            for part in parts:
                if part.count is not None and len(part.destinations) == 1:
                    self.stacks.append(_Stack(part.destinations[0], part.load_type, part.count, index))
            return parts
        there = {origin: self._there(index, origin) for origin in dict.fromkeys(goal.origins)}
        parts = _shared_out(self._all(index, goal, there) if goal.count is None else self._some(index, goal, there))
        for part in parts:
            if len(part.origins) == 1:
                self._carry(index, part)
        return parts

    def _all(self, index: int, goal: TransportGoal, there: Mapping[str, int]) -> tuple[TransportGoal, ...]:
        if vague := [origin for origin in there if self._vague(origin, self._before(index))]:
            self.questions.ask("ask_brought", goal, vague)
        elif not any(there.values()):
            self.questions.ask("ask_nothing_left" if self._stood(goal, there) else "ask_nothing", goal, there)
        elif goal.at_most is not None and len(there) > 1:
            self.questions.ask("ask_share", goal)
        return tuple(_part(goal, origin, count) for origin, count in there.items() if count)

    def _some(self, index: int, goal: TransportGoal, there: Mapping[str, int]) -> tuple[TransportGoal, ...]:
        open_to_all = {origin: count for origin, count in there.items() if origin not in self._closed()} or there
        count, enough = goal.count or 0, sum(open_to_all.values())
        if count > enough and (vague := [origin for origin in there if self._vague(origin, self._before(index))]):
            self.questions.ask("ask_brought", goal, vague)
        elif count > enough:
            key = "ask_few_left" if self._stood(goal, open_to_all) > enough else "ask_few"
            self.questions.ask(key, goal, open_to_all, n=enough)
        elif len(there) > 1 and goal.at_most is None:
            return _share(goal, open_to_all)
        elif len(there) > 1:
            return self._by_few(goal, open_to_all)
        return (goal,)

    def _by_few(self, goal: TransportGoal, there: Mapping[str, int]) -> tuple[TransportGoal, ...]:
        """A number that only so many vehicles may share in, from where there are enough: in parts each of them could be
        for other vehicles."""
        origin = max(there, key=lambda o: there[o])
        if there[origin] < (goal.count or 0):
            self.questions.ask("ask_share", goal)
            return (goal,)
        return (_part(goal, origin, goal.count or 0),)

    def _there(self, index: int, origin: str) -> int:
        """How many loads for a goal stand at ``origin`` when it may begin."""
        return sum(stack.count for stack in self._stacks(index, origin))

    def _stacks(self, index: int, origin: str) -> list[_Stack]:
        goal, before = self.goals[index], self._before(index)
        wanted = getattr(goal, "load_type", None)
        return [
            stack
            for stack in self.stacks
            if stack.place == origin
            and (stack.bringer is None or stack.bringer in before)
            and wanted in (None, stack.type)
        ]

    def _stood(self, goal: TransportGoal, origins: Mapping[str, int]) -> int:
        """How many loads for a goal stood at ``origins`` before others took some."""
        stood = [stack for stack in self.stacks if stack.place in origins and stack.bringer is None]
        return len([stack for stack in stood if goal.load_type in (None, stack.type)])

    def _carry(self, index: int, part: TransportGoal) -> None:
        """Take the loads of a part from where they stand, those last of which the type matters to a goal."""
        asked = {goal.load_type for goal in self.goals if isinstance(goal, TransportGoal)} - {None}
        left = part.count or 0
        for stack in sorted(self._stacks(index, part.origins[0]), key=lambda stack: stack.type in asked):
            taken = min(left, stack.count)
            stack.count, left = stack.count - taken, left - taken
            if taken and len(part.destinations) == 1:
                self.stacks.append(_Stack(part.destinations[0], stack.type, taken, index))

    def _brings(self, places: set[str], goals: set[int]) -> bool:
        """Whether one of ``goals`` brings something to one of ``places``."""
        return any(isinstance(g := self.goals[i], TransportGoal) and places & {*g.destinations} for i in goals)

    def _vague(self, place: str, goals: set[int]) -> bool:
        """Whether one of ``goals`` may bring something there or elsewhere."""
        several = {i for i in goals if len(getattr(self.goals[i], "destinations", ())) > 1}
        return self._brings({place}, several)

    def _closed(self) -> set[str]:
        """Where nobody goes at any time."""
        always = (g for g in self.goals if isinstance(g, AvoidGoal) and g.from_s is None and g.until_s is None)
        return {place for goal in always if not goal.vehicles for place in goal.places}

    def _before(self, index: int) -> set[int]:
        """All goals that have to be done before one."""
        found: set[int] = set()
        queue = [*getattr(self.goals[index], "after", ())]
        while queue:
            gate = queue.pop()
            if gate not in found and 0 <= gate < len(self.goals):
                found.add(gate)
                queue += getattr(self.goals[gate], "after", ())
        return found


def _in_all(goal: Goal) -> Goal:
    """The goal with the number of all its loads, where it gives that for each destination."""
    if not isinstance(goal, TransportGoal) or goal.share != "each":
        return goal
    count = None if goal.count is None else goal.count * len(goal.destinations)
    return goal.model_copy(update={"count": count, "share": "equal"})


def _shared_out(parts: tuple[TransportGoal, ...]) -> tuple[TransportGoal, ...]:
    """Parts of a goal that are shared equally among its destinations, one for each of these that it has loads for."""
    if not parts or parts[0].share == "any" or any(part.count is None for part in parts):
        return tuple(part.model_copy(update={"share": "any"}) if part.share != "any" else part for part in parts)
    destinations = parts[0].destinations
    left = sum(part.count or 0 for part in parts)
    wanted: dict[str, int] = {}
    for at, place in enumerate(destinations):
        wanted[place] = -(-left // (len(destinations) - at))
        left -= wanted[place]
    made: list[TransportGoal] = []
    for part in parts:
        loads = part.count or 0
        for place in destinations:
            count = min(loads, wanted[place])
            loads, wanted[place] = loads - count, wanted[place] - count
            if count:
                made.append(part.model_copy(update={"count": count, "destinations": (place,), "share": "any"}))
    return tuple(made)


def _part(goal: TransportGoal, origin: str, count: int) -> TransportGoal:
    return goal.model_copy(update={"origins": (origin,), "count": count})


def _share(goal: TransportGoal, there: Mapping[str, int]) -> tuple[TransportGoal, ...]:
    """The loads taken evenly from where they stand, as far as they go."""
    taken, left = dict.fromkeys(there, 0), goal.count or 0
    while left:
        origin = max(there, key=lambda o: there[o] - taken[o])
        taken[origin], left = taken[origin] + 1, left - 1
    return tuple(_part(goal, origin, count) for origin, count in taken.items() if count)
