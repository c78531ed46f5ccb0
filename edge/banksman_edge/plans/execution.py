"""How far an approved plan has come: which step may be given out, and when all of it will be done.

Steps keep what the plan promised of their order, not its absolute times: vehicles come early or late. Everything is in
seconds since the plan was asked for, as its goals are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from banksman_edge.fleet import JobStatus, OrderEvent, VehicleView
from banksman_shared.plans import Goal, SendGoal, Step, TransportGoal

CHARGED_PERCENT = 0.5
"""So much less than it was to have a vehicle may have when it goes on: charge is reported in whole per cent."""
PACE_STEPS = 3
"""So many steps have to be done before what they took says something of the others."""
LATE_S = 1.0
"""Lateness that is not worth a word."""


class Stage(StrEnum):
    """Where one step stands."""

    WAITING = "waiting"
    GIVEN = "given"
    DONE = "done"
    LOST = "lost"
    """It will not be done: it failed, was taken back, or nobody is there to do it."""


@dataclass(slots=True, eq=False)
class Item:
    """A step on its way, and the fleet's job for it."""

    step: Step
    job: str
    stage: Stage = Stage.WAITING
    given_s: float = 0.0
    ended_s: float = math.inf
    stranded: bool = False
    """It is lost with its load on the vehicle, so nobody else can do it."""
    kept: bool = False
    """It stays its vehicle's although that is not counted on any more."""
    unknown: bool = False
    """Nobody knows whether it was done: it is neither told as done nor done again."""
    tried: bool = False
    """It is on the disk that it was about to be given to the fleet."""
    disputed: bool = False
    """It is being taken back so that another vehicle can do it, and nobody knows yet whose it is."""

    @property
    def ended(self) -> bool:
        return self.stage in (Stage.DONE, Stage.LOST)

    @property
    def undo(self) -> str:
        """The fleet's job that takes it back for another vehicle. Where that comes to nothing, it may have to be taken
        back for good later, by ``drop``: a job is taken once."""
        return f"{self.job}-undo"

    @property
    def drop(self) -> str:
        return f"{self.job}-final-undo"

    def unhurried(self) -> None:
        """When it ended was not seen, so it says nothing of how long steps take."""
        self.given_s = max(self.given_s, self.ended_s - (self.step.end_s - self.step.start_s))


