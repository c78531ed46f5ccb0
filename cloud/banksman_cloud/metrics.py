"""What the service counts, in a registry of its own so that several services fit into one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from banksman_shared.clock import Clock

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)


class Metrics:
    """Counters of plans and of the time their stages take."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.registry = clock, CollectorRegistry()
        self.states = Counter(
            "banksman_planner_plan_states", "Plans that entered a state.", ["state"], registry=self.registry
        )
        self.open = Gauge("banksman_planner_open_plans", "Plans that have not ended.", registry=self.registry)
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

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)
