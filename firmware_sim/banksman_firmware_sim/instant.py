"""Instant actions (2.1.0 §6.8, §6.9): what each does to the machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from banksman_firmware_sim.actions import SUPPORTED, ActionRun
from banksman_firmware_sim.chassis import FARTHEST
from banksman_firmware_sim.errors import INSTANT_ACTION_ERROR, NO_ORDER_TO_CANCEL, RefusedError
from banksman_shared.vda5050 import ActionStatus, Factsheet, State

if TYPE_CHECKING:
    from banksman_firmware_sim.machine import Machine

_Effect = Callable[["Machine", ActionRun], None]


def carry_out(machine: Machine, run: ActionRun) -> None:
    """Carry out one instant action, or begin it where it takes time.

    Raises:
        RefusedError: it is not known or cannot be done now.
    """
    kind = run.action.action_type
    if "INSTANT" not in SUPPORTED.get(kind, ()):
        raise RefusedError(INSTANT_ACTION_ERROR, f"this vehicle has no instant action '{kind}'")
    _EFFECTS[kind](machine, run)


def _start_pause(machine: Machine, run: ActionRun) -> None:
    run.status = ActionStatus.INITIALIZING
    machine.begin_pause(run)


def _stop_pause(machine: Machine, run: ActionRun) -> None:
    machine.end_pause()
    run.end(ActionStatus.FINISHED)


def _cancel_order(machine: Machine, run: ActionRun) -> None:
    if not machine.busy:
        raise RefusedError(NO_ORDER_TO_CANCEL, "the vehicle has no order to cancel")
    run.status = ActionStatus.RUNNING
    machine.begin_cancel(run)


def _charging(machine: Machine, run: ActionRun) -> None:
    if machine.driving:
        raise RefusedError(INSTANT_ACTION_ERROR, f"{run.action.action_type} needs a vehicle that stands")
    run.end(ActionStatus.FINISHED, machine.equipment.complete(run.action))


def _init_position(machine: Machine, run: ActionRun) -> None:
    if machine.busy:
        raise RefusedError(
            INSTANT_ACTION_ERROR, "the position cannot be set while an order is carried out; cancel it first"
        )
    given = {parameter.key: parameter.value for parameter in run.action.action_parameters}
    numbers = [given.get(key) for key in ("x", "y", "theta")]
    names = [given.get(key) for key in ("mapId", "lastNodeId")]
    if not all(_is_number(value) for value in numbers) or not all(isinstance(value, str) for value in names):
        raise RefusedError(
            INSTANT_ACTION_ERROR, "initPosition needs the numbers x, y, theta and the texts mapId, lastNodeId"
        )
    x, y, theta = (float(value) for value in numbers if value is not None)
    map_id, last_node_id = map(str, names)
    machine.relocate(x, y, theta, map_id, last_node_id)
    run.end(ActionStatus.FINISHED)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FARTHEST


def _state_request(machine: Machine, run: ActionRun) -> None:
    machine.wanted.add(State)
    run.end(ActionStatus.FINISHED)


def _factsheet_request(machine: Machine, run: ActionRun) -> None:
    machine.wanted.add(Factsheet)
    run.end(ActionStatus.FINISHED)


_EFFECTS: Mapping[str, _Effect] = MappingProxyType(
    {
        "startPause": _start_pause,
        "stopPause": _stop_pause,
        "cancelOrder": _cancel_order,
        "startCharging": _charging,
        "stopCharging": _charging,
        "initPosition": _init_position,
        "stateRequest": _state_request,
        "factsheetRequest": _factsheet_request,
    }
)
