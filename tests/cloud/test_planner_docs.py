"""What docs/planner.md shows of a session is what the planner says."""

from __future__ import annotations

import json
from pathlib import Path

from planner_world import ScriptedProvider

from banksman_cloud import Planner
from banksman_shared import bundled_site, load_site
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, Goals, Plan, PlanRequest, VehicleSnapshot, plan_hash

DOCUMENT = Path(__file__).parents[2] / "docs" / "planner.md"


def test_the_session_in_the_documentation_is_one() -> None:
    lines = DOCUMENT.read_text("utf-8").splitlines()
    shown = [json.loads(line) for line in lines if line.startswith('{"id"') and line.endswith("}")]
    (plan,) = (Plan.model_validate(document) for document in shown if document["state"] == "proposed")
    assert plan.hash == plan_hash(plan.goals, plan.steps, plan.unsupported)
    assert any(f'curl -X POST $U/v1/plans/$ID/approve -H "$A" -H \'If-Match: "{plan.hash}"\'' in x for x in lines)
    site = load_site(bundled_site())
    fleet = FleetSnapshot(
        vehicles=tuple(
            VehicleSnapshot(id=v.id, node=site.places[v.home].node, battery=80) for v in site.vehicles.values()
        )
    )
    request = PlanRequest(request=plan.request, site=site.document, fleet=fleet)
    planner = Planner(ScriptedProvider(""), SystemClock(), 4.0)
    made = planner.plan(request, site, Goals(goals=plan.goals), lambda: False)
    assert (made.explanation, made.steps) == (plan.explanation, plan.steps)
