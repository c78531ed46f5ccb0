"""A plan's events as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from anyio.to_thread import run_sync
from sse_starlette import ServerSentEvent

from banksman_cloud.errors import DatabaseError, NoSuchPlanError
from banksman_cloud.jobs import Jobs
from banksman_shared.plans import Plan

_LOOK_S, _SELDOM_S = 0.5, 15.0
"""How often other replicas' changes are looked for, and where there are none; this one's are told at once."""


async def stream(jobs: Jobs, plan_id: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    """All events after ``seen`` until the plan has ended; 0 begins with the present state."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    with jobs.listen(plan_id, wake):
        while True:
            changed.clear()
            try:
                news = await run_sync(jobs.events, plan_id, seen)
            except DatabaseError:
                news = []
            except NoSuchPlanError:  # dropped while nobody looked
                return
            for number, kind, data in news:
                seen = number
                yield ServerSentEvent(data, event=kind, id=str(number))
                if kind == "plan" and Plan.model_validate_json(data).state.ended:
                    return
            try:
                await asyncio.wait_for(changed.wait(), _LOOK_S if jobs.shared else _SELDOM_S)
            except TimeoutError:
                continue
