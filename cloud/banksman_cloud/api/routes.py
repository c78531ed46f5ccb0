"""The REST interface of the planner."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from banksman_cloud import tracing
from banksman_cloud.access import Caller
from banksman_cloud.api import request_checks as asked
from banksman_cloud.api.events import stream
from banksman_cloud.api.openapi import errors
from banksman_cloud.api.problems import Problem
from banksman_cloud.errors import NoSuchPlanError, WorldMovedError
from banksman_cloud.jobs import Asking, Job, Jobs, digest
from banksman_shared.clock import Clock
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest

_MAX_EVENT = 1_000_000
_MAX_TRACE = 64
"""Characters of a trace context that is kept; a longer one, of a version to come, is ignored."""


class Approval(BaseModel):
    """Optional body of an approval: the world as it is now, to be compared with what was planned."""

    model_config = ConfigDict(extra="forbid")
    fleet: FleetSnapshot | None = None
    site: dict[str, object] | None = Field(default=None, description="the site's document")


class Progress(BaseModel):
    """What the edge says about a plan that it drives."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["running", "done", "failed"]
    detail: str = Field(default="", max_length=1000)


def visible(plan_id: str, request: Request) -> Job:
    """A dependency: the plan, if the caller's token is for its site. Another site's plan is one that there is not.

    Raises:
        NoSuchPlanError: there is none for this caller.
    """
    jobs: Jobs = request.app.state.jobs
    caller: Caller = request.state.caller
    job = None if "\0" in plan_id else jobs.get(plan_id)  # Postgres takes no NUL
    if job is None or not caller.may_see(job.site):
        raise NoSuchPlanError(f"there is no plan '{plan_id[:64]}'; it may have been dropped after it ended")
    return job


VisibleJob = Annotated[Job, Depends(visible)]


def plan_routes(jobs: Jobs, clock: Clock) -> APIRouter:
    """Everything below ``/v1/plans``."""
    router = APIRouter(prefix="/v1/plans", tags=["plans"])

    _add_asking(router, jobs, clock)
    _add_reading(router, jobs)
    _add_deciding(router, jobs)
    return router


def _add_asking(router: APIRouter, jobs: Jobs, clock: Clock) -> None:
    @router.post(
        "",
        status_code=202,
        response_model_exclude_none=True,
        dependencies=[Depends(asked.of_own_site)],
        responses=errors(400, 415, 422),
    )
    def create(
        body: PlanRequest,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
        traceparent: Annotated[str | None, Header()] = None,
    ) -> Plan:
        """Ask for a plan. The same ``Idempotency-Key`` with the same body gives the same plan."""
        site = asked.site_id(body.site) or ""
        fingerprint = asked.fingerprint(body)
        caller: Caller = request.state.caller
        sent = traceparent if traceparent and len(traceparent) <= _MAX_TRACE else None
        with tracing.continued("POST /v1/plans", sent, site=site):
            asking = Asking(caller.id, idempotency_key, fingerprint, tracing.traceparent() or sent)
            plan = jobs.known(body, site, asking)  # a repeat is answered even after its deadline
            if plan is None:
                asked.check_site(body)
                plan = jobs.submit(body, site, asked.deadline(body, clock), asking)
        response.headers["Location"] = f"/v1/plans/{plan.id}"
        return plan


def _add_reading(router: APIRouter, jobs: Jobs) -> None:
    @router.get("/{plan_id}", response_model_exclude_none=True, responses=errors())
    def read(job: VisibleJob, response: Response) -> Plan:
        """The plan as it is now; ``ETag`` is its hash once it has one."""
        if job.plan.hash:
            response.headers["ETag"] = f'"{job.plan.hash}"'
        return job.plan

    @router.get(
        "/{plan_id}/events",
        response_class=EventSourceResponse,
        responses=errors(422) | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    def events(
        job: VisibleJob,
        last_event_id: Annotated[int, Header(ge=0, le=_MAX_EVENT)] = 0,
    ) -> EventSourceResponse:
        """Server-sent events: ``plan`` is a whole plan, the present one first and then every change until its end;
        ``progress`` says how far the work is. ``Last-Event-ID`` goes on after that event; a stream ends after ten
        minutes, so that nobody listens for longer than they are let in."""
        return EventSourceResponse(stream(jobs, job.plan.id, last_event_id), ping=15)


def _add_deciding(router: APIRouter, jobs: Jobs) -> None:
    """What operator and edge decide about a plan."""

    @router.post("/{plan_id}/approve", response_model_exclude_none=True, responses=errors(400, 409, 412, 415, 422, 428))
    def approve(
        job: VisibleJob,
        body: Approval | None = None,
        if_match: Annotated[str | None, Header(max_length=1000)] = None,
    ) -> Plan:
        """Approve exactly the plan whose hash ``If-Match`` names; once approved, a repeat gives the plan again."""
        if if_match is None:
            raise Problem(428, "an approval names the plan's hash: send it as If-Match")
        if body and body.site is not None and digest(body.site) != digest(job.request.site):
            raise WorldMovedError("the site is not the one that the plan was made for; ask for a new plan")
        tags = frozenset(tag.strip().strip('"') for tag in if_match.split(","))
        return jobs.approve(job.plan.id, tags, body.fleet if body else None)

    @router.post("/{plan_id}/progress", response_model_exclude_none=True, responses=errors(400, 409, 415, 422))
    def progress(job: VisibleJob, body: Progress) -> Plan:
        """Tell how an approved plan goes on."""
        return jobs.progress(job.plan.id, body.state, body.detail)

    @router.delete("/{plan_id}", response_model_exclude_none=True, responses=errors())
    def cancel(job: VisibleJob) -> Plan:
        """Cancel a plan; one that has ended stays as it is."""
        return jobs.cancel(job.plan.id)
