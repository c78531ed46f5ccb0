"""Traces go on from whoever asks, through the database, to the proposal."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from planner_world import ScriptedProvider, goals_of, serving, transport

from banksman_cloud import tracing
from banksman_cloud.errors import SettingsError
from banksman_edge.plans.client import traceparent_of

GOALS = goals_of(transport(1, "dock-1", "aisle-2"))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_all_stages_of_a_plan_belong_to_the_trace_of_the_utterance(spans: InMemorySpanExporter) -> None:
    sent = traceparent_of("utterance-1")
    with serving(ScriptedProvider(GOALS)) as service:
        answer = service.http.post("/v1/plans", json=service.body(), headers={"traceparent": sent})
        service.reaches(answer.json()["id"], "proposed")
    finished = {span.name: span for span in spans.get_finished_spans()}
    assert {"POST /v1/plans", "plan", "understand", "solve", "verify"} <= set(finished)
    assert {span.context.trace_id for span in finished.values()} == {int(sent.split("-")[1], 16)}
    asked, plan = finished["POST /v1/plans"], finished["plan"]
    assert asked.parent is not None
    assert f"{asked.parent.span_id:016x}" == sent.split("-")[2]
    assert plan.parent is not None
    assert plan.parent.span_id == asked.context.span_id


def test_a_trace_holds_nothing_of_what_was_asked_for_where_that_fails(spans: InMemorySpanExporter) -> None:
    with serving(ScriptedProvider(goals_of(transport(1, "dock-1", "moon", words="carry it to Mrs Miller")))) as service:
        plan_id = service.ask(request="carry it to Mrs Miller").json()["id"]
        assert "Mrs Miller" in service.reaches(plan_id, "failed")["faults"][0]
        assert service.ask(deadline="when Mrs Miller comes").status_code == 422
    finished = spans.get_finished_spans()
    assert {span.name: span.status.description for span in finished}["understand"] == "GoalsError"
    assert "Miller" not in " ".join(span.to_json() for span in finished)


@pytest.mark.parametrize("sent", ["nonsense", "00-0-0-00", "", f"01-{'a' * 32}-{'b' * 16}-01-{'c' * 80}"])
def test_a_trace_that_cannot_be_read_is_no_reason_to_refuse(sent: str) -> None:
    with serving(ScriptedProvider(GOALS)) as service:
        answer = service.http.post("/v1/plans", json=service.body(), headers={"traceparent": sent})
        assert answer.status_code == 202
        service.reaches(answer.json()["id"], "proposed")


def test_an_utterance_has_one_trace() -> None:
    assert traceparent_of("a") == traceparent_of("a") != traceparent_of("b")
    context = trace.get_current_span(tracing._propagator.extract({"traceparent": traceparent_of("a")}))
    assert context.get_span_context().is_valid
    assert context.get_span_context().trace_flags.sampled


def test_sending_traces_without_the_sdk_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    tracing.export()  # nothing is set, nothing is done
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match="telemetry"):
        tracing.export()
