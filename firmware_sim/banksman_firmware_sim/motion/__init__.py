"""How a vehicle moves: speed, acceleration and the geometry of its way."""

from banksman_firmware_sim.motion.chassis import FARTHEST, Chassis, Leg, leg_theta, lies_on
from banksman_firmware_sim.motion.geometry import Point, Span, inside, spans
from banksman_firmware_sim.motion.motion import EPSILON, Stretch, braking_distance, cut, plan
from banksman_firmware_sim.motion.profile import STATE_INTERVAL_S, VehicleProfile, profile_for

__all__ = [
    "EPSILON",
    "FARTHEST",
    "STATE_INTERVAL_S",
    "Chassis",
    "Leg",
    "Point",
    "Span",
    "Stretch",
    "VehicleProfile",
    "braking_distance",
    "cut",
    "inside",
    "leg_theta",
    "lies_on",
    "plan",
    "profile_for",
    "spans",
]
