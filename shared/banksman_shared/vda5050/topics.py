"""Topic names (2.1.0 §5.4): ``interface/majorVersion/manufacturer/serialNumber/topic``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VehicleAddress:
    """Who a vehicle is on the wire."""

    manufacturer: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one interface, ``uagv/v2`` unless a site says otherwise."""

    prefix: str = "uagv/v2"

    def of(self, vehicle: VehicleAddress, topic: str) -> str:
        return f"{self.prefix}/{vehicle.manufacturer}/{vehicle.serial_number}/{topic}"

    def every(self, topic: str) -> str:
        """The subscription for ``topic`` of all vehicles."""
        return f"{self.prefix}/+/+/{topic}"

    def parse(self, topic: str) -> tuple[VehicleAddress, str] | None:
        """Vehicle and topic name, or nothing if the topic is not of this interface."""
        head = self.prefix + "/"
        parts = topic.removeprefix(head).split("/") if topic.startswith(head) else []
        if len(parts) != 3:
            return None
        return VehicleAddress(parts[0], parts[1]), parts[2]
