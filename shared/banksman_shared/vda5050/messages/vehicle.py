"""What a vehicle says of itself: that it is there, and what it is."""

from __future__ import annotations

from typing import Any

import msgspec

from banksman_shared.vda5050.messages.common import Header
from banksman_shared.vda5050.messages.enums import ConnectionState


class Connection(Header, frozen=True, kw_only=True):
    """Topic ``connection``: retained, QoS 1, with a last will (2.1.0 §6.14)."""

    connection_state: ConnectionState


class Factsheet(Header, frozen=True, kw_only=True):
    """Topic ``factsheet`` (2.1.0 §6.15). The parts are kept as they came, with 2.1 names in every version.

    Vehicles leave out much of it; an absent part is an empty one.
    """

    type_specification: dict[str, Any] = msgspec.field(default_factory=dict)
    physical_parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    protocol_limits: dict[str, Any] = msgspec.field(default_factory=dict)
    protocol_features: dict[str, Any] = msgspec.field(default_factory=dict)
    agv_geometry: dict[str, Any] = msgspec.field(default_factory=dict)
    load_specification: dict[str, Any] = msgspec.field(default_factory=dict)
    vehicle_config: dict[str, Any] | None = None
