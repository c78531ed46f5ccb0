"""Turns: what somebody said, from its first word to the end of all that it set going, and what is answered to it."""

from banksman_edge.turns.duplicates import WINDOW_S, TwinBook, echo_of
from banksman_edge.turns.events import (
    EVENT_NAMES,
    DecisionEvent,
    Event,
    EventBus,
    EventName,
    Follows,
    How,
    Listener,
    OrderNews,
    PlanEvent,
    ReplyEvent,
    TranscriptEvent,
    UtteranceEvent,
    Verdict,
)
from banksman_edge.turns.replier import Replier
from banksman_edge.turns.turn import CONFIRMATION_S, RESUMPTION_S, Pending, Turn, TurnBook, who

__all__ = [
    "CONFIRMATION_S",
    "EVENT_NAMES",
    "RESUMPTION_S",
    "WINDOW_S",
    "DecisionEvent",
    "Event",
    "EventBus",
    "EventName",
    "Follows",
    "How",
    "Listener",
    "OrderNews",
    "Pending",
    "PlanEvent",
    "Replier",
    "ReplyEvent",
    "TranscriptEvent",
    "Turn",
    "TurnBook",
    "TwinBook",
    "UtteranceEvent",
    "Verdict",
    "echo_of",
    "who",
]
