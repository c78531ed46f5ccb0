"""A first assignment, at once: the floor that every other has to better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from banksman_cloud.errors import DeadlinePassedError
from banksman_cloud.solving.assignment import Assignment, Visit, in_order
from banksman_cloud.solving.instance import Carrier, Instance, Load, Trip

_ENDLESS = 2**40


def greedy(instance: Instance, stop: Callable[[], bool] = lambda: False) -> Assignment:
    """Urgent loads first, then long ones, each to the carrier that has it delivered first. One that no carrier can get
    to any more goes where it leads to the next load; if it leads nowhere it is given out all the same, and the
    assignment breaks a wish.

    Raises:
        DeadlinePassedError: ``stop`` said so before there was an assignment.
    """
    lengths = {load: _shortest(instance, load, stop) for load in dict.fromkeys(instance.loads)}
    depth = {load.goal: _depth(instance, load.goal) for load in lengths}
    floor = _Floor(instance, {carrier.id: (carrier.ready, carrier.node) for carrier in instance.carriers}, stop)

    def urgency(load: Load) -> tuple[int, int, bool, int, int]:
        return load.rank, depth[load.goal], load.due is None, load.due or 0, -lengths[load]

    for load in sorted(instance.loads, key=urgency):
        floor.add(load)
    return {carrier: in_order(done) for carrier, done in floor.visits.items()}


def _depth(instance: Instance, goal: int) -> int:
    """How many goals have to be done before, one after the other."""
    return max((1 + _depth(instance, gate) for gate in instance.after.get(goal, ())), default=0)


def _shortest(instance: Instance, load: Load, stop: Callable[[], bool]) -> int:
    times: list[int] = []
    for carrier in instance.carriers:
        _go_on(stop)
        ways = (instance.serve(carrier, carrier.node, trip) for trip in instance.shortest(carrier, load))
        times += [way for way in ways if way is not None]
    return min(times, default=0)


def _go_on(stop: Callable[[], bool]) -> None:
    if stop():
        raise DeadlinePassedError("the plan was given up before there was one")


@dataclass(slots=True)
class _Floor:
    """``position``: when and where each carrier is free."""

    instance: Instance
    position: dict[str, tuple[int, str]]
    stop: Callable[[], bool]
    visits: dict[str, list[Visit]] = field(init=False)
    spent: dict[str, int] = field(init=False)
    ends: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visits = {carrier: [] for carrier in self.position}
        self.spent = dict.fromkeys(self.position, 0)

    def add(self, load: Load) -> None:
        best: tuple[int, int, int, Carrier, Trip] | None = None
        gates = self.instance.after.get(load.goal, frozenset())
        earliest = max([load.begin, *(self.ends.get(gate, 0) for gate in gates)])
        for rank, carrier in enumerate(self.instance.carriers):
            _go_on(self.stop)
            now, node = self.position[carrier.id]
            for trip in self.instance.shortest(carrier, load):
                duration = self.instance.serve(carrier, node, trip)
                if duration is None or self.instance.tail(carrier, self.instance.node(trip)) is None:
                    continue
                end = max(now, earliest) + duration
                if carrier.roads.windows:
                    timed = self.instance.start(carrier, self.instance.legs(node, trip), end - duration)
                    end = timed[1] if timed else end
                spent = self.spent[carrier.id] + duration
                over = 0 if carrier.budget is None else max(0, spent - carrier.budget)
                if best is None or (over, end, rank) < best[:3]:
                    best = (over, end, rank, carrier, trip)
        if best is None:
            self._put_between(load)
        else:
            self._take(load, *best[3:], end=best[1])

    def _put_between(self, load: Load) -> None:
        """Before another load of the same urgency, by the shortest way; last, and in vain, where there is no such."""
        able = [carrier for carrier in self.instance.carriers if carrier.id in load.vehicles]
        spots = (spot for carrier in able for spot in self._between(carrier, load))
        last = _ENDLESS, able[0].id, len(self.visits[able[0].id]), load.trips[0]
        ticks, carrier, at, trip = min(spots, key=lambda spot: spot[0], default=last)
        self.visits[carrier].insert(at, Visit(load, trip))
        if ticks < _ENDLESS:
            end, node = self.position[carrier]
            self.position[carrier] = end + ticks, node
            self.spent[carrier] += ticks

    def _between(self, carrier: Carrier, load: Load) -> Iterator[tuple[int, str, int, Trip]]:
        """More ticks of work with ``load`` before what stands at an index of the carrier's visits, by which trip."""
        instance, node = self.instance, carrier.node
        for at, visit in enumerate(self.visits[carrier.id]):
            _go_on(self.stop)
            for trip in instance.shortest(carrier, load) if visit.load.rank == load.rank else ():
                there, was = (instance.serve(carrier, node, one) for one in (trip, visit.trip))
                onward = instance.serve(carrier, instance.node(trip), visit.trip)
                if there is not None and onward is not None and was is not None:
                    yield there + onward - was, carrier.id, at, trip
            node = instance.node(visit.trip)

    def _take(self, load: Load, carrier: Carrier, trip: Trip, *, end: int) -> None:
        self.spent[carrier.id] += self.instance.serve(carrier, self.position[carrier.id][1], trip) or 0
        self.visits[carrier.id].append(Visit(load, trip))
        self.position[carrier.id] = (end, self.instance.node(trip))
        self.ends[load.goal] = max(self.ends.get(load.goal, 0), end)
