"""One trace from the spoken word, through the planner, to the vehicles: what the edge adds to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from planner_world import ScriptedProvider, goals_of, serving, transport

from banksman_cloud import tracing as planner_tracing
from banksman_edge.app import tracing
from banksman_edge.app.tracing import Traces
from banksman_edge.errors import TelemetryError
from banksman_edge.fleet import JobStatus
from banksman_edge.plans.client import PlannerClient, traceparent_of
from banksman_edge.turns.events import DecisionEvent, OrderNews, PlanEvent, TranscriptEvent, UtteranceEvent, Verdict
from banksman_edge.understanding import Tier
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import Plan, PlanRequest, PlanState

UTTERANCE = "u-1"
CARRY = Command(Action.TRANSPORT, ("agv-1",), "aisle-2", "dock-1")


class Collector:
    """What an edge and a planner send."""

    def __init__(self) -> None:
        self.exporter, self.provider = InMemorySpanExporter(), TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def spans(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.provider.shutdown()


def test_one_trace_runs_from_the_word_to_the_vehicle(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner_tracing, "_tracer", collector.provider.get_tracer("planner"))
    traces = Traces(collector.provider)
    traces.event(UtteranceEvent(UTTERANCE, None, "headset", 2.0))
    traces.event(TranscriptEvent(UTTERANCE, "Mrs Miller wants it", "en", 0.9, 120.0))
    traces.event(DecisionEvent(UTTERANCE, Verdict.ACCEPT, (CARRY,), Tier.GRAMMAR, 0.9, "en", ""))
    with serving(ScriptedProvider(goals_of(transport(1, "dock-1", "aisle-2")))) as service:
        client = PlannerClient(str(service.http.base_url), "other")
        request = PlanRequest.model_validate(service.body())
        plan = client.propose(request, UTTERANCE, 30, lambda plan: traces.event(PlanEvent(UTTERANCE, plan)))
        client.close()
    for status in (JobStatus.QUEUED, JobStatus.SENT, JobStatus.ACCEPTED, JobStatus.RUNNING, JobStatus.DONE):
        traces.event(OrderNews(UTTERANCE, "agv-1", CARRY, status))
    traces.event(PlanEvent(UTTERANCE, plan.model_copy(update={"state": PlanState.DONE})))
    finished = collector.exporter.get_finished_spans()
    names = {span.name for span in finished}
    assert names >= {"utterance", "hear", "POST /v1/plans", "understand", "solve", "verify", "plan", "order"}
    trace_id, span_id = (int(part, 16) for part in traceparent_of(UTTERANCE).split("-")[1:3])
    assert {span.context.trace_id for span in finished} == {trace_id}
    (order,) = collector.spans("order")
    assert order.parent is not None
    assert order.parent.span_id == span_id
    assert [event.name for event in order.events] == ["queued", "sent", "accepted", "running", "done"]
    assert order.attributes == {
        "banksman.utterance": UTTERANCE,
        "banksman.vehicle": "agv-1",
        "banksman.action": "transport",
        "banksman.state": "done",
    }
    told = "".join(span.to_json() for span in finished)
    assert "Miller" not in told
    assert "carry them" not in told


def test_what_never_ends_is_ended_with_the_agent_or_for_want_of_room(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "REMEMBERED", 2)
    traces = Traces(collector.provider)
    traces.event(DecisionEvent("unheard", Verdict.REJECT, (), Tier.GRAMMAR, 0.9, "en", ""))  # ends what never began
    for number in range(4):
        traces.event(PlanEvent(f"u{number}", Plan(id=f"p{number}", state=PlanState.UNDERSTANDING, request="x")))
    assert len(collector.spans("plan")) == 2
    traces.close()
    assert len(collector.spans("plan")) == 4


def test_without_a_collector_there_are_none_and_without_the_sdk_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert tracing.traces() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TelemetryError, match="telemetry"):
        tracing.traces()
