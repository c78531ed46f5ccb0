"""A battery that drains with time and distance and fills while charging."""

from __future__ import annotations

import math

from banksman_firmware_sim.motion import VehicleProfile

FULL = 100.0
INITIAL_CHARGE = 80.0
"""Per cent that every vehicle starts with."""
LOW_CHARGE = 15.0
"""Per cent from which on the vehicle warns."""


class Battery:
    """Charge in per cent, never outside 0 to 100.

    It is not stepped: the charge of a moment follows from that of the last change and the time and distance since.
    """

    def __init__(self, profile: VehicleProfile, charge: float = INITIAL_CHARGE) -> None:
        self._profile = profile
        self._charge, self._since = charge, 0.0
        self.charging = False

    def charge(self, now: float, distance_m: float = 0.0) -> float:
        """Per cent at the moment ``now``, after ``distance_m`` metres since :meth:`settle`."""
        profile, seconds = self._profile, now - self._since
        change = profile.charge_per_s * seconds if self.charging else -profile.idle_drain_per_s * seconds
        return min(FULL, max(0.0, self._charge + change - profile.drain_per_m * distance_m))

    def settle(self, now: float, distance_m: float = 0.0) -> None:
        """Take what has happened until ``now`` into account; driving off unplugs."""
        self._charge, self._since = self.charge(now, distance_m), now
        if distance_m > 0 or (self.charging and self._charge >= FULL):
            self.charging = False

    def plug(self, now: float, *, charging: bool) -> None:
        """Begin or end charging; a full battery does not charge (protection against overcharging)."""
        self.settle(now)
        self.charging = charging and self._charge < FULL

    def replace(self, now: float, charge: float) -> None:
        """Put in a battery with ``charge`` per cent."""
        self._charge, self._since = charge, now

    def reaches_at(self, now: float, charge: float) -> float:
        """The moment at which the standing vehicle's charge reaches ``charge`` from its side; infinity if never."""
        rate = self._profile.charge_per_s if self.charging else -self._profile.idle_drain_per_s
        gap = charge - self.charge(now)
        if rate == 0 or gap * rate < 0:
            return math.inf
        return now + gap / rate
