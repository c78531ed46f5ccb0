"""The conditions of a plan, read back before it is approved: what a planner misunderstood shows only here.

Of more than fit into a breath the first are said: closed places, then who may, then the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain

from banksman_edge.plans.readback_parts import MOST_PARTS, PlanWords, span
from banksman_edge.replies import Amount, Unit
from banksman_shared.plans import AvoidGoal, OneWayGoal, Plan, PreferGoal, ReserveGoal, SendGoal, TransportGoal, UseGoal

Task = TransportGoal | SendGoal


class Conditions:
    """Says what the goals of a plan ask for besides what its steps do."""

    def __init__(self, words: PlanWords, plan: Plan) -> None:
        self._words, self._plan = words, plan
        self._tasks = {i: goal for i, goal in enumerate(plan.goals) if isinstance(goal, Task)}

    def said(self) -> str:
        """A short sentence for each, at most :data:`MOST_PARTS`, and how many there are besides; empty for none."""
        every = list(dict.fromkeys(self._every()))
        few, more = every[:MOST_PARTS], len(every) - MOST_PARTS
        if more > 0:
            few.append(self._words.amount(Amount(more, Unit.MORE_CONDITIONS)))
        return "".join(self._words.part("plan_condition", clause=self._words.capital(clause)) for clause in few)

    def _every(self) -> Iterator[str]:
        """All conditions, the most dangerous to miss first."""
        goals, part = self._plan.goals, self._words.part
        yield from self._closed()
        for goal in goals:
            if isinstance(goal, OneWayGoal):
                origin, to = map(self._words.label, (goal.start, goal.end))
                yield part("plan_one_way", origin=origin, to=to)
        for goal in goals:
            if isinstance(goal, UseGoal):
                yield from self._vehicles(goal.only, goal.never)
        yield from self._of_tasks(self._may)
        yield from (self._reserve(goal) for goal in goals if isinstance(goal, ReserveGoal))
        yield from self._order()
        yield from self._of_tasks(self._manner)
        yield from self._of_tasks(self._limit)
        yield from (part(f"plan_{goal.what}") for goal in goals if isinstance(goal, PreferGoal))

    def _closed(self) -> Iterator[str]:
        """Places that are closed at the same time to the same vehicles as one; those closed to everybody first."""
        found: dict[tuple[frozenset[str], str], list[AvoidGoal]] = {}
        for goal in self._plan.goals:
            if isinstance(goal, AvoidGoal):
                found.setdefault((frozenset(goal.vehicles), self._when(goal)), []).append(goal)
        for (vehicles, when), goals in sorted(found.items(), key=lambda each: bool(each[0][0])):
            quoted = " ".join(goal.words for goal in goals)
            places = self._words.places(chain.from_iterable(goal.places for goal in goals), quoted)
            if vehicles:
                who = self._words.which(goals[0].vehicles)
                yield self._words.part("plan_closed_to", who=who, places=places, when=when)
            else:
                yield self._words.part("plan_closed", places=places, when=when)

    def _when(self, goal: AvoidGoal) -> str:
        since = self._moment(goal.from_time, goal.from_s) if goal.from_s != 0 else None
        until = self._moment(goal.until_time, goal.until_s)
        said = (("plan_since", since), ("plan_until", until))
        return "".join(self._words.part(key, time=time) for key, time in said if time is not None)

    def _moment(self, clock: str | None, seconds: float | None) -> str | None:
        """A time of day as it was said, else so long from now."""
        if clock is not None or seconds is None:
            return clock
        return self._words.part("plan_hence", time=span(seconds))

    def _vehicles(self, only: Collection[str], never: Collection[str]) -> Iterator[str]:
        for key, vehicles in (("plan_only", only), ("plan_never", never)):
            if vehicles:
                yield self._words.part(key, who=self._words.which(list(vehicles)))

    def _reserve(self, goal: ReserveGoal) -> str:
        charge = Amount(goal.percent, Unit.PERCENT)
        if goal.vehicles:
            return self._words.part("plan_reserve_of", who=self._words.which(goal.vehicles), charge=charge)
        return self._words.part("plan_reserve", charge=charge)

    def _order(self) -> Iterator[str]:
        """What waits for the same as one."""
        waiting: dict[tuple[int, ...], list[int]] = {}
        for index, goal in self._tasks.items():
            if goal.after:
                waiting.setdefault(goal.after, []).append(index)
        for gates, indices in waiting.items():
            yield self._words.part("plan_after", first=self._name(gates), what=self._name(indices))
        yield from self._of_tasks(self._begin)

    def _begin(self, goal: Task) -> Iterator[str]:
        if goal.not_before_s is not None:
            yield self._words.part("plan_begin", time=self._moment(goal.not_before, goal.not_before_s))

    def _may(self, goal: Task) -> Iterator[str]:
        """Who may do it; vehicles that are sent are named by the steps."""
        yield from self._vehicles(goal.among if isinstance(goal, SendGoal) else goal.vehicles, goal.without)

    def _manner(self, goal: Task) -> Iterator[str]:
        part = self._words.part
        if isinstance(goal, TransportGoal):
            if goal.load_type is not None:
                yield part("plan_type", type=goal.load_type)
            if goal.at_most is not None:
                yield part("plan_sharing", vehicles=Amount(goal.at_most, Unit.VEHICLE))
            if goal.priority != "normal":
                yield part("plan_high" if goal.priority == "high" else "plan_low")
        elif goal.until is not None:
            yield part("plan_charged", charge=Amount(goal.until, Unit.PERCENT))
        elif goal.when != "last":
            yield part("plan_first" if goal.when == "first" else "plan_stays")

    def _limit(self, goal: Task) -> Iterator[str]:
        """The time limit, where the margin does not tell whose it is."""
        if goal.within_s is not None and len({task.within_s for task in self._tasks.values()}) > 1:
            key, time = ("plan_by", goal.by) if goal.by else ("plan_within", span(goal.within_s))
            yield self._words.part(key, time=time)

    def _of_tasks(self, clauses: Callable[[Task], Iterator[str]]) -> Iterator[str]:
        """What holds for all that is to be done, by itself; else with what it is about."""
        found: dict[str, list[int]] = {}
        for index, goal in self._tasks.items():
            for clause in clauses(goal):
                found.setdefault(clause, []).append(index)
        for clause, indices in found.items():
            if len(indices) == len(self._tasks):
                yield clause
            else:
                yield self._words.part("plan_of", what=self._name(indices), clause=clause)

    def _name(self, indices: Iterable[int]) -> str:
        """What goals are about, by their steps: one way, or how many loads."""
        own = set(indices)
        return self._words.joined(self._words.work([step for step in self._plan.steps if step.goal in own], most=1))
