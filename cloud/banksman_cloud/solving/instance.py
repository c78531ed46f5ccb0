"""The problem as the solver sees it: carriers, loads, and where each carrier begins and ends. Ticks: see ``travel``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from banksman_cloud.solving.travel_times import Moment, Roads, ticks
from banksman_shared.site import Site
from banksman_shared.verify import DROP_S, PICK_S

PICK, DROP = ticks(PICK_S), ticks(DROP_S)
HANDLING = PICK + DROP

_FEW = 32
"""Ways to carry a load that are all looked at."""

Preference = Literal["early", "little_driving", "even_work"]


@dataclass(frozen=True, slots=True)
class Trip:
    """One way to carry a load: from place to place."""

    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class Load:
    """One thing to carry. ``due`` and ``begin`` (not before) in ticks from the plan's start; of the loads that a
    carrier takes, those with a lower ``rank`` come first."""

    goal: int
    trips: tuple[Trip, ...]
    vehicles: frozenset[str]
    due: int | None
    begin: int = 0
    rank: int = 1


@dataclass(frozen=True, slots=True)
class Send:
    """Where a vehicle goes; the nearest of ``destinations`` is taken."""

    goal: int
    action: Literal["move", "charge", "park"]
    destinations: tuple[str, ...]
    due: int | None
    begin: int = 0
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One send of a carrier, ``after`` ticks after its last load. ``leg``: how much of that is its own drive."""

    send: Send
    place: str
    after: int
    leg: int


