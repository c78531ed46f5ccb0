"""Faults of vehicles and networks: which there are, when they come, and how they are asked for."""

from banksman_firmware_sim.faults.chaos import Channel
from banksman_firmware_sim.faults.faults import AMOUNTS, MOMENTARY, NETWORK, Fault, FaultKind
from banksman_firmware_sim.faults.schedule import Occurrence, Schedule, load_schedule

__all__ = [
    "AMOUNTS",
    "MOMENTARY",
    "NETWORK",
    "Channel",
    "Fault",
    "FaultKind",
    "Occurrence",
    "Schedule",
    "load_schedule",
]
