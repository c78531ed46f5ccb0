"""Who carries what in which order: what happens when, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from banksman_cloud.solving.instance import Arrival, Began, Carrier, Instance, Load, Send, Trip
from banksman_cloud.solving.travel_times import FOREVER, TICKS_PER_S
from banksman_shared.plans import Step

NEVER = 10**8
"""Ticks that what cannot be done at all counts as late."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One load carried on one of its trips."""

    load: Load
    trip: Trip


Assignment = Mapping[str, tuple[Visit, ...]]
"""Carrier id → what it does, in order. Every carrier has an entry."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What is minimised: first what breaks a wish (lateness, and work that the battery does not allow), then
    ``order``, by what is preferred. All in ticks."""

    broken: int
    order: tuple[int, ...]
    makespan: int
    busy: int

    def __lt__(self, other: Cost) -> bool:
        return (self.broken, self.order) < (other.broken, other.order)


@dataclass(frozen=True, slots=True)
class Timed:
    """A visit, arrival or beginning with its times in ticks."""

    carrier: Carrier
    what: Visit | Arrival | Began
    start: int
    end: int

    @property
    def task(self) -> Load | Send:
        return self.what.load if isinstance(self.what, Visit) else self.what.send

    @property
    def late(self) -> int:
        due = self.task.due
        return 0 if due is None else max(0, self.end - due)


@dataclass(slots=True)
class Line:
    """What a carrier does when. ``waiting``: how many of its things wait for other goals that nobody has finished."""

    carrier: Carrier
    done: list[Timed] = field(default_factory=list)
    busy: int = 0
    spent: int = 0
    """Of ``busy``, what the battery has to allow."""
    waiting: int = 0
    broken: int = 0
    """Steps that cannot be done at all, in :data:`NEVER`."""

    @property
    def end(self) -> int:
        return self.done[-1].end if self.done else 0

    @property
    def cost(self) -> int:
        over = 0 if self.carrier.budget is None else max(0, self.spent - self.carrier.budget)
        endless = NEVER if self.end >= FOREVER else 0
        return self.broken + endless + self.waiting * NEVER + over + sum(timed.late for timed in self.done)


