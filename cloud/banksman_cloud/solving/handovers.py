"""Taking turns: at a place one vehicle at a time takes up or puts down a load, and others wait until it has left.

The solver's methods drive each vehicle as if it were alone. Here all of them are driven together, place by place in
the order of their arrival, so that a plan does not promise what a queue at one dock would take twice as long for; and
loads are given to other places that their goal allows, or to other vehicles, where that has all done sooner.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from banksman_cloud.solving.assignment import Assignment, Cost, Line, Visit, cost, in_order, lines, total
from banksman_cloud.solving.instance import DROP, PICK, Carrier, Instance, Load, Trip
from banksman_cloud.solving.travel_times import TICKS_PER_S
from banksman_shared.site import Site

VAIN = 200
"""Vain tries in a row for each load after which the search for better turns ends."""
_TRIPS = 8
"""How many ways to carry a load are looked at each time, of those there are."""
_TURN = TICKS_PER_S
"""Ticks that a vehicle takes to set out once another has gone."""


def takes_turns(instance: Instance) -> bool:
    """Whether turns are reckoned with. They are not where places are closed for a time, since who waits may be caught
    there, and where vehicles are sent somewhere before or after something else."""
    sends = {send.goal for carrier in instance.carriers for send in (*carrier.sends, *(b.send for b in carrier.first))}
    gated = sends.intersection(set(instance.after).union(*instance.after.values()))
    return bool(instance.loads) and not gated and not any(carrier.roads.windows for carrier in instance.carriers)


def in_turn(
    instance: Instance, best: Assignment, done: Callable[[], bool] = lambda: True
) -> tuple[Assignment, list[Line]]:
    """An assignment that is as good as ``best`` or better when its vehicles take turns, and what happens when then.

    It keeps every wish that ``best`` keeps if nobody had to wait. Searches until ``done``.
    """
    queue = _Queue(instance)
    alone = cost(instance, best)
    search = _Search(instance, queue, alone, dict(best))
    search.consider(_one_by_one(instance, queue, done))
    while search.vain < VAIN * len(instance.loads) and not done():
        search.step()
    return search.best, queue.lines(search.best)


@dataclass(slots=True)
class _Queue:
    """Drives all carriers together."""

    instance: Instance
    _gaps: dict[str, int] = field(default_factory=dict)

    def gap(self, node: str) -> int:
        """See :func:`way_out`."""
        if node not in self._gaps:
            self._gaps[node] = way_out(self.instance.site, node, self.instance.carriers[0].roads.speed)
        return self._gaps[node]

    def lines(self, assignment: Assignment) -> list[Line]:
        """What each carrier does when; what it is sent to afterwards is as much later as its loads are."""
        times = _Drive(self, assignment).run()
        return [_moved(one, times) for one in lines(self.instance, assignment)]


@dataclass(slots=True)
class _Drive:
    """One drive of all carriers. An arrival: when, since when it waits, who, its visit, whether it has the load."""

    queue: _Queue
    assignment: Assignment
    free: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Node → when it is free for others than the vehicle that was there last."""
    times: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    left: Counter[int] = field(default_factory=Counter)
    """Goal → loads that are not there yet."""
    ended: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    arrivals: list[tuple[int, int, str, int, bool]] = field(default_factory=list)
    waiting: list[tuple[Carrier, int, int, str]] = field(default_factory=list)
    """Those whose next load waits for other goals: the number of their visit, and when and where they are free."""

    def run(self) -> dict[tuple[str, int], tuple[int, int]]:
        """(Carrier, number of its visit) → when that begins and ends."""
        carriers = {carrier.id: carrier for carrier in self.queue.instance.carriers}
        self.left = Counter(visit.load.goal for visits in self.assignment.values() for visit in visits)
        for carrier in carriers.values():
            self._set_out(carrier, 0, carrier.ready, carrier.node)
        while self.arrivals:
            now, since, vehicle, number, loaded = heapq.heappop(self.arrivals)
            origin, destination = self.queue.instance.ends(self.assignment[vehicle][number].trip)
            node, handling = (destination, DROP) if loaded else (origin, PICK)
            free, last = self.free.get(node, (0, vehicle))
            if now < free and vehicle != last:
                heapq.heappush(self.arrivals, (free, since, vehicle, number, loaded))
                continue
            now += handling
            self.free[node] = now + self.queue.gap(node), vehicle
            if loaded:
                self._end(carriers[vehicle], number, now)
            else:
                there = now + _way(carriers[vehicle], origin, destination, loaded=True)
                heapq.heappush(self.arrivals, (there, there, vehicle, number, True))
        return self.times

    def _set_out(self, carrier: Carrier, number: int, now: int, node: str) -> None:
        if number >= len(self.assignment[carrier.id]):
            return
        visit = self.assignment[carrier.id][number]
        gates = self.queue.instance.after.get(visit.load.goal, frozenset())
        if any(self.left[gate] for gate in gates):
            self.waiting.append((carrier, number, now, node))
            return
        start = max([now, visit.load.begin, *(self.ended[gate] for gate in gates)])
        there = start + _way(carrier, node, self.queue.instance.ends(visit.trip)[0], loaded=False)
        self.times[carrier.id, number] = start, 0
        heapq.heappush(self.arrivals, (there, there, carrier.id, number, False))

    def _end(self, carrier: Carrier, number: int, now: int) -> None:
        visit = self.assignment[carrier.id][number]
        goal = visit.load.goal
        self.times[carrier.id, number] = self.times[carrier.id, number][0], now
        self.ended[goal] = max(self.ended[goal], now)
        self.left[goal] -= 1
        if not self.left[goal]:
            waiting, self.waiting = self.waiting, []
            for one in waiting:
                self._set_out(*one)
        self._set_out(carrier, number + 1, now, self.queue.instance.node(visit.trip))


