"""The planner over REST. The edge owns the deadline and the retries; a repeat carries the same idempotency key."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import httpx
from pydantic import ValidationError

from banksman_edge.errors import PlannerError
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState

POLL_S = 0.3
ATTEMPTS = 3
TIMEOUT_S = 10.0

Driven = Literal["running", "done", "failed"]
"""What the edge tells of a plan that it drives."""


class Planner(Protocol):
    """The seam behind which the planner can be replaced. All methods raise PlannerError."""

    def propose(self, request: PlanRequest, key: str, deadline_s: float, on_change: Callable[[Plan], None]) -> Plan:
        """A proposed plan, within ``deadline_s`` seconds; ``on_change`` hears of every state on the way."""
        ...

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """Approve exactly this plan, in the light of the fleet as it is now."""
        ...

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """Tell how an approved plan goes on."""
        ...

    def cancel(self, plan_id: str) -> None:
        """Give a plan up."""
        ...


class PlannerClient:
    """A planner at ``url``; ``token`` goes into the Authorization header."""

    def __init__(self, url: str, token: str) -> None:
        try:
            self._http = httpx.Client(
                base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S, trust_env=False
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise PlannerError(f"the planner's URL '{url}' is not valid: {error}") from error

    def close(self) -> None:
        self._http.close()

    def propose(self, request: PlanRequest, key: str, deadline_s: float, on_change: Callable[[Plan], None]) -> Plan:
        """See :class:`Planner`."""
        ends = time.monotonic() + deadline_s
        body = request.model_dump(mode="json", exclude_none=True)
        headers = {"Idempotency-Key": key, "traceparent": traceparent_of(key)}
        plan = self._plan("POST", "/v1/plans", json=body, headers=headers)
        on_change(plan)
        while plan.state in (PlanState.UNDERSTANDING, PlanState.SOLVING):
            if time.monotonic() > ends:
                self.cancel(plan.id)
                raise PlannerError(f"the planner had no plan within {deadline_s:.0f} s; ask again or ask for less")
            time.sleep(POLL_S)
            before, plan = plan.state, self._plan("GET", f"/v1/plans/{plan.id}")
            if plan.state is not before:
                on_change(plan)
        if plan.state is not PlanState.PROPOSED:
            raise PlannerError(plan.explanation or f"the plan is {plan.state}")
        return plan

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """See :class:`Planner`."""
        return self._plan(
            "POST",
            f"/v1/plans/{plan.id}/approve",
            headers={"If-Match": f'"{plan.hash}"'},
            json={"fleet": fleet.model_dump(mode="json")},
        )

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """See :class:`Planner`."""
        self._plan("POST", f"/v1/plans/{plan_id}/progress", json={"state": state, "detail": detail[:1000]})

    def cancel(self, plan_id: str) -> None:
        """See :class:`Planner`."""
        self._plan("DELETE", f"/v1/plans/{plan_id}")

    def _plan(self, method: str, path: str, **options: Any) -> Plan:
        response = self._send(method, path, options)
        if response.is_error:
            raise PlannerError(
                f"the planner refused: {_problem(response)}", retryable=response.status_code in (429, 502, 503)
            )
        try:
            return Plan.model_validate_json(response.content)
        except ValidationError as error:
            raise PlannerError("the planner's answer is not a plan; are edge and planner of one version?") from error

    def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        for attempt in range(ATTEMPTS):
            try:
                response = self._http.request(method, path, **options)
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS - 1:
                    raise PlannerError(f"the planner cannot be reached: {error}", retryable=True) from error
            else:
                if response.status_code not in (502, 503, 429) or attempt == ATTEMPTS - 1:
                    return response
            time.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")


def traceparent_of(utterance_id: str) -> str:
    """The W3C trace context of an utterance: whoever knows its id knows its trace, also in logs and audit."""
    digest = hashlib.sha256(utterance_id.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"


def _problem(response: httpx.Response) -> str:
    """The sentence of an RFC 9457 document, or the status where the body is none."""
    try:
        document = response.json()
        return str(document.get("detail") or document.get("title"))
    except (ValueError, AttributeError):
        return f"HTTP {response.status_code}"
