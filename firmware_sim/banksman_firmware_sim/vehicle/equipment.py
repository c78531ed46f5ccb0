"""What the vehicle works with: the load handling device, and how long its work takes."""

from __future__ import annotations

from banksman_firmware_sim.errors import RefusedError
from banksman_firmware_sim.motion import VehicleProfile
from banksman_firmware_sim.order import LOAD_POSITION, ActionRun
from banksman_shared.vda5050 import ErrorType, Load

_CONNECTING_S = 0.5


def durations(action_type: str, profile: VehicleProfile) -> tuple[float, float]:
    """Seconds of preparing and of doing; infinite for what waits to be told."""
    return {
        **{kind: (0.0, profile.own_s) for kind, _ in profile.own_actions},
        "pick": (profile.setup_s, profile.pick_s),
        "drop": (profile.setup_s, profile.drop_s),
        "detectObject": (0.0, profile.detect_s),
        "finePositioning": (0.0, profile.positioning_s),
        "waitForTrigger": (0.0, float("inf")),
        "downloadMap": (_CONNECTING_S, profile.download_s),
        "updateCertificate": (0.0, profile.download_s),
        "logReport": (0.0, 1.0),
    }.get(action_type, (0.0, 0.0))


class Equipment:
    """One load at a time."""

    def __init__(self, profile: VehicleProfile) -> None:
        self._profile = profile
        self.loads: tuple[Load, ...] = ()

    def hindrance(self, action_type: str) -> str | None:
        """Why a load cannot be handled now, if it cannot."""
        if action_type == "pick" and self.loads:
            return "the vehicle already carries a load; drop it first"
        if action_type == "drop" and not self.loads:
            return "the vehicle carries nothing to drop"
        return None

    def pick(self, run: ActionRun) -> str:
        given = {key: str(value) for key, value in run.given().items()}
        self.loads = (Load(load_id=given.get("loadId"), load_type=given.get("loadType"), load_position=LOAD_POSITION),)
        return "load picked"

    def drop(self, run: ActionRun) -> str:
        wanted = run.given().get("loadId")
        carried = self.loads[0].load_id
        if wanted is not None and carried is not None and wanted != carried:
            raise RefusedError(ErrorType.ORDER_ERROR, f"the vehicle carries load {carried}, not {wanted}")
        self.loads = ()
        return "load dropped"
