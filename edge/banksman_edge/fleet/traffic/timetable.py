"""Who uses which resource in which order.

A claim is one stay of one vehicle on one resource. The claims on a resource stand in a queue; a vehicle may enter when
all claims before its own have been given up. The order is fixed when a course is planned and kept however late
everybody runs, which is what excludes deadlocks (Maza and Castagna 2005; Hönig et al. 2019 as "action dependency
graph"). The times, in monotonic seconds, are a forecast: they say where a further course fits in.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from banksman_shared.site import NOTHING_CLOSED, Closed, Edge

STANDING = -1
"""Index of a claim that belongs to no course: the vehicle is there."""

FAR_S = 1e12
"""Seconds that are later than everything but for ever."""

MARGIN_S = 3.0
"""Seconds before a node is closed by which it has been left."""

Gap = tuple[float, float]
"""From when until when something is free."""
ALWAYS: Gap = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Goal:
    """A node to reach, and the seconds that what is to be done there takes.

    ``loaded``: whether the vehicle carries something on the way there, None if nobody knows.
    """

    node: str
    dwell_s: float = 0.0
    loaded: bool | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """Where a vehicle shall go. ``speed`` in m/s; what is ``closed`` is kept out of, in monotonic seconds.

    ``home``: the node to make way to afterwards if need be; None for a vehicle that is to stay where it ends.
    """

    vehicle: str
    kind: str
    speed: float
    goals: tuple[Goal, ...]
    closed: Closed = NOTHING_CLOSED
    home: str | None = None
    loaded_after: bool | None = None


@dataclass(slots=True, eq=False)
class Claim:
    """A stay on a resource, from the release of step ``enter`` until the arrival at node ``leave`` (None: for good)."""

    resource: int
    vehicle: str
    enter: int
    leave: int | None
    from_s: float = -math.inf
    until_s: float = math.inf


@dataclass(slots=True, eq=False)
class Course:
    """A vehicle's way through the layout: step i leads over ``edges[i - 1]`` to ``nodes[i]``.

    It ends in a retreat: a way out of everybody's way, which is driven only if somebody needs the place by then.
    """

    vehicle: str
    nodes: list[str]
    edges: list[Edge]
    dwell_s: list[float]
    """At each node, before the next step."""
    travel_s: list[float]
    """Of each step; the first is 0."""
    goals: list[int]
    """Index of the node at which each goal of the trip is met."""
    trip: Trip
    depart_s: list[float]
    arrive_s: list[float]
    position: int = 0
    """The last node that was reached."""
    granted: int = 0
    """The last node that may be driven to."""
    claims: list[Claim] = field(default_factory=list)
    begins: int = 0
    """The first node that its vehicle comes to: 1 for one that is between the first two."""
    held: bool = False
    """It does not move, for a reason that may last."""
    ends: bool = False
    """It is being given up: the vehicle shall stay where it is."""
    retreating: bool = False
    """The goals of the trip are met, and somebody needs the place."""
    improved_s: float = -math.inf
    """When a better way was looked for last."""
    blocked_by: tuple[str, ...] = ()
    """Who was in the way when none was found."""
    wants: tuple[str, ...] = ()
    """The nodes of the way that it would then have taken."""
    shut_off: tuple[str, str] | None = None
    """The lane of that way on which something stands, where no way leads round."""
    vain_since_s: float = math.inf
    """Since when there has been no way on for it."""
    held_since_s: float = math.inf
    """Since when it has been held."""
    astray: bool = False
    """What was released leads to where there is no way on, and there is one from before: it shall be taken back."""
    entering: dict[int, list[Claim]] = field(default_factory=dict)
    """Its claims by the step that needs them."""

    def open_at(self, now_s: float) -> bool:
        """Whether the next node is open now, and will be until the vehicle has come there and gone on."""
        step, spans = self.granted + 1, self.trip.closed.spans
        if not spans:
            return True
        on_the_way = range(self.position + 1, step)
        there_s = now_s + sum(self.travel_s[self.position + 1 : step + 1]) + sum(self.dwell_s[i] for i in on_the_way)
        return not self.trip.closed.shut(self.nodes[step], now_s, there_s + self.dwell_s[step] + MARGIN_S)

    def opens(self, step: int, depart_s: float) -> float:
        """When it can set out for a node, so that it is not closed at its arrival."""
        while self.trip.closed.shut(node := self.nodes[step], at := depart_s + self.travel_s[step], at + MARGIN_S):
            depart_s = min(e for n, b, e in self.trip.closed.spans if n == node and e > at) - self.travel_s[step]
        return depart_s

    @property
    def last(self) -> int:
        return len(self.nodes) - 1

    @property
    def whole(self) -> bool:
        """It leads to all goals. One that does not was cut, and goes on when there is a way again."""
        return len(self.goals) >= len(self.trip.goals)

    @property
    def fixed(self) -> int:
        """The last node that cannot be planned otherwise any more."""
        return max(self.granted, self.begins)

    @property
    def waits(self) -> bool:
        """Whether its vehicle stands at the end of what was released, could go on, and has no way for now."""
        at_end = self.position == self.granted == self.fixed and not self.held and not self.ends
        return at_end and (not self.whole or self.arrive_s[self.last] == math.inf)

    @property
    def loaded(self) -> bool | None:
        """Whether its vehicle carries something beyond what is granted, None if nobody knows."""
        met = sum(goal <= self.fixed for goal in self.goals)
        return self.trip.goals[met].loaded if met < len(self.trip.goals) else self.trip.loaded_after

    @property
    def end(self) -> int:
        """The node at which the trip ends and the retreat begins."""
        return self.goals[len(self.trip.goals) - 1] if self.whole else self.last

    @property
    def bound(self) -> int:
        """The node up to which it is driven for now: its end, and once it makes way its last."""
        return self.last if self.retreating else self.end


class Timetable:
    """The queues of all resources."""

    def __init__(self) -> None:
        self._queues: dict[int, list[Claim]] = defaultdict(list)

    def queue(self, resource: int) -> Sequence[Claim]:
        return self._queues[resource]

    def gaps(self, resources: Iterable[int], vehicle: str, ignored: Collection[str] = ()) -> list[Gap]:
        """When all of ``resources`` are free for ``vehicle``, as if the ``ignored`` were not there."""
        gaps = [ALWAYS]
        for resource in resources:
            queue = self._queues.get(resource)
            if queue:
                own = _free(queue, vehicle, ignored)
                gaps = own if gaps == [ALWAYS] else common(gaps, own)
        return gaps

    def insert(self, claims: Iterable[Claim]) -> None:
        """Queue claims before all that are to follow them in time; what is held already comes first."""
        for claim in claims:
            queue = self._queues[claim.resource]
            later = (i for i, other in enumerate(queue) if other.from_s > claim.from_s)
            queue.insert(next(later, len(queue)), claim)

    def remove(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self._queues[claim.resource].remove(claim)

    def order(self, claims: Iterable[Claim]) -> dict[int, list[Claim]]:
        """Who comes after whom where these claims are."""
        return {claim.resource: list(self._queues[claim.resource]) for claim in claims}

    def put_back(self, order: Mapping[int, list[Claim]]) -> None:
        """Make an order what it was. Times alone do not tell: of two that wait for ever, one comes first."""
        for resource, queue in order.items():
            self._queues[resource] = list(queue)

    def before(self, claim: Claim) -> Iterator[Claim]:
        """The claims of others that must be given up before this one can be taken."""
        for other in self._queues[claim.resource]:
            if other is claim:
                return
            if other.vehicle != claim.vehicle:
                yield other


def _free(queue: Sequence[Claim], vehicle: str, ignored: Collection[str]) -> list[Gap]:
    gaps, begin = list[Gap](), -math.inf
    for claim in queue:
        if claim.vehicle == vehicle or claim.vehicle in ignored:
            continue
        if claim.from_s > begin:
            # Of one who waits nobody knows when he comes, but come he will: there is no staying here.
            gaps.append((begin, min(claim.from_s, FAR_S)))
        begin = max(begin, claim.until_s)
    if begin < math.inf:
        gaps.append((begin, math.inf))
    return gaps


def common(first: Sequence[Gap], second: Sequence[Gap]) -> list[Gap]:
    """When both are free."""
    common = [(max(a, c), min(b, d)) for a, b in first for c, d in second if max(a, c) < min(b, d)]
    return sorted(common)
