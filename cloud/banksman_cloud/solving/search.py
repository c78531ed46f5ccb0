"""Better assignments by taking some loads out and putting them back where they fit best, over and over.

Slower on plain problems than PyVRP, but it knows all there is to know: windows, waiting goals, batteries, deadlines.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from banksman_cloud.solving.assignment import Assignment, Cost, Line, Visit, line, lines, total
from banksman_cloud.solving.instance import Carrier, Instance, Load, Trip

_OUT = (2, 3, 4, 6, 8)
"""How many loads are taken out at a time."""
_SKIP = 0.1
"""How often a carrier is passed over when a load is put back, so that the search leaves where it is."""
_STALE = 300
"""Vain steps in a row for each load after which the search ends: a small problem needs no long one."""
_TRIPS = 4
"""How many ways to carry a load are tried each time, of those there are."""


def improve(
    instance: Instance, start: Assignment, done: Callable[[], bool], found: Callable[[Assignment], object]
) -> None:
    """Search from ``start`` until ``done``; every better assignment is handed to ``found``."""
    search = _Search(instance, random.Random(0), start)  # noqa: S311  a search, no secret
    vain = 0
    while not done() and vain < _STALE * len(instance.loads):
        vain += 1
        if search.step():
            vain = 0
            found(dict(search.visits))


@dataclass(slots=True)
class _Search:
    instance: Instance
    chance: random.Random
    visits: dict[str, tuple[Visit, ...]]
    lines: dict[str, Line] = field(init=False)
    cost: Cost = field(init=False)
    carriers: dict[str, Carrier] = field(init=False)
    plain: bool = field(init=False)
    """Whether where in its order a load costs the least work is where it is best."""

    def __init__(self, instance: Instance, chance: random.Random, start: Assignment) -> None:
        self.instance, self.chance, self.visits = instance, chance, dict(start)
        self.carriers = {carrier.id: carrier for carrier in instance.carriers}
        made = lines(instance, start)
        self.lines, self.cost = {one.carrier.id: one for one in made}, total(instance, made)
        timed = any(load.due is not None or load.begin for load in instance.loads)
        self.plain = not (timed or instance.after or any(c.roads.windows for c in instance.carriers))

    def step(self) -> bool:
        """One removal and repair; whether the result is better than all before. What is as good is kept as well."""
        old = (self.visits, self.lines)
        self.visits, self.lines = dict(self.visits), dict(self.lines)
        finished = self._finished()
        loads = self._take_out(finished)
        repaired = all(self._put_back(load, finished) for load in loads)
        made = lines(self.instance, self.visits) if self.instance.after else list(self.lines.values())
        new = total(self.instance, made)
        if not repaired or self.cost < new:
            self.visits, self.lines = old
            return False
        better = new < self.cost
        self.cost, self.lines = new, {one.carrier.id: one for one in made}
        return better

    def _finished(self) -> dict[int, int]:
        """When goals that others wait for are done as it stands; far from exact while loads move, but near."""
        ends: dict[int, int] = {}
        for one in self.lines.values() if self.instance.after else ():
            for timed in one.done:
                ends[timed.task.goal] = max(ends.get(timed.task.goal, 0), timed.end)
        return ends

    def _take_out(self, finished: Mapping[int, int]) -> list[Load]:
        """Loads of the carrier that makes the plan bad and of some others."""
        busy = [c for c, done in self.visits.items() if done]
        if not busy:
            return []
        worst = max(busy, key=lambda c: (self.lines[c].cost, self.lines[c].end))
        loads: list[Load] = []
        for _ in range(min(self.chance.choice(_OUT), len(self.instance.loads))):
            carrier = worst if self.visits[worst] and self.chance.random() < 0.5 else self.chance.choice(busy)
            if self.visits[carrier]:
                at = self.chance.randrange(len(self.visits[carrier]))
                loads.append(self.visits[carrier][at].load)
                self._set(carrier, self.visits[carrier][:at] + self.visits[carrier][at + 1 :], finished)
        self.chance.shuffle(loads)
        return sorted(loads, key=lambda load: load.rank)

    def _set(self, carrier: str, visits: tuple[Visit, ...], finished: Mapping[int, int]) -> None:
        self.visits[carrier] = visits
        self.lines[carrier] = line(self.instance, self.carriers[carrier], visits, finished)

    def _put_back(self, load: Load, finished: Mapping[int, int]) -> bool:
        best: tuple[tuple[int, ...], str, tuple[Visit, ...], Line] | None = None
        for carrier in self.instance.carriers:
            if carrier.id not in load.vehicles or (best and self.chance.random() < _SKIP):
                continue
            for visits in self._places(carrier, load):
                made = line(self.instance, carrier, visits, finished)
                key = self._key(self.lines[carrier.id], made)
                if best is None or key < best[0]:
                    best = (key, carrier.id, visits, made)
        if best is None:
            return False
        self.visits[best[1]], self.lines[best[1]] = best[2], best[3]
        return True

    def _key(self, before: Line, after: Line) -> tuple[int, ...]:
        """What a load in its new place costs: as ``Cost``, as far as one carrier tells."""
        broken, busy = after.cost - before.cost, after.busy - before.busy
        if self.instance.prefer == "little_driving":
            return broken, busy, after.end
        if self.instance.prefer == "even_work":
            return broken, len(after.done), after.end, busy
        return broken, after.end, busy

    def _places(self, carrier: Carrier, load: Load) -> list[tuple[Visit, ...]]:
        """The carrier's visits with ``load`` among them: wherever it may stand, or only where it costs least work."""
        visits = self.visits[carrier.id]
        first = sum(visit.load.rank < load.rank for visit in visits)
        last = sum(visit.load.rank <= load.rank for visit in visits)
        trips = load.trips if len(load.trips) <= _TRIPS else self.chance.sample(load.trips, _TRIPS)
        spots = [(self._detour(carrier, visits, at, trip), at, trip) for trip in trips for at in range(first, last + 1)]
        spots = [spot for spot in spots if spot[0] is not None]
        if self.plain and spots:
            spots = [min(spots, key=lambda spot: spot[0] or 0)]
        return [(*visits[:at], Visit(load, trip), *visits[at:]) for _, at, trip in spots]

    def _detour(self, carrier: Carrier, visits: tuple[Visit, ...], at: int, trip: Trip) -> int | None:
        """More ticks of work with ``trip`` at this place of the order."""
        instance = self.instance
        before = instance.node(visits[at - 1].trip) if at else carrier.node
        there, beyond = instance.serve(carrier, before, trip), instance.node(trip)
        if there is None:
            return None
        if at < len(visits):
            onward, was = (instance.serve(carrier, node, visits[at].trip) for node in (beyond, before))
            return None if onward is None else there + onward - (was or 0)
        tail, was_tail = instance.tail(carrier, beyond), instance.tail(carrier, before)
        return None if tail is None else there + _length(tail) - _length(was_tail or ())


def _length(tail: tuple[object, ...]) -> int:
    return sum(getattr(arrival, "leg", 0) for arrival in tail)
