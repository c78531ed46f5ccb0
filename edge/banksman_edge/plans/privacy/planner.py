"""A planner that is told no names."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from banksman_edge.errors import PlannerError, RecalledError
from banksman_edge.plans.client import NEVER, Driven, Planner
from banksman_edge.plans.privacy.request import PseudonymousRequest, hidden_fleet
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, plan_hash
from banksman_shared.site import Site

REMEMBERED = 50
"""Plans that can still be approved; each holds all names of the site."""


class PseudonymousPlanner:
    """Asks ``planner`` with names hidden, and puts them back into what it answers. See :class:`Planner`.

    The hash of a plan is checked as it came, and the plan is approved by that hash. With the names back in, the plan
    has another one, which binds what the edge checks and drives.
    """

    def __init__(self, planner: Planner, site: Site) -> None:
        self._planner, self._site = planner, site
        self._plans: OrderedDict[str, tuple[Plan, PseudonymousRequest]] = OrderedDict()

    def propose(
        self,
        request: PlanRequest,
        key: str,
        deadline_s: float,
        on_change: Callable[[Plan], None],
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """See :class:`Planner`; an error also where a name cannot be hidden."""
        disguise = PseudonymousRequest.of(self._site, request)
        latest: list[Plan] = []

        def change(plan: Plan) -> None:
            latest[:] = [plan]
            on_change(disguise.plan(plan))

        try:
            plan = self._planner.propose(disguise.request, key, deadline_s, change, recalled)
        except RecalledError:
            raise
        except PlannerError as error:
            told = disguise.sentence(str(error), latest[0] if latest else None)
            raise PlannerError(told, retryable=error.retryable, code=error.code, reason=error.reason) from error
        meant = self._meant(plan, disguise)
        self._plans[plan.id] = plan, disguise
        if len(self._plans) > REMEMBERED:
            self._plans.popitem(last=False)
        return meant

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """See :class:`Planner`."""
        if plan.id not in self._plans:
            said = "the plan was proposed before a restart, or too long ago; ask for it again"
            raise PlannerError(said, reason="gone")
        proposed, disguise = self._plans[plan.id]
        if plan.hash != disguise.plan(proposed).hash:
            raise PlannerError("the plan is not the one that was proposed", reason="unsound")
        approved = self._planner.approve(proposed, hidden_fleet(disguise.names, fleet))
        return self._meant(approved, disguise)

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:  # noqa: ARG002  it may hold names
        """See :class:`Planner`. Why a plan failed stays on the site."""
        if state != "running":
            self._plans.pop(plan_id, None)
        self._planner.report(plan_id, state)

    def cancel(self, plan_id: str) -> None:
        """See :class:`Planner`."""
        self._plans.pop(plan_id, None)
        self._planner.cancel(plan_id)

    def ready(self) -> bool:
        """See :class:`Planner`."""
        return self._planner.ready()

    def _meant(self, plan: Plan, disguise: PseudonymousRequest) -> Plan:
        """The plan with its names, if it is whole."""
        if plan.hash != plan_hash(plan.goals, plan.steps, plan.unsupported):
            self._give_up(plan)
            raise PlannerError("the plan's hash does not fit its goals and steps", reason="unsound")
        return disguise.plan(plan)

    def _give_up(self, plan: Plan) -> None:
        try:
            self._planner.cancel(plan.id)
        except PlannerError:
            return  # it ends by itself; what is wrong with it is told all the same
