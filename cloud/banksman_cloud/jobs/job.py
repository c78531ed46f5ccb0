"""One plan on its way through its states."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from banksman_cloud.phrases import Phrases
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState, SendGoal, TransportGoal
from banksman_shared.site import parse_site
from banksman_shared.verify import violations

NEXT: dict[PlanState, frozenset[PlanState]] = {
    PlanState.UNDERSTANDING: frozenset({PlanState.SOLVING}),
    PlanState.SOLVING: frozenset({PlanState.PROPOSED}),
    PlanState.PROPOSED: frozenset({PlanState.APPROVED}),
    PlanState.APPROVED: frozenset({PlanState.RUNNING, PlanState.DONE}),
    PlanState.RUNNING: frozenset({PlanState.DONE}),
}
"""Which state follows which; besides, every state that is not an end may fail or be cancelled."""

WORKING = frozenset({PlanState.UNDERSTANDING, PlanState.SOLVING})
DRIVEN = frozenset({PlanState.APPROVED, PlanState.RUNNING})


@dataclass(frozen=True, slots=True)
class Job:
    """A plan as the database has it. Times are clock times in seconds."""

    plan: Plan
    body: str
    """The request as JSON; read only where it is needed, since it holds a whole site."""
    site: str
    language: str
    """What it was asked in."""
    caller: str
    """A digest of who asked."""
    key: str | None
    """The caller's idempotency key."""
    fingerprint: str
    traceparent: str | None
    due: float | None
    """When the present state has lasted too long; None once the plan has ended."""
    approve_by: float
    """When a proposal is worthless, whatever is in it."""
    asked_at: float
    """What the goals' seconds count from; the steps' count from the approval."""
    world: int = 0
    """How many approvals its site had seen when it was asked for: the world's version that it was planned for."""
    approval: int | None = None
    """Which of its site's approvals was this plan's."""
    ended_at: float | None = None
    events: int = 0
    """How many events there are."""

    @property
    def request(self) -> PlanRequest:
        return PlanRequest.model_validate_json(self.body)

    def can(self, state: PlanState) -> bool:
        now = self.plan.state
        return not now.ended and (state in (PlanState.FAILED, PlanState.CANCELLED) or state in NEXT[now])

    def overdue(self, now: float) -> str | None:
        """A sentence if the plan is worthless by now."""
        if self.due is None or now <= self.due:
            return None
        if self.plan.state in WORKING:
            key = "no_time"
        else:
            key = "not_approved" if self.plan.state is PlanState.PROPOSED else "not_reported"
        return Phrases(self.language).say(key)

    def approvable_until(self, plan: Plan) -> float:
        """The last moment at which the steps of ``plan`` can begin and still keep its time limits."""
        spare = [
            goal.within_s - max((step.end_s for step in plan.steps if step.goal == index), default=0.0)
            for index, goal in enumerate(plan.goals)
            if isinstance(goal, TransportGoal | SendGoal) and goal.within_s is not None
        ]
        return min([self.approve_by, *(self.asked_at + slack for slack in spare)])

    def objection(self, now: float, fleet: FleetSnapshot | None = None) -> str | None:
        """A sentence if the plan's steps, begun ``now``, break its goals; ``fleet``: the vehicles as they are now."""
        late = max(0.0, now - self.asked_at)
        steps = [
            step.model_copy(update={"start_s": step.start_s + late, "end_s": step.end_s + late})
            for step in self.plan.steps
        ]
        request = self.request
        known = fleet or request.fleet
        vehicles = (v.model_copy(update={"ready_s": v.ready_s + late}) for v in known.vehicles)
        loads = request.fleet.loads if known.loads is None else known.loads
        world = known.model_copy(update={"vehicles": tuple(vehicles), "loads": loads})
        wrong = violations(parse_site(request.site), world, self.plan.goals, steps)
        return wrong[0] if wrong else None

    def moved_vehicle(self, fleet: FleetSnapshot) -> str | None:
        """A sentence about the first vehicle of the plan that is not where or what it was planned with."""
        before = {vehicle.id: vehicle for vehicle in self.request.fleet.vehicles}
        now = {vehicle.id: vehicle for vehicle in fleet.vehicles}
        for vehicle in self.vehicles():
            planned, current = before[vehicle], now.get(vehicle)
            if current is None or not current.available:
                return f"{vehicle} is no longer available"
            if current.node != planned.node:
                return f"{vehicle} stands at {current.node}, and the plan starts it from {planned.node}"
            if current.loaded != planned.loaded:
                return f"{vehicle} {'carries a load now' if current.loaded else 'carries no load any more'}"
        return None

    def vehicles(self) -> tuple[str, ...]:
        """The vehicles that drive in the plan."""
        return tuple(dict.fromkeys(step.vehicle for step in self.plan.steps))


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON document, however its keys are ordered."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
