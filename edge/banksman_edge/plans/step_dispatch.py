"""Gives steps of a plan to the fleet, and takes them back."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field

from banksman_edge.fleet import Code, Fleet, FleetError, JobStatus, OrderEvent, Problem
from banksman_edge.plans.check import closed_to, commands_of
from banksman_edge.plans.deviation import PATIENCE_S
from banksman_edge.plans.driving_terms import Terms
from banksman_edge.plans.execution import Execution, Item, Stage
from banksman_edge.plans.remaining_goals import can_be_freed
from banksman_shared.site import Site

log = logging.getLogger(__name__)


@dataclass(slots=True)
class StepDispatch:
    """What the fleet is given of one plan. Seconds count from when the plan was asked for."""

    site: Site
    fleet: Fleet
    execution: Execution
    _refused: dict[str, float] = field(default_factory=dict)
    """Job → since when the fleet has refused it, one time after the other."""

    def give(self, item: Item, terms: Terms, now_s: float) -> Problem | None:
        """Give out a step. Why it is lost instead: the fleet will not take it, or has not for so long that its vehicle
        is not to be counted on."""
        closed = closed_to(item.step.vehicle, self.execution.goals, self.site, terms.began)
        item.stage, item.given_s = Stage.GIVEN, now_s
        try:
            self.fleet.submit(item.job, [commands_of(item.step)], closed=closed, may=terms.may)
        except FleetError as error:
            problem = error.problems[0]
            lasts = self._lasts(item, problem, now_s)
            item.stage = Stage.LOST if lasts or not problem.code.passing else Stage.WAITING
            return problem if item.ended else None
        self._refused.pop(item.job, None)
        return None

    def _lasts(self, item: Item, problem: Problem, now_s: float) -> bool:
        if problem.code is Code.STANDBY or self._is_ours(item.step.vehicle):
            return False
        return now_s - self._refused.setdefault(item.job, now_s) >= PATIENCE_S

    def _is_ours(self, vehicle: str) -> bool:
        """Whether the vehicle is still busy with what it had of this plan."""
        return (self.fleet.vehicles()[vehicle].job or "").startswith(f"{self.execution.prefix}/")

    def forget(self) -> None:
        """What was refused before a pause says nothing about now."""
        self._refused.clear()

    def let_go(self, vehicle: str, *, may_charge: bool) -> None:
        """Count on a vehicle no more: what it has not begun is nobody's, what it has is taken back, if it carries
        nothing yet. ``may_charge``: its way to a charger stays its own."""
        for item in self.execution.of(vehicle):
            item.kept = may_charge and item.step.action == "charge"
            if item.kept:
                continue
            if item.stage is Stage.WAITING:
                item.stage = Stage.LOST
            elif item.stage is Stage.GIVEN and not (item.step.origin and self.fleet.vehicles()[vehicle].loaded):
                self.take_back(item)

    def take_over(self, item: Item) -> bool:
        """Take back a step that is disputed, so that another vehicle can do it. Whether its own is asked to give it up;
        until that is sure, nobody else is given a step of its goal."""
        vehicle, taken = item.step.vehicle, False
        if can_be_freed(item, self.fleet.vehicles()[vehicle]):
            try:
                taken = self.fleet.take_back(item.undo, item.job, vehicle)
            except FleetError as error:
                log.info("the order of %s stays its own: %s", vehicle, error.problems[0].code)
        item.stage, item.disputed = Stage.LOST if taken else item.stage, taken
        return taken

    def disputed(self) -> frozenset[int]:
        """The goals of steps of which it is not sure yet that their vehicles have given them up."""
        return frozenset(item.step.goal for item in self.execution.items if item.disputed)

    def note(self, event: OrderEvent, at_s: float, *, loaded: bool) -> None:
        """Take in the fleet's news of steps that are being taken over: whoever has not given one up keeps it, and who
        was to do it in its place need not. ``loaded``: its vehicle has a load, so nobody else can fetch that."""
        item = next((i for i in self.execution.items if i.disputed and event.job in (i.job, i.undo)), None)
        if item is None or not event.status.ended:
            return
        item.disputed, done = False, event.status is JobStatus.DONE
        if item.stage is not Stage.LOST:
            return
        if done is (event.job == item.job):
            item.stage, item.ended_s, item.kept = (Stage.DONE, at_s, False) if done else (Stage.GIVEN, math.inf, True)
        if item.stage is not Stage.LOST:
            self.execution.drop_spare(item.step.goal)
        elif loaded and item.step.origin is not None:
            self.execution.strand(item)

    def take_back(self, item: Item) -> None:
        """Have the fleet give up a step, if it is still at it."""
        try:
            if self.fleet.take_back(item.drop, item.job, item.step.vehicle):
                item.stage = Stage.LOST
        except FleetError as error:
            item.stage = Stage.LOST
            log.info("the order of %s is not taken back: %s", item.step.vehicle, error.problems[0].code)
