"""Checks of a request for a plan that its form alone cannot show."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any, NoReturn

from fastapi import Request

from banksman_cloud.access import Caller
from banksman_cloud.api.problems import Problem
from banksman_cloud.errors import ForbiddenError
from banksman_cloud.jobs import digest
from banksman_cloud.reading import Clocks
from banksman_shared.clock import Clock, parse_timestamp
from banksman_shared.errors import SiteError
from banksman_shared.plans import PlanRequest
from banksman_shared.site import parse_site


async def of_own_site(request: Request) -> None:
    """A dependency, so that it comes before faults of form: the token has to be for the site that is sent.

    Raises:
        ForbiddenError: it is for others.
        Problem: the body holds numbers that JSON does not have.
    """
    document = json.loads(await request.body() or b"null", parse_constant=_no_json)
    caller: Caller = request.state.caller
    site = site_id(document.get("site")) if isinstance(document, dict) else None
    if caller.sites is not None and site is not None and not caller.may_see(site):
        raise ForbiddenError("this token is for other sites; ask for one for this site")


def site_id(document: Any) -> str | None:
    """The id in a site's document, if there is one."""
    table = document.get("site") if isinstance(document, dict) else None
    found = table.get("id") if isinstance(table, dict) else None
    return found if isinstance(found, str) else None


def fingerprint(body: PlanRequest) -> str:
    """The same for the same request.

    Raises:
        Problem: it holds what is no text.
    """
    document = body.model_dump(mode="json")
    # These came later: a request without them is what it was before there were any.
    if not body.goals:
        del document["goals"]
    if body.fleet.blocked is None:
        del document["fleet"]["blocked"]
    if body.fleet.uncounted is None:
        del document["fleet"]["uncounted"]
    if body.clock_change is None:
        del document["clock_change"]
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Problem(422, "the request holds half of a character (a lone surrogate); send whole ones") from error
    return digest(document)


def check_site(body: PlanRequest) -> None:
    """Raises:
    Problem: site, fleet, names and times in the request do not fit together.
    """
    try:
        site = parse_site(body.site)
    except SiteError as error:
        faults = [{"pointer": "/site", "detail": str(fault)} for fault in error.faults]
        raise Problem(422, "the site is not valid; 'banksman site check' shows its faults", errors=faults) from error
    times = Counter(vehicle.id for vehicle in body.fleet.vehicles)
    for vehicle in body.fleet.vehicles:
        if times[vehicle.id] > 1:
            raise Problem(422, f"vehicle {vehicle.id} stands twice in the fleet; send each once")
        if vehicle.id not in site.vehicles:
            raise Problem(422, f"vehicle {vehicle.id} is none of the site's; send only those of its document")
        if vehicle.available and vehicle.node not in site.layout.nodes:
            raise Problem(422, f"vehicle {vehicle.id} stands at '{vehicle.node}', which the layout does not have")
    for load in body.fleet.loads or ():
        if load.place not in site.places:
            raise Problem(422, f"load {load.id} stands at '{load.place}', which is no place of the site")
    for place in body.fleet.uncounted or ():
        if place not in site.places:
            raise Problem(422, f"nobody counts the loads at '{place}', which is no place of the site")
    known = {*site.vehicles, *site.places, *(f"zone:{zone}" for zone in site.rules.zones)}
    for thing in (i for mention in body.mentions for i in mention.ids):
        if thing not in known:
            raise Problem(422, f"'{thing}' is said to be named, and is no vehicle, place or zone of the site")
    _check_clocks(body.now, body.clock_change)


def _check_clocks(now: str | None, moment: str | None) -> None:
    """Raises:
    Problem: one is no time of the site's clocks, or the change has no offset.
    """
    if now is not None and Clocks.read(now, None) is None:
        raise Problem(422, "now is not an ISO 8601 time of the site's clocks; send e.g. 2026-01-31T12:00:00+01:00")
    try:
        known = moment is None or datetime.fromisoformat(moment).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        said = "clock_change is not an ISO 8601 time with an offset; send e.g. 2026-10-25T02:00:00+01:00"
        raise Problem(422, said)


def deadline(body: PlanRequest, clock: Clock) -> float | None:
    """The request's deadline as clock time.

    Raises:
        Problem: it is no time, or has passed.
    """
    if body.deadline is None:
        return None
    try:
        moment = parse_timestamp(body.deadline)
    except (ValueError, OverflowError) as error:
        raise Problem(422, "the deadline is not an ISO 8601 time; send e.g. 2026-01-31T12:00:00Z") from error
    if moment <= clock.time():
        raise Problem(422, f"the deadline {body.deadline} has passed; ask again with a later one")
    return moment


def _no_json(name: str) -> NoReturn:
    raise Problem(400, f"the body is not JSON, which has no {name}; send application/json")
