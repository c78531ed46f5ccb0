"""One plan on its way through its states, and everything that was ever said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState
from banksman_shared.site import Site

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


@dataclass(slots=True)
class Job:
    """Held by :class:`banksman_cloud.jobs.Jobs` under its lock. Times are clock times in seconds."""

    plan: Plan
    request: PlanRequest
    site: Site
    work_by: float
    """When the plan has to be proposed."""
    approve_by: float
    """When a proposal is worthless."""
    key: tuple[str, str] | None
    """Token and idempotency key."""
    fingerprint: str
    report_by: float = float("inf")
    """When an approved plan that nobody has reported on since is taken for failed."""
    ended_at: float | None = None
    events: list[Plan] = field(default_factory=list)
    listeners: set[Callable[[], None]] = field(default_factory=set)

    def can(self, state: PlanState) -> bool:
        now = self.plan.state
        return not now.ended and (state in (PlanState.FAILED, PlanState.CANCELLED) or state in NEXT[now])

    def overdue(self, now: float) -> str | None:
        """A sentence if the plan is worthless by now."""
        if self.plan.state in WORKING and now > self.work_by:
            return "the deadline passed before there was a plan; allow more time"
        if self.plan.state is PlanState.PROPOSED and now > self.approve_by:
            return "the deadline passed before anybody approved the plan; ask for a new one"
        if self.plan.state in DRIVEN and now > self.report_by:
            return "nobody has reported on the approved plan for too long; look at the vehicles and ask for a new one"
        return None

    def moved_vehicle(self, fleet: FleetSnapshot) -> str | None:
        """A sentence about the first vehicle of the plan that is not where or what it was planned with."""
        before = {vehicle.id: vehicle for vehicle in self.request.fleet.vehicles}
        now = {vehicle.id: vehicle for vehicle in fleet.vehicles}
        for vehicle in dict.fromkeys(step.vehicle for step in self.plan.steps):
            planned, current = before[vehicle], now.get(vehicle)
            if current is None or not current.available:
                return f"{vehicle} is no longer available"
            if current.node != planned.node:
                return f"{vehicle} stands at {current.node}, and the plan starts it from {planned.node}"
            if current.loaded != planned.loaded:
                return f"{vehicle} {'carries a load now' if current.loaded else 'carries no load any more'}"
        return None
