"""Traces from the spoken word to the proposal (W3C Trace Context).

The API of OpenTelemetry alone records nothing and hands the ids on; whoever installs an SDK gets the spans.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from banksman_cloud.errors import SettingsError

_HEADER = "traceparent"
_tracer = trace.get_tracer("banksman.planner")
_propagator = TraceContextTextMapPropagator()


@contextmanager
def continued(name: str, traceparent: str | None, **attributes: str) -> Iterator[None]:
    """A span that goes on from whoever sent ``traceparent``; one that cannot be read begins a new trace."""
    context = _propagator.extract({_HEADER: traceparent} if traceparent else {})
    with _begun(name, context, {f"banksman.{k}": v for k, v in attributes.items()}):
        yield


@contextmanager
def span(name: str) -> Iterator[None]:
    """A span within the present one."""
    with _begun(name):
        yield


@contextmanager
def _begun(name: str, context: Context | None = None, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
    """A span that ends with this block. Of an error it holds the kind alone: its text may quote what was asked."""
    with _tracer.start_as_current_span(
        name, context, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield
        except Exception as error:
            begun.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def traceparent() -> str | None:
    """The present span, for whoever goes on from it."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_HEADER)


def export() -> None:
    """Send spans to the collector that the usual variables of OpenTelemetry name, if they name one.

    Raises:
        SettingsError: they do, and the SDK is not installed.
    """
    if not any(os.environ.get(f"OTEL_EXPORTER_OTLP{part}_ENDPOINT") for part in ("", "_TRACES")):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError("sending traces needs: pip install 'banksman[cloud,telemetry]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "banksman-planner"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def finish() -> None:
    """Send what has not been sent yet."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()
