"""Goals, site and fleet as the solver needs them: carriers, loads, and where each carrier has to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.timing import DROP_S, PICK_S
from banksman_cloud.travel import Travel, nodes_of, ticks
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, SendGoal, TransportGoal, VehicleSnapshot
from banksman_shared.site import Site

HANDLING = ticks(PICK_S) + ticks(DROP_S)


@dataclass(frozen=True, slots=True)
class Trip:
    """One way to carry a load: from place to place."""

    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class Load:
    """One thing to carry. ``due`` in ticks from the plan's start."""

    goal: int
    trips: tuple[Trip, ...]
    vehicles: frozenset[str]
    due: int | None


@dataclass(frozen=True, slots=True)
class Send:
    """Where a vehicle goes after its loads; the nearest of ``destinations`` is taken."""

    goal: int
    action: Literal["move", "charge", "park"]
    destinations: tuple[str, ...]
    due: int | None


@dataclass(frozen=True, slots=True)
class Carrier:
    """A vehicle that can be used, where it stands, and what it ends with."""

    id: str
    node: str
    kind: str
    speed: float
    sends: tuple[Send, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One send of a carrier, ``after`` ticks after its last load."""

    send: Send
    place: str
    after: int


@dataclass(frozen=True, slots=True)
class Instance:
    """The whole problem. Ticks are whole tenths of seconds."""

    site: Site
    travel: Travel
    carriers: tuple[Carrier, ...]
    loads: tuple[Load, ...]
    _tails: dict[tuple[str, str], tuple[Arrival, ...]] = field(default_factory=dict)

    def serve(self, carrier: Carrier, node: str, trip: Trip) -> int | None:
        """Ticks for ``carrier`` at ``node`` to fetch and deliver one load, or None where no way leads."""
        places = self.site.places
        origin, destination = places[trip.origin].node, places[trip.destination].node
        fetch = self.travel.ticks(node, origin, carrier.kind, carrier.speed)
        carry = self.travel.ticks(origin, destination, carrier.kind, carrier.speed)
        return None if fetch is None or carry is None else fetch + carry + HANDLING

    def trips(self, carrier: Carrier, load: Load) -> tuple[Trip, ...]:
        return load.trips if carrier.id in load.vehicles else ()

    def node(self, trip: Trip) -> str:
        """Where a carrier stands after ``trip``."""
        return self.site.places[trip.destination].node

    def tail(self, carrier: Carrier, node: str) -> tuple[Arrival, ...] | None:
        """The sends of ``carrier`` when its last load ends at ``node``, or None where no way leads."""
        key = (carrier.id, node)
        if key not in self._tails:
            arrivals: list[Arrival] = []
            after = 0
            for send in carrier.sends:
                reached = self._nearest(carrier, node, send.destinations)
                if reached is None:
                    return None
                after, node = after + reached[0], self.site.places[reached[1]].node
                arrivals.append(Arrival(send, reached[1], after))
            self._tails[key] = tuple(arrivals)
        return self._tails[key]

    def _nearest(self, carrier: Carrier, node: str, places: Iterable[str]) -> tuple[int, str] | None:
        ways = ((self.travel.ticks(node, self.site.places[p].node, carrier.kind, carrier.speed), p) for p in places)
        return min(((time, place) for time, place in ways if time is not None), default=None)


def build_instance(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal]) -> Instance:
    """Turn checked goals into a problem.

    Raises:
        InfeasibleError: a goal needs a vehicle or a way that is not there.
    """
    usable = {v.id: v for v in fleet.vehicles if v.available and v.id in site.vehicles}
    closed = {node for goal in goals if isinstance(goal, AvoidGoal) for p in goal.places for node in nodes_of(site, p)}
    travel = Travel(site.layout, closed)
    sends = _Sends(site, usable, fleet, travel).assign(goals)
    carriers = tuple(
        Carrier(v.id, v.node, site.vehicles[v.id].kind, v.speed, tuple(sends.get(v.id, ()))) for v in usable.values()
    )
    instance = Instance(site, travel, carriers, tuple(_loads(goals, usable)))
    _check_ways(instance, goals)
    return instance


def _due(goal: TransportGoal | SendGoal) -> int | None:
    return None if goal.within_s is None else int(goal.within_s * 10)


def _loads(goals: Sequence[Goal], usable: Mapping[str, VehicleSnapshot]) -> Iterable[Load]:
    empty = frozenset(v.id for v in usable.values() if not v.loaded)
    for index, goal in enumerate(goals):
        if not isinstance(goal, TransportGoal):
            continue
        able = empty & frozenset(goal.vehicles) if goal.vehicles else empty
        if not able:
            who = " or ".join(goal.vehicles) or "any vehicle"
            raise InfeasibleError(f"'{goal.words}' needs {who}, available and without a load; there is none now")
        trips = tuple(Trip(o, d) for o in goal.origins for d in goal.destinations if o != d)
        yield from [Load(index, trips, able, _due(goal))] * goal.count


def _check_ways(instance: Instance, goals: Sequence[Goal]) -> None:
    """Every load needs a carrier that can reach it, every send a way from where the carrier stands."""
    for load in dict.fromkeys(instance.loads):
        ways = (instance.serve(c, c.node, t) for c in instance.carriers for t in instance.trips(c, load))
        if all(way is None for way in ways):
            raise InfeasibleError(
                f"no way leads any usable vehicle through '{goals[load.goal].words}'; open a way or avoid less"
            )
    for carrier in instance.carriers:
        if instance.tail(carrier, carrier.node) is None:
            words = " and ".join(f"'{goals[send.goal].words}'" for send in carrier.sends)
            raise InfeasibleError(f"no way leads {carrier.id} to where {words} would send it; open a way or avoid less")


@dataclass(slots=True)
class _Sends:
    """Gives every send its vehicle and, where several vehicles want the same places, each its own."""

    site: Site
    usable: Mapping[str, VehicleSnapshot]
    fleet: FleetSnapshot
    travel: Travel

    def assign(self, goals: Sequence[Goal]) -> dict[str, list[Send]]:
        chosen: dict[str, list[tuple[int, SendGoal]]] = {}
        wishes = [(i, goal) for i, goal in enumerate(goals) if isinstance(goal, SendGoal)]
        for index, goal in wishes:
            for vehicle in goal.vehicles:
                if vehicle not in self.usable:
                    raise InfeasibleError(f"'{goal.words}' needs {vehicle}, which is not available now")
                chosen.setdefault(vehicle, []).append((index, goal))
        for index, goal in wishes:
            for vehicle in () if goal.vehicles else self._volunteers(goal, chosen):
                chosen.setdefault(vehicle, []).append((index, goal))
        return self._places(chosen)

    def _volunteers(self, goal: SendGoal, taken: Mapping[str, object]) -> list[str]:
        """Those with the least charge to a charger, those with the most elsewhere."""
        free = [v for v in self.usable.values() if v.id not in taken]
        if len(free) < goal.count:
            raise InfeasibleError(
                f"'{goal.words}' needs {goal.count} vehicles with nothing else to end with; {len(free)} are free"
            )
        free.sort(key=lambda v: v.battery if goal.action == "charge" else -v.battery)
        return [v.id for v in free[: goal.count]]

    def _places(self, chosen: Mapping[str, list[tuple[int, SendGoal]]]) -> dict[str, list[Send]]:
        options = {
            (vehicle, index): self._options(vehicle, goal) for vehicle, todo in chosen.items() for index, goal in todo
        }
        wanted = Counter(place for places in options.values() for place in places)
        given: set[str] = set()
        sends: dict[str, list[Send]] = {}
        for vehicle, todo in chosen.items():
            for index, goal in sorted(todo, key=lambda pair: pair[0]):
                places = options[vehicle, index]
                if any(wanted[place] > 1 for place in places):
                    places = self._own(vehicle, places, given)
                sends.setdefault(vehicle, []).append(Send(index, goal.action, places, _due(goal)))
        return sends

    def _options(self, vehicle: str, goal: SendGoal) -> tuple[str, ...]:
        """Where the vehicle may go, without places on which another one stands, if any are left then."""
        if goal.action == "park" and not goal.destinations:
            return (self.site.vehicles[vehicle].home,)
        places = goal.destinations or tuple(place.id for place in self.site.chargers())
        if not places:
            raise InfeasibleError(f"'{goal.words}' needs a charger, and the site's layout has none; name a place")
        occupied = {v.node for v in self.fleet.vehicles if v.id != vehicle}
        return tuple(p for p in places if self.site.places[p].node not in occupied) or places

    def _own(self, vehicle: str, places: tuple[str, ...], given: set[str]) -> tuple[str, ...]:
        """The nearest place that no other vehicle was given; any of them where there are too few."""
        snapshot, kind = self.usable[vehicle], self.site.vehicles[vehicle].kind
        free = [p for p in places if p not in given]
        if not free:
            return places
        ways = {p: self.travel.ticks(snapshot.node, self.site.places[p].node, kind, snapshot.speed) for p in free}
        nearest = min(free, key=lambda p: (ways[p] is None, ways[p] or 0))
        given.add(nearest)
        return (nearest,)