@dataclass(frozen=True, slots=True)
class Began:
    """A send that a carrier does before its loads, with its times in ticks."""

    send: Send
    place: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """A vehicle that can be used: what it begins with, where and when it is free then, what it ends with.

    ``budget``: ticks of work that its battery allows, None where nobody knows. Driving to a charger is never denied.
    ``leaves``: by when it has gone on, since another vehicle comes to charge where this one did.
    """

    id: str
    node: str
    roads: Roads = field(hash=False, compare=False)
    loaded: bool = False
    ready: int = 0
    budget: int | None = None
    first: tuple[Began, ...] = ()
    sends: tuple[Send, ...] = ()
    leaves: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A drive between nodes, and what is done where it ends, in ticks."""

    start: str
    end: str
    loaded: bool
    handling: int


@dataclass(slots=True)
class Instance:
    """The whole problem. ``after``: goal → the goals that have to be done before any of its steps begins.
    ``chosen``: who is sent was chosen, and might be others."""

    site: Site
    carriers: tuple[Carrier, ...]
    loads: tuple[Load, ...]
    after: Mapping[int, frozenset[int]] = field(default_factory=dict)
    prefer: Preference = "early"
    chosen: bool = False
    _tails: dict[tuple[str, str], tuple[Arrival, ...] | None] = field(default_factory=dict)
    _drives: dict[tuple[int, tuple[Leg, ...]], tuple[tuple[int, tuple[Moment, ...]], ...]] = field(default_factory=dict)
    _around: dict[int, Roads | None] = field(default_factory=dict)
    _shortest: dict[tuple[int, str], tuple[Trip, ...]] = field(default_factory=dict)

    def serve(self, carrier: Carrier, node: str, trip: Trip) -> int | None:
        """Ticks for ``carrier`` at ``node`` to fetch and deliver one load at any time, or None where no way leads."""
        origin, destination = self.ends(trip)
        fetch = carrier.roads.ticks(node, origin, loaded=False)
        carry = carrier.roads.ticks(origin, destination, loaded=True)
        return None if fetch is None or carry is None else fetch + carry + HANDLING

    def ends(self, trip: Trip) -> tuple[str, str]:
        return self.site.places[trip.origin].node, self.site.places[trip.destination].node

    def trips(self, carrier: Carrier, load: Load) -> tuple[Trip, ...]:
        return load.trips if carrier.id in load.vehicles else ()

    def shortest(self, carrier: Carrier, load: Load) -> tuple[Trip, ...]:
        """The trips that are worth a look: of many only the shortest from each origin after which it can go on."""
        trips = self.trips(carrier, load)
        key = (id(load), carrier.id)
        if len(trips) > _FEW and key not in self._shortest:
            best: dict[str, tuple[int, Trip]] = {}
            for trip in trips:
                origin, destination = self.ends(trip)
                carry = carrier.roads.ticks(origin, destination, loaded=True)
                known = best.get(trip.origin)
                nearer = carry is not None and (known is None or carry < known[0])
                if nearer and self.tail(carrier, destination) is not None:
                    best[trip.origin] = carry or 0, trip
            self._shortest[key] = tuple(trip for _, trip in best.values())
        return self._shortest[key] if len(trips) > _FEW else trips

    def node(self, trip: Trip) -> str:
        """Where a carrier stands after ``trip``."""
        return self.site.places[trip.destination].node

    def legs(self, node: str, trip: Trip) -> tuple[Leg, ...]:
        origin, destination = self.ends(trip)
        return Leg(node, origin, loaded=False, handling=PICK), Leg(origin, destination, loaded=True, handling=DROP)

    def drive(self, carrier: Carrier, start: str, end: str) -> tuple[Leg, ...]:
        """A drive with nothing to do at its end."""
        return (Leg(start, end, carrier.loaded, 0),)

    def tail(self, carrier: Carrier, node: str) -> tuple[Arrival, ...] | None:
        """The sends of ``carrier`` when its last load ends at ``node``, or None where no way leads."""
        key = (carrier.id, node)
        if key not in self._tails:
            self._tails[key] = self._arrivals(carrier, node)
        return self._tails[key]

    def _arrivals(self, carrier: Carrier, node: str) -> tuple[Arrival, ...] | None:
        arrivals: list[Arrival] = []
        after = 0
        for send in carrier.sends:
            reached = self.nearest(carrier, node, send.destinations)
            if reached is None:
                return None
            after, node = after + reached[0], self.site.places[reached[1]].node
            arrivals.append(Arrival(send, reached[1], after, reached[0]))
        return tuple(arrivals)

    def nearest(self, carrier: Carrier, node: str, places: Iterable[str]) -> tuple[int, str] | None:
        """Ticks to the nearest of ``places``, and which it is."""
        nodes = ((self.site.places[p].node, p) for p in places)
        ways = ((carrier.roads.ticks(node, end, loaded=carrier.loaded), place) for end, place in nodes)
        return min(((time, place) for time, place in ways if time is not None), default=None)

    def start(self, carrier: Carrier, legs: tuple[Leg, ...], earliest: int) -> tuple[int, int] | None:
        """When ``carrier`` sets out on ``legs``, not before ``earliest``, and arrives, so that it is on no closed
        node at the wrong time. It waits before it sets out, or drives around what is closed, whichever is faster."""
        options: list[tuple[int, int]] = []
        for duration, moments in self._drive(carrier.roads, legs):
            begin = _clear(carrier.roads, moments, earliest)
            options.append((begin + duration, begin))
        end, begin = min(options, default=(0, -1))
        return (begin, end) if begin >= 0 else None

    def _drive(self, roads: Roads, legs: tuple[Leg, ...]) -> tuple[tuple[int, tuple[Moment, ...]], ...]:
        """The shortest drive, and the shortest around all that is closed for a time."""
        key = (id(roads), legs)
        if key not in self._drives:
            if id(roads) not in self._around:
                self._around[id(roads)] = roads.around()
            around = self._around[id(roads)]
            drives = _moments(roads, legs, roads), _moments(around, legs, roads) if around else None
            found = [drive for drive in drives if drive is not None]
            # A way around may be faster where the shortest has slow edges; nobody would have driven it unless he must.
            least = found[0][0] if found else 0
            self._drives[key] = tuple((max(duration, least), moments) for duration, moments in found)
        return self._drives[key]

    def stay(self, carrier: Carrier, node: str, start: int, end: int | None) -> int | None:
        """The end of a window in which ``carrier`` may not stand at ``node`` from ``start`` to ``end`` (None: for
        good), or None if it may."""
        for window in carrier.roads.windows:
            if node in window.nodes and start < window.end and (end is None or end > window.start):
                return window.end
        return None

    def caught(self, carrier: Carrier, departure: int) -> bool:
        """Whether a window begins where ``carrier`` is found while it waits to set out. One that has begun finds it
        there."""
        windows = (window for window in carrier.roads.windows if carrier.node in window.nodes)
        return any(carrier.ready < window.start < departure for window in windows)


def _moments(roads: Roads, legs: tuple[Leg, ...], timed: Roads) -> tuple[int, tuple[Moment, ...]] | None:
    """Ticks of a whole drive and when it is on nodes that have a window in ``timed``."""
    nodes = {node for window in timed.windows for node in window.nodes}
    now, moments = 0, list[Moment]()
    for leg in legs:
        duration = roads.ticks(leg.start, leg.end, loaded=leg.loaded)
        if duration is None:
            return None
        passed = roads.moments(leg.start, leg.end, loaded=leg.loaded)
        moments += [Moment(m.node, now + m.start, now + m.end) for m in passed]
        now += duration
        if leg.end in nodes:
            moments.append(Moment(leg.end, now, now + leg.handling))
        now += leg.handling
    return now, tuple(moments)


def _clear(roads: Roads, moments: tuple[Moment, ...], begin: int) -> int:
    """The first tick from ``begin`` on to set out at, so that no moment falls into a window."""
    moved = True
    while moved:
        moved = False
        for moment in moments:
            for window in roads.windows:
                before = begin + moment.end < window.start
                if moment.node in window.nodes and not before and begin + moment.start < window.end:
                    begin, moved = window.end - moment.start, True
    return begin
