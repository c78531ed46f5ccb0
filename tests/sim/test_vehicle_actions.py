"""Blocking types, action states and instant actions, in every version (2.1.0 §6.8–§6.12; 3.0 §6.2, §6.6.9)."""

from __future__ import annotations

from dataclasses import replace as replace_profile

import pytest
from msgspec.structs import replace
from sim_world import (
    PROFILE,
    action,
    before_3,
    every_version,
    finished,
    instantly,
    order,
    references,
    result,
    run_until,
    status,
    tell,
    vehicle,
    warnings,
)

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_shared.vda5050 import ActionStatus, ErrorLevel, Factsheet, State

WAITING, INITIALIZING, RUNNING = ActionStatus.WAITING, ActionStatus.INITIALIZING, ActionStatus.RUNNING
PAUSED, RETRIABLE = ActionStatus.PAUSED, ActionStatus.RETRIABLE
FINISHED, FAILED = ActionStatus.FINISHED, ActionStatus.FAILED


def statuses(machine: VirtualVehicle, *names: str) -> list[ActionStatus]:
    return [status(machine.state(), name) for name in names]


# Blocking types


@pytest.mark.parametrize(
    ("blocking", "drives", "alone"),
    [("NONE", True, False), ("SOFT", False, False), ("SINGLE", True, True), ("HARD", False, True)],
)
def test_a_blocking_type_says_whether_the_vehicle_drives_and_works_beside_it(
    blocking: str, drives: bool, alone: bool
) -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("AB", at={"A": [action("pick", "p", blocking), action("detectObject", "d", "NONE")]}))
    machine.step(1)
    assert machine.state().driving is drives
    assert status(machine.state(), "d") is (WAITING if alone else RUNNING)


def test_a_single_action_waits_for_those_before_it_and_holds_those_after_it() -> None:
    machine = vehicle(version="3.0.0")
    names = {"d1": "NONE", "s": "SINGLE", "d2": "NONE"}
    machine.handle_order(order("ABCD", at={"A": [action("detectObject", key, kind) for key, kind in names.items()]}))
    machine.step(1)
    assert statuses(machine, *names) == [RUNNING, WAITING, WAITING]
    machine.step(2)
    assert statuses(machine, *names) == [FINISHED, RUNNING, WAITING]
    machine.step(2)
    assert statuses(machine, *names) == [FINISHED, FINISHED, RUNNING]
    assert machine.state().driving is True


# Actions of edges


@every_version
@pytest.mark.parametrize("kind", ["finePositioning", "detectObject"])
def test_what_lasts_as_long_as_an_edge_ends_when_the_edge_is_left(version: str, kind: str) -> None:
    machine = vehicle(version=version, profile=replace_profile(PROFILE, detect_s=60.0, positioning_s=60.0))
    machine.handle_order(order("ABC", along={"BC": [action(kind, "e", "NONE")]}))
    at_b = run_until(machine, lambda s: s.last_node_id == "B")
    assert (status(at_b, "e"), at_b.driving) == (RUNNING, True)
    end = run_until(machine, lambda s: s.last_node_id == "C")
    assert (status(end, "e"), end.edge_states) == (FINISHED, ())


@every_version
def test_the_vehicle_stays_on_an_edge_until_a_load_is_handled_there(version: str) -> None:
    machine = vehicle("B", version=version)
    machine.handle_order(order("BC", along={"BC": [action("pick", "p", "NONE")]}))
    while status(machine.state(), "p") is not FINISHED:
        assert machine.state().last_node_id == "B"
        machine.step(0.05)
    assert run_until(machine, finished).last_node_id == "C"


# Waiting for a trigger


