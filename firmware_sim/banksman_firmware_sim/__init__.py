"""Vehicles that exist only on the wire: the firmware's side of VDA 5050, for tests, demonstrations and training."""

from banksman_firmware_sim.faults import Fault, FaultKind, Schedule, load_schedule
from banksman_firmware_sim.motion import VehicleProfile, profile_for
from banksman_firmware_sim.scenario import Scenario
from banksman_firmware_sim.vehicle import VirtualVehicle
from banksman_firmware_sim.wire import Dialect, PeerProfile, RunOptions, SimulatedFleet

__all__ = [
    "Dialect",
    "Fault",
    "FaultKind",
    "PeerProfile",
    "RunOptions",
    "Scenario",
    "Schedule",
    "SimulatedFleet",
    "VehicleProfile",
    "VirtualVehicle",
    "load_schedule",
    "profile_for",
]
