"""What a kind of vehicle can do: speed, acceleration, handling times, size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AgvClass = Literal["FORKLIFT", "CONVEYOR", "TUGGER", "CARRIER"]


@dataclass(frozen=True, slots=True)
class VehicleProfile:
    """Kinematics and equipment. Metres, seconds, kilograms; charge in per cent of the battery."""

    series: str = "Banksman Carrier"
    agv_class: AgvClass = "CARRIER"
    speed: float = 1.5
    acceleration: float = 0.5
    deceleration: float = 0.8
    setup_s: float = 0.5
    """From the trigger of a pick or drop to its beginning."""
    pick_s: float = 4.0
    drop_s: float = 4.0
    length: float = 1.4
    width: float = 0.9
    height: float = 1.2
    max_load_kg: float = 1000.0
    idle_drain_per_s: float = 100.0 / (24 * 3600)
    drain_per_m: float = 100.0 / 25_000
    charge_per_s: float = 100.0 / 6000


_KINDS = {
    "forklift": VehicleProfile(
        series="Banksman Forklift", agv_class="FORKLIFT", length=2.4, width=1.1, height=2.2, max_load_kg=1500.0
    ),
    "tugger": VehicleProfile(
        series="Banksman Tugger", agv_class="TUGGER", acceleration=0.4, deceleration=0.6, length=1.8, max_load_kg=4000.0
    ),
}


def profile_for(kind: str) -> VehicleProfile:
    """The profile of a site's vehicle kind; a carrier with a lift for kinds that are not known here."""
    return _KINDS.get(kind, VehicleProfile())
