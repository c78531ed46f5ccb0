"""What befalls a vehicle, and what it then does and says (2.1.0 §6.10.5, §6.10.6; 3.0 §6.6.5)."""

from __future__ import annotations

from dataclasses import replace as replace_profile

import pytest
from sim_world import PROFILE, action, every_version, finished, order, references, run_until, status, tell, vehicle
from sim_world import warnings as errors_of

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.faults.faults import NETWORK, Fault, FaultKind
from banksman_shared.clock import ManualClock, parse_timestamp
from banksman_shared.vda5050 import ActionStatus, ErrorLevel, EStop, OperatingMode


def under_way(version: str = "2.1.0") -> VirtualVehicle:
    machine = vehicle(version=version)
    machine.handle_order(order("ABCD"))
    machine.step(4)
    return machine


@every_version
def test_an_obstacle_stops_the_vehicle_until_it_is_gone(version: str) -> None:
    machine = under_way(version)
    machine.inject(Fault(FaultKind.OBSTACLE))
    machine.step(60)
    state = machine.state()
    (error,) = state.errors
    assert (error.error_type, error.error_level, state.safety_state.field_violation) == ("blocked", "WARNING", True)
    assert references(error) == {"nodeId": "A", "edgeId": "AB"}
    assert (state.driving, len(state.node_states)) == (False, 3)
    machine.clear(FaultKind.OBSTACLE)
    assert machine.state().errors == ()
    assert run_until(machine, finished).last_node_id == "D"


def test_a_fault_ends_by_itself_in_the_vehicles_own_time() -> None:
    machine = under_way()
    machine.inject(Fault(FaultKind.OBSTACLE, seconds=20))
    machine.step(19)
    assert machine.state().safety_state.field_violation is True
    machine.step(2)
    assert (machine.state().safety_state.field_violation, machine.state().driving) == (False, True)


@every_version
def test_an_emergency_stop_brakes_hard_and_lasts_until_it_is_acknowledged_at_the_vehicle(version: str) -> None:
    machine = under_way(version)
    before = machine.state().agv_position
    machine.inject(Fault(FaultKind.EMERGENCY_STOP))
    machine.step(60)
    state = machine.state()
    assert (state.safety_state.e_stop, state.errors[0].error_level) == (EStop.MANUAL, ErrorLevel.FATAL)
    assert before is not None
    assert state.agv_position is not None
    assert state.agv_position.x - before.x == pytest.approx(1.5**2 / (2 * PROFILE.emergency_deceleration))
    machine.clear(FaultKind.EMERGENCY_STOP)
    assert (machine.state().safety_state.e_stop, machine.state().errors) == (EStop.NONE, ())
    assert run_until(machine, finished).last_node_id == "D"


@every_version
def test_an_emergency_stop_pauses_the_handling_of_a_load(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("A", at={"A": [action("pick", "p")]}))
    machine.step(2)
    machine.inject(Fault(FaultKind.EMERGENCY_STOP))
    machine.step(60)
    assert status(machine.state(), "p") is ActionStatus.PAUSED
    machine.clear(FaultKind.EMERGENCY_STOP)
    assert status(run_until(machine, finished), "p") is ActionStatus.FINISHED


@every_version
def test_a_lost_vehicle_stands_until_its_position_is_initialised_and_keeps_its_order(version: str) -> None:
    machine = under_way(version)
    machine.inject(Fault(FaultKind.LOCALISATION_LOST))
    machine.step(60)
    state = machine.state()
    assert state.agv_position is not None
    assert (state.agv_position.position_initialized, state.driving) == (False, False)
    assert (state.errors[0].error_type, state.errors[0].error_level) == ("localizationError", ErrorLevel.FATAL)
    name = "initializePosition" if version == "3.0.0" else "initPosition"
    pose = {"x": 5.0, "y": 0.0, "theta": 0.0, "mapId": "floor", "lastNodeId": "A"}
    assert tell(machine, name, **pose) is ActionStatus.FINISHED
    assert machine.state().errors == ()
    assert run_until(machine, finished).last_node_id == "D"


@pytest.mark.parametrize("kind", [FaultKind.LOCALISATION_LOST, FaultKind.EMERGENCY_STOP])
@pytest.mark.parametrize(("version", "name"), [("2.1.0", "orderError"), ("3.0.0", "mobileRobotNotAvailable")])
def test_no_new_order_is_taken_while_a_person_has_to_see_to_the_vehicle(
    version: str, name: str, kind: FaultKind
) -> None:
    machine = vehicle(version=version)
    machine.inject(Fault(kind))
    machine.handle_order(order("AB"))
    assert errors_of(machine.state())[-1] == name


