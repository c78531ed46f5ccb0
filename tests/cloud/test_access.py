"""Who may do what: scopes, sites, and the kinds of tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from planner_world import ScriptedProvider, Service, fleet_of, goals_of, serving, transport, vehicle, yard_document

from banksman_cloud.access import AUDIENCE, Access

SECRET = "a secret of more than thirty-two bytes, for tests"
GOALS = goals_of(transport(1, "dock-1", "aisle-2"))
ALL = "plans:read plans:write plans:approve"
SCOPES = {"read": "plans:read", "write": "plans:write", "approve": "plans:approve", "all": ALL, "none": ""}
CALLS: dict[str, tuple[str, str]] = {
    "create": ("POST", "/v1/plans"),
    "read": ("GET", "/v1/plans/{id}"),
    "events": ("GET", "/v1/plans/{id}/events"),
    "approve": ("POST", "/v1/plans/{id}/approve"),
    "progress": ("POST", "/v1/plans/{id}/progress"),
    "cancel": ("DELETE", "/v1/plans/{id}"),
}
NEEDS = {"create": "write", "read": "read", "events": "read", "approve": "approve", "progress": "approve"} | {
    "cancel": "write"
}


def token(scope: str = ALL, sites: Any = "*", **more: Any) -> str:
    claims = {"sub": "edge", "aud": AUDIENCE, "exp": time.time() + 600, "scope": scope, "sites": sites} | more
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, SECRET, "HS256")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(ScriptedProvider(GOALS), access=Access(jwt_key=SECRET)) as running:
        yield running


def call(service: Service, name: str, plan_id: str, bearer: str, **options: Any) -> httpx.Response:
    method, path = CALLS[name]
    url = service.http.base_url.join(path.format(id=plan_id))
    return httpx.request(method, url, headers={"Authorization": f"Bearer {bearer}"}, timeout=30, **options)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", CALLS)
def test_every_call_needs_its_scope_before_its_body_is_read(service: Service, name: str, scope: str) -> None:
    allowed = scope in (NEEDS[name], "all")
    nonsense = {} if CALLS[name][0] in ("GET", "DELETE") else {"content": b"{nonsense"}
    answer = call(service, name, "unknown", token(SCOPES[scope]), **nonsense)
    assert answer.headers["content-type"] == "application/problem+json"
    if allowed:
        assert answer.status_code in (404, 415), answer.text
    else:
        assert answer.status_code == 403
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


SITES: dict[str, Any] = {"all": "*", "this": ["yard"], "this and another": ["other", "yard"], "another": ["other"]} | {
    "none": []
}


@pytest.fixture(scope="module")
def ended(service: Service) -> str:
    """A plan of the yard that nobody can change any more, so that what is allowed shows by how it is answered."""
    plan_id = service.ask().json()["id"]
    service.http.delete(f"/v1/plans/{plan_id}")
    return str(plan_id)


@pytest.fixture(scope="module")
def proposed(service: Service) -> dict[str, Any]:
    return service.proposed()


ALLOWED = {"create": 202, "read": 200, "events": 200, "approve": 409, "progress": 409, "cancel": 200}
"""What a call is answered about an ended plan by who may make it."""


@pytest.mark.parametrize("sites", SITES)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", CALLS)
def test_a_call_needs_its_scope_and_the_plans_site(
    service: Service, ended: str, proposed: dict[str, Any], name: str, scope: str, sites: str
) -> None:
    bearer, granted = token(SCOPES[scope], SITES[sites]), scope in (NEEDS[name], "all")
    bodies = {"create": service.body(), "progress": {"state": "running"}}
    options: dict[str, Any] = {"json": bodies[name]} if name in bodies else {}

    def answer(plan_id: str, tag: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {bearer}", "If-Match": tag}
        url = service.http.base_url.join(CALLS[name][1].format(id=plan_id))
        return httpx.request(CALLS[name][0], url, headers=headers, timeout=30, **options)

    if granted and sites not in ("another", "none"):
        assert answer(ended, "any").status_code == ALLOWED[name]
        return
    refused = answer(proposed["id"], proposed["hash"])
    assert refused.status_code == (404 if granted and name != "create" else 403), refused.text
    if refused.status_code == 404:  # as for one that there is not
        assert refused.text.replace(proposed["id"], "unknown") == answer("unknown", "any").text
    assert service.plan(proposed["id"]) == proposed


def test_asking_for_another_site_is_refused_before_the_form_is_looked_at(service: Service) -> None:
    body = service.body() | {"language": "not a language"}
    assert call(service, "create", "", token(sites=["other"]), json=body).status_code == 403
    assert call(service, "create", "", token(sites=["yard"]), json=body).status_code == 422
    good = call(service, "create", "", token(sites=["other", "yard"]), json=service.body())
    assert good.status_code == 202
    assert call(service, "read", good.json()["id"], token(sites=["yard"])).status_code == 200


def test_two_callers_may_use_the_same_key(service: Service) -> None:
    ids = set()
    for who in ("one", "two", "one"):
        headers = {"Idempotency-Key": "shift-1", "Authorization": f"Bearer {token(sub=who)}"}
        ids.add(service.http.post("/v1/plans", json=service.body(), headers=headers).json()["id"])
    assert len(ids) == 2


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=time.time() - 600),
        token(exp=None),
        token(sub=None),
        token(aud="another service"),
        jwt.encode({"sub": "x", "aud": AUDIENCE, "exp": time.time() + 9, "scope": ALL}, "another secret" * 4, "HS256"),
        jwt.encode({"sub": "x", "aud": AUDIENCE, "exp": time.time() + 9, "scope": ALL, "sites": "*"}, None, "none"),
        "a.b.c",
    ],
)
def test_a_token_that_is_not_good_is_401(service: Service, bad: str) -> None:
    answer = call(service, "read", "unknown", bad)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert SECRET not in answer.text


def test_odd_claims_grant_nothing(service: Service) -> None:
    plan = service.proposed()
    for sites in ({"yard": 1}, [["yard"]], None, "yard", [""]):
        assert call(service, "read", plan["id"], token(sites=sites)).status_code == 404
    for scope in (["plans:read"], None, "plans:readx"):
        claims = {"sub": "x", "aud": AUDIENCE, "exp": time.time() + 60, "scope": scope, "sites": "*"}
        assert call(service, "read", plan["id"], jwt.encode(claims, SECRET, "HS256")).status_code == 403


def test_bodies_that_are_not_declared_as_json_are_415(service: Service) -> None:
    body = json.dumps(service.body()).encode()
    for media in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert service.http.post("/v1/plans", content=body, headers={"Content-Type": media}).status_code == 415
    assert service.http.post("/v1/plans", content=body, headers={"Content-Type": "application/json"}).status_code == 202


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"request": NaN}', 400),
        (b"[" * 100_000, 422),
        (b"\xff\xfe", 400),
        (b'{"request": "\\ud800", "site": {"site": {"id": "yard"}}}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"request": "x", "site": []}', 422),
        (b'{"request": "x", "site": {"site": "yard"}}', 422),
        (b'{"request": "x", "site": {"site": {"id": 5}}, "deadline": "9999999999999-01-01"}', 422),
    ],
)
def test_odd_bodies_are_refused_in_good_order(service: Service, content: bytes, status: int) -> None:
    answer = service.http.post("/v1/plans", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("levels", [65, 400, 900, 1500, 100_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_bodies_without_bottom_are_refused_for_what_they_are(service: Service, levels: int, encoding: str) -> None:
    deep = '{"quoted \\" \u2222 [": ' * levels + "1" + "}" * levels
    asked = json.dumps(service.body(site={"here": 0})).replace("0", deep, 1)
    approval = f'{{"site": {deep}}}'
    plan = service.proposed()
    headers = {"Content-Type": "application/json", "If-Match": f'"{plan["hash"]}"'}
    for path, content in (("/v1/plans", asked), (f"/v1/plans/{plan['id']}/approve", approval)):
        answer = service.http.post(path, content=content.encode(encoding), headers=headers)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "nested more than 64 levels" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"mentions": [{"words": "dock", "ids": [1] * 200_000}]},
        {"fleet": {"vehicles": [{}] * 200_000}},
        {"fleet": {"uncounted": [""] * 200_000}},
        {"goals": [transport(1, "dock-1", "gate", vehicles=[1] * 200_000)]},
        {str(i): 1 for i in range(1000)},
    ],
)
def test_of_countless_faults_few_are_told(service: Service, wrong: dict[str, Any]) -> None:
    answer = service.ask(**wrong)
    assert answer.status_code == 422
    assert 1 <= len(answer.json()["errors"]) <= 100


def test_brackets_in_words_are_no_nesting(service: Service) -> None:
    assert service.ask(request="carry them " + "[{" * 500).status_code == 202


def test_a_fleet_of_another_site_is_not_planned_with(service: Service) -> None:
    assert yard_document()["site"]["id"] == "yard"
    fleet = fleet_of(vehicle(1, "moon")).model_dump(mode="json")
    assert service.ask(fleet=fleet).status_code == 422
