"""What a bad network does to messages: loses them, doubles them, holds them up, lets one overtake another."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from typing import Generic, TypeVar

from banksman_firmware_sim.faults.faults import FaultKind

M = TypeVar("M")

OVERTAKEN_S = 1.0
"""Seconds after which a message that nothing overtook goes on all the same."""


class Channel(Generic[M]):
    """One direction of a vehicle's traffic. Messages go in with :meth:`put` and come out of :meth:`take`.

    Times are in seconds of whatever clock the caller uses. The same seed and the same calls give the same result.
    """

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311  to be repeatable, not secret
        self._degrees: dict[FaultKind, float] = {}
        self._queue: list[tuple[float, int, M]] = []
        self._count = itertools.count()
        self._last_at = -math.inf
        self._overtaken: M | None = None
        self._overtaken_until = math.inf

    def disturb(self, kind: FaultKind, degree: float) -> None:
        self._degrees[kind] = degree

    def settle(self, kind: FaultKind) -> None:
        """End a disturbance; messages on their way keep their fate."""
        self._degrees.pop(kind, None)

    def clear(self) -> None:
        """Lose all that is on its way: the connection broke."""
        self._queue.clear()
        self._overtaken, self._overtaken_until = None, math.inf

    @property
    def next_at(self) -> float:
        """When :meth:`take` has something; infinity while nothing is on its way."""
        return min(self._queue[0][0] if self._queue else math.inf, self._overtaken_until)

    def put(self, message: M, now: float) -> None:
        if self._degrees and self._struck(FaultKind.MESSAGES_LOST):
            return
        if self._degrees and self._overtaken is None and self._struck(FaultKind.MESSAGES_REORDERED):
            self._overtaken, self._overtaken_until = message, now + OVERTAKEN_S
            return
        self._send(message, now)
        if self._overtaken is not None:
            overtaken, self._overtaken, self._overtaken_until = self._overtaken, None, math.inf
            self._send(overtaken, now)

    def take(self, now: float) -> list[M]:
        """The messages that have arrived by ``now``, in the order in which they did."""
        if self._overtaken is not None and self._overtaken_until <= now:
            overtaken, self._overtaken, self._overtaken_until = self._overtaken, None, math.inf
            self._send(overtaken, now)
        arrived: list[M] = []
        while self._queue and self._queue[0][0] <= now:
            arrived.append(heapq.heappop(self._queue)[2])
        return arrived

    def _send(self, message: M, now: float) -> None:
        late_s = self._degrees.get(FaultKind.MESSAGES_LATE, 0.0)
        delay_s = self._chance.uniform(0.0, late_s) if late_s else 0.0
        # A connection keeps its order: what waits makes the next wait, too.
        self._last_at = max(self._last_at, now + delay_s)
        copies = 2 if self._degrees and self._struck(FaultKind.MESSAGES_DUPLICATED) else 1
        for _ in range(copies):
            heapq.heappush(self._queue, (self._last_at, next(self._count), message))

    def _struck(self, kind: FaultKind) -> bool:
        degree = self._degrees.get(kind)
        return degree is not None and self._chance.random() < degree
