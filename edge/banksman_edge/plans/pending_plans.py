"""A plan that nobody drives yet, against the fleet as it is by now: whether it still holds, and what to ask for in its
place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, Problem, VehicleView, hindrance, occupied
from banksman_edge.loads import Stock
from banksman_edge.plans.check import barred_wishes, check_plan
from banksman_edge.plans.execution import Execution
from banksman_edge.plans.fleet_snapshot import barred_nodes, fleet_now
from banksman_edge.plans.remaining_goals import Rest, remainder
from banksman_shared.clock import Clock
from banksman_shared.plans import FleetSnapshot, Plan, SendGoal, TransportGoal
from banksman_shared.site import Site

MAX_ANEW = 5
"""So often the wishes of one request are planned anew before anybody drives a plan for them."""
NOTICE_S = 2.0
"""Seconds that something has to last before a plan that waits for a yes is not waited with any longer."""

_IN_THE_WAY = (
    Code.OFFLINE,
    Code.NO_STATE,
    Code.EMERGENCY_STOP,
    Code.MANUAL,
    Code.VEHICLE_ERROR,
    Code.NOT_LOCALISED,
)
"""What keeps a vehicle where it is until somebody sees to it; a stop does not."""


class OutdatedError(PlannerError):
    """A plan that nobody drives yet does not hold any more, since the fleet is not as it was. ``lost``: what speaks
    against its vehicles; ``barred``: the words of wishes to which vehicles that are out of order leave no way."""

    def __init__(self, message: str, plan: Plan, lost: Sequence[Problem] = (), barred: Sequence[str] = ()) -> None:
        super().__init__(message, reason="barred" if barred else "changed")
        self.plan, self.lost, self.barred = plan, tuple(lost), tuple(barred)


class RefusedError(PlannerError):
    """The fleet does not take the steps of a plan."""

    def __init__(self, message: str, problem: Problem) -> None:
        super().__init__(message, reason="refused")
        self.problem = problem


def lost_vehicles(plan: Plan, views: Mapping[str, VehicleView]) -> list[Problem]:
    """Why vehicles of a plan that nobody drives yet would not begin it now."""
    mine = (views[vehicle] for vehicle in dict.fromkeys(step.vehicle for step in plan.steps) if vehicle in views)
    return [problem for view in mine if (problem := hindrance(view) or occupied(view))]


def objection(
    plan: Plan, site: Site, fleet: FleetSnapshot, views: Mapping[str, VehicleView], late_s: float
) -> OutdatedError | None:
    """What speaks against driving a plan that was asked for ``late_s`` ago, with the ``fleet`` as it is now. One with
    neither lost vehicles nor barred wishes may never have held."""
    faults = check_plan(plan, site, fleet, late_s)
    if not faults:
        return None
    barred = barred_wishes(plan, site, fleet, late_s)
    said = [f"a vehicle that is out of order bars the way for '{words}'" for words in barred] or faults
    return OutdatedError("; ".join(said), plan, lost_vehicles(plan, views), barred)


def fleet_without(outdated: OutdatedError, views: Mapping[str, VehicleView], fleet: FleetSnapshot) -> FleetSnapshot:
    """The ``fleet`` to plan with instead. A vehicle of the plan that has just broken down bars its node at once: who
    plans for a fleet that stands need not see first whether that passes."""
    broken = [p.vehicle for p in outdated.lost if p.code in _IN_THE_WAY and p.vehicle]
    nodes = (views[vehicle].node for vehicle in broken if hindrance(views[vehicle]) and not views[vehicle].driving)
    blocked = dict.fromkeys((*(barred_nodes(views.values()) or ()), *(node for node in nodes if node)))
    return fleet.model_copy(update={"blocked": tuple(blocked) or None})


def same_wishes(plan: Plan, fleet: FleetSnapshot, waited_s: float) -> Rest:
    """All that a plan was to do, with the time that is left for it.

    Raises:
        PlannerError: its goals do not say all of it.
    """
    rest = remainder(Execution("", plan.goals), fleet, waited_s)
    wanted = sum(isinstance(goal, TransportGoal | SendGoal) for goal in plan.goals)
    if rest is None or sum(isinstance(goal, TransportGoal | SendGoal) for goal in rest.goals) != wanted:
        said = "the plan no longer holds, and its goals do not tell how to plan it anew; ask again"
        raise PlannerError(said, reason="changed")
    return rest


@dataclass(slots=True)
class ProposalWatch:
    """Watches plans that wait for a yes. Call :meth:`look` a few times a second, from one thread."""

    site: Site
    clock: Clock
    stock: Callable[[], Stock | None]
    _since: dict[str, float] = field(default_factory=dict)
    """Since when something speaks against each plan, by its id."""
    _proven: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    """With which barred nodes each plan was proven last."""

    def look(
        self, plans: Mapping[str, tuple[Plan, float]], views: Mapping[str, VehicleView]
    ) -> dict[str, OutdatedError]:
        """Of ``plans`` (by id, each with the seconds since it was asked for), those that do not hold any more, since
        a vehicle of theirs has broken down or bars the way."""
        found, now = {}, self.clock.monotonic()
        self._since = {key: since for key, since in self._since.items() if key in plans}
        self._proven = {key: nodes for key, nodes in self._proven.items() if key in plans}
        for key, (plan, waited_s) in plans.items():
            outdated = self._against(key, plan, waited_s, views)
            if outdated is None:
                self._since.pop(key, None)
            elif now - self._since.setdefault(key, now) >= NOTICE_S:
                found[key] = outdated
        return found

    def _against(self, key: str, plan: Plan, waited_s: float, views: Mapping[str, VehicleView]) -> OutdatedError | None:
        lost = [problem for problem in lost_vehicles(plan, views) if problem.code is not Code.BUSY]
        if lost:
            return OutdatedError("; ".join(problem.sentence for problem in lost), plan, lost)
        nodes = barred_nodes(views.values())
        if nodes is None or (key not in self._since and self._proven.get(key) == nodes):
            return None
        self._proven[key] = nodes
        outdated = objection(plan, self.site, fleet_now(views, stock=self.stock()), views, waited_s)
        return outdated if outdated and outdated.barred else None
