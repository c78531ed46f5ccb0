"""Who carries what in which order: what it costs, a first one, and the steps it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.tasks import Arrival, Carrier, Instance, Load, Trip
from banksman_cloud.travel import TICKS_PER_S
from banksman_shared.plans import Step


@dataclass(frozen=True, slots=True)
class Visit:
    """One load carried on one of its trips."""

    load: Load
    trip: Trip


Assignment = Mapping[str, tuple[Visit, ...]]
"""Carrier id → what it does, in order. Every carrier has an entry."""


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """What is minimised, in this order; in ticks."""

    lateness: int
    makespan: int
    busy: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A visit or arrival with its times in ticks."""

    carrier: Carrier
    what: Visit | Arrival
    start: int
    end: int

    @property
    def goal(self) -> int:
        return self.what.load.goal if isinstance(self.what, Visit) else self.what.send.goal

    @property
    def late(self) -> int:
        due = self.what.load.due if isinstance(self.what, Visit) else self.what.send.due
        return 0 if due is None else max(0, self.end - due)


def timeline(instance: Instance, carrier: Carrier, visits: Iterable[Visit]) -> list[Timed]:
    """What a carrier does when."""
    now, node, done = 0, carrier.node, list[Timed]()
    for visit in visits:
        duration = instance.serve(carrier, node, visit.trip)
        if duration is None:
            raise InfeasibleError(f"no way leads {carrier.id} from {node} through {visit.trip.origin}")
        done.append(Timed(carrier, visit, now, now + duration))
        now, node = now + duration, instance.node(visit.trip)
    last = now
    tail = instance.tail(carrier, node)
    if tail is None:
        raise InfeasibleError(f"no way leads {carrier.id} from {node} to where it has to end")
    for arrival in tail:
        done.append(Timed(carrier, arrival, now, last + arrival.after))
        now = last + arrival.after
    return done


def timelines(instance: Instance, assignment: Assignment) -> list[list[Timed]]:
    return [timeline(instance, carrier, assignment[carrier.id]) for carrier in instance.carriers]


def cost(instance: Instance, assignment: Assignment) -> Cost:
    lines = timelines(instance, assignment)
    ends = [line[-1].end if line else 0 for line in lines]
    return Cost(sum(timed.late for line in lines for timed in line), max(ends, default=0), sum(ends))


def greedy(instance: Instance) -> Assignment:
    """Urgent loads first, then long ones, each to the carrier that has it delivered first.

    Raises:
        InfeasibleError: a load finds no carrier that can still get to it and to its own end.
    """
    visits: dict[str, list[Visit]] = {carrier.id: [] for carrier in instance.carriers}
    position = {carrier.id: (0, carrier.node) for carrier in instance.carriers}
    lengths = {load: _shortest(instance, load) for load in dict.fromkeys(instance.loads)}
    for load in sorted(instance.loads, key=lambda load: (load.due is None, load.due or 0, -lengths[load])):
        best: tuple[int, int, Carrier, Trip] | None = None
        for rank, carrier in enumerate(instance.carriers):
            now, node = position[carrier.id]
            for trip in instance.trips(carrier, load):
                duration = instance.serve(carrier, node, trip)
                if duration is None or instance.tail(carrier, instance.node(trip)) is None:
                    continue
                if best is None or (now + duration, rank) < best[:2]:
                    best = (now + duration, rank, carrier, trip)
        if best is None:
            raise InfeasibleError(
                f"no vehicle can carry {load.trips[0].origin} to {load.trips[0].destination} and go on"
            )
        end, _, carrier, trip = best
        visits[carrier.id].append(Visit(load, trip))
        position[carrier.id] = (end, instance.node(trip))
    return {carrier: tuple(done) for carrier, done in visits.items()}


def _shortest(instance: Instance, load: Load) -> int:
    times = (instance.serve(c, c.node, t) for c in instance.carriers for t in instance.trips(c, load))
    return min((time for time in times if time is not None), default=0)


def steps(lines: Sequence[Sequence[Timed]]) -> tuple[Step, ...]:
    """The plan's steps in order of time."""
    return tuple(sorted((_step(timed) for line in lines for timed in line), key=lambda s: (s.start_s, s.vehicle)))


def _step(timed: Timed) -> Step:
    start, end = timed.start / TICKS_PER_S, timed.end / TICKS_PER_S
    if isinstance(timed.what, Visit):
        trip = timed.what.trip
        action, origin, destination = "transport", trip.origin, trip.destination
    else:
        action, origin, destination = timed.what.send.action, None, timed.what.place
    return Step.model_validate(
        {
            "vehicle": timed.carrier.id,
            "action": action,
            "from": origin,
            "to": destination,
            "start_s": start,
            "end_s": end,
            "goal": timed.goal,
        }
    )