@dataclass(slots=True)
class Execution:
    """The steps of a plan. ``prefix`` begins the names of their jobs; ``goals`` stay those that were approved, also
    when the rest is planned anew."""

    prefix: str
    goals: tuple[Goal, ...]
    items: list[Item] = field(default_factory=list)

    def add(self, steps: Sequence[Step]) -> None:
        """Steps to come; their times count from when the plan was asked for."""
        ordered = sorted(steps, key=lambda step: (step.start_s, step.end_s))
        self.items += [Item(step, f"{self.prefix}/{n}") for n, step in enumerate(ordered, len(self.items) + 1)]

    def withdraw(self, *, everything: bool = False) -> None:
        """Take back what has not been given out; other steps come in its place. ``everything``: also what is kept."""
        for item in self.items:
            if item.stage is Stage.WAITING and (everything or not item.kept):
                item.stage = Stage.LOST

    def drop_spare(self, goal: int) -> None:
        """One step of a goal that was to come in the place of another is not to be done: that other one stays, or took
        its load along. Where none has come yet, the others are all needed."""
        gone = sum(item.stranded for item in self.serving(goal, Stage.LOST))
        if len(self._able(goal)) + gone > self._wanted(goal):
            for spare in self.serving(goal, Stage.WAITING)[-1:]:
                spare.stage = Stage.LOST

    def strand(self, item: Item) -> None:
        """A load that others were to fetch is on its vehicle after all: nobody fetches it, and that vehicle none."""
        item.stranded = True
        for other in self.of(item.step.vehicle):
            if other.stage is Stage.WAITING and other.step.origin is not None:
                other.stage = Stage.LOST
        self.drop_spare(item.step.goal)

    # What has become of it

    def note(self, event: OrderEvent, now_s: float) -> Item | None:
        """Take in the fleet's news. The step that has not been done, if that is the news."""
        item = next((i for i in self.items if i.job == event.job), None)
        if item is None or not event.status.ended or item.ended:
            return None
        item.stage = Stage.DONE if event.status is JobStatus.DONE else Stage.LOST
        item.ended_s = now_s
        return item if item.stage is Stage.LOST else None

    @property
    def left(self) -> int:
        """Steps that are still to come or under way."""
        return sum(not item.ended for item in self.items)

    def of(self, vehicle: str) -> list[Item]:
        return [item for item in self.items if item.step.vehicle == vehicle]

    def serving(self, goal: int, *stages: Stage) -> list[Item]:
        return [item for item in self.items if item.step.goal == goal and item.stage in stages]

    def settled(self, goal: int) -> list[Item]:
        """What serves a goal and is not planned anew: done, under way or kept."""
        serving = self.serving(goal, Stage.WAITING, Stage.GIVEN, Stage.DONE)
        return [item for item in serving if item.kept or item.stage is not Stage.WAITING]

    def next_of(self, vehicle: str) -> Item | None:
        """What a vehicle does, or will do next."""
        return next((item for item in self.of(vehicle) if not item.ended), None)

    def running(self, vehicle: str) -> Item | None:
        return next((item for item in self.of(vehicle) if item.stage is Stage.GIVEN), None)

    def busy(self) -> tuple[str, ...]:
        """The vehicles that have something left to do."""
        return tuple(dict.fromkeys(item.step.vehicle for item in self.items if not item.ended))

    # Whose turn it is

    def due(self, views: Mapping[str, VehicleView], now_s: float) -> list[Item]:
        """The steps whose turn has come."""
        hopeless = self.hopeless()
        ready = (item for item in self._next() if item not in hopeless)
        return [item for item in ready if self._may_begin(item, views.get(item.step.vehicle), now_s)]

    def _next(self) -> Iterator[Item]:
        """Of each vehicle the first step that has not ended, if it has not begun."""
        seen: set[str] = set()
        for item in self.items:
            if not item.ended and item.step.vehicle not in seen:
                seen.add(item.step.vehicle)
                if item.stage is Stage.WAITING:
                    yield item

    def _may_begin(self, item: Item, view: VehicleView | None, now_s: float) -> bool:
        goal = self.goals[item.step.goal]
        if isinstance(goal, TransportGoal | SendGoal) and now_s < (goal.not_before_s or 0.0):
            return False
        if any(not earlier.ended for earlier in self.before(item)) or any(self._at_charger(item)):
            return False
        charge = self._charge_before(item)
        if charge is None or charge.step.until is None:
            return True
        if view is None or view.battery is None:
            return now_s >= charge.step.end_s
        return view.battery >= charge.step.until - CHARGED_PERCENT

    def before(self, item: Item) -> Iterator[Item]:
        """The steps of other vehicles that this one waits for: of goals that come first, and what is brought to where
        it takes something away."""
        gates = getattr(self.goals[item.step.goal], "after", ())
        for other in self.items:
            brought = other.step.destination == item.step.origin and other.step.end_s <= item.step.start_s
            if other.step.goal in gates or (other.step.origin is not None and brought):
                yield other

    def _at_charger(self, item: Item) -> Iterator[Item]:
        """The charges of other vehicles that a charge waits for: at its charger, and they are there or come first."""
        step = item.step
        for other in self.items if step.action == "charge" else ():
            if (other.step.action, other.step.destination) != (step.action, step.destination):
                continue
            onward = self.next_of(other.step.vehicle)
            stays = onward is not None and onward.stage is Stage.WAITING and self._charge_before(onward) is other
            first = other.stage is Stage.WAITING and other.step.end_s < step.end_s
            if other.step.vehicle != step.vehicle and (first or other.stage is Stage.GIVEN or stays):
                yield other

    def _charge_before(self, item: Item) -> Item | None:
        done = [i for i in self.of(item.step.vehicle) if i.stage is Stage.DONE]
        return done[-1] if done and done[-1].step.action == "charge" else None

    def hopeless(self) -> list[Item]:
        """Steps that wait for what will not be done."""
        unmet = {i for i, _ in enumerate(self.goals) if self.unmet(i)}
        waiting = (item for item in self.items if item.stage is Stage.WAITING)
        return [i for i in waiting if unmet.intersection(getattr(self.goals[i.step.goal], "after", ()))]

    def unmet(self, index: int) -> bool:
        """Whether a goal cannot be met any more by the steps that there are."""
        return len(self._able(index)) < self._wanted(index)

    def _able(self, index: int) -> list[Item]:
        return self.serving(index, Stage.WAITING, Stage.GIVEN, Stage.DONE)

    def _wanted(self, index: int) -> int:
        """How many steps a goal needs."""
        goal = self.goals[index]
        if isinstance(goal, TransportGoal):
            return goal.count or 0
        return (len(goal.vehicles) or goal.count) if isinstance(goal, SendGoal) else 0

    def undone(self) -> list[str]:
        """What has not been done: goals that will not be met, in their words, and vehicles that are still at it."""
        unmet = [goal.words for index, goal in enumerate(self.goals) if self.unmet(index)]
        return list(dict.fromkeys([*unmet, *self.busy()]))

    def to_do(self) -> list[str]:
        """The words of all goals that have a step which has not ended, or was lost."""
        open_ = {item.step.goal for item in self.items if item.stage in (Stage.WAITING, Stage.GIVEN)}
        unmet = {index for index in range(len(self.goals)) if self.unmet(index)}
        return list(dict.fromkeys(self.goals[index].words for index in sorted(open_ | unmet)))

    # When it will be done

    def ends(self, now_s: float) -> dict[str, float]:
        """Job → when its step will have ended, or has."""
        ends: dict[str, float] = {}
        free: dict[str, float] = {}
        pace = self._pace()
        for item in self.items:
            step, goal = item.step, self.goals[item.step.goal]
            if item.stage is Stage.LOST:
                continue
            lasts = pace * (step.end_s - step.start_s)
            if item.stage is Stage.DONE:
                end = item.ended_s
            elif item.stage is Stage.GIVEN:
                end = max(now_s, item.given_s + lasts)
            else:
                others = [ends.get(other.job, 0.0) for other in self.before(item)]
                others += [free.get(other.step.vehicle, 0.0) for other in self._at_charger(item)]
                begin = max([now_s, free.get(step.vehicle, 0.0), getattr(goal, "not_before_s", None) or 0.0, *others])
                end = begin + lasts
            ends[item.job] = end
            # It has begun to charge, and goes on when it has enough.
            free[step.vehicle] = end if step.until is None else max(end, item.given_s + lasts)
        return ends

    def _pace(self) -> float:
        """How many times as long as planned steps have taken so far, as where there is more traffic than none; 1 at
        least, and until some are done."""
        done = [i for i in self.items if i.stage is Stage.DONE and i.step.action != "charge"]
        planned = sum(i.step.end_s - i.step.start_s for i in done)
        if len(done) < PACE_STEPS or planned <= 0:
            return 1.0
        return max(1.0, sum(i.ended_s - i.given_s for i in done) / planned)

    def late(self, now_s: float) -> dict[int, float]:
        """Goal → seconds by which it will miss, or has missed, its time limit."""
        ends, late = self.ends(now_s), dict[int, float]()
        for index, goal in enumerate(self.goals):
            limit = goal.within_s if isinstance(goal, TransportGoal | SendGoal) else None
            last = max((ends[i.job] for i in self.items if i.step.goal == index and i.job in ends), default=0.0)
            if limit is not None and last > limit + LATE_S:
                late[index] = last - limit
        return late