@before_3
def test_a_button_at_the_vehicle_ends_the_waiting(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", at={"A": [action("waitForTrigger", "w", triggerType="button")]}))
    machine.step(3600)
    assert (statuses(machine, "w"), machine.state().driving) == ([RUNNING], False)
    machine.press_button()
    assert statuses(machine, "w") == [FINISHED]
    assert run_until(machine, finished).last_node_id == "B"


@pytest.mark.parametrize(
    ("types", "by_master", "by_hand"),
    [(["FLEET_CONTROL"], True, False), (["LOCAL"], False, True), (["FLEET_CONTROL", "LOCAL"], True, True)],
)
def test_a_trigger_comes_from_whom_the_action_names(types: list[str], by_master: bool, by_hand: bool) -> None:
    for told, ends in ((True, by_master), (False, by_hand)):
        machine = vehicle(version="3.0.0")
        machine.handle_order(order("AB", at={"A": [action("waitForTrigger", "w", triggerType=types)]}))
        if told:
            assert tell(machine, "trigger") is (FINISHED if by_master else FAILED)
        else:
            machine.press_button()
        assert (statuses(machine, "w") == [FINISHED]) is ends


@every_version
def test_a_cancellation_ends_the_waiting_as_failed(version: str) -> None:
    machine = vehicle(version=version)
    kinds = ["FLEET_CONTROL"] if version == "3.0.0" else "button"
    machine.handle_order(order("AB", at={"A": [action("waitForTrigger", "w", triggerType=kinds)]}))
    assert tell(machine, "cancelOrder") is FINISHED
    assert statuses(machine, "w") == [FAILED]


# Failing and trying again


@every_version
def test_a_failed_action_is_reported_with_its_id(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", at={"A": [action("drop", "d")]}))
    state = machine.state()
    assert (status(state, "d"), warnings(state)) == (FAILED, ["actionError"])
    assert references(state.errors[0]) == {"actionId": "d", "actionType": "drop"}


@before_3
def test_a_failed_load_does_not_keep_the_vehicle_before_3(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", at={"A": [action("drop", "d")]}))
    assert run_until(machine, finished).last_node_id == "B"


def test_a_failed_load_is_critical_in_3_and_the_vehicle_stands_until_the_order_is_cancelled() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("AB", at={"A": [action("drop", "d")]}))
    machine.step(60)
    state = machine.state()
    assert (state.errors[0].error_level, state.driving, state.last_node_id) == (ErrorLevel.CRITICAL, False, "A")
    assert tell(machine, "cancelOrder") is FINISHED
    machine.handle_order(order("AB", order_id="next"))
    assert run_until(machine, finished).last_node_id == "B"


def retriable_pick(machine: VirtualVehicle) -> None:
    machine.inject(Fault(FaultKind.ACTION_FAILS))
    pick = replace(action("pick", "p"), retriable=True)
    machine.handle_order(order("AB", at={"A": [pick]}))
    machine.step(30)


def test_a_retriable_action_waits_to_be_retried_and_may_then_succeed() -> None:
    machine = vehicle(version="3.0.0")
    retriable_pick(machine)
    assert (statuses(machine, "p"), machine.state().driving, machine.state().errors) == ([RETRIABLE], False, ())
    assert tell(machine, "retry", actionId="p") is FINISHED
    assert statuses(machine, "p") == [INITIALIZING]
    end = run_until(machine, finished)
    assert (status(end, "p"), len(end.loads or ()), end.last_node_id) == (FINISHED, 1, "B")


def test_a_retriable_action_may_be_given_up() -> None:
    machine = vehicle(version="3.0.0")
    retriable_pick(machine)
    assert tell(machine, "skipRetry", actionId="p") is FINISHED
    assert (statuses(machine, "p"), warnings(machine.state())) == ([FAILED], ["actionError"])


def test_a_cancellation_gives_a_retriable_action_up() -> None:
    machine = vehicle(version="3.0.0")
    retriable_pick(machine)
    assert tell(machine, "cancelOrder") is FINISHED
    assert statuses(machine, "p") == [FAILED]


@pytest.mark.parametrize("kind", ["retry", "skipRetry"])
def test_nothing_to_retry_is_refused(kind: str) -> None:
    machine = vehicle(version="3.0.0")
    assert tell(machine, kind, actionId="none") is FAILED
    assert warnings(machine.state()) == ["instantActionError"]


def test_an_action_that_is_not_retriable_fails_at_once() -> None:
    machine = vehicle(version="3.0.0")
    machine.inject(Fault(FaultKind.ACTION_FAILS))
    machine.handle_order(order("A", at={"A": [action("pick", "p")]}))
    assert status(run_until(machine, finished), "p") is FAILED


# Cancelling what cannot be interrupted


@every_version
def test_a_cancellation_waits_for_a_load_that_is_being_put_down(version: str) -> None:
    machine = vehicle(version=version)
    along = {"A": [action("pick", "p")], "B": [action("drop", "d")], "C": [action("pick", "q")]}
    machine.handle_order(order("ABC", at=along))
    run_until(machine, lambda s: status(s, "d") is RUNNING)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    assert statuses(machine, "c", "d", "q") == [RUNNING, RUNNING, FAILED]
    machine.step(10)
    assert statuses(machine, "c", "d") == [FINISHED, FINISHED]
    assert (machine.state().loads, machine.state().node_states) == ((), ())


@every_version
def test_a_cancellation_runs_until_the_vehicle_stands(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC"))
    machine.step(3)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    assert (statuses(machine, "c"), machine.state().driving) == ([RUNNING], True)
    end = run_until(machine, lambda s: not s.driving)
    assert (status(end, "c"), end.node_states, end.edge_states) == (FINISHED, (), ())


@every_version
def test_nothing_to_cancel_fails_with_the_id_of_the_action(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    (error,) = machine.state().errors
    assert (statuses(machine, "c"), error.error_type, error.error_level) == ([FAILED], "noOrderToCancel", "WARNING")
    assert references(error)["actionId"] == "c"


def test_a_cancellation_may_name_the_order_since_3() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("ABC"))
    assert tell(machine, "cancelOrder", orderId="another") is FAILED
    assert warnings(machine.state()) == ["noOrderToCancel"]
    assert tell(machine, "cancelOrder", orderId="order") is FINISHED


def test_a_peer_that_cancels_nothing_as_finished() -> None:
    machine = vehicle(behaviour=Behaviour(cancels_nothing_as_finished=True))
    assert (tell(machine, "cancelOrder"), machine.state().errors) == (FINISHED, ())


# Reporting instant actions


@before_3
def test_before_3_instant_actions_are_among_the_action_states_until_a_new_order(version: str) -> None:
    machine = vehicle(version=version)
    tell(machine, "stateRequest")
    state = machine.state()
    assert (len(state.action_states), state.instant_action_states) == (1, ())
    machine.handle_order(order("AB"))
    assert machine.state().action_states == ()


def test_in_3_instant_actions_are_apart_and_stay_until_cleared() -> None:
    machine = vehicle(version="3.0.0")
    tell(machine, "stateRequest")
    machine.handle_order(order("AB"))
    state = machine.state()
    assert (state.action_states, len(state.instant_action_states)) == ((), 1)
    assert tell(machine, "clearInstantActions") is FINISHED
    assert [a.action_type for a in machine.state().instant_action_states] == ["clearInstantActions"]


def test_too_many_instant_actions_are_reported_in_3_until_cleared() -> None:
    machine = vehicle(version="3.0.0")
    for _ in range(60):
        tell(machine, "stateRequest")
    state = machine.state()
    assert len(state.instant_action_states) <= 51
    assert [(e.error_type, e.error_level) for e in state.errors] == [("instantActionStatesFull", ErrorLevel.URGENT)]
    tell(machine, "clearInstantActions")
    assert machine.state().errors == ()


@every_version
def test_an_instant_action_that_cannot_be_done_is_refused_until_one_is_accepted(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_instant_actions(instantly(action("fly", "f", "NONE")))
    (error,) = machine.state().errors
    assert (statuses(machine, "f"), error.error_type, error.error_level) == ([FAILED], "instantActionError", "WARNING")
    assert references(error)["actionId"] == "f"
    tell(machine, "stateRequest")
    assert machine.state().errors == ()


def test_a_peer_that_reports_no_instant_actions_still_does_them() -> None:
    machine = vehicle(behaviour=Behaviour(silent_instant_actions=True))
    machine.handle_instant_actions(instantly("startPause"))
    assert (machine.state().action_states, machine.state().paused) == ((), True)


@every_version
def test_the_factsheet_is_sent_on_request(version: str) -> None:
    machine = vehicle(version=version)
    machine.due()
    tell(machine, "factsheetRequest")
    assert any(isinstance(message, Factsheet) for message in machine.due())


@every_version
def test_a_log_report_takes_a_while_and_names_the_log(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_instant_actions(instantly(action("logReport", "l", "NONE", reason="test")))
    assert statuses(machine, "l") == [RUNNING]
    machine.step(2)
    assert result(machine.state(), "l") == "log-0001.txt"
    assert tell(machine, "logReport") is FAILED, "without a reason"


# Position


def pose(version: str, **other: object) -> tuple[str, dict[str, object]]:
    name = "initializePosition" if version == "3.0.0" else "initPosition"
    return name, {"x": 10.0, "y": 0.0, "theta": 0.5, "mapId": "floor", "lastNodeId": "B", **other}


@every_version
def test_the_position_is_initialised_under_its_name(version: str) -> None:
    machine = vehicle(version=version)
    name, parameters = pose(version)
    assert tell(machine, name, **parameters) is FINISHED
    state = machine.state()
    assert state.agv_position is not None
    assert (state.agv_position.x, state.agv_position.theta, state.last_node_id) == (10.0, 0.5, "B")
    other = "initPosition" if version == "3.0.0" else "initializePosition"
    assert tell(machine, other, **parameters) is FAILED


@every_version
def test_a_lift_puts_the_vehicle_elsewhere_within_an_order(version: str) -> None:
    machine = vehicle(version=version)
    name, parameters = pose(version, x=10.0, y=5.0, lastNodeId="upstairs")
    machine.handle_order(order("ABC", at={"B": [action(name, "i", **parameters)]}))
    end = run_until(machine, finished)
    assert (status(end, "i"), end.last_node_id, warnings(end)) == (FINISHED, "C", [])


# Pause


@every_version
def test_a_pause_holds_what_can_pause_and_lets_the_rest_go_on(version: str) -> None:
    machine = vehicle(version=version)
    both = [action("pick", "p", "SOFT"), action("detectObject", "d", "SOFT")]
    machine.handle_order(order("AB", at={"A": both}))
    machine.step(1)
    assert tell(machine, "startPause") is FINISHED
    machine.step(30)
    assert (statuses(machine, "p", "d"), machine.state().paused) == ([PAUSED, FINISHED], True)
    assert tell(machine, "stopPause") is FINISHED
    assert status(run_until(machine, finished), "p") is FINISHED


@every_version
def test_pausing_twice_is_as_good_as_once(version: str) -> None:
    machine = vehicle(version=version)
    assert (tell(machine, "startPause"), tell(machine, "startPause")) == (FINISHED, FINISHED)
    assert (tell(machine, "stopPause"), tell(machine, "stopPause")) == (FINISHED, FINISHED)


# What the factsheet promises


@every_version
def test_every_action_of_the_factsheet_is_known_in_its_scopes(version: str) -> None:
    machine = vehicle(version=version)
    for described in machine.factsheet().protocol_features["agvActions"]:
        kind, scopes = described["actionType"], described["actionScopes"]
        sample = {"NUMBER": 0.0, "STRING": "https://x", "ARRAY": ["x"]}
        given = {p["key"]: sample[p["valueDataType"]] for p in described.get("actionParameters", ())}
        given = {key: value for key, value in given.items() if key not in ("lhd", "wakeUpTime")}
        other = vehicle(version=version)
        other.handle_order(order("AB", at={"A": [action(kind, "a", **given)]}))
        assert (warnings(other.state()) == ["orderError"]) is ("NODE" not in scopes), kind
        if "INSTANT" not in scopes:
            assert tell(vehicle(version=version), kind, **given) is FAILED


@every_version
def test_actions_end_in_order_of_the_list_where_they_exclude_each_other(version: str) -> None:
    machine = vehicle(version=version)
    kinds = {"p": "pick", "d": "drop", "q": "pick"}
    machine.handle_order(order("A", at={"A": [action(kind, key) for key, kind in kinds.items()]}))
    seen: list[str] = []

    def note(state: State) -> bool:
        seen.extend(k for k in kinds if status(state, k) is FINISHED and k not in seen)
        return finished(state)

    run_until(machine, note)
    assert seen == ["p", "d", "q"]
