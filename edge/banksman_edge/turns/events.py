"""What happens to an utterance, as it happens. The same names are MQTT topics and the events of the Python API.

Each event belongs to the utterance with its ``id`` and has a JSON form (:meth:`document`).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

from banksman_edge.fleet import JobStatus
from banksman_edge.log_redaction import log_failure
from banksman_edge.operators import NOBODY, Speaker
from banksman_edge.replies import Urgency
from banksman_edge.understanding import Tier
from banksman_shared.commands import Command, to_document
from banksman_shared.plans import Plan

log = logging.getLogger(__name__)

EventName = Literal["utterance", "transcript", "decision", "order", "reply", "plan"]
EVENT_NAMES: tuple[EventName, ...] = ("utterance", "transcript", "decision", "order", "reply", "plan")


class Verdict(StrEnum):
    """What is done about what was understood."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    ASK = "ask"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class UtteranceEvent:
    """Somebody spoke or wrote. ``seconds`` of sound, or None for text.

    ``operator``: who they say they are; ``speaker``: who they are taken for.
    """

    name: ClassVar[EventName] = "utterance"
    id: str
    operator: str | None
    device: str | None
    seconds: float | None
    speaker: Speaker = NOBODY

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "operator": self.operator,
            "device": self.device,
            "seconds": self.seconds,
            "speaker": self.speaker.document(),
        }


@dataclass(frozen=True, slots=True)
class TranscriptEvent:
    """What was heard. For text, the text itself. ``repaired``: words of the site were put in; ``doubt``: what speaks
    most against its being an order that was heard right."""

    name: ClassVar[EventName] = "transcript"
    id: str
    text: str
    language: str
    confidence: float
    asr_ms: float
    repaired: bool = False
    doubt: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "confidence": round(self.confidence, 3),
            "repaired": self.repaired,
            "doubt": self.doubt,
            "latency_ms": {"asr": round(self.asr_ms, 1)},
        }


class How(StrEnum):
    """How an utterance hangs on an earlier one."""

    CONFIRMS = "confirms"
    DECLINES = "declines"
    UNHEARD = "unheard"
    """It answers, and was heard too badly."""
    COMPLETES = "completes"
    CORRECTS = "corrects"
    REFERS = "refers"
    """It names what was said before, or whichever vehicle fits."""
    PARTLY = "partly"
    """It hangs on none, and the decision is about a part of it: its stops were carried out beforehand, or alone."""


@dataclass(frozen=True, slots=True)
class Follows:
    """``utterance``: the earlier one; empty where that is not one alone."""

    how: How
    utterance: str = ""


@dataclass(frozen=True, slots=True)
class DecisionEvent:
    """What was understood and what is done about it. Latencies run from the utterance's arrival, in a stream from the
    end of its last word."""

    name: ClassVar[EventName] = "decision"
    id: str
    verdict: Verdict
    commands: tuple[Command, ...]
    tier: Tier
    confidence: float
    language: str
    reason: str
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    follows: Follows | None = None

    def document(self) -> dict[str, Any]:
        follows = self.follows
        return {
            "id": self.id,
            "decision": str(self.verdict),
            "command": to_document(self.commands),
            "tier": str(self.tier),
            "confidence": round(self.confidence, 3),
            "language": self.language,
            "reason": self.reason,
            "latency_ms": {stage: round(ms, 1) for stage, ms in self.latency_ms.items()},
            **({"follows": {"how": str(follows.how), "utterance": follows.utterance}} if follows else {}),
        }


@dataclass(frozen=True, slots=True)
class OrderNews:
    """What became of a command for one vehicle; ``open`` commands of the utterance have not ended yet."""

    name: ClassVar[EventName] = "order"
    id: str
    vehicle: str | None
    command: Command
    status: JobStatus
    detail: str = ""
    code: str | None = None
    open: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "vehicle": self.vehicle,
            "command": to_document([self.command]),
            "status": str(self.status),
            "detail": self.detail,
            "code": self.code,
            "open": self.open,
        }


@dataclass(frozen=True, slots=True)
class ReplyEvent:
    """What the operator is told; ``language`` is that of the text."""

    name: ClassVar[EventName] = "reply"
    id: str
    text: str
    language: str
    device: str | None = None
    urgency: Urgency = Urgency.ANSWER

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "device": self.device,
            "urgency": self.urgency.name.lower(),
        }


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """How the planner gets on with what was escalated. ``detail`` says why, where it failed. ``way``: whose planner it
    is (``cloud``, ``site``), or ``queue`` or ``refuse``; ``rule``: the code of the rule that decided it. ``picture``
    is the SVG of a plan that waits for a yes."""

    name: ClassVar[EventName] = "plan"
    id: str
    plan: Plan
    detail: str = ""
    way: str = ""
    rule: str = ""
    picture: str = ""

    def document(self) -> dict[str, Any]:
        plan = self.plan.model_dump(mode="json", by_alias=True, exclude_none=True)
        told = {"id": self.id, "state": str(self.plan.state), "plan": plan, "detail": self.detail}
        told |= {"way": self.way, "rule": self.rule} if self.rule else {}
        return told | ({"picture": self.picture} if self.picture else {})


Event = UtteranceEvent | TranscriptEvent | DecisionEvent | OrderNews | ReplyEvent | PlanEvent
Listener = Callable[[Any], None]


class EventBus:
    """Hands events to listeners in order, on a thread of its own, so that a listener that is slow or stuck keeps
    neither a vehicle nor a stop waiting. One that fails harms nobody."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {name: [] for name in EVENT_NAMES}
        self._taps: list[Listener] = []
        self._changing = threading.Lock()
        self._due: queue.SimpleQueue[Event | Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._deliver, name="events", daemon=True)
        self._thread.start()

    def on(self, name: EventName, listener: Listener) -> None:
        """Call ``listener`` with every event of that name.

        Raises:
            ValueError: there is no such event.
        """
        if name not in self._listeners:
            raise ValueError(f"no event '{name}'; there are {', '.join(EVENT_NAMES)}")
        with self._changing:
            self._listeners[name] = [*self._listeners[name], listener]

    def off(self, name: EventName, listener: Listener) -> None:
        """Call it no more. Nothing happens if it is not called."""
        with self._changing:
            self._listeners[name] = [other for other in self._listeners[name] if other != listener]

    def tap(self, listener: Listener) -> None:
        """Call ``listener`` with every event at once, where it is emitted: it must neither wait nor fail."""
        self._taps.append(listener)

    def emit(self, event: Event) -> None:
        """Deliver an event soon, after those emitted before it."""
        for listen in self._taps:
            self._guarded(listen, event)
        self._due.put(event)

    def after(self, call: Callable[[], None]) -> None:
        """Call something once all events emitted so far have been delivered."""
        self._due.put(call)

    def close(self) -> None:
        """Deliver what is due and end. A stuck listener is given up after five seconds."""
        self._due.put(None)
        self._thread.join(timeout=5)

    def _deliver(self) -> None:
        while (due := self._due.get()) is not None:
            if callable(due):
                due()
                continue
            for listen in self._listeners[due.name]:
                self._guarded(listen, due)

    @staticmethod
    def _guarded(listen: Listener, event: Event) -> None:
        try:
            listen(event)
        except Exception as error:  # noqa: BLE001  it is logged, but for its words
            log_failure(log, f"a listener of '{event.name}' failed", error)
