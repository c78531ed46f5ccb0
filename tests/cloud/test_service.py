"""The service over real HTTP: its states, its errors, its events."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from planner_world import (
    JumpingClock,
    ScriptedProvider,
    Service,
    fleet_of,
    goals_of,
    serving,
    transport,
    vehicle,
    yard_document,
)

from banksman_cloud.errors import ProviderUnavailableError
from banksman_shared.clock import timestamp
from banksman_shared.errors import ModelError
from banksman_shared.plans import Plan, plan_hash

TWO_LOADS = goals_of(transport(2, "dock-1", "aisle-2"))


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = dict(answer.json())
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def test_a_request_becomes_a_proposed_plan_with_a_hash_over_it(service: Service) -> None:
    answer = service.ask()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/plans/{answer.json()['id']}"
    plan = Plan.model_validate(service.reaches(answer.json()["id"], "proposed"))
    assert len(plan.steps) == 2
    assert plan.hash == plan_hash(plan.goals, plan.steps)
    assert plan.hash != plan_hash(plan.goals, plan.steps, ("quietly",))
    assert "Loads: 2 (2 from dock one to aisle 2)" in plan.explanation
    assert service.http.get(answer.headers["location"]).headers["etag"] == f'"{plan.hash}"'


def test_a_plan_is_approved_driven_and_done(service: Service) -> None:
    plan = service.proposed()
    assert service.approve(plan).json()["state"] == "approved"
    at = f"/v1/plans/{plan['id']}/progress"
    assert service.http.post(at, json={"state": "running"}).json()["state"] == "running"
    assert service.http.post(at, json={"state": "running"}).json()["state"] == "running"
    done = service.http.post(at, json={"state": "done", "detail": "all delivered"}).json()
    assert done["state"] == "done"
    assert "all delivered" in done["explanation"]
    problem(service.http.post(at, json={"state": "failed"}), 409)


def test_approval_is_refused_when_the_site_has_changed(service: Service) -> None:
    plan = service.proposed()
    site = service.body()["site"]
    site["places"][0]["names"]["en"].append("the new dock")
    assert "site is not the one" in problem(service.approve(plan, json={"site": site}), 409)["detail"]
    assert service.approve(plan, json={"site": service.body()["site"]}).json()["state"] == "approved"


def test_approval_needs_the_right_hash_in_the_right_state(service: Service) -> None:
    plan = service.proposed()
    at = f"/v1/plans/{plan['id']}/approve"
    problem(service.http.post(at), 428)
    for other in ('"other"', "*", f'W/"{plan["hash"]}"'):
        problem(service.http.post(at, headers={"If-Match": other}), 412)
    approved = service.http.post(at, headers={"If-Match": plan["hash"]})  # without quotes
    assert approved.json()["state"] == "approved"


def test_a_repeated_approval_gives_the_plan_again_until_it_has_ended(service: Service) -> None:
    plan = service.proposed()
    at = f"/v1/plans/{plan['id']}"
    assert service.approve(plan).json() == service.approve(plan).json()
    service.http.post(f"{at}/progress", json={"state": "running"})
    again = service.approve(plan)
    assert (again.status_code, again.json()["state"]) == (200, "running")
    problem(service.http.post(f"{at}/approve", headers={"If-Match": '"other"'}), 409)
    service.http.post(f"{at}/progress", json={"state": "done"})
    problem(service.approve(plan), 409)


def test_a_plan_cannot_be_driven_before_it_is_approved(service: Service) -> None:
    plan = service.proposed()
    problem(service.http.post(f"/v1/plans/{plan['id']}/progress", json={"state": "running"}), 409)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"node": "G"}, "agv-1 stands at G"),
        ({"available": False}, "agv-1 is no longer available"),
        ({"loaded": True}, "agv-1 carries a load now"),
    ],
)
def test_approval_is_refused_when_a_vehicle_of_the_plan_has_moved_on(
    service: Service, changed: dict[str, Any], sentence: str
) -> None:
    planned = fleet_of(vehicle(1, "D"), vehicle(2, "C", available=False))
    plan = service.proposed(fleet=planned.model_dump(mode="json"))
    assert {step["vehicle"] for step in plan["steps"]} == {"agv-1"}

    def body(**more: Any) -> dict[str, Any]:
        return {"fleet": fleet_of(vehicle(1, **({"node": "D"} | more)), vehicle(2, "G")).model_dump(mode="json")}

    assert sentence in problem(service.approve(plan, json=body(**changed)), 409)["detail"]
    assert service.approve(plan, json=body()).json()["state"] == "approved"


def test_the_same_key_gives_the_same_plan_and_another_request_is_refused(service: Service) -> None:
    first = service.ask("key-1")
    again = service.ask("key-1")
    assert again.status_code == 202
    assert again.headers["location"] == first.headers["location"]
    problem(service.ask("key-1", request="something else"), 422)
    assert service.ask("key-2").json()["id"] != first.json()["id"]
    other = service.http.post(
        "/v1/plans", json=service.body(), headers={"Idempotency-Key": "key-1", "Authorization": "Bearer other"}
    )
    assert other.json()["id"] != first.json()["id"]


def test_without_a_known_token_nothing_of_the_body_is_looked_at(service: Service) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic b3RoZXI="}):
        answer = service.http.post("/v1/plans", content=b"{nonsense", headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    problem(service.http.get("/v1/plans/x", headers={"Authorization": "Bearer wrong"}), 401)
    problem(service.http.post("/v1/plans", content=b"{nonsense", headers={"Content-Type": "application/json"}), 400)


def test_every_error_is_a_problem_document(service: Service) -> None:
    http = service.http
    problem(http.get("/nothing/here"), 404)
    problem(http.get("/v1/plans/unknown"), 404)
    problem(http.get("/v1/plans/unknown/events"), 404)
    problem(http.delete("/v1/plans/unknown"), 404)
    problem(http.post("/v1/plans/unknown/approve"), 404)
    problem(http.put("/v1/plans"), 405)
    pointers = [e["pointer"] for e in problem(http.post("/v1/plans", json={"request": ""}), 422)["errors"]]
    assert sorted(pointers) == ["/request", "/site"]
    assert problem(service.ask(site={"site": {}}), 422)["errors"]
    elsewhere = fleet_of(vehicle(1, "moon")).model_dump(mode="json")
    assert "'moon'" in problem(service.ask(fleet=elsewhere), 422)["detail"]
    strange = {"vehicles": [{"id": "agv-99", "node": "A1"}]}
    assert "agv-99" in problem(service.ask(fleet=strange), 422)["detail"]
    assert "now is not" in problem(service.ask(now="noon"), 422)["detail"]
    assert "passed" in problem(service.ask(deadline="2020-01-01T00:00:00Z"), 422)["detail"]
    assert "ISO 8601" in problem(service.ask(deadline="soon"), 422)["detail"]


def test_too_large_a_body_is_refused_with_and_without_its_length() -> None:
    with serving(ScriptedProvider(TWO_LOADS), max_body_bytes=100_000) as service:
        assert service.ask().status_code == 202
        problem(service.ask(request="x" * 200_000), 413)

        def chunks() -> Iterator[bytes]:
            for _ in range(300):
                yield b" " * 1000

        try:
            answer = service.http.post("/v1/plans", content=chunks())
        except httpx.WriteError:  # refused while it was still being sent
            return
        problem(answer, 413)


def test_a_fault_of_the_service_is_a_problem_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("banksman_cloud.api.request_checks.parse_site", broken)
    assert "secret" not in json.dumps(problem(service.ask(), 500))


@pytest.mark.parametrize("late", [False, True])
def test_a_plan_can_be_cancelled_while_the_model_thinks(service: Service, late: bool) -> None:
    service.provider.go.clear()
    plan_id = service.ask().json()["id"]
    while not service.provider.unwanted:
        threading.Event().wait(0.01)
    assert service.http.delete(f"/v1/plans/{plan_id}").json()["state"] == "cancelled"
    assert service.provider.unwanted[0].wait(30)  # so the model need not go on
    if late:
        service.provider.go.set()
        service.proposed()  # the worker is free for the next one
    assert service.plan(plan_id)["state"] == "cancelled"
    assert service.http.delete(f"/v1/plans/{plan_id}").json()["state"] == "cancelled"


def test_a_deadline_that_passes_while_the_model_thinks_fails_the_plan() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(TWO_LOADS), clock) as service:
        service.provider.go.clear()
        plan_id = service.ask(deadline=timestamp(clock.time() + 5)).json()["id"]
        clock.advance(4)
        assert service.plan(plan_id)["state"] == "understanding"
        clock.advance(2)
        assert "no time left" in service.reaches(plan_id, "failed")["explanation"]


def test_a_proposal_that_nobody_approves_in_time_cannot_be_approved() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(TWO_LOADS), clock) as service:
        plan = service.proposed(deadline=timestamp(clock.time() + 5))
        clock.advance(6)
        problem(service.approve(plan), 409)
        assert service.plan(plan["id"])["state"] == "failed"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("I would love to help!", "I could not make a plan of this; say it in other words."),
        (goals_of(transport(1, "moon", "aisle-1")), "the site has no place 'moon'"),
        (ProviderUnavailableError("the model is away; ask again"), "the model is away"),
        (RuntimeError("a bug"), "a fault of the planner"),
        (goals_of(transport(9, "dock-1", "aisle-1", within_s=60)), "no plan for this: “carry them” in 1 min."),
        (goals_of(transport(1, "dock-1", "aisle-1", vehicles=["agv-3"])), "No vehicle that may do it is free"),
    ],
)
def test_what_cannot_be_planned_fails_with_the_reason(answer: Any, sentence: str) -> None:
    with serving(ScriptedProvider(answer)) as service:
        failed = service.reaches(service.ask().json()["id"], "failed")
        assert sentence in "; ".join([failed["explanation"], *failed.get("faults", [])])
        assert not failed["steps"]


def test_open_plans_are_limited_and_old_ones_dropped() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(TWO_LOADS), clock, max_plans=2, max_age_s=100) as service:
        first, second = service.proposed(), service.proposed()
        full = service.ask()
        problem(full, 503)
        other = service.http.post("/v1/plans", json=service.body(), headers={"Authorization": "Bearer other"})
        assert other.status_code == 202  # nobody crowds out anybody else
        assert full.headers["retry-after"]
        service.http.delete(f"/v1/plans/{first['id']}")
        third = service.ask()
        assert third.status_code == 202
        clock.advance(101)
        service.reaches(second["id"], "failed")
        for _ in range(600):
            if service.http.get(f"/v1/plans/{first['id']}").status_code == 404:
                break
            threading.Event().wait(0.05)
        problem(service.http.get(f"/v1/plans/{first['id']}"), 404)


def test_plans_that_nobody_reports_on_do_not_fill_the_service() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(TWO_LOADS), clock, max_plans=2, max_age_s=100) as service:
        approved, running = service.proposed(), service.proposed()
        service.approve(approved)
        assert "agv-1 is driven by plan" in problem(service.approve(running), 409)["detail"]
        service.http.delete(f"/v1/plans/{running['id']}")
        running = service.proposed()  # of the world as it is now
        service.approve(running)
        clock.advance(90)
        progress = f"/v1/plans/{running['id']}/progress"
        assert service.http.post(progress, json={"state": "running"}).status_code == 200
        clock.advance(20)
        assert "Nothing has been reported" in service.reaches(approved["id"], "failed")["explanation"]
        assert service.plan(running["id"])["state"] == "running"
        clock.advance(90)
        assert "Nothing has been reported" in service.reaches(running["id"], "failed")["explanation"]
        assert service.ask().status_code == 202


def test_what_time_ends_is_said_in_the_language_of_whoever_asked() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(TWO_LOADS), clock, max_age_s=100) as service:
        proposed, approved = service.proposed(language="de"), service.proposed(language="ja")
        assert service.approve(approved).status_code == 200
        clock.advance(101)
        late = "Die Frist verging, bevor der Plan genehmigt wurde; bitte einen neuen anfordern."
        assert service.reaches(proposed["id"], "failed")["explanation"] == late
        assert service.reaches(approved["id"], "failed")["explanation"].startswith("承認された計画の報告が")


def test_readiness_waits_for_the_model_and_tells_why_it_never_comes() -> None:
    provider = ScriptedProvider(TWO_LOADS)
    provider.loaded.clear()
    provider.load_error = ModelError("the model is missing; fetch it")
    with serving(provider) as service:
        assert service.http.get("/healthz").json() == {"status": "ok"}
        assert "being loaded" in problem(service.http.get("/readyz"), 503)["detail"]
        provider.loaded.set()
        for _ in range(600):
            detail = problem(service.http.get("/readyz"), 503)["detail"]
            if "missing" in detail:
                break
            threading.Event().wait(0.05)
        assert detail == "the model is missing; fetch it"


def test_metrics_and_interface_description_are_open_to_all(service: Service) -> None:
    service.proposed()
    anonymous = {"Authorization": ""}
    assert service.http.get("/readyz", headers=anonymous).json()["provider"] == "scripted"
    metrics = service.http.get("/metrics", headers=anonymous).text
    assert 'banksman_planner_plan_states_total{state="proposed"} 1.0' in metrics
    assert "banksman_planner_open_plans 1.0" in metrics
    service.http.request("INVENTED", "/healthz", headers=anonymous)
    metrics = service.http.get("/metrics", headers=anonymous).text
    assert 'method="other",route="/healthz",status="405"' in metrics
    assert "INVENTED" not in metrics
    paths = service.http.get("/openapi.json", headers=anonymous).json()["paths"]
    assert set(paths["/v1/plans/{plan_id}"]) == {"get", "delete"}


def test_a_client_that_goes_away_leaves_the_service_well(service: Service) -> None:
    url = service.http.base_url
    body = json.dumps(service.body()).encode()
    head = f"POST /v1/plans HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer other\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80)) as raw:
        raw.sendall(head.encode() + body[:100])
    assert service.proposed()["state"] == "proposed"
    assert yard_document() == service.body()["site"]
