"""The written requests, and plans for them as a perfect model would have them made."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from banksman_cloud.bench.cases import Case, Cases, read_cases
from banksman_cloud.bench.run import ScriptedProvider
from banksman_cloud.planning import Planner
from banksman_shared.clock import SystemClock
from banksman_shared.plans import Plan, PlanRequest, PlanState

REQUESTS = Path(__file__).parents[1] / "data" / "requests"


@cache
def all_requests() -> Cases:
    return read_cases(REQUESTS)


def one(case_id: str) -> Case:
    return next(case for case in all_requests().cases if case.id == case_id)


@cache
def planned(case_id: str) -> Plan:
    """The plan for a request that has one."""
    cases, case, clock = all_requests(), one(case_id), SystemClock()
    site, planner = cases.scene(case).site, Planner(ScriptedProvider([case]), clock, solve_s=0.3)
    request = PlanRequest.model_validate(cases.body(case))
    made = planner.plan(request, site, planner.understand(request, site, clock.time() + 60), lambda: False)
    goals, steps = made.goals, made.steps
    proposed = {"state": PlanState.PROPOSED, "goals": goals.goals, "unsupported": goals.unsupported, "steps": steps}
    return Plan(id="p", request=case.request, explanation=made.explanation, **proposed)
