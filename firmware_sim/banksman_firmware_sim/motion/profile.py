"""What a kind of vehicle can do: speed, acceleration, handling times, size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from banksman_firmware_sim.motion.motion import Drive, braking_distance
from banksman_shared.site import OwnAction

STATE_INTERVAL_S = 25.0
"""The standard asks for a state every 30 s at the latest (2.1.0 §6.10); this leaves the network some time."""

AgvClass = Literal["FORKLIFT", "CONVEYOR", "TUGGER", "CARRIER"]


@dataclass(frozen=True)
class VehicleProfile:
    """Kinematics and equipment. Metres, seconds, kilograms; charge in per cent of the battery."""

    series: str = "Banksman Carrier"
    agv_class: AgvClass = "CARRIER"
    speed: float = 1.5
    acceleration: float = 0.5
    deceleration: float = 0.8
    emergency_deceleration: float = 2.0
    setup_s: float = 0.5
    """From the trigger of a pick or drop to its beginning."""
    pick_s: float = 4.0
    drop_s: float = 4.0
    detect_s: float = 2.0
    positioning_s: float = 3.0
    download_s: float = 5.0
    """For a map or a certificate."""
    length: float = 1.4
    width: float = 0.9
    height: float = 1.2
    lift_m: float = 1.0
    """The highest that the bottom of a load can be taken from or put down at."""
    max_load_kg: float = 1000.0
    idle_drain_per_s: float = 100.0 / (24 * 3600)
    drain_per_m: float = 100.0 / 25_000
    charge_per_s: float = 100.0 / 6000
    state_interval_s: float = STATE_INTERVAL_S
    """The longest time between two states."""
    own_actions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Action types that only vehicles of a site do, each with the keys of its parameters."""
    own_s: float = 5.0

    @cached_property
    def drive(self) -> Drive:
        return Drive(self.speed, self.acceleration, self.deceleration)

    @cached_property
    def emergency_drive(self) -> Drive:
        return Drive(self.speed, self.acceleration, self.emergency_deceleration)

    @cached_property
    def stopping_distance(self) -> float:
        """Metres from full speed to standstill."""
        return braking_distance(self.speed, self.deceleration)


_KINDS = {
    "forklift": VehicleProfile(
        series="Banksman Forklift",
        agv_class="FORKLIFT",
        length=2.4,
        width=1.1,
        height=2.2,
        lift_m=3.5,
        max_load_kg=1500.0,
    ),
    "tugger": VehicleProfile(
        series="Banksman Tugger", agv_class="TUGGER", acceleration=0.4, deceleration=0.6, length=1.8, max_load_kg=4000.0
    ),
}


def profile_for(kind: str, actions: Iterable[OwnAction] = ()) -> VehicleProfile:
    """The profile of a site's vehicle kind; a carrier with a lift for kinds that are not known here. ``actions``: of
    the site's own, which all its vehicles do."""
    own = tuple((action.type, tuple(action.parameters)) for action in actions)
    return replace(_KINDS.get(kind, VehicleProfile()), own_actions=own)