def in_order(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """The same visits, the urgent ones first."""
    return tuple(sorted(visits, key=lambda visit: visit.load.rank))


def line(
    instance: Instance, carrier: Carrier, visits: Sequence[Visit], finished: Mapping[int, int] | None = None
) -> Line:
    """What ``carrier`` does when, if the goals in ``finished`` are done at these ticks and no other ever is."""
    made = _timed(instance, carrier, visits, finished or {})
    begun, gone = len(carrier.first), carrier.leaves
    if gone is not None and not any(timed.start <= gone for timed in made.done[begun : begun + 1]):
        made.broken += NEVER
    return made


def _timed(instance: Instance, carrier: Carrier, visits: Sequence[Visit], finished: Mapping[int, int]) -> Line:
    held: dict[int, int] = {}
    while True:
        made = _drive(instance, carrier, visits, finished, held)
        if not carrier.roads.windows:
            return made
        if not _hold(instance, made, held):
            if made.done and not carrier.first and instance.caught(carrier, made.done[0].start):
                made.broken += NEVER
            return made


def _drive(
    instance: Instance, carrier: Carrier, visits: Sequence[Visit], finished: Mapping[int, int], held: Mapping[int, int]
) -> Line:
    """``held``: number of a visit or send → a tick before which it may not end."""
    made = Line(carrier, [Timed(carrier, began, began.start, began.end) for began in carrier.first])
    now, node = carrier.ready, carrier.node
    sends = len(carrier.sends)
    for number, visit in enumerate(visits):
        duration = instance.serve(carrier, node, visit.trip)
        earliest = _earliest(instance, visit.load, now, finished)
        if duration is None or earliest is None:
            made.broken += NEVER if duration is None else 0
            made.waiting += (len(visits) - number + sends) if earliest is None else 0
            return made
        start, end = max(earliest, held.get(number, 0) - duration), 0
        end = start + duration
        if carrier.roads.windows:
            timed = instance.start(carrier, instance.legs(node, visit.trip), start)
            assert timed is not None  # noqa: S101  there is a way
            start, end = timed
        made.done.append(Timed(carrier, visit, start, end))
        made.busy, made.spent = made.busy + end - start, made.spent + end - start
        now, node = end, instance.node(visit.trip)
    _send(instance, made, node, now, finished, held)
    return made


def _send(
    instance: Instance, made: Line, node: str, now: int, finished: Mapping[int, int], held: Mapping[int, int]
) -> None:
    carrier = made.carrier
    tail = instance.tail(carrier, node)
    if tail is None:
        made.broken += NEVER
        return
    for number, arrival in enumerate(tail):
        earliest = _earliest(instance, arrival.send, now, finished)
        if earliest is None:
            made.waiting += len(tail) - number
            return
        start = max(earliest, held.get(-1 - number, 0) - arrival.leg)
        end = start + arrival.leg
        place = instance.site.places[arrival.place].node
        if carrier.roads.windows:
            timed = instance.start(carrier, instance.drive(carrier, node, place), start)
            assert timed is not None  # noqa: S101  there is a way
            start, end = timed
        made.done.append(Timed(carrier, arrival, start, end))
        made.busy += end - start
        made.spent += 0 if arrival.send.action == "charge" else end - start
        now, node = end, place


def _earliest(instance: Instance, task: Load | Send, now: int, finished: Mapping[int, int]) -> int | None:
    """When ``task`` may begin, or None while it waits for a goal that is not done."""
    gates = instance.after.get(task.goal, frozenset())
    if any(gate not in finished for gate in gates):
        return None
    return max([now, task.begin, *(finished[gate] for gate in gates)])


def _hold(instance: Instance, made: Line, held: dict[int, int]) -> bool:
    """Hold back the first thing after which the carrier would stand where it may not; whether there was one."""
    begun = len(made.carrier.first)
    sends = 0
    for number, timed in enumerate(made.done):
        what = timed.what
        following = made.done[number + 1].start if number + 1 < len(made.done) else None
        place = what.trip.destination if isinstance(what, Visit) else what.place
        until = instance.stay(made.carrier, instance.site.places[place].node, timed.end, following)
        if until is not None and not isinstance(what, Began):
            key = number - begun if isinstance(what, Visit) else -1 - sends
            if held.get(key, 0) < until:
                held[key] = until
                return True
        if until is not None:
            made.broken += NEVER
        sends += isinstance(what, Arrival)
    return False


def lines(instance: Instance, assignment: Assignment) -> list[Line]:
    """What all carriers do when. Where goals wait for others, round after round, until nothing more gets done."""
    finished: dict[int, int] = {}
    while True:
        made = [line(instance, carrier, assignment[carrier.id], finished) for carrier in instance.carriers]
        now = _finished(instance, made) if instance.after else {}
        if now == finished:
            return made
        finished = now


def _finished(instance: Instance, made: Sequence[Line]) -> dict[int, int]:
    """The goals that others wait for and that are done, and when."""
    gates = {gate for gates in instance.after.values() for gate in gates}
    wanted: dict[int, int] = dict.fromkeys(gates, 0)
    for load in instance.loads:
        if load.goal in wanted:
            wanted[load.goal] += 1
    for carrier in instance.carriers:
        for send in (*(began.send for began in carrier.first), *carrier.sends):
            if send.goal in wanted:
                wanted[send.goal] += 1
    ends: dict[int, int] = {}
    for timed in (timed for one in made for timed in one.done):
        if timed.task.goal in wanted:
            wanted[timed.task.goal] -= 1
            ends[timed.task.goal] = max(ends.get(timed.task.goal, 0), timed.end)
    return {gate: ends.get(gate, 0) for gate, left in wanted.items() if left == 0}


def cost(instance: Instance, assignment: Assignment) -> Cost:
    return total(instance, lines(instance, assignment))


def total(instance: Instance, made: Sequence[Line]) -> Cost:
    """What lines cost together."""
    broken = sum(one.cost for one in made)
    makespan, busy = max((one.end for one in made), default=0), sum(one.busy for one in made)
    urgent = [t.end for one in made for t in one.done if isinstance(t.what, Visit) and t.what.load.rank == 0]
    order: tuple[int, ...] = (makespan, busy)
    if instance.prefer == "little_driving":
        order = (busy, makespan)
    elif instance.prefer == "even_work":
        order = (max((sum(isinstance(t.what, Visit) for t in one.done) for one in made), default=0), makespan, busy)
    return Cost(broken, (max(urgent, default=0), *order), makespan, busy)


def steps(made: Sequence[Line]) -> tuple[Step, ...]:
    """The plan's steps in order of time."""
    return tuple(sorted((_step(timed) for one in made for timed in one.done), key=lambda s: (s.start_s, s.vehicle)))


def _step(timed: Timed) -> Step:
    what, until = timed.what, None
    if isinstance(what, Visit):
        action, origin, destination = "transport", what.trip.origin, what.trip.destination
    else:
        action, origin, destination, until = what.send.action, None, what.place, what.send.until
    return Step.model_validate(
        {
            "vehicle": timed.carrier.id,
            "action": action,
            "from": origin,
            "to": destination,
            "start_s": timed.start / TICKS_PER_S,
            "end_s": timed.end / TICKS_PER_S,
            "goal": timed.task.goal,
            "until": until,
        }
    )
