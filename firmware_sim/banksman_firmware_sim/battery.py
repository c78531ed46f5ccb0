"""A battery that drains with time and distance and fills while charging."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_firmware_sim.profile import VehicleProfile

FULL = 100.0
INITIAL_CHARGE = 80.0
"""Per cent that every vehicle starts with."""


@dataclass(slots=True)
class Battery:
    """``charge`` in per cent, never outside 0 to 100."""

    profile: VehicleProfile
    charge: float = INITIAL_CHARGE
    charging: bool = False

    def run(self, dt_s: float, distance_m: float = 0.0) -> None:
        """Let time pass and wheels turn. Driving off unplugs; a full battery ends the charging by itself."""
        if distance_m > 0:
            self.charging = False
        change = self.profile.charge_per_s * dt_s if self.charging else -self.profile.idle_drain_per_s * dt_s
        self.charge = min(FULL, max(0.0, self.charge + change - self.profile.drain_per_m * distance_m))
        if self.charge >= FULL:
            self.charging = False
