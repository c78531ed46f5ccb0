"""The planner over REST. The edge owns the deadline and the retries; a repeat carries the same idempotency key."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import httpx
from pydantic import ValidationError

from banksman_edge.errors import PlannerError, RecalledError
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest, PlanState

log = logging.getLogger(__name__)

POLL_S = 0.3
ATTEMPTS = 3
PAUSE_S = 0.5
"""Before the first repetition; twice as long before the next."""
TIMEOUT_S = 10.0
CONNECT_S = 3.0
"""A link that is down should be found out while there is time left to do something else."""

_AWAY = (429, 502, 503)
"""Answers of a planner, or of what stands before it, that cannot plan now."""

NEVER = threading.Event()
"""For what nobody takes back."""

STALE = "changed"
"""The reason of a PlannerError: plan or fleet are not any more what the call supposes."""

Driven = Literal["running", "done", "failed"]
"""What the edge tells of a plan that it drives."""


class Planner(Protocol):
    """The seam behind which the planner can be replaced. All methods raise PlannerError."""

    def propose(
        self,
        request: PlanRequest,
        key: str,
        deadline_s: float,
        on_change: Callable[[Plan], None],
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """A proposed plan, within ``deadline_s`` seconds; ``on_change`` hears of every state on the way. ``recalled``:
        set when nobody wants it any more; the planner's work on it is ended then.

        Raises:
            RecalledError: it was taken back.
        """
        ...

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """Approve exactly this plan, in the light of the fleet as it is now. Where plan or fleet have moved on since,
        the error's reason is :data:`STALE`."""
        ...

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """Tell how an approved plan goes on."""
        ...

    def cancel(self, plan_id: str) -> None:
        """Give a plan up."""
        ...

    def ready(self) -> bool:
        """Whether it would take a request now. Never fails."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is about to be sent to a planner, but for its token. The body is ``{"site":`` with ``site``, ``,`` and then
    ``body`` without its first character, where there is a site; else it is ``body``."""

    url: str
    method: str
    body: str = ""
    site: str = ""
    key: str = ""
    """The utterance that it is about, if it asks for a plan."""

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return (f'{{"site":{self.site},{self.body[1:]}' if self.site else self.body).encode()


@dataclass(frozen=True, slots=True)
class _Until:
    """How long an answer is wanted: until ``ends`` on the monotonic clock, or until it is ``recalled``."""

    ends: float = math.inf
    recalled: threading.Event = NEVER


class PlannerClient:
    """A planner at ``url``, which is sent what it is given; ``token`` goes into the Authorization header.

    ``overhear`` is told of every request before it is sent; of one that is repeated, once.
    """

    def __init__(self, url: str, token: str, overhear: Callable[[Leaving], None] = lambda _: None) -> None:
        self.url, self._overhear = url, overhear
        try:
            self._http = httpx.Client(
                base_url=url,
                headers={"Authorization": f"Bearer {token}"},
                timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S),
                trust_env=False,
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise PlannerError(f"the planner's URL '{url}' is not valid: {error}") from error

    def close(self) -> None:
        self._http.close()

    def propose(
        self,
        request: PlanRequest,
        key: str,
        deadline_s: float,
        on_change: Callable[[Plan], None],
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """See :class:`Planner`."""
        ends = time.monotonic() + deadline_s
        site = json.dumps(request.site, ensure_ascii=False, separators=(",", ":"))
        rest = request.model_dump_json(exclude_none=True, exclude={"site"})
        until = _Until(ends, recalled)
        plan = self._plan("POST", "/v1/plans", until, body=rest, site=site, key=key)
        on_change(plan)
        while plan.state in (PlanState.UNDERSTANDING, PlanState.SOLVING):
            if time.monotonic() > ends:
                self.cancel(plan.id)
                said = f"the planner had no plan within {deadline_s:.0f} s; ask again or ask for less"
                raise PlannerError(said, code="slow", reason="slow")
            if recalled.wait(POLL_S):
                self._give_up(plan)
                raise RecalledError
            before, plan = plan.state, self._plan("GET", f"/v1/plans/{plan.id}", until)
            if plan.state is not before:
                on_change(plan)
        if plan.state is not PlanState.PROPOSED:
            raise PlannerError(plan.explanation or f"the plan is {plan.state}")
        return plan

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """See :class:`Planner`."""
        body = json.dumps({"fleet": fleet.model_dump(mode="json")})
        return self._plan("POST", f"/v1/plans/{plan.id}/approve", body=body, if_match=plan.hash)

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """See :class:`Planner`."""
        body = json.dumps({"state": state, "detail": detail[:1000]})
        self._plan("POST", f"/v1/plans/{plan_id}/progress", body=body)

    def cancel(self, plan_id: str) -> None:
        """See :class:`Planner`."""
        self._plan("DELETE", f"/v1/plans/{plan_id}")

    def _give_up(self, plan: Plan) -> None:
        try:
            self.cancel(plan.id)
        except PlannerError:
            log.warning("plan %s, which nobody wants any more, could not be cancelled; it ends by itself", plan.id)

    def ready(self) -> bool:
        """See :class:`Planner`."""
        try:
            return self._http.get("/readyz").is_success
        except httpx.HTTPError:
            return False

    def _plan(
        self,
        method: str,
        path: str,
        until: _Until | None = None,
        *,
        body: str = "",
        site: str = "",
        key: str = "",
        if_match: str = "",
    ) -> Plan:
        leaving = Leaving(f"{str(self._http.base_url).rstrip('/')}{path}", method, body, site, key)
        if method != "GET":
            self._overhear(leaving)
        response = self._send(leaving, _headers(leaving, if_match), until or _Until())
        if response.is_error:
            said, away = f"the planner refused: {_problem(response)}", response.status_code in _AWAY
            why = STALE if response.status_code == httpx.codes.CONFLICT else "declined"
            raise PlannerError(said, retryable=away, reason="" if away else why)
        try:
            return Plan.model_validate_json(response.content)
        except ValidationError as error:
            raise PlannerError("the planner's answer is not a plan; are edge and planner of one version?") from error

    def _send(self, leaving: Leaving, headers: dict[str, str], until: _Until) -> httpx.Response:
        """The answer, asked for again while the planner is away, as long as it is wanted."""
        for attempt in range(ATTEMPTS):
            pause = PAUSE_S * 2**attempt
            last = attempt == ATTEMPTS - 1 or time.monotonic() + pause > until.ends
            try:
                response = self._http.request(leaving.method, leaving.url, content=leaving.content, headers=headers)
            except httpx.HTTPError as error:
                if last or until.recalled.wait(pause):
                    raise PlannerError(f"the planner cannot be reached: {error}", retryable=True) from error
            else:
                if last or response.status_code not in _AWAY or until.recalled.wait(pause):
                    return response
        raise AssertionError("unreachable")


def _headers(leaving: Leaving, if_match: str) -> dict[str, str]:
    """An utterance's id may tell something, so what is sent is made from it."""
    headers = {"Content-Type": "application/json"} if leaving.body else {}
    if leaving.key:
        traceparent = traceparent_of(leaving.key)
        headers |= {"Idempotency-Key": traceparent.split("-")[1], "traceparent": traceparent}
    return headers | ({"If-Match": f'"{if_match}"'} if if_match else {})


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
