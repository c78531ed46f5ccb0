"""Vehicles that exist only on the wire: the firmware's side of VDA 5050, for tests, demonstrations and training."""

from banksman_firmware_sim.client import VehicleClient
from banksman_firmware_sim.dialect import PeerProfile
from banksman_firmware_sim.fleet import SimulatedFleet
from banksman_firmware_sim.profile import VehicleProfile, profile_for
from banksman_firmware_sim.vehicle import VirtualVehicle

__all__ = ["PeerProfile", "SimulatedFleet", "VehicleClient", "VehicleProfile", "VirtualVehicle", "profile_for"]
