"""Has the rest of a plan planned anew, from goals that were understood before, and puts it in the place of the plan."""

from __future__ import annotations

import logging
from collections.abc import Callable

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Problem
from banksman_edge.plans.check import check_plan
from banksman_edge.plans.client import Driven
from banksman_edge.plans.remaining_goals import Rest
from banksman_edge.plans.router import PlanRouter
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest
from banksman_shared.site import Site

log = logging.getLogger(__name__)

Report = Callable[[str, Plan, Driven, str], None]
"""Tells planner and listeners how a plan of an utterance goes on."""


class Replanner:
    """Replaces the ``plan`` of one utterance, time after time. ``objection``: what the operator's rights say."""

    def __init__(
        self,
        site: Site,
        planner: PlanRouter,
        utterance_id: str,
        plan: Plan,
        objection: Callable[[Plan], Problem | None],
        report: Report,
        *,
        run: int = 0,
    ) -> None:
        """``run``: how many agents have driven the plan before."""
        self._site, self._planner, self._utterance_id = site, planner, utterance_id
        self._objection, self._report = objection, report
        self.plan = plan
        self._key, self._asked = f"{utterance_id}/again/" + (f"{run}-" if run else ""), 0

    def propose(self, rest: Rest) -> Plan:
        """See :class:`banksman_edge.plans.driving_terms.Again`."""
        request = PlanRequest(
            request=self.plan.request, site=dict(self._site.document), fleet=rest.fleet, goals=rest.goals
        )
        self._asked += 1  # each time something else is asked
        plan = self._planner.again(request, f"{self._key}{self._asked}", self.plan.id)
        faults = check_plan(plan, self._site, rest.fleet)
        if plan.goals != rest.goals:
            faults.insert(0, "the planner has changed the goals")
        if objection := self._objection(plan):
            faults.append(objection.sentence)
        if faults:
            self._give_up(plan)
            raise PlannerError(f"the plan for the rest does not hold: {'; '.join(faults)}")
        return plan

    def adopt(self, plan: Plan, fleet: FleetSnapshot) -> None:
        """See :class:`banksman_edge.plans.driving_terms.Again`."""
        self._planner.approve(plan, fleet)
        self._give_up(self.plan)
        self.plan = plan
        self._report(self._utterance_id, plan, "running", "")

    def _give_up(self, plan: Plan) -> None:
        try:
            self._planner.cancel(plan.id)
        except PlannerError:
            log.warning("plan %s, which another one replaces, could not be cancelled", plan.id)
