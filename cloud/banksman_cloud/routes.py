"""The REST interface of the planner."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from banksman_cloud.jobs import Jobs
from banksman_cloud.problems import Problem
from banksman_shared.clock import Clock, parse_timestamp
from banksman_shared.errors import SiteError
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest
from banksman_shared.site import Site, parse_site


class Approval(BaseModel):
    """Optional body of an approval: the fleet as it is now, to be compared with what was planned."""

    model_config = ConfigDict(extra="forbid")
    fleet: FleetSnapshot | None = None


class Progress(BaseModel):
    """What the edge says about a plan that it drives."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["running", "done", "failed"]
    detail: str = Field(default="", max_length=1000)


def plan_routes(jobs: Jobs, clock: Clock) -> APIRouter:
    """Everything below ``/v1/plans``."""
    router = APIRouter(prefix="/v1/plans", tags=["plans"])
    _add_asking(router, jobs, clock)
    _add_deciding(router, jobs)
    return router


def _add_asking(router: APIRouter, jobs: Jobs, clock: Clock) -> None:
    """Asking for a plan and reading how it comes along."""

    @router.post("", status_code=202, response_model_exclude_none=True)
    def create(
        body: PlanRequest,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
    ) -> Plan:
        """Ask for a plan. The same ``Idempotency-Key`` with the same body gives the same plan."""
        fingerprint = hashlib.sha256(json.dumps(body.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
        key = (request.state.caller, idempotency_key) if idempotency_key else None
        known = jobs.known(key, fingerprint)  # a repeat is answered even after its deadline
        plan = known or jobs.submit(body, _site(body), _deadline(body, clock), key, fingerprint)
        response.headers["Location"] = f"/v1/plans/{plan.id}"
        return plan

    @router.get("/{plan_id}", response_model_exclude_none=True)
    def read(plan_id: str, response: Response) -> Plan:
        """The plan as it is now; ``ETag`` is its hash once it has one."""
        plan = jobs.get(plan_id)
        if plan.hash:
            response.headers["ETag"] = f'"{plan.hash}"'
        return plan

    @router.get("/{plan_id}/events", response_class=EventSourceResponse)
    async def events(
        plan_id: str, last_event_id: Annotated[int, Header(ge=0, le=1_000_000)] = 0
    ) -> EventSourceResponse:
        """Server-sent events ``plan``, each a whole plan: the present state first, then every change until its end."""
        jobs.get(plan_id)
        return EventSourceResponse(_stream(jobs, plan_id, last_event_id), ping=15)


def _add_deciding(router: APIRouter, jobs: Jobs) -> None:
    """What operator and edge decide about a plan."""

    @router.post("/{plan_id}/approve", response_model_exclude_none=True)
    def approve(plan_id: str, body: Approval | None = None, if_match: Annotated[str | None, Header()] = None) -> Plan:
        """Approve exactly the plan whose hash ``If-Match`` names; once approved, a repeat gives the plan again."""
        jobs.get(plan_id)
        if if_match is None:
            raise Problem(428, "an approval names the plan's hash: send it as If-Match")
        tags = frozenset(tag.strip().strip('"') for tag in if_match.split(","))
        return jobs.approve(plan_id, tags, body.fleet if body else None)

    @router.post("/{plan_id}/progress", response_model_exclude_none=True)
    def progress(plan_id: str, body: Progress) -> Plan:
        """Tell how an approved plan goes on."""
        return jobs.progress(plan_id, body.state, body.detail)

    @router.delete("/{plan_id}", response_model_exclude_none=True)
    def cancel(plan_id: str) -> Plan:
        """Cancel a plan; one that has ended stays as it is."""
        return jobs.cancel(plan_id)


def _site(body: PlanRequest) -> Site:
    try:
        site = parse_site(body.site)
    except SiteError as error:
        faults = [{"pointer": "/site", "detail": str(fault)} for fault in error.faults]
        raise Problem(422, "the site is not valid; 'banksman site check' shows its faults", errors=faults) from error
    times = Counter(vehicle.id for vehicle in body.fleet.vehicles)
    for vehicle in body.fleet.vehicles:
        if times[vehicle.id] > 1:
            raise Problem(422, f"vehicle {vehicle.id} stands twice in the fleet; send each once")
        if vehicle.id in site.vehicles and vehicle.available and vehicle.node not in site.layout.nodes:
            raise Problem(422, f"vehicle {vehicle.id} stands at '{vehicle.node}', which the layout does not have")
    for load in body.fleet.loads or ():
        if load.place not in site.places:
            raise Problem(422, f"load {load.id} stands at '{load.place}', which is no place of the site")
    for thing in (i for mention in body.mentions for i in mention.ids):
        if thing not in site.vehicles and thing not in site.places:
            raise Problem(422, f"'{thing}' is said to be named, and is no vehicle or place of the site")
    return site


def _deadline(body: PlanRequest, clock: Clock) -> float | None:
    if body.deadline is None:
        return None
    try:
        deadline = parse_timestamp(body.deadline)
    except (ValueError, OverflowError) as error:
        raise Problem(422, "the deadline is not an ISO 8601 time; send e.g. 2026-01-31T12:00:00Z") from error
    if deadline <= clock.time():
        raise Problem(422, f"the deadline {body.deadline} has passed; ask again with a later one")
    return deadline


async def _stream(jobs: Jobs, plan_id: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    with jobs.listen(plan_id, wake):
        while True:
            changed.clear()
            for number, plan in jobs.events(plan_id, seen):
                seen = number
                data = plan.model_dump_json(by_alias=True, exclude_none=True)
                yield ServerSentEvent(data, event="plan", id=str(number))
                if plan.state.ended:
                    return
            await changed.wait()
