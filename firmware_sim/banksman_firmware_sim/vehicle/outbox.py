"""What a vehicle publishes, and when."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from banksman_shared.clock import Clock, timestamp
from banksman_shared.vda5050 import Connection, Factsheet, Header, State, VehicleAddress, Visualization

MIN_STATE_INTERVAL_S = 0.1
VISUALIZATION_INTERVAL_S = 0.5


class Headers:
    """Headers of one vehicle: ``headerId`` counts per topic (2.1.0 §6.4)."""

    def __init__(self, address: VehicleAddress, version: str, clock: Clock) -> None:
        self._address, self._version, self._clock = address, version, clock
        self._sent: Counter[type[Header]] = Counter()
        self.clock_error_s = 0.0

    def time(self) -> float:
        """What the vehicle takes for the time, in seconds since the epoch."""
        return self._clock.time() + self.clock_error_s

    def peek(self, kind: type[Header]) -> dict[str, Any]:
        """The header that the next message of ``kind`` has if sent now."""
        return {
            "header_id": self._sent[kind],
            "timestamp": timestamp(self.time()),
            "version": self._version,
            "manufacturer": self._address.manufacturer,
            "serial_number": self._address.serial_number,
        }

    def take(self, kind: type[Header]) -> dict[str, Any]:
        header = self.peek(kind)
        self._sent[kind] += 1
        return header

    def latest(self, kind: type[Header]) -> int:
        """The ``headerId`` of the last message of ``kind``; 0 if there was none."""
        return max(0, self._sent[kind] - 1)

    def begin_anew(self) -> None:
        """The vehicle was switched off and on."""
        self._sent.clear()


class Schedule:
    """Decides by the wall clock which messages are due."""

    def __init__(self, clock: Clock, state_interval_s: float) -> None:
        self._clock, self._state_interval_s = clock, state_interval_s
        self._revision = -1
        self._state_at = self._visualization_at = -math.inf
        self._moving = True

    def due(self, wanted: set[type[Header]], revision: int, *, moving: bool) -> list[type[Header]]:
        """Kinds of message to be sent now; they count as sent and are removed from ``wanted``.

        A state is due when wanted, with a new ``revision``, and regularly; a visualization while ``moving`` and
        once more after it. A change of the connection follows the state that tells of its cause.
        """
        now = self._clock.monotonic()
        since = now - self._state_at
        if (
            not wanted
            and revision == self._revision
            and since < self._state_interval_s
            and not (moving or self._moving)
        ):
            return []
        kinds: list[type[Header]] = []
        if Factsheet in wanted:
            kinds.append(Factsheet)
        changed = State in wanted or revision != self._revision or since >= self._state_interval_s
        if changed and since >= MIN_STATE_INTERVAL_S:
            self._revision, self._state_at = revision, now
            kinds.append(State)
            changed = False
        if Connection in wanted and not changed:
            kinds.append(Connection)
        if (moving or self._moving) and now - self._visualization_at >= VISUALIZATION_INTERVAL_S:
            self._moving, self._visualization_at = moving, now
            kinds.append(Visualization)
        wanted.difference_update(kinds)
        return kinds
