"""The whole problem as one CP-SAT model: for small problems, with a proof.

Per carrier a circuit through a depot (node 0) and the visits it makes. Points in time are modelled only where
something depends on them: deadlines, a beginning that has to be waited for, goals that wait for others. Closed
windows are not modelled: whoever asks works out what the order found costs with them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from banksman_cloud.solving.assignment import Assignment, Visit, lines
from banksman_cloud.solving.instance import Arrival, Carrier, Instance, Load, Send
from banksman_cloud.solving.travel_times import FOREVER

WORKERS = 2
_POLL_S = 0.05
_LARGEST = 2**60
"""What the objective may come to; beyond, only lateness and makespan are weighed."""


@dataclass(frozen=True, slots=True)
class Found:
    """``assignment`` is None where nothing was found in time; ``proven``: none is better as the model sees it."""

    assignment: Assignment | None
    proven: bool
    bound: int
    """Ticks of the figure that is minimised that no plan can be below, as far as the model tells, else 0."""


def solve_exactly(instance: Instance, hint: Assignment, limit_s: float, stop: Callable[[], bool]) -> Found:
    """The best assignment found within ``limit_s`` seconds, starting from ``hint``."""
    return _Model(instance, hint).solve(limit_s, stop)


class _Model:
    def __init__(self, instance: Instance, hint: Assignment) -> None:
        self.instance, self.hint = instance, hint
        self.model: Any = cp_model.CpModel()
        made = lines(instance, hint)
        self.horizon = 2 * sum(min(one.end, FOREVER) for one in made) + _latest(instance) + 1_000
        if any(one.broken or one.waiting for one in made):  # and so not all of it is in the times
            self.horizon += _longest(instance)
        self.longest = self.horizon if any(one.cost for one in made) else max(one.end for one in made)
        self.visits, self.owner = _nodes(hint)
        self.loads = {o: v.load for o, v in zip(self.owner, self.visits, strict=True)}
        self.arcs: dict[tuple[int, int, int], Any] = {}
        self.made: list[list[Any]] = [[] for _ in self.visits]
        self.carried: dict[int, list[Any]] = {}
        self.urgent = any(load.rank == 0 for load in instance.loads)
        tasks: list[Load | Send] = [*instance.loads, *(send for carrier in instance.carriers for send in carrier.sends)]
        timed = any(task.due is not None or task.begin for task in tasks)
        self.timed = timed or self.urgent or bool(instance.after)
        self.ends = [self._time() for _ in self.loads] if self.timed else []
        self.starts = [self._time() for _ in self.loads] if self.timed else []
        self.gates = {gate: self._time() for gates in instance.after.values() for gate in gates}
        self.makespan = self._time()
        self.late: list[Any] = []
        self.busy: list[Any] = []
        for number, carrier in enumerate(instance.carriers):
            self._circuit(number, carrier)
        for load in self.loads:
            self.model.add_exactly_one(lit for i, o in enumerate(self.owner) if o == load for lit in self.made[i])
        self._times()
        self._break_symmetry()
        self._hint()
        self._minimise()

    def _time(self) -> Any:
        return self.model.new_int_var(0, self.horizon, "")

    def _circuit(self, number: int, carrier: Carrier) -> None:
        able = [i for i, v in enumerate(self.visits) if v.trip in self.instance.trips(carrier, v.load)]
        arcs: list[tuple[int, int, Any]] = []
        terms: list[Any] = []
        tails: list[tuple[Any, tuple[Arrival, ...]]] = []
        places = {0: carrier.node} | {i + 1: self.instance.node(self.visits[i].trip) for i in able}

        def arc(start: int, end: int, ticks: int) -> Any:
            literal = self.model.new_bool_var("")
            arcs.append((start, end, literal))
            self.arcs[number, start, end] = literal
            terms.append(ticks * literal)
            return literal

        for start, node in places.items():
            tail = self.instance.tail(carrier, node)
            if tail is not None:
                literal = arc(start, 0, sum(a.leg for a in tail))
                tails.append((literal, tail))
            for i in able:
                ticks = self.instance.serve(carrier, node, self.visits[i].trip)
                if ticks is not None and self._may_follow(start, i):
                    self._follow(carrier, start, i, arc(start, i + 1, ticks), ticks)
        for i in able:
            idle = self.model.new_bool_var("")
            arcs.append((i + 1, i + 1, idle))
            if (number, 0, 0) in self.arcs:  # a circuit may leave out the depot, a carrier may not
                self.model.add_implication(self.arcs[number, 0, 0], idle)
            self.made[i].append(~idle)
            self.carried.setdefault(number, []).append(~idle)
        self.model.add_circuit(arcs)
        self._finish(carrier, sum(terms), tails)

    def _may_follow(self, start: int, i: int) -> bool:
        """Not the same load again, and nothing urgent after what is not."""
        if not start:
            return True
        before, load = self.visits[start - 1].load, self.visits[i].load
        return self.owner[start - 1] != self.owner[i] and before.rank <= load.rank

    def _follow(self, carrier: Carrier, start: int, i: int, literal: Any, ticks: int) -> None:
        if self.timed:
            owner = self.owner[i]
            before = self.ends[self.owner[start - 1]] if start else carrier.ready
            self.model.add(self.starts[owner] >= before).only_enforce_if(literal)
            self.model.add(self.ends[owner] >= self.starts[owner] + ticks).only_enforce_if(literal)

    def _finish(self, carrier: Carrier, work: Any, tails: Sequence[tuple[Any, tuple[Arrival, ...]]]) -> None:
        """The carrier's end, its sends, and what its battery allows."""
        self.busy.append(work)
        charging = [k for k, send in enumerate(carrier.sends) if send.action == "charge"]
        if carrier.budget is not None:
            free = sum(tail[k].leg * literal for literal, tail in tails for k in charging)
            over = self._time()
            self.model.add(over >= work - free - carrier.budget)
            self.late.append(over)
        if carrier.first:
            self.model.add(self.makespan >= carrier.first[-1].end)
            self._gate(carrier.first[-1].send.goal, carrier.first[-1].end)
        if not self.timed:
            self.model.add(self.makespan >= carrier.ready + work).only_enforce_if(self._moves(carrier, work))
            return
        now: Any = self._time()
        self.model.add(now >= carrier.ready)
        number = len(self.busy) - 1
        for (n, start, end), literal in self.arcs.items():
            if n == number and end == 0 and start:
                self.model.add(now >= self.ends[self.owner[start - 1]]).only_enforce_if(literal)
        for k, send in enumerate(carrier.sends):
            arrived = self._time()
            self.model.add(arrived >= now + sum(tail[k].leg * literal for literal, tail in tails))
            for gate in self._begins(send):
                self.model.add(arrived >= gate + sum(tail[k].leg * literal for literal, tail in tails))
            self._due(send, arrived)
            self._gate(send.goal, arrived)
            now = arrived
            self.model.add(self.makespan >= arrived)

    def _moves(self, carrier: Carrier, work: Any) -> list[Any]:
        """Literals under which a carrier counts that is free only later: one that does nothing ends nothing."""
        if not carrier.ready or carrier.sends:
            return []
        moves = self.model.new_bool_var("")
        self.model.add(work == 0).only_enforce_if(~moves)
        return [moves]

    def _begins(self, task: Load | Send) -> list[Any]:
        return [task.begin, *(self.gates[gate] for gate in self.instance.after.get(task.goal, ()))]

    def _due(self, task: Load | Send, end: Any) -> None:
        if task.due is not None:
            late = self._time()
            self.model.add(late >= end - task.due)
            self.late.append(late)

    def _gate(self, goal: int, end: Any) -> None:
        if goal in self.gates:
            self.model.add(self.gates[goal] >= end)

    def _times(self) -> None:
        for owner, load in self.loads.items() if self.timed else ():
            for begin in self._begins(load):
                self.model.add(self.starts[owner] >= begin)
            self.model.add(self.makespan >= self.ends[owner])
            self._due(load, self.ends[owner])
            self._gate(load.goal, self.ends[owner])

    def _break_symmetry(self) -> None:
        """Equal loads go to carriers in order. Loads are numbered carrier by carrier, so the hint obeys this."""
        carrier_of: dict[int, list[Any]] = {}
        able: dict[int, int] = {}
        for number, carrier in enumerate(self.instance.carriers):
            for i, visit in enumerate(self.visits):
                if visit.trip in self.instance.trips(carrier, visit.load):
                    at = able.get(i, 0)
                    able[i] = at + 1
                    carrier_of.setdefault(self.owner[i], []).append(number * self.made[i][at])
        last: dict[Load, int] = {}
        for owner, load in sorted(self.loads.items()):
            if load in last:
                self.model.add(sum(carrier_of[last[load]]) <= sum(carrier_of[owner]))
            last[load] = owner

    def _hint(self) -> None:
        index = {(o, v.trip): i + 1 for i, (o, v) in enumerate(zip(self.owner, self.visits, strict=True))}
        used: set[tuple[int, int, int]] = set()
        owner = 0
        for number, carrier in enumerate(self.instance.carriers):
            at = 0
            for visit in self.hint[carrier.id]:
                node = index[owner, visit.trip]
                used.add((number, at, node))
                at, owner = node, owner + 1
            used.add((number, at, 0))
        for key, literal in self.arcs.items():
            self.model.add_hint(literal, key in used)

    def _minimise(self) -> None:
        """Broken wishes first, then by what is preferred, in one sum. The order of weights is that of ``Cost``."""
        urgent, most = self._time(), self.model.new_int_var(0, len(self.loads), "")
        for owner, load in self.loads.items():
            if load.rank == 0:
                self.model.add(urgent >= self.ends[owner])
        for carried in self.carried.values():
            self.model.add(most >= sum(carried))
        busy = sum(self.busy)
        work = self.horizon * len(self.instance.carriers)
        figures: list[tuple[Any, int]] = [(self.makespan, self.horizon), (busy, work)]
        if self.instance.prefer == "little_driving":
            figures.reverse()
        elif self.instance.prefer == "even_work":
            figures.insert(0, (most, len(self.loads)))
        if self.urgent:
            figures.insert(0, (urgent, self.horizon))
        elif self.instance.prefer == "early":  # no plan as good as the hint takes longer than it
            figures[1] = (busy, (self.longest + 1) * len(self.instance.carriers))
        self.weight = self.first = 1
        total: Any = 0
        for figure, most_of_it in reversed(figures):
            total += self.weight * figure
            self.first, self.weight = self.weight, self.weight * (most_of_it + 1)
        self.exact = self.weight * self.horizon < _LARGEST
        if not self.exact:
            total, self.weight = self.makespan, self.horizon
        self.model.minimize(total + self.weight * sum(self.late))

    def solve(self, limit_s: float, stop: Callable[[], bool]) -> Found:
        solver: Any = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = limit_s
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = 0
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_POLL_S):
                if stop():
                    solver.stop_search()

        watcher = threading.Thread(target=watch, name="planner-exact", daemon=True)
        watcher.start()
        try:
            status = solver.solve(self.model)
        finally:
            ended.set()
            watcher.join()
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Found(None, proven=False, bound=0)
        below = max(0, int(solver.best_objective_bound))
        simple = self.exact and not self.urgent and self.instance.prefer != "even_work"
        bound = below // self.first if simple and below < self.weight else 0
        return Found(self._read(solver), self.exact and status == cp_model.OPTIMAL, bound)

    def _read(self, solver: Any) -> Assignment:
        follows = {(n, a): b for (n, a, b), literal in self.arcs.items() if solver.boolean_value(literal)}
        new: dict[str, tuple[Visit, ...]] = {}
        for number, carrier in enumerate(self.instance.carriers):
            visits: list[Visit] = []
            at = follows[number, 0]
            while at:
                visits.append(self.visits[at - 1])
                at = follows[number, at]
            new[carrier.id] = tuple(visits)
        return new


def _latest(instance: Instance) -> int:
    """The last tick from which on something may have to wait."""
    begins = [task.begin for c in instance.carriers for task in c.sends] + [load.begin for load in instance.loads]
    return max([0, *begins, *(carrier.ready for carrier in instance.carriers)])


def _longest(instance: Instance) -> int:
    """Ticks that all loads take at the most, one after the other from wherever."""
    nodes = {c.node for c in instance.carriers} | {instance.node(t) for load in instance.loads for t in load.trips}
    total = 0
    for load in instance.loads:
        ways = (instance.serve(c, n, t) for c in instance.carriers for t in instance.trips(c, load) for n in nodes)
        total += max((way for way in ways if way is not None), default=0)
    return total


def _nodes(hint: Assignment) -> tuple[list[Visit], list[int]]:
    """The nodes of the model: every load on every way; those of one load have the same number."""
    visits: list[Visit] = []
    owner: list[int] = []
    for number, visit in enumerate(visit for done in hint.values() for visit in done):
        visits += [Visit(visit.load, trip) for trip in visit.load.trips]
        owner += [number] * len(visit.load.trips)
    return visits, owner
