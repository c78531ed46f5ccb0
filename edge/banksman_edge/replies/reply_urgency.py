"""How urgent each sentence to an operator is."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """Which reply is spoken first."""

    ALARM = 0
    """Vehicles stand still, or will not do what was wished."""
    ANSWER = 1
    """To what has just been said."""
    NEWS = 2
    """Of what was set going earlier."""


_ALARMS = (
    "stopped",
    "uncertain",
    "failed",
    "not_possible",
    "too_late",
    "stays_here",
    "no_planner",
    "no_time",
    "no_budget",
    "held_dropped",
    "plan_failed",
    "plan_drift",
    "plan_anew",
    "plan_partly",
    "plan_late",
    "plan_broken",
    "plan_resume",
    "plan_shelved",
)
_NEWS = (
    "done",
    "late",
    "resumed",
    "cancelled",
    "plan_done",
    "plan_goes_on",
    "plan_again",
    "plan_done_late",
    "plan_resumed",
)
_URGENCY = dict.fromkeys(_ALARMS, Urgency.ALARM) | dict.fromkeys(_NEWS, Urgency.NEWS)


def urgency(key: str) -> Urgency:
    """Of the sentence of a key."""
    return _URGENCY.get(key, Urgency.ANSWER)
