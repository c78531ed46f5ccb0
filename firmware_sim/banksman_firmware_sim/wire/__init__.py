"""Vehicles on the wire: MQTT connections, dialects, and many vehicles on one thread."""

from banksman_firmware_sim.wire.control import FaultRequest, send_request
from banksman_firmware_sim.wire.dialect import HABITS, Dialect, PeerProfile
from banksman_firmware_sim.wire.endpoint import Endpoint, Outgoing, RunOptions
from banksman_firmware_sim.wire.fleet import SimulatedFleet, vehicles_of

__all__ = [
    "HABITS",
    "Dialect",
    "Endpoint",
    "FaultRequest",
    "Outgoing",
    "PeerProfile",
    "RunOptions",
    "SimulatedFleet",
    "send_request",
    "vehicles_of",
]
