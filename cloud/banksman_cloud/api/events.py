"""A plan's events as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from anyio.to_thread import run_sync
from sse_starlette import ServerSentEvent

from banksman_cloud.errors import DatabaseError, NoSuchPlanError
from banksman_cloud.jobs import Event, Jobs
from banksman_shared.plans import Plan

_LOOK_S, _SELDOM_S = 0.5, 15.0
"""How often other replicas' changes are looked for, and where there are none; this one's are told at once."""

LONGEST_S = 600.0
"""A stream ends after so long: whoever comes back with ``Last-Event-ID`` misses nothing, and is let in anew."""


def _look(jobs: Jobs, plan_id: str, seen: int) -> tuple[list[Event], bool]:
    """What is new since event ``seen``, or since the beginning if there is none with that number yet; and whether the
    plan has ended, if nothing is."""
    if news := jobs.events(plan_id, seen):
        return news, False
    job = jobs.get(plan_id)
    if seen > job.events:
        return jobs.events(plan_id, 0), False
    return [], job.plan.state.ended and seen == job.events


async def stream(jobs: Jobs, plan_id: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    """All events after ``seen`` until the plan has ended, or for a while; 0 begins with the present state."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    until = loop.time() + LONGEST_S

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    with jobs.listen(plan_id, wake):
        while loop.time() < until:
            changed.clear()
            try:
                news, ended = await run_sync(_look, jobs, plan_id, seen)
            except DatabaseError:
                news, ended = [], False
            except NoSuchPlanError:  # dropped while nobody looked
                return
            for number, kind, data in news:
                seen = number
                yield ServerSentEvent(data, event=kind, id=str(number))
                if kind == "plan" and Plan.model_validate_json(data).state.ended:
                    return
            if ended:  # whoever asks has seen it all
                return
            try:
                patience = min(_LOOK_S if jobs.shared else _SELDOM_S, until - loop.time())
                await asyncio.wait_for(changed.wait(), patience)
            except TimeoutError:
                continue
