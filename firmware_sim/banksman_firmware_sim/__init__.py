"""Vehicles that exist only on the wire: the firmware's side of VDA 5050, for tests, demonstrations and training."""

from banksman_firmware_sim.dialect import Dialect, PeerProfile
from banksman_firmware_sim.endpoint import RunOptions
from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_firmware_sim.fleet import SimulatedFleet
from banksman_firmware_sim.profile import VehicleProfile, profile_for
from banksman_firmware_sim.scenario import Scenario
from banksman_firmware_sim.schedule import Schedule, load_schedule
from banksman_firmware_sim.vehicle import VirtualVehicle

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
