"""Instant actions (2.1.0 §6.8, §6.9; 3.0 §6.2): taking them as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from banksman_firmware_sim.errors import RefusedError, Until, an_error
from banksman_firmware_sim.order import AUTOMATIC_MODES, KEPT_INSTANT_ACTIONS, Ability, ActionRun, check_action
from banksman_shared.clock import parse_timestamp
from banksman_shared.vda5050 import (
    Action,
    ActionStatus,
    ConnectionState,
    ErrorType,
    Factsheet,
    InstantActions,
    OperatingMode,
    State,
)

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine

_ALWAYS_ANSWERED = ("stateRequest", "factsheetRequest", "logReport")
"""What a vehicle that nobody may command still answers."""
_ABOUT_MAPS = ("downloadMap", "enableMap", "deleteMap")
_UNTIL = MappingProxyType({ErrorType.DUPLICATE_MAP: Until.MAP_ACTION, ErrorType.NO_ORDER_TO_CANCEL: Until.NEW_ORDER})
MOST_AT_ONCE = 20
"""Instant actions that take time, running side by side."""
_NONE = Ability(())
_FINISHED, _RUNNING, _FAILED = ActionStatus.FINISHED, ActionStatus.RUNNING, ActionStatus.FAILED


def handle_instant_actions(machine: Machine, message: InstantActions) -> None:
    """Carry out instant actions as they arrive; one that is already known is not done twice."""
    refused: list[tuple[Action, RefusedError]] = []
    accepted: list[str] = []
    for action in message.actions:
        if machine.asleep and action.action_type != "stopHibernation":
            continue
        if _is_repeat(machine, message, action):
            machine.wanted.add(State)
            continue
        try:
            _take(machine, action)
        except RefusedError as refusal:
            refused.append((action, refusal))
        else:
            accepted.append(action.action_type)
    machine.repeats.note(message)
    if not machine.asleep:
        _report(machine, message, accepted, refused)
        _report_fullness(machine)
        machine.settle()


def _is_repeat(machine: Machine, message: InstantActions, action: Action) -> bool:
    """Whether the vehicle has the action already. Whoever sends it again may have missed the state that shows it."""
    if action.action_id in machine.actions.order:
        return True
    if not machine.repeats.knows(action):
        return False
    run = machine.actions.instant.get(action.action_id)
    anew = machine.behaviour.obeys_known_ids and (run is None or run.ended)
    return not (anew and machine.repeats.meant_anew(action, message))


def _take(machine: Machine, action: Action) -> None:
    run = ActionRun(action, _NONE, "INSTANT")
    machine.repeats.take(action)
    try:
        _check(machine, action)
        run = machine.new_run(action, "INSTANT")
        machine.actions.add(run)
        _OWN.get(action.action_type, _perform)(machine, run)
    except RefusedError as refusal:
        if machine.behaviour.silent_refusals:
            machine.actions.withdraw(run)
            machine.repeats.forget(action)
        else:
            machine.actions.add(run)
            machine.actions.finish(run, _FAILED, str(refusal))
        raise


def _report(
    machine: Machine, message: InstantActions, accepted: list[str], refused: list[tuple[Action, RefusedError]]
) -> None:
    """End what earlier messages were reported for; then report what of this one was refused."""
    if accepted:
        machine.errors.end(Until.INSTANT_ACTION)
    if any(action_type in _ABOUT_MAPS for action_type in accepted):
        machine.errors.end(Until.MAP_ACTION)
    for action, refusal in refused:
        machine.report(
            refusal,
            _UNTIL.get(refusal.error_type, Until.INSTANT_ACTION),
            topic="instantActions",
            headerId=message.header_id,
            actionId=action.action_id,
            actionType=action.action_type,
        )


def _check(machine: Machine, action: Action) -> None:
    check_action(action, "INSTANT", machine.abilities, machine.profile, ErrorType.INSTANT_ACTION_ERROR)
    if machine.halts.mode in AUTOMATIC_MODES or action.action_type in _ALWAYS_ANSWERED:
        return
    if machine.halts.mode is OperatingMode.INTERVENED and action.action_type == "cancelOrder":
        return
    raise _refused(f"the vehicle is in {machine.halts.mode} mode and takes no commands")


def _report_fullness(machine: Machine) -> None:
    """3.0 keeps instant actions in the state until told to clear them, which may never come (§7.8)."""
    key, full = ErrorType.INSTANT_ACTION_STATES_FULL, len(machine.actions.instant) >= KEPT_INSTANT_ACTIONS
    if not machine.edition.is_3 or not full:
        machine.errors.clear(key)
        return
    description = f"only the latest {KEPT_INSTANT_ACTIONS} instant actions are reported; send clearInstantActions"
    error = an_error(key, machine.edition.error_level(key), description)
    if error not in machine.errors.active:
        machine.errors.report(error, Until.CLEARED, key=key)


def _refused(description: str, **references: object) -> RefusedError:
    return RefusedError(ErrorType.INSTANT_ACTION_ERROR, description, **references)


def _perform(machine: Machine, run: ActionRun) -> None:
    """Whatever takes effect by itself, now or when its time is over."""
    if reason := machine.effects.hindrance(run):
        raise _refused(reason)
    if run.setup_s or run.work_s:
        if machine.actions.aside >= MOST_AT_ONCE:
            raise _refused(f"the vehicle is busy with {MOST_AT_ONCE} instant actions that take time")
        machine.actions.begin(run, machine.now)
    else:
        machine.actions.finish(run, _FINISHED, machine.effects.complete(run))


def _start_pause(machine: Machine, run: ActionRun) -> None:
    machine.actions.finish(run, _RUNNING)
    machine.halts.begin_pause(run)


def _stop_pause(machine: Machine, run: ActionRun) -> None:
    machine.halts.end_pause()
    machine.actions.finish(run, _FINISHED)


def _cancel_order(machine: Machine, run: ActionRun) -> None:
    wanted = run.given().get("orderId", machine.order.order_id)
    if machine.idle or wanted != machine.order.order_id:
        if machine.behaviour.cancels_nothing_as_finished:
            machine.actions.finish(run, _FINISHED)
            return
        raise RefusedError(ErrorType.NO_ORDER_TO_CANCEL, "the vehicle has no such order to cancel")
    machine.actions.finish(run, _RUNNING)
    machine.halts.cancel(run)


def _state_request(machine: Machine, run: ActionRun) -> None:
    machine.wanted.add(State)
    machine.actions.finish(run, _FINISHED)


def _factsheet_request(machine: Machine, run: ActionRun) -> None:
    machine.wanted.add(Factsheet)
    machine.actions.finish(run, _FINISHED)


def _download_map(machine: Machine, run: ActionRun) -> None:
    given = run.given()
    machine.maps.check_new(given["mapId"], given["mapVersion"])
    _check_link(given["mapDownloadLink"], "mapDownloadLink", ("http://", "https://", "ftp://", "sftp://"))
    _perform(machine, run)


def _update_certificate(machine: Machine, run: ActionRun) -> None:
    for key, link in run.given().items():
        if key.endswith("Link"):
            _check_link(link, key, ("https://",))  # 3.0 §6.2.3.3: the download shall be secured via TLS
    _perform(machine, run)


def _check_link(link: str, key: str, schemes: tuple[str, ...]) -> None:
    if not link.startswith(schemes):
        raise _refused(f"{key} must be a link that begins with {' or '.join(schemes)}", parameter=key)


def _trigger(machine: Machine, run: ActionRun) -> None:
    if not machine.actions.release(lambda waiting: waiting.given().get("triggerType") != ["LOCAL"]):
        raise _refused("no action is waiting for a trigger")
    machine.actions.finish(run, _FINISHED)


def _retry(machine: Machine, run: ActionRun) -> None:
    machine.actions.retry(_retriable(machine, run), machine.now)
    machine.actions.finish(run, _FINISHED)


def _skip_retry(machine: Machine, run: ActionRun) -> None:
    given_up = _retriable(machine, run)
    machine.actions.finish(given_up, _FAILED, given_up.result)
    machine.effects.failed(given_up)
    machine.actions.finish(run, _FINISHED)


def _retriable(machine: Machine, run: ActionRun) -> ActionRun:
    action_id = run.given()["actionId"]
    try:
        return machine.actions.retriable(action_id)
    except KeyError:
        raise _refused(f"no action {action_id} waits to be retried", parameter="actionId") from None


def _start_hibernation(machine: Machine, run: ActionRun) -> None:
    wake_up = run.given().get("wakeUpTime")
    try:
        machine.halts.wakes_at = None if wake_up is None else parse_timestamp(wake_up)
    except ValueError:
        raise _refused("wakeUpTime must be an ISO 8601 time", parameter="wakeUpTime") from None
    machine.actions.finish(run, _RUNNING)
    machine.halts.go_offline(run, ConnectionState.HIBERNATING)


def _stop_hibernation(machine: Machine, run: ActionRun) -> None:
    machine.actions.finish(run, _FINISHED)
    machine.halts.wake_up()


def _shutdown(machine: Machine, run: ActionRun) -> None:
    if not machine.idle:
        raise _refused("a vehicle is shut down only when it has no order; cancel it first")
    machine.actions.finish(run, _RUNNING)
    machine.halts.go_offline(run, ConnectionState.OFFLINE)


_OWN: Mapping[str, Callable[[Machine, ActionRun], None]] = MappingProxyType(
    {
        "startPause": _start_pause,
        "stopPause": _stop_pause,
        "cancelOrder": _cancel_order,
        "stateRequest": _state_request,
        "factsheetRequest": _factsheet_request,
        "downloadMap": _download_map,
        "updateCertificate": _update_certificate,
        "trigger": _trigger,
        "retry": _retry,
        "skipRetry": _skip_retry,
        "startHibernation": _start_hibernation,
        "stopHibernation": _stop_hibernation,
        "shutdown": _shutdown,
    }
)
