"""What goes otherwise than planned: vehicles that cannot go on or were given something else, and time that runs out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from banksman_edge.escalation.execution import Execution, Item
from banksman_edge.fleet import Code, OrderEvent, Problem, VehicleView
from banksman_edge.fleet.objections import hindrance
from banksman_shared.plans import Goal, ReserveGoal
from banksman_shared.verify.timing import FLOOR

PATIENCE_S = 10.0
"""Seconds that a vehicle may be away before it is not counted on any more."""


class Kind(StrEnum):
    """What happened."""

    FAILED = "failed"
    AWAY = "away"
    EMPTY = "empty"
    TAKEN = "taken"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that was noticed. ``why``: the fleet's reason, if it has one; ``goal``: what will be late."""

    kind: Kind
    vehicle: str | None = None
    why: Problem | None = None
    goal: int | None = None


@dataclass(slots=True)
class Lookout:
    """Compares what is with what was planned. Each thing is noticed once."""

    execution: Execution
    out: dict[str, Drift] = field(default_factory=dict)
    """Vehicles that the plan does not count on any more, and why."""
    late: set[int] = field(default_factory=set)
    """Goals of which it is known that they will miss their time limits."""
    _away_since: dict[str, float] = field(default_factory=dict)

    def failed(self, item: Item, event: OrderEvent) -> Drift | None:
        """A step was not done."""
        taken = event.code in (Code.CANCELLED, Code.SUPERSEDED)
        why = Problem(event.code, event.detail, event.vehicle, event.facts) if event.code else None
        return self._lose(Drift(Kind.TAKEN if taken else Kind.FAILED, item.step.vehicle, why))

    def refused(self, item: Item, problem: Problem) -> Drift | None:
        """A step was not even taken."""
        return self._lose(Drift(Kind.FAILED, item.step.vehicle, problem))

    def look(self, views: Mapping[str, VehicleView], now_s: float) -> list[Drift]:
        """What is new."""
        found = [lost for drift in self._vehicles(views, now_s) if (lost := self._lose(drift))]
        for goal in self.execution.late(now_s):
            if goal not in self.late:
                self.late.add(goal)
                found.append(Drift(Kind.LATE, goal=goal))
        return found

    def _lose(self, drift: Drift) -> Drift | None:
        if drift.vehicle is None or drift.vehicle in self.out:
            return None
        self.out[drift.vehicle] = drift
        return drift

    def _vehicles(self, views: Mapping[str, VehicleView], now_s: float) -> Iterator[Drift]:
        for vehicle in self.execution.busy():
            view = views[vehicle]
            held = hindrance(view)
            if held is None or view.stopped:
                self._away_since.pop(vehicle, None)
            elif now_s - self._away_since.setdefault(vehicle, now_s) >= PATIENCE_S:
                yield Drift(Kind.AWAY, vehicle, held)
            if self._taken(view):
                yield Drift(Kind.TAKEN, vehicle)
            if view.battery is not None and view.battery < floor(self.execution.goals, vehicle) and not view.charging:
                yield Drift(Kind.EMPTY, vehicle, Problem(Code.LOW_BATTERY, f"only {view.battery:.0f} % left", vehicle))

    def _taken(self, view: VehicleView) -> bool:
        """Whether somebody else has given the vehicle something to do."""
        return view.job is not None and not view.job.startswith(f"{self.execution.prefix}/")


def floor(goals: Sequence[Goal], vehicle: str) -> float:
    """The per cent of charge with which a vehicle does nothing more."""
    reserves = (goal for goal in goals if isinstance(goal, ReserveGoal))
    return max([FLOOR, *(r.percent for r in reserves if not r.vehicles or vehicle in r.vehicles)])
