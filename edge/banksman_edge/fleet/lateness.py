"""When an errand is too late to begin, and when one that has begun is late."""

from __future__ import annotations

from collections.abc import Callable

from banksman_edge.fleet.errand import Errand, InstantErrand, OrderErrand
from banksman_edge.fleet.model import Code, JobStatus, Problem
from banksman_shared.actions import Action as Wish
from banksman_shared.clock import Clock

STALE_S = 300.0
"""Seconds from its turn after which an errand that the vehicle has not taken is dropped. Stops never are."""


def too_late(errand: Errand, clock: Clock) -> str | None:
    """Why an errand must not be sent (again): what nobody has taken by its deadline, or within STALE_S.

    Stops have neither.
    """
    begun = isinstance(errand, OrderErrand) and errand.renewed
    if errand.deadline is not None and clock.time() >= errand.deadline and not begun:
        return f"the order for {errand.vehicle} came too late to begin"
    if clock.monotonic() >= errand.stale_at:
        return f"the order for {errand.vehicle} was not taken within {STALE_S / 60:.0f} minutes and was dropped"
    return None


def lateness(
    errand: Errand, clock: Clock, *, connected: bool, waits_for: Callable[[], Problem | None]
) -> tuple[Code, str] | None:
    """What to warn of, if the errand is overdue and nobody has been told; ``waits_for`` says what keeps it."""
    if errand.late or errand.status.ended:
        return None
    overdue = clock.monotonic() >= errand.due
    if isinstance(errand, InstantErrand):
        if not overdue and (connected or errand.wish is not Wish.STOP):
            return None
        code = Code.UNCONFIRMED if connected else Code.OFFLINE
        what = "has not confirmed" if connected else "is not connected"
        return code, f"{errand.vehicle} {what}: its {errand.wish} is not certain"
    if not overdue and (errand.deadline is None or clock.time() < errand.deadline):
        return None
    why = waits_for() if errand.status is JobStatus.QUEUED else None
    return (why.code, why.sentence) if why else (Code.OVERDUE, f"{errand.vehicle} should have been done by now")
