"""Assigns loads to vehicles with CP-SAT: exactly where the problem is small, else a few vehicles at a time.

No vehicle ever waits, so a vehicle is done after the sum of its ways, and the model needs points in time only
where loads have deadlines. The large search starts from the greedy assignment and only ever takes a better one:
the slowest (or latest) vehicle and some others are assigned anew by the same exact model, over and over.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from banksman_cloud.assignment import Assignment, Cost, Visit, cost, greedy, steps, timeline, timelines
from banksman_cloud.errors import InfeasibleError
from banksman_cloud.tasks import Arrival, Carrier, Instance, Load, Trip
from banksman_cloud.travel import TICKS_PER_S
from banksman_shared.clock import Clock
from banksman_shared.plans import Goal, SendGoal, Step, TransportGoal

EXACT_LITERALS = 4000
PART_LITERALS = 1500
PART_LIMIT_S = 0.4
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Solution:
    """``proven``: no assignment is better in lateness and makespan."""

    assignment: Assignment
    cost: Cost
    proven: bool


def solve(instance: Instance, clock: Clock, limit_s: float = 4.0, stop: Callable[[], bool] = lambda: False) -> Solution:
    """The best assignment found within ``limit_s``; never worse than :func:`greedy`.

    Raises:
        InfeasibleError: some load can be carried by nobody.
    """
    end = clock.monotonic() + limit_s
    best = greedy(instance)
    everything = _Part(instance, instance.carriers, best)
    if everything.size() <= EXACT_LITERALS:
        found, proven = everything.solve(max(0.1, limit_s / 2))
        best = _better(instance, best, found)
        if proven:
            return Solution(best, cost(instance, best), proven=True)
    chance = random.Random(0)  # noqa: S311  a search, no secret
    while instance.loads and len(instance.carriers) > 1 and not stop() and (left := end - clock.monotonic()) > 0:
        part = _Part(instance, _choose(instance, best, chance), best, chance)
        found, _ = part.solve(min(PART_LIMIT_S, left))
        best = _better(instance, best, found)
    return Solution(best, cost(instance, best), proven=False)


def plan_steps(instance: Instance, solution: Solution, goals: Sequence[Goal]) -> tuple[Step, ...]:
    """The steps of a solution that keeps every deadline.

    Raises:
        InfeasibleError: it does not; names the goals and how late the best plan would be.
    """
    lines = timelines(instance, solution.assignment)
    late: dict[int, int] = {}
    for timed in (timed for line in lines for timed in line):
        late[timed.goal] = max(late.get(timed.goal, 0), timed.late)
    best = "the best plan there is" if solution.proven else "the best plan found"
    sentences = [
        f"'{goal.words}' cannot be done in {goal.within_s:g} s: {best} is {late[index] / TICKS_PER_S:g} s late"
        for index, goal in enumerate(goals)
        if late.get(index) and isinstance(goal, TransportGoal | SendGoal)
    ]
    if sentences:
        raise InfeasibleError("; ".join(sentences) + "; allow more time, or ask for less")
    return steps(lines)


def _better(instance: Instance, old: Assignment, new: Assignment | None) -> Assignment:
    return new if new is not None and cost(instance, new) < cost(instance, old) else old


def _choose(instance: Instance, assignment: Assignment, chance: random.Random) -> tuple[Carrier, ...]:
    """The carrier that makes the plan bad, and a few others."""
    weight: dict[str, tuple[int, int]] = {}
    for carrier in instance.carriers:
        line = timeline(instance, carrier, assignment[carrier.id])
        weight[carrier.id] = (sum(timed.late for timed in line), line[-1].end if line else 0)
    ranked = sorted(instance.carriers, key=lambda c: weight[c.id])
    worst, others = ranked[-1], ranked[:-1]
    idle = others[int(len(others) * chance.random() ** 2)]  # more often one that is done early
    rest = [carrier for carrier in others if carrier is not idle]
    return (worst, idle, *chance.sample(rest, min(len(rest), chance.choice((0, 1, 1, 2)))))


@dataclass(slots=True)
class _Part:
    """Some carriers and the loads they have now, as one exact model."""

    instance: Instance
    carriers: tuple[Carrier, ...]
    current: Assignment
    chance: random.Random | None = None
    """Set where a load may have more ways than the model should hold: some are drawn then."""
    visits: list[Visit] = field(init=False)
    """The nodes of the model: every load on every way; those of one load have the same number in ``owner``."""
    owner: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.visits, self.owner = [], []
        hinted = [visit for carrier in self.carriers for visit in self.current[carrier.id]]
        room = round((PART_LITERALS / max(1, len(self.carriers))) ** 0.5 / max(1, len(hinted)))
        for number, visit in enumerate(hinted):
            trips: Sequence[Trip] = visit.load.trips
            if self.chance is not None and len(trips) > max(1, room):
                others = [trip for trip in trips if trip != visit.trip]
                trips = [visit.trip, *self.chance.sample(others, max(0, room - 1))]
            self.visits += [Visit(visit.load, trip) for trip in trips]
            self.owner += [number] * len(trips)

    def size(self) -> int:
        """Literals in the model, roughly."""
        return len(self.carriers) * (len(self.visits) + 1) ** 2

    def solve(self, limit_s: float) -> tuple[Assignment | None, bool]:
        """A new assignment of these carriers, and whether it is proven best."""
        return _Model(self).solve(limit_s)


class _Model:
    """Per carrier a circuit through a depot (node 0) and the visits it makes."""

    def __init__(self, part: _Part) -> None:
        self.part, self.instance = part, part.instance
        self.model: Any = cp_model.CpModel()
        self.horizon = 4 * sum(self._total(c, part.current[c.id]) for c in part.carriers) + 10_000
        self.arcs: dict[tuple[int, int, int], Any] = {}
        self.made: list[list[Any]] = [[] for _ in part.visits]
        self.timed = any(visit.load.due is not None for visit in part.visits)
        self.ends = [self.model.new_int_var(0, self.horizon, "") for _ in set(part.owner)] if self.timed else []
        self.makespan = self.model.new_int_var(0, self.horizon, "")
        self.late: list[Any] = []
        self.busy: list[Any] = []
        for number, carrier in enumerate(part.carriers):
            self._circuit(number, carrier)
        for load in range(len(set(part.owner))):
            self.model.add_exactly_one(lit for i, o in enumerate(part.owner) if o == load for lit in self.made[i])
        self._lateness()
        self._break_symmetry()
        self._hint()
        weight = len(part.carriers) * self.horizon
        total = sum(self.busy)
        self.model.minimize((sum(self.late) * self.horizon + self.makespan) * weight + total)

    def _total(self, carrier: Carrier, visits: Sequence[Visit]) -> int:
        line = timeline(self.instance, carrier, visits)
        return line[-1].end if line else 0

    def _circuit(self, number: int, carrier: Carrier) -> None:
        able = [i for i, v in enumerate(self.part.visits) if v.trip in self.instance.trips(carrier, v.load)]
        arcs: list[tuple[int, int, Any]] = []
        terms: list[Any] = []
        tails: list[tuple[Any, tuple[Arrival, ...]]] = []

        def arc(start: int, end: int, ticks: int) -> Any:
            literal = self.model.new_bool_var("")
            arcs.append((start, end, literal))
            self.arcs[number, start, end] = literal
            terms.append(ticks * literal)
            return literal

        places = {0: carrier.node} | {i + 1: self.instance.node(self.part.visits[i].trip) for i in able}
        for start, node in places.items():
            tail = self.instance.tail(carrier, node)
            if tail is not None:
                tails.append((arc(start, 0, tail[-1].after if tail else 0), tail))
            for i in able:
                if start and self.part.owner[start - 1] == self.part.owner[i]:
                    continue
                ticks = self.instance.serve(carrier, node, self.part.visits[i].trip)
                if ticks is not None:
                    self._follow(start, i, arc(start, i + 1, ticks), ticks)
        for i in able:
            idle = self.model.new_bool_var("")
            arcs.append((i + 1, i + 1, idle))
            if (number, 0, 0) in self.arcs:  # a circuit may leave out the depot, a carrier may not
                self.model.add_implication(self.arcs[number, 0, 0], idle)
            self.made[i].append(~idle)
        self.model.add_circuit(arcs)
        self.model.add(self.makespan >= sum(terms))
        self.busy.append(sum(terms))
        self._send_lateness(carrier, sum(terms), tails)

    def _follow(self, start: int, i: int, literal: Any, ticks: int) -> None:
        if self.timed:
            before = self.ends[self.part.owner[start - 1]] if start else 0
            self.model.add(self.ends[self.part.owner[i]] >= before + ticks).only_enforce_if(literal)

    def _send_lateness(self, carrier: Carrier, total: Any, tails: Sequence[tuple[Any, tuple[Arrival, ...]]]) -> None:
        for k, send in enumerate(carrier.sends):
            if send.due is not None:
                rest = sum((tail[-1].after - tail[k].after) * literal for literal, tail in tails)
                late = self.model.new_int_var(0, self.horizon, "")
                self.model.add(late >= total - rest - send.due)
                self.late.append(late)

    def _lateness(self) -> None:
        loads: dict[int, Load] = {o: v.load for o, v in zip(self.part.owner, self.part.visits, strict=True)}
        for number, load in loads.items():
            if load.due is not None:
                late = self.model.new_int_var(0, self.horizon, "")
                self.model.add(late >= self.ends[number] - load.due)
                self.late.append(late)

    def _break_symmetry(self) -> None:
        """Equal loads go to carriers in order. Loads are numbered carrier by carrier, so the hint obeys this."""
        carrier_of: dict[int, list[Any]] = {}
        loads: dict[int, Load] = {}
        able: dict[int, int] = {}
        for number, carrier in enumerate(self.part.carriers):
            for i, visit in enumerate(self.part.visits):
                if visit.trip in self.instance.trips(carrier, visit.load):
                    at = able.get(i, 0)
                    able[i] = at + 1
                    carrier_of.setdefault(self.part.owner[i], []).append(number * self.made[i][at])
                    loads[self.part.owner[i]] = visit.load
        last: dict[Load, int] = {}
        for owner, load in sorted(loads.items()):
            if load in last and self.part.chance is None:
                self.model.add(sum(carrier_of[last[load]]) <= sum(carrier_of[owner]))
            last[load] = owner

    def _hint(self) -> None:
        index = {(o, v.trip): i + 1 for i, (o, v) in enumerate(zip(self.part.owner, self.part.visits, strict=True))}
        used: set[tuple[int, int, int]] = set()
        owner = 0
        for number, carrier in enumerate(self.part.carriers):
            at = 0
            for visit in self.part.current[carrier.id]:
                node = index[owner, visit.trip]
                used.add((number, at, node))
                at, owner = node, owner + 1
            used.add((number, at, 0))
        for key, literal in self.arcs.items():
            self.model.add_hint(literal, key in used)

    def solve(self, limit_s: float) -> tuple[Assignment | None, bool]:
        solver: Any = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = limit_s
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = 0
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False
        follows = {(n, a): b for (n, a, b), literal in self.arcs.items() if solver.boolean_value(literal)}
        new: dict[str, tuple[Visit, ...]] = dict(self.part.current)
        for number, carrier in enumerate(self.part.carriers):
            visits: list[Visit] = []
            at = follows[number, 0]
            while at:
                visits.append(self.part.visits[at - 1])
                at = follows[number, at]
            new[carrier.id] = tuple(visits)
        return new, status == cp_model.OPTIMAL
