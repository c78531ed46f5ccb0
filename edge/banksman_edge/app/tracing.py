"""Traces from the spoken word to the vehicle: spans of what the edge does, in the trace that its planner goes on with.

The trace of an utterance follows from its id (:func:`traceparent_of`), so whoever knows the one finds the other. Spans
hold ids and states and no words.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from banksman_edge.errors import TelemetryError
from banksman_edge.plans import traceparent_of
from banksman_edge.turns import DecisionEvent, Event, OrderNews, PlanEvent, TranscriptEvent, UtteranceEvent

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

REMEMBERED = 4000
"""Spans that are open at the most; of what never ends the oldest is ended unfinished."""

_Key = tuple[str, ...]


class Traces:
    """Makes spans of an agent's events."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider, self._tracer = provider, provider.get_tracer("banksman.edge")
        self._open: OrderedDict[_Key, Span] = OrderedDict()
        self._lock = threading.Lock()

    def event(self, event: Event) -> None:
        """Something happened to an utterance."""
        with self._lock:
            match event:
                case UtteranceEvent():
                    self._begin(("utterance", event.id), event.id, device=event.device or "")
                case TranscriptEvent():
                    begun = time.time_ns() - int(event.asr_ms * 1e6)
                    self._begin(("hear", event.id), event.id, begun, language=event.language)
                    self._end(("hear", event.id))
                case DecisionEvent():
                    self._end(("utterance", event.id), decision=str(event.verdict), tier=str(event.tier))
                case PlanEvent():
                    state = event.plan.state
                    self._tell(("plan", event.id), event.id, str(state), ended=state.ended, plan=event.plan.id)
                case OrderNews():
                    key = ("order", event.id, event.vehicle or "", str(event.command))
                    told = {"vehicle": event.vehicle or "", "action": str(event.command.action)}
                    self._tell(key, event.id, str(event.status), ended=event.status.ended, **told)

    def close(self) -> None:
        """End what is open, and send what has not been sent yet."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].end()
        self._provider.shutdown()

    def _tell(self, key: _Key, utterance: str, state: str, *, ended: bool, **more: str) -> None:
        """A new state of something that goes on for a while."""
        span = self._open.get(key) or self._begin(key, utterance, None, **more)
        span.add_event(state)
        if ended:
            self._end(key, state=state)

    def _begin(self, key: _Key, utterance: str, start_ns: int | None = None, **more: str) -> Span:
        while len(self._open) >= REMEMBERED:
            self._open.popitem(last=False)[1].end()
        attributes = _attributes(more | {"utterance": utterance})
        span = self._tracer.start_span(key[0], _context(utterance), start_time=start_ns, attributes=attributes)
        self._open[key] = span
        return span

    def _end(self, key: _Key, **more: str) -> None:
        if (span := self._open.pop(key, None)) is not None:
            span.set_attributes(_attributes(more))
            span.end()


def _attributes(values: dict[str, str]) -> dict[str, str]:
    return {f"banksman.{name}": value for name, value in values.items() if value}


def _context(utterance: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent_of(utterance)})


def traces() -> Traces | None:
    """Spans go to the collector that the usual variables of OpenTelemetry name; None where they name none.

    Raises:
        TelemetryError: they do, and the SDK is not installed.
    """
    if not any(os.environ.get(f"OTEL_EXPORTER_OTLP{part}_ENDPOINT") for part in ("", "_TRACES")):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TelemetryError("sending traces needs: pip install 'banksman[edge,telemetry]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "banksman-edge"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traces(provider)
