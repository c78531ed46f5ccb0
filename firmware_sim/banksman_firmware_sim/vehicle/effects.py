"""What actions do to the vehicle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from banksman_firmware_sim.errors import RefusedError, Until
from banksman_firmware_sim.faults import FaultKind
from banksman_firmware_sim.motion import FARTHEST
from banksman_firmware_sim.order import INIT_POSITION, INITIALIZE_POSITION, ActionRun
from banksman_shared.vda5050 import ErrorType

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine


class Effects:
    """Performs the actions of a machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._logs = 0
        self.stuck = False
        """An action has failed without which the order cannot go on (3.0 §6.6.5.1, CRITICAL)."""

    def hindrance(self, run: ActionRun) -> str | None:
        kind = run.action.action_type
        if kind == "startCharging" and self._machine.driving:
            return "charging needs a vehicle that stands"
        return self._machine.equipment.hindrance(kind)

    def complete(self, run: ActionRun) -> str | None:
        if run.scope != "INSTANT" and self._machine.conditions.action_fails():
            raise RefusedError(ErrorType.ACTION_ERROR, f"{run.action.action_type} went wrong")
        return _EFFECTS.get(run.action.action_type, Effects.nothing)(self, run)

    def failed(self, run: ActionRun) -> None:
        machine, action = self._machine, run.action
        if machine.edition.is_3 and action.action_type in ("pick", "drop"):
            self.stuck = True
        error_type = ErrorType.INSTANT_ACTION_ERROR if run.scope == "INSTANT" else ErrorType.ACTION_ERROR
        refusal = RefusedError(error_type, run.result or "the action failed")
        until = Until.INSTANT_ACTION if run.scope == "INSTANT" else Until.NEW_ORDER
        machine.report(refusal, until, critical=self.stuck, actionId=action.action_id, actionType=action.action_type)

    def pick(self, run: ActionRun) -> str:
        return self._machine.equipment.pick(run)

    def drop(self, run: ActionRun) -> str:
        return self._machine.equipment.drop(run)

    def start_charging(self, _run: ActionRun) -> None:
        self._machine.battery.plug(self._machine.now, charging=True)
        self._machine.touch()

    def stop_charging(self, _run: ActionRun) -> None:
        self._machine.battery.plug(self._machine.now, charging=False)
        self._machine.touch()

    def init_position(self, run: ActionRun) -> None:
        """Under an order only a vehicle that is lost may be put elsewhere, or one in a lift, by the order itself."""
        machine, given = self._machine, run.given()
        if run.scope == "INSTANT" and not machine.idle and machine.chassis.localised:
            raise self._refused("the position cannot be set while an order is carried out; cancel it first")
        if machine.driving:
            raise self._refused("the position cannot be set while the vehicle moves")
        if not all(abs(given[key]) <= FARTHEST for key in ("x", "y", "theta")):
            raise self._refused("the position is not on this earth")
        if machine.edition.has_maps and not machine.maps.knows(given["mapId"]):
            raise self._refused(f"there is no map {given['mapId']}; download it first", mapId=given["mapId"])
        machine.chassis.place(float(given["x"]), float(given["y"]), float(given["theta"]), given["mapId"])
        machine.relocated(given["lastNodeId"])
        machine.conditions.clear(FaultKind.LOCALISATION_LOST)

    def enable_map(self, run: ActionRun) -> None:
        self._machine.maps.enable(run.given()["mapId"], run.given()["mapVersion"])
        self._machine.touch()

    def download_map(self, run: ActionRun) -> None:
        self._machine.maps.add(run.given()["mapId"], run.given()["mapVersion"])

    def delete_map(self, run: ActionRun) -> None:
        machine, given = self._machine, run.given()
        machine.maps.delete(given["mapId"], given["mapVersion"], machine.chassis.map_id)
        machine.touch()

    def enable_zone_set(self, run: ActionRun) -> None:
        self._machine.zones.enable(run.given()["zoneSetId"])
        self._machine.zonework.locate()
        self._machine.touch()

    def delete_zone_set(self, run: ActionRun) -> None:
        self._machine.zones.delete(run.given()["zoneSetId"])

    def clear_instant_actions(self, _run: ActionRun) -> None:
        self._machine.actions.clear_ended(self._machine.actions.instant)

    def clear_zone_actions(self, _run: ActionRun) -> None:
        self._machine.actions.clear_ended(self._machine.actions.zone)

    def log_report(self, _run: ActionRun) -> str:
        self._logs += 1
        return f"log-{self._logs:04d}.txt"

    def nothing(self, run: ActionRun) -> str:
        return {"detectObject": "object detected", "finePositioning": "on target"}.get(run.action.action_type, "done")

    @staticmethod
    def _refused(description: str, **references: object) -> RefusedError:
        return RefusedError(ErrorType.INSTANT_ACTION_ERROR, description, **references)


_EFFECTS: Mapping[str, Callable[[Effects, ActionRun], str | None]] = MappingProxyType(
    {
        "pick": Effects.pick,
        "drop": Effects.drop,
        "startCharging": Effects.start_charging,
        "stopCharging": Effects.stop_charging,
        INIT_POSITION: Effects.init_position,
        INITIALIZE_POSITION: Effects.init_position,
        "enableMap": Effects.enable_map,
        "downloadMap": Effects.download_map,
        "deleteMap": Effects.delete_map,
        "enableZoneSet": Effects.enable_zone_set,
        "deleteZoneSet": Effects.delete_zone_set,
        "clearInstantActions": Effects.clear_instant_actions,
        "clearZoneActions": Effects.clear_zone_actions,
        "logReport": Effects.log_report,
        "detectObject": Effects.nothing,
        "finePositioning": Effects.nothing,
        "waitForTrigger": Effects.nothing,
        "updateCertificate": Effects.nothing,
    }
)
