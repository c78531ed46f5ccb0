"""What goes otherwise than planned: vehicles that cannot go on or were given something else, and time that runs out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from banksman_edge.fleet import Code, JobStatus, OrderEvent, Problem, Standby, VehicleView, hindrance
from banksman_edge.plans.execution import Execution, Item
from banksman_shared.plans import Goal, ReserveGoal
from banksman_shared.verify import FLOOR

PATIENCE_S = 10.0
"""Seconds that a vehicle may be away, or not take its step, before it is not counted on any more."""
GIVEN_UP_S = 120.0
"""Seconds that the end of a plan waits for a vehicle that went away with a load."""
STANDBY_S = 90.0
"""Seconds that another master may command the vehicles; one that is heard once is waited for for a minute."""


class DeviationKind(StrEnum):
    """What happened."""

    FAILED = "failed"
    AWAY = "away"
    EMPTY = "empty"
    TAKEN = "taken"
    LATE = "late"
    BARRED = "barred"
    """It waits for one that is out of order, and no way leads round. What it has begun stays its own, unless others can
    do it."""
    HINDERED = "hindered"
    """It does not move, as before an obstacle, which the fleet tells. What it has begun stays its own."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that was noticed. ``why``: the fleet's reason, if it has one; ``goal``: what will be late; ``known``:
    others wait for the same, so it was told."""

    kind: DeviationKind
    vehicle: str | None = None
    why: Problem | None = None
    goal: int | None = None
    known: bool = False


@dataclass(slots=True)
class DeviationWatch:
    """Compares what is with what was planned. Each thing is noticed once."""

    execution: Execution
    out: dict[str, Deviation] = field(default_factory=dict)
    """Vehicles that the plan does not count on any more, and why."""
    late: set[int] = field(default_factory=set)
    """Goals of which it is known that they will miss their time limits."""
    barred: dict[str, str] = field(default_factory=dict)
    """Vehicles that wait for one that is out of order, and which; one that does not move itself, for itself."""
    _waiting: dict[str, OrderEvent] = field(default_factory=dict)
    """The news of vehicles that have waited for others for a while."""
    _away_since: dict[str, float] = field(default_factory=dict)
    _elsewhere_since: float | None = None
    _waits_since: float | None = None

    def failed(self, item: Item, event: OrderEvent) -> list[Deviation]:
        """A step was not done. What is new."""
        taken = event.code in (Code.CANCELLED, Code.SUPERSEDED)
        why = Problem(event.code, event.detail, event.vehicle, event.facts) if event.code else None
        deviation = self._lose(
            Deviation(DeviationKind.TAKEN if taken else DeviationKind.FAILED, item.step.vehicle, why)
        )
        return [deviation] if deviation else []

    def refused(self, item: Item, problem: Problem) -> list[Deviation]:
        """A step was not even taken. What is new."""
        deviation = self._lose(Deviation(DeviationKind.FAILED, item.step.vehicle, problem))
        return [deviation] if deviation else []

    def waits(self, event: OrderEvent) -> None:
        """Take in the fleet's news of a step that has not ended."""
        item = self.execution.running(event.vehicle) if event.vehicle else None
        if event.vehicle is None or item is None or item.job != event.job:
            return
        if event.status is not JobStatus.LATE:
            self._waiting.pop(event.vehicle, None)
            self.barred.pop(event.vehicle, None)
        elif event.code is Code.WAITING and "other" in event.facts:
            self._waiting[event.vehicle] = event

    def _hindered(self, views: Mapping[str, VehicleView]) -> Iterator[Deviation]:
        """Vehicles under way that do not move, though nothing else is known to be wrong with them."""
        for vehicle in self.execution.busy():
            stands = bool(views[vehicle].bars) and hindrance(views[vehicle]) is None
            if not stands and self.barred.get(vehicle) == vehicle:
                del self.barred[vehicle]
            elif stands and vehicle not in self.barred and self.execution.running(vehicle):
                self.barred[vehicle] = vehicle
                yield Deviation(DeviationKind.HINDERED, vehicle)

    def _barred(self, views: Mapping[str, VehicleView]) -> Iterator[Deviation]:
        """Whom they wait for may break down later than they are told of."""
        for vehicle, event in self._waiting.items():
            item, other = self.execution.running(vehicle), str(event.facts["other"])
            new = vehicle not in self.barred and item is not None and item.job == event.job
            if new and other in views and views[other].bars:
                why = Problem(Code.WAITING, event.detail, vehicle, event.facts)
                known = any(bar == other for waiting, bar in self.barred.items() if waiting != other)
                self.barred[vehicle] = other
                yield Deviation(DeviationKind.BARRED, vehicle, why, known=known)

    def shut_in(self, views: Mapping[str, VehicleView]) -> set[str]:
        """Vehicles that cannot be given anything more for now, since they wait for one that is out of order."""
        return {vehicle for vehicle, other in self.barred.items() if views[other].bars}

    def release(self, vehicles: Iterable[str]) -> list[Deviation]:
        """An operator takes vehicles off the plan, but for those whose step is under way. What that changes of it."""
        waiting = [vehicle for vehicle in vehicles if not self.execution.running(vehicle)]
        busy, deviations = (
            self.execution.busy(),
            [self._lose(Deviation(DeviationKind.TAKEN, vehicle)) for vehicle in waiting],
        )
        return [deviation for deviation in deviations if deviation and deviation.vehicle in busy]

    def missed(self, feared: Collection[int | None], now_s: float) -> dict[int, float]:
        """Goals that will be late, and by how much: those that were feared to be, and those that nobody knew of."""
        late = self.execution.late(now_s)
        new = {goal: seconds for goal, seconds in late.items() if goal in feared or goal not in self.late}
        self.late.update(late)
        return new

    def is_over(self, now_s: float) -> bool:
        """Whether no step is to come. A vehicle that is away with a load may come back, for a while."""
        away = sum(self.execution.running(vehicle) is not None for vehicle in self.out)
        if self.execution.left > away:
            self._waits_since = None
            return False
        self._waits_since = now_s if self._waits_since is None else self._waits_since
        return away == 0 or now_s - self._waits_since >= GIVEN_UP_S

    def look(self, views: Mapping[str, VehicleView], now_s: float) -> list[Deviation]:
        """What is new."""
        found = [lost for deviation in self._vehicles(views, now_s) if (lost := self._lose(deviation))]
        found += (*self._hindered(views), *self._barred(views))
        for goal in self.execution.late(now_s):
            if goal not in self.late:
                self.late.add(goal)
                found.append(Deviation(DeviationKind.LATE, goal=goal))
        return found

    def elsewhere(self, standby: Standby | None, now_s: float) -> Problem | None:
        """Why all of the plan is to be given up, if somebody else commands the vehicles: what operators say is not
        heard here then, and nobody expects the rest hours later."""
        if standby is None:
            self._elsewhere_since = None
            return None
        since = self._elsewhere_since = now_s if self._elsewhere_since is None else self._elsewhere_since
        return standby.problem if standby.another_agent or now_s - since >= STANDBY_S else None

    def _lose(self, deviation: Deviation) -> Deviation | None:
        if deviation.vehicle is None:
            return None
        known = self.out.get(deviation.vehicle)
        if known and (
            known.kind is not DeviationKind.EMPTY or deviation.kind is DeviationKind.EMPTY
        ):  # an empty one may yet be lost
            return None
        self.out[deviation.vehicle] = deviation
        return deviation

    def _vehicles(self, views: Mapping[str, VehicleView], now_s: float) -> Iterator[Deviation]:
        for vehicle in self.execution.busy():
            view = views[vehicle]
            held = hindrance(view)
            if held is None or view.stopped:
                self._away_since.pop(vehicle, None)
            elif now_s - self._away_since.setdefault(vehicle, now_s) >= PATIENCE_S:
                yield Deviation(DeviationKind.AWAY, vehicle, held)
            if self._taken(view):
                yield Deviation(DeviationKind.TAKEN, vehicle)
            if self._empty(view):
                yield Deviation(
                    DeviationKind.EMPTY, vehicle, Problem(Code.LOW_BATTERY, f"only {view.battery:.0f} % left", vehicle)
                )

    def _taken(self, view: VehicleView) -> bool:
        """Whether somebody else has given the vehicle something to do. While a step of ours counts as under way, news
        of its end is on its way, and says how it ended."""
        others = view.job is not None and not view.job.startswith(f"{self.execution.prefix}/")
        return others and self.execution.running(view.id) is None

    def _empty(self, view: VehicleView) -> bool:
        """Whether a vehicle has too little charge for what it is to do, other than to charge."""
        item = self.execution.next_of(view.id)
        if view.battery is None or view.charging or (item and item.step.action == "charge"):
            return False
        return view.battery < floor(self.execution.goals, view.id)


def floor(goals: Sequence[Goal], vehicle: str) -> float:
    """The per cent of charge with which a vehicle does nothing more."""
    reserves = (goal for goal in goals if isinstance(goal, ReserveGoal))
    return max([FLOOR, *(r.percent for r in reserves if not r.vehicles or vehicle in r.vehicles)])
