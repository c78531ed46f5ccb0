"""Goals that come with a request: what the edge sends for the rest of a plan. No model reads anything then."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import Service, fleet_of, transport, vehicle

from banksman_cloud.api.request_checks import fingerprint
from banksman_cloud.jobs.job import digest
from banksman_shared.plans import PlanRequest

GIVEN = transport(1, "dock-1", "aisle-1", words="what nobody said", within_s=400.0)


def test_a_request_with_goals_is_planned_without_the_model(service: Service) -> None:
    plan = service.proposed(goals=[GIVEN])
    assert [(s["from"], s["to"]) for s in plan["steps"]] == [("dock-1", "aisle-1")]
    assert plan["goals"][0]["words"] == "what nobody said"
    assert service.provider.prompts == []
    assert service.approve(plan).json()["state"] == "approved"


@pytest.mark.parametrize(
    ("goal", "fault"),
    [
        (transport(1, "moon", "aisle-1"), "the site has no place 'moon'"),
        (transport(None, "dock-1", "aisle-1"), "say how many"),
        (transport(1, "dock-1", "aisle-1", after=[5]), "5"),
        (transport(1, "dock-1", "aisle-1", vehicles=["kind:crane"]), "the site has no kind 'crane'"),
    ],
)
def test_goals_that_the_site_cannot_mean_fail_with_what_is_wrong(
    service: Service, goal: dict[str, Any], fault: str
) -> None:
    plan = service.reaches(service.ask(goals=[goal]).json()["id"], "failed")
    assert fault in plan["explanation"]
    assert service.provider.prompts == []


@pytest.mark.parametrize("goals", [[], "all", [{"kind": "fly", "words": "x"}], [GIVEN] * 251, [GIVEN | {"count": 0}]])
def test_what_is_no_list_of_goals_is_refused(service: Service, goals: Any) -> None:
    assert service.ask(goals=goals).status_code == 422


def test_a_repeat_with_other_goals_is_another_request(service: Service) -> None:
    assert service.ask("k", goals=[GIVEN]).status_code == 202
    assert service.ask("k", goals=[GIVEN]).status_code == 202
    assert service.ask("k", goals=[GIVEN | {"count": 2}]).status_code == 422


def test_what_came_later_changes_no_request_that_is_without_it() -> None:
    request = PlanRequest(request="x", site={}, fleet=fleet_of(vehicle(1, "D")))
    before = request.model_dump(mode="json")
    del before["goals"], before["clock_change"], before["fleet"]["blocked"], before["fleet"]["uncounted"]
    assert fingerprint(request) == digest(before)
    barred = request.model_copy(update={"fleet": request.fleet.model_copy(update={"blocked": ("A1",)})})
    assert fingerprint(barred) != fingerprint(request)


def test_times_between_tenths_of_seconds_are_kept(service: Service) -> None:
    """The solver reckons in tenths; what begins is rounded up."""
    fleet = fleet_of(vehicle(1, "D", ready_s=3.04), vehicle(2, "C", available=False)).model_dump(mode="json")
    plan = service.proposed(goals=[GIVEN | {"not_before_s": 18.799}], fleet=fleet)
    assert plan["steps"][0]["start_s"] >= 18.799
