"""How often somebody may ask: a bucket each that fills at a steady rate."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from banksman_shared.clock import Clock

_MOST = 10_000
"""Buckets that are remembered; the longest unused are forgotten, and are full again."""


class RateLimit:
    """At most ``per_minute``, and ``burst`` (one at the least) at once, of each who asks."""

    def __init__(self, clock: Clock, per_minute: float, burst: float) -> None:
        self._clock, self._rate, self._burst = clock, per_minute / 60.0, max(1.0, burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, who: str) -> float:
        """0 and one less in the bucket, or the seconds until there is one."""
        with self._lock:
            level = self._level(who)
            if level < 1.0:
                return (1.0 - level) / self._rate
            self._put(who, level - 1.0)
            return 0.0

    def _level(self, who: str) -> float:
        level, at = self._buckets.get(who, (self._burst, self._clock.monotonic()))
        return min(self._burst, level + max(0.0, self._clock.monotonic() - at) * self._rate)

    def _put(self, who: str, level: float) -> None:
        self._buckets[who] = (level, self._clock.monotonic())
        self._buckets.move_to_end(who)
        while len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