@pytest.mark.parametrize(("version", "level"), [("2.1.0", ErrorLevel.WARNING), ("3.0.0", ErrorLevel.URGENT)])
def test_a_dying_battery_warns_and_then_stops_the_vehicle(version: str, level: ErrorLevel) -> None:
    machine = vehicle(version=version, profile=replace_profile(PROFILE, drain_per_m=1.0))
    machine.inject(Fault(FaultKind.BATTERY_DYING, amount=5.0))
    (warning,) = machine.state().errors
    assert (warning.error_type, warning.error_level) == ("batteryLow", level)
    machine.handle_order(order("AB"))
    machine.step(60)
    state = machine.state()
    assert [(e.error_type, e.error_level) for e in state.errors] == [
        ("batteryLow", level),
        ("batteryEmpty", ErrorLevel.FATAL),
    ]
    assert (state.driving, state.battery_state.battery_charge) == (False, 0.0)
    machine.clear(FaultKind.BATTERY_DYING)
    assert run_until(machine, finished).errors == ()


def test_a_low_battery_is_reported_when_it_comes_to_that_and_until_it_is_charged() -> None:
    machine = vehicle(charge=16.0)
    assert machine.state().errors == ()
    machine.step(3600)
    assert errors_of(machine.state()) == ["batteryLow"]
    tell(machine, "startCharging")
    machine.step(600)
    assert machine.state().errors == ()


def test_an_empty_vehicle_can_be_charged_where_it_stands() -> None:
    machine = vehicle(charge=0.0)
    assert "batteryEmpty" in errors_of(machine.state())
    tell(machine, "startCharging")
    machine.step(3600)
    assert (machine.state().errors, machine.state().battery_state.charging) == ((), True)
    machine.step(36000)
    assert machine.state().battery_state.charging is False


@pytest.mark.parametrize(("version", "level"), [("2.1.0", ErrorLevel.WARNING), ("3.0.0", ErrorLevel.URGENT)])
def test_a_lost_load_is_gone_and_reported_until_a_new_order(version: str, level: ErrorLevel) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("A", at={"A": [action("pick", "p", loadId="L1")]}))
    run_until(machine, finished)
    machine.inject(Fault(FaultKind.LOAD_LOST))
    state = machine.state()
    assert (state.loads, state.errors[0].error_type, state.errors[0].error_level) == ((), "loadLost", level)
    assert references(state.errors[0]) == {"loadId": "L1"}
    machine.handle_order(order("AB", order_id="next"))
    assert machine.state().errors == ()


@every_version
def test_the_next_action_fails_and_only_that(version: str) -> None:
    machine = vehicle(version=version)
    machine.inject(Fault(FaultKind.ACTION_FAILS))
    both = [action("detectObject", "one"), action("detectObject", "two")]
    machine.handle_order(order("A", at={"A": both}))
    end = run_until(machine, finished)
    assert (status(end, "one"), status(end, "two")) == (ActionStatus.FAILED, ActionStatus.FINISHED)


def test_a_wrong_clock_shows_in_the_timestamps() -> None:
    clock = ManualClock()
    machine = vehicle(clock=clock)
    machine.inject(Fault(FaultKind.CLOCK_WRONG, amount=-90.0))
    assert parse_timestamp(machine.state().timestamp) == pytest.approx(clock.time() - 90, abs=1e-3)
    machine.clear(FaultKind.CLOCK_WRONG)
    assert parse_timestamp(machine.state().timestamp) == pytest.approx(clock.time(), abs=1e-3)


@pytest.mark.parametrize("kind", sorted(NETWORK))
def test_faults_of_the_connection_are_none_of_the_vehicles(kind: FaultKind) -> None:
    with pytest.raises(ValueError, match="connection"):
        vehicle().inject(Fault(kind))


def test_a_fault_that_is_not_there_may_be_cleared() -> None:
    machine = under_way()
    before = machine.state()
    for kind in FaultKind:
        machine.clear(kind)
    assert machine.state() == before


@every_version
def test_a_reboot_forgets_the_order_and_keeps_place_load_and_charge(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABCD", at={"A": [action("pick", "p")]}))
    machine.handle_order(order("AB", order_id="other"))
    machine.step(12)
    machine.due()
    before = machine.state()
    machine.reboot()
    after = machine.state()
    assert (after.order_id, after.order_update_id, after.node_states, after.action_states) == ("", 0, (), ())
    assert (after.errors, after.header_id, after.driving) == ((), 0, False)
    assert (after.agv_position, after.loads, after.battery_state) == (
        before.agv_position,
        before.loads,
        before.battery_state,
    )
    machine.step(60)
    assert machine.state().agv_position == before.agv_position


def test_a_reboot_does_not_move_what_stands_in_the_way() -> None:
    machine = vehicle()
    machine.inject(Fault(FaultKind.OBSTACLE))
    machine.inject(Fault(FaultKind.MANUAL_MODE))
    machine.reboot()
    assert (errors_of(machine.state()), machine.state().operating_mode) == (["blocked"], OperatingMode.MANUAL)
