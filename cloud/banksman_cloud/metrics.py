"""What the service counts, in a registry of its own so that several services fit into one process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banksman_cloud.errors import DatabaseError
from banksman_shared.clock import Clock

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)


class Metrics:
    """Counters of plans, of the time their stages take, of requests, and of what was asked of language models."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.registry = clock, CollectorRegistry()
        self.states = Counter(
            "banksman_planner_plan_states", "Plans that entered a state.", ["state"], registry=self.registry
        )
        self.open = Gauge(
            "banksman_planner_open_plans", "Plans that have not ended, on all replicas.", registry=self.registry
        )
        self.requests = Counter(
            "banksman_planner_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.calls = Counter(
            "banksman_planner_model_calls", "Calls of a language model.", ["model", "outcome"], registry=self.registry
        )
        self.tokens = Counter(
            "banksman_planner_model_tokens", "Tokens in and out.", ["model", "direction"], registry=self.registry
        )
        self.usd = Counter("banksman_planner_model_usd", "US dollars by list price.", ["model"], registry=self.registry)
        self._stages = Histogram(
            "banksman_planner_stage_seconds", "Time a stage took.", ["stage"], buckets=_BUCKETS, registry=self.registry
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        started = self._clock.monotonic()
        try:
            yield
        finally:
            self._stages.labels(name).observe(self._clock.monotonic() - started)

    def text(self, count_open: Callable[[], int]) -> bytes:
        """Prometheus' text format."""
        try:
            self.open.set(count_open())
        except DatabaseError:
            self.open.set(math.nan)
        return generate_latest(self.registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE"})


class CountRequests:
    """ASGI middleware. Labels are the routes there are, never what was asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                known = scope["method"] in _METHODS  # a method is whatever somebody sends
                method = "any" if route == "none" else scope["method"] if known else "other"
                self._metrics.requests.labels(method, route, str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, counted)
