"""What a vehicle publishes, and when."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from banksman_shared.clock import Clock, timestamp
from banksman_shared.vda5050 import Factsheet, Header, State, VehicleAddress, Visualization
from banksman_shared.vda5050.messages import VERSION

MIN_STATE_INTERVAL_S = 0.1
STATE_INTERVAL_S = 25.0
"""The standard asks for a state every 30 s at the latest (2.1.0 §6.10); this leaves the network some time."""
VISUALIZATION_INTERVAL_S = 0.5


class Headers:
    """Headers of one vehicle: ``headerId`` counts per topic (2.1.0 §6.4)."""

    def __init__(self, address: VehicleAddress, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._sent: Counter[type[Header]] = Counter()

    def peek(self, kind: type[Header]) -> dict[str, Any]:
        """The header that the next message of ``kind`` has if sent now."""
        return {
            "header_id": self._sent[kind],
            "timestamp": timestamp(self._clock.time()),
            "version": VERSION,
            "manufacturer": self._address.manufacturer,
            "serial_number": self._address.serial_number,
        }

    def take(self, kind: type[Header]) -> dict[str, Any]:
        header = self.peek(kind)
        self._sent[kind] += 1
        return header


class Schedule:
    """Decides by the wall clock which messages are due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._marks: Hashable = None
        self._pose: Hashable = None
        self._state_at = self._visualization_at = -math.inf

    def due(self, wanted: set[type[Header]], marks: Callable[[], Hashable], pose: Hashable) -> list[type[Header]]:
        """Kinds of message to be sent now; they count as sent and are removed from ``wanted``.

        A state is due when wanted, when ``marks`` changed, and regularly; a visualization when ``pose`` changed.
        """
        now, kinds = self._clock.monotonic(), list[type[Header]]()
        if Factsheet in wanted:
            kinds.append(Factsheet)
        if now - self._state_at >= MIN_STATE_INTERVAL_S:
            current = marks()
            if State in wanted or current != self._marks or now - self._state_at >= STATE_INTERVAL_S:
                self._marks, self._state_at = current, now
                kinds.append(State)
        if pose != self._pose and now - self._visualization_at >= VISUALIZATION_INTERVAL_S:
            self._pose, self._visualization_at = pose, now
            kinds.append(Visualization)
        wanted.difference_update(kinds)
        return kinds
