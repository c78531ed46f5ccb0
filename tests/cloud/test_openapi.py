"""The interface does what its description says, whatever a fuzzer makes of that."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from planner_world import TOKEN, ScriptedProvider, Service, goals_of, serving, transport
from schemathesis.checks import load_all_checks, positive_data_acceptance

CALLS = [
    ("post", "/v1/plans"),
    ("get", "/v1/plans/{plan_id}"),
    ("get", "/v1/plans/{plan_id}/events"),
    ("post", "/v1/plans/{plan_id}/approve"),
    ("post", "/v1/plans/{plan_id}/progress"),
    ("delete", "/v1/plans/{plan_id}"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
]
# The service's own threads draw random numbers while the fuzzer makes its requests.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
load_all_checks()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    provider = ScriptedProvider(goals_of(transport(1, "dock-1", "aisle-2")))
    with serving(provider, requests_per_minute=10**9, max_plans=10**6) as running:
        yield running


def fuzz(service: Service, method: str, path: str, examples: int) -> None:
    """Requests that fit the description and such that do not, for one call; half of them for a plan that there is."""
    document = copy.deepcopy(service.http.get("/openapi.json").json())
    plan_id = service.ask().json()["id"]
    service.http.delete(f"/v1/plans/{plan_id}")  # so that its events come to an end
    for parameter in document["paths"][path][method].get("parameters", ()):
        if parameter["name"] == "plan_id":
            parameter["schema"] = {"anyOf": [{"const": plan_id}, parameter["schema"]]}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(service.http.base_url))
    operation = schema[path][method.upper()]
    modes = [schemathesis.GenerationMode.POSITIVE]
    if operation.body or operation.headers or operation.path_parameters:
        modes.append(schemathesis.GenerationMode.NEGATIVE)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)))
    def test(case: Any) -> None:
        # A site and a fleet have to fit together, which no schema can say.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=[positive_data_acceptance], timeout=20
        )

    test()


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_fuzzer_finds_nothing_that_the_description_does_not_say(service: Service, method: str, path: str) -> None:
    fuzz(service, method, path, 12)


@pytest.mark.soak
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nor_does_it_when_it_takes_its_time(service: Service, method: str, path: str) -> None:
    fuzz(service, method, path, 2000)


def test_every_call_of_the_service_is_fuzzed(service: Service) -> None:
    paths = service.http.get("/openapi.json").json()["paths"]
    assert {(method, path) for path, calls in paths.items() for method in calls} == set(CALLS)
