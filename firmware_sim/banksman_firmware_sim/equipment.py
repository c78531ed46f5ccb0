"""What the vehicle works with: the load handling device and the battery."""

from __future__ import annotations

from banksman_firmware_sim.battery import Battery
from banksman_firmware_sim.profile import VehicleProfile
from banksman_shared.vda5050 import Action, Load


class Equipment:
    """Carries out ``pick``, ``drop``, ``startCharging`` and ``stopCharging``. One load at a time."""

    def __init__(self, profile: VehicleProfile, battery: Battery) -> None:
        self._profile = profile
        self.battery = battery
        self.loads: tuple[Load, ...] = ()

    def durations(self, action: Action) -> tuple[float, float]:
        """Seconds of preparing and of doing."""
        match action.action_type:
            case "pick":
                return self._profile.setup_s, self._profile.pick_s
            case "drop":
                return self._profile.setup_s, self._profile.drop_s
            case _:
                return 0.0, 0.0

    def obstacle(self, action: Action) -> str | None:
        """Why the action cannot be done now, if it cannot."""
        if action.action_type == "pick" and self.loads:
            return "the vehicle already carries a load; drop it first"
        if action.action_type == "drop" and not self.loads:
            return "the vehicle carries nothing to drop"
        return None

    def complete(self, action: Action) -> str | None:
        """Let the action take effect. Returns its result in words, where there is one to tell."""
        match action.action_type:
            case "pick":
                given = {p.key: str(p.value) for p in action.action_parameters}
                self.loads = (Load(load_id=given.get("loadId"), load_type=given.get("loadType")),)
                return "load picked"
            case "drop":
                self.loads = ()
                return "load dropped"
            case "startCharging":
                self.battery.charging = True
            case "stopCharging":
                self.battery.charging = False
        return None
