"""Messages on their way out: each with a header of its own (2.1.0 §6.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from banksman_shared.clock import Clock, timestamp
from banksman_shared.vda5050 import Action, InstantActions, Order, Response, Responses, VehicleAddress

Outgoing = Order | InstantActions | Responses
"""What a master sends."""

Send = Callable[[VehicleAddress, str, Outgoing], bool]
"""Called with vehicle, topic and message; False if there is no broker to take it."""

ORDER, INSTANT_ACTIONS, RESPONSES = "order", "instantActions", "responses"


class Wire:
    """Counts header ids per vehicle and topic, and stamps what goes out."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send, self._clock = send, clock
        self._counts: Counter[tuple[VehicleAddress, str]] = Counter()

    def order(self, address: VehicleAddress, order: Order) -> bool:
        return self._send(address, ORDER, msgspec.structs.replace(order, **self._header(address, ORDER)))

    def instant_action(self, address: VehicleAddress, action: Action) -> bool:
        message = InstantActions(**self._header(address, INSTANT_ACTIONS), actions=(action,))
        return self._send(address, INSTANT_ACTIONS, message)

    def responses(self, address: VehicleAddress, answers: tuple[Response, ...]) -> bool:
        """Answers to requests of a vehicle of 3.0 (§7.7)."""
        return self._send(address, RESPONSES, Responses(**self._header(address, RESPONSES), responses=answers))

    def _header(self, address: VehicleAddress, topic: str) -> dict[str, Any]:
        count = self._counts[address, topic]
        self._counts[address, topic] += 1
        return {
            "header_id": count,
            "timestamp": timestamp(self._clock.time()),
            "version": "",  # the codec writes the one that it speaks
            "manufacturer": address.manufacturer,
            "serial_number": address.serial_number,
        }
