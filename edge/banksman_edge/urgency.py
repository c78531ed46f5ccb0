"""How urgent each sentence to an operator is."""

from __future__ import annotations

from banksman_edge.escalation import REFUSALS
from banksman_edge.events import Urgency
from banksman_edge.plan_talk import PLAN_ALARMS, PLAN_NEWS

_ALARMS = (
    "stopped",
    "uncertain",
    "failed",
    "not_possible",
    "too_late",
    "plan_failed",
    *REFUSALS.values(),
    *PLAN_ALARMS,
)
_NEWS = ("done", "late", "resumed", "cancelled", *PLAN_NEWS)
_URGENCY = dict.fromkeys(_ALARMS, Urgency.ALARM) | dict.fromkeys(_NEWS, Urgency.NEWS)


def urgency(key: str) -> Urgency:
    """Of the sentence of a key."""
    return _URGENCY.get(key, Urgency.ANSWER)