def _moved(one: Line, times: Mapping[tuple[str, int], tuple[int, int]]) -> Line:
    """The line with its visits at these ``times``, and what follows as much later."""
    made, late, number = replace(one, done=[]), 0, 0
    for timed in one.done:
        start, end = timed.start + late, timed.end + late
        if isinstance(timed.what, Visit):
            start, end = times[one.carrier.id, number]
            number, late = number + 1, end - timed.end
            made.spent += end - start - (timed.end - timed.start)
        made.done.append(replace(timed, start=start, end=end))
    return made


def _way(carrier: Carrier, start: str, end: str, *, loaded: bool) -> int:
    way = carrier.roads.ticks(start, end, loaded=loaded)
    assert way is not None  # noqa: S101  the visit was timed before
    return way


def way_out(site: Site, node: str, speed: float) -> int:
    """Ticks from when a vehicle sets out from a node until another one can be there."""
    near = [e.length / min(speed, e.max_speed or speed) for e in site.layout.edges.values() if node in (e.start, e.end)]
    return int(2 * min(near, default=0.0) * TICKS_PER_S) + _TURN


def _one_by_one(instance: Instance, queue: _Queue, done: Callable[[], bool]) -> Assignment | None:
    """Each load to the vehicle and the places where it is done first after those before it; None where one has none, or
    once it is ``done``."""
    free: defaultdict[str, int] = defaultdict(int)
    spots = {carrier.id: _Spot(carrier, carrier.ready, carrier.ready, carrier.node) for carrier in instance.carriers}
    made: dict[str, list[Visit]] = {carrier.id: [] for carrier in instance.carriers}
    for load in sorted(instance.loads, key=lambda load: (load.rank, load.due is None, load.due or 0)):
        if done():
            return None
        best: tuple[tuple[bool, int, int], _Spot, Trip, int] | None = None
        for spot in spots.values():
            for trip in instance.shortest(spot.carrier, load):
                after = spot.after(instance, load, trip, free)
                if after is not None and (best is None or after[0] < best[0]):
                    best = after[0], after[1], trip, after[2]
        if best is None:
            return None
        _, spot, trip, taken = best
        origin, destination = instance.ends(trip)
        free[origin], free[destination] = taken + queue.gap(origin), spot.turned + queue.gap(destination)
        spots[spot.carrier.id] = spot
        made[spot.carrier.id].append(Visit(load, trip))
    return {carrier: in_order(visits) for carrier, visits in made.items()}


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a carrier is free, and when: in turn, and if nobody had to wait. ``spent``: ticks of its battery's work."""

    carrier: Carrier
    turned: int
    alone: int
    node: str
    spent: int = 0

    def after(
        self, instance: Instance, load: Load, trip: Trip, free: Mapping[str, int]
    ) -> tuple[tuple[bool, int, int], _Spot, int] | None:
        """How good it is to carry a load from here, where it is free then, and when it has been taken up."""
        origin, destination = instance.ends(trip)
        serve = instance.serve(self.carrier, self.node, trip)
        fetch = self.carrier.roads.ticks(self.node, origin, loaded=False)
        if serve is None or fetch is None or instance.tail(self.carrier, destination) is None:
            return None
        begin = max(self.turned, load.begin)
        taken = max(begin + fetch, 0 if origin == self.node else free.get(origin, 0)) + PICK
        end = max(taken + serve - fetch - PICK - DROP, free.get(destination, 0)) + DROP
        spent, alone = self.spent + end - begin, max(self.alone, load.begin) + serve
        over = self.carrier.budget is not None and spent > self.carrier.budget
        return (over, end + alone, serve), _Spot(self.carrier, end, alone, destination, spent), taken


