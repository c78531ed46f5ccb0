"""Approvals are for the world as it is at that moment, not for the one that was planned with."""

from __future__ import annotations

import httpx
from planner_world import (
    JumpingClock,
    ScriptedProvider,
    Service,
    avoid,
    fleet_of,
    goals_of,
    serving,
    transport,
    vehicle,
)


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["detail"])


def test_a_plan_whose_time_limit_could_not_be_kept_any_more_is_not_approved() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(goals_of(transport(1, "dock-1", "gate", within_s=600))), clock) as service:
        plan = service.proposed()
        assert "Time allowed: 10 min." in plan["explanation"]
        clock.advance(600 - max(step["end_s"] for step in plan["steps"]) + 1)
        refused(service.approve(plan))
        assert "before the plan was approved" in service.reaches(plan["id"], "failed")["explanation"]


def test_a_plan_whose_limit_passes_while_it_is_worked_out_is_not_proposed() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(goals_of(transport(1, "dock-1", "gate", within_s=65))), clock) as service:
        service.provider.go.clear()
        plan_id = service.ask().json()["id"]
        clock.advance(20)
        service.provider.go.set()
        assert "no time left" in service.reaches(plan_id, "failed")["explanation"]


def test_a_plan_that_would_now_drive_into_a_closing_is_not_approved() -> None:
    clock, closing = JumpingClock(), avoid("aisle-2", from_s=100, until_s=3600, words="carry them")
    with serving(ScriptedProvider(goals_of(transport(1, "dock-1", "gate"), closing)), clock) as service:
        plan = service.proposed()
        clock.advance(90)
        assert "does not hold" in refused(service.approve(plan))


def test_a_plan_whose_vehicles_another_has_driven_meanwhile_is_not_approved(service: Service) -> None:
    first, second, third = (service.proposed() for _ in range(3))
    service.approve(first)
    service.http.delete(f"/v1/plans/{first['id']}")  # it never ran
    assert service.approve(second).status_code == 200
    service.http.post(f"/v1/plans/{second['id']}/progress", json={"state": "done"})
    assert "is driven by plan" in refused(service.approve(third))


def test_a_plan_that_the_batteries_do_not_last_for_any_more_is_not_approved(service: Service) -> None:
    plan = service.proposed()
    now = fleet_of(vehicle(1, "D", battery=5), vehicle(2, "C", battery=5)).model_dump(mode="json")
    assert "% of charge" in refused(service.approve(plan, json={"fleet": now}))


def test_a_plan_whose_way_a_vehicle_bars_by_now_is_not_approved(service: Service) -> None:
    plan = service.proposed()
    now = fleet_of(vehicle(1, "D"), vehicle(2, "C")).model_dump(mode="json")
    assert "does not hold" in refused(service.approve(plan, json={"fleet": now | {"blocked": ["A1"]}}))
    assert service.approve(plan, json={"fleet": now}).status_code == 200
