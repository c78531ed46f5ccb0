"""A vehicle without a connection: its state machine and all that drives, loads and reports."""

from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_firmware_sim.vehicle.outbox import MIN_STATE_INTERVAL_S, VISUALIZATION_INTERVAL_S
from banksman_firmware_sim.vehicle.vehicle import VirtualVehicle

__all__ = ["MIN_STATE_INTERVAL_S", "VISUALIZATION_INTERVAL_S", "Behaviour", "VirtualVehicle"]