@dataclass(slots=True)
class _Search:
    """Gives loads to other places and vehicles by chance, and keeps what is better in turn."""

    instance: Instance
    queue: _Queue
    alone: Cost
    best: Assignment
    cost: tuple[int, ...] = field(init=False)
    vain: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  a search, no secret

    def __post_init__(self) -> None:
        self.cost = self._key(self.best, self.alone)

    def consider(self, assignment: Assignment | None) -> None:
        """Keep an assignment if it is better, and breaks no wish that can be kept."""
        self.vain += 1
        alone = None if assignment is None else cost(self.instance, assignment)
        if assignment is None or alone is None or alone.broken > self.alone.broken:
            return
        new = self._key(assignment, alone)
        if new <= self.cost:
            self.vain = self.vain if new == self.cost else 0
            self.best, self.cost = assignment, new

    def _key(self, assignment: Assignment, alone: Cost) -> tuple[int, ...]:
        """What is minimised: in turn, and to the same part as if nobody had to wait, since how long handling takes is
        only assumed. What is preferred to an early end is not given up for that."""
        turned = total(self.instance, self.queue.lines(assignment))
        order = [a + b for a, b in zip(turned.order, alone.order, strict=True)]
        return turned.broken, *order

    def step(self) -> None:
        """Try one load elsewhere."""
        busy = [vehicle for vehicle, visits in self.best.items() if visits]
        vehicle = self.chance.choice(busy)
        number = self.chance.randrange(len(self.best[vehicle]))
        load = self.best[vehicle][number].load
        made = {v: list(visits) for v, visits in self.best.items()}
        del made[vehicle][number]
        able = [c for c in self.instance.carriers if c.id in load.vehicles]
        carrier = next(c for c in able if c.id == vehicle) if self.chance.random() < 0.5 else self.chance.choice(able)
        trip = self._trip(load)
        visits = made[carrier.id]
        visits.insert(number if carrier.id == vehicle else self.chance.randint(0, len(visits)), Visit(load, trip))
        self.consider({v: in_order(visits) for v, visits in made.items()})

    def _trip(self, load: Load) -> Trip:
        """Rather one between places that few loads come to."""
        visits = [visit.trip for visits in self.best.values() for visit in visits]
        busy = Counter(place for trip in visits for place in (trip.origin, trip.destination))
        trips = self.chance.sample(load.trips, min(_TRIPS, len(load.trips)))
        if self.chance.random() < 0.5:
            return trips[0]
        return min(trips, key=lambda trip: busy[trip.origin] + busy[trip.destination])
