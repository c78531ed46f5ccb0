"""Operating modes, hibernation and shutdown (2.1.0 §6.10.6; 3.0 §6.6.6, §6.6.7, §6.2.3)."""

from __future__ import annotations

import pytest
from sim_world import action, every_version, finished, instantly, order, run_until, status, tell, vehicle, warnings

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.clock import ManualClock, timestamp
from banksman_shared.vda5050 import ActionStatus, Connection, ConnectionState, OperatingMode, State

MANUAL, SERVICE, AUTOMATIC = OperatingMode.MANUAL, OperatingMode.SERVICE, OperatingMode.AUTOMATIC
FAILED, FINISHED = ActionStatus.FAILED, ActionStatus.FINISHED


@every_version
def test_manual_mode_begins_when_the_order_is_given_up(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC", at={"B": [action("pick", "p")]}))
    machine.step(3)
    machine.inject(Fault(FaultKind.MANUAL_MODE))
    braking = machine.state()
    assert (braking.operating_mode, braking.driving, len(braking.node_states)) == (AUTOMATIC, True, 2)
    state = run_until(machine, lambda s: s.operating_mode is MANUAL)
    assert (state.driving, state.node_states, state.edge_states, status(state, "p")) == (False, (), (), FAILED)
    assert (state.order_id, state.last_node_id) == ("order", "A")


@every_version
def test_manual_mode_waits_for_what_cannot_be_interrupted(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", at={"A": [action("pick", "p"), action("drop", "d")]}))
    run_until(machine, lambda s: status(s, "d") is ActionStatus.RUNNING)
    machine.switch_mode(MANUAL)
    assert (machine.state().operating_mode, len(machine.state().node_states)) == (AUTOMATIC, 1)
    machine.step(10)
    assert (machine.state().operating_mode, status(machine.state(), "d")) == (MANUAL, FINISHED)


@pytest.mark.parametrize(("version", "name"), [("2.1.0", "orderError"), ("3.0.0", "mobileRobotNotAvailable")])
def test_no_orders_and_commands_are_taken_out_of_automatic_mode(version: str, name: str) -> None:
    machine = vehicle(version=version)
    machine.switch_mode(MANUAL)
    machine.handle_order(order("AB"))
    assert (warnings(machine.state()), machine.state().order_id) == ([name], "")
    assert (tell(machine, "startPause"), tell(machine, "stateRequest")) == (FAILED, FINISHED)


def test_that_the_vehicle_was_not_available_is_reported_until_it_is() -> None:
    machine = vehicle(version="3.0.0")
    machine.switch_mode(MANUAL)
    machine.handle_order(order("AB"))
    machine.switch_mode(AUTOMATIC)
    assert machine.state().errors == ()


@every_version
def test_a_vehicle_in_automatic_mode_again_takes_a_new_order_and_no_update_of_the_old(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", base=1))
    machine.inject(Fault(FaultKind.MANUAL_MODE, seconds=30))
    machine.step(31)
    assert machine.state().operating_mode is AUTOMATIC
    machine.handle_order(order("AB", update_id=1))
    assert len(machine.state().errors) == 1
    machine.handle_order(order("AB", order_id="next"))
    assert run_until(machine, finished).last_node_id == "B"


@every_version
@pytest.mark.parametrize("mode", [SERVICE, OperatingMode.TEACHIN])
def test_after_service_nobody_knows_the_last_node(version: str, mode: OperatingMode) -> None:
    machine = vehicle(version=version)
    machine.switch_mode(mode)
    assert (machine.state().operating_mode, machine.state().last_node_id) == (mode, "")


@every_version
def test_semiautomatic_carries_out_orders(version: str) -> None:
    machine = vehicle(version=version)
    machine.switch_mode(OperatingMode.SEMIAUTOMATIC)
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).last_node_id == "B"


def test_an_intervention_keeps_the_order_and_takes_others_for_later() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("AB", at={"A": [action("pick", "p")]}))
    machine.step(2)
    machine.switch_mode(OperatingMode.INTERVENED)
    machine.handle_order(order("BC", update_id=1, first=2))
    machine.step(60)
    state = machine.state()
    assert (state.operating_mode, status(state, "p"), state.last_node_id) == ("INTERVENED", ActionStatus.PAUSED, "A")
    assert (len(state.node_states), tell(machine, "startPause")) == (2, FAILED)
    machine.switch_mode(AUTOMATIC)
    assert run_until(machine, finished).last_node_id == "C"


def test_an_order_can_be_cancelled_during_an_intervention() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("AB"))
    machine.switch_mode(OperatingMode.INTERVENED)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    machine.step(30)
    assert (status(machine.state(), "c"), machine.state().node_states) == (FINISHED, ())


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
def test_a_mode_of_another_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="INTERVENED"):
        vehicle(version=version).switch_mode(OperatingMode.INTERVENED)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.1\.0"):
        vehicle(version="1.1.0")


# Hibernation and shutdown


def sent(machine: VirtualVehicle) -> list[object]:
    return [m.connection_state if isinstance(m, Connection) else type(m) for m in machine.due()]


def sleeping(clock: ManualClock, **parameters: object) -> VirtualVehicle:
    machine = vehicle(clock=clock, version="3.0.0")
    machine.due()
    machine.handle_order(order("AB"))
    machine.handle_instant_actions(instantly(action("startHibernation", "h", "NONE", **parameters)))
    run_until(machine, lambda s: not s.driving)
    clock.advance(1)
    return machine


def test_a_hibernating_vehicle_says_so_once_and_then_nothing() -> None:
    clock = ManualClock()
    machine = sleeping(clock)
    state, *others = machine.due()
    assert isinstance(state, State)
    assert (status(state, "h"), state.node_states) == (FINISHED, ())
    assert ConnectionState.HIBERNATING in [m.connection_state for m in others if isinstance(m, Connection)]
    clock.advance(3600)
    machine.handle_order(order("AB", order_id="next"))
    machine.handle_instant_actions(instantly("startPause"))
    machine.refuse_payload("order", "nonsense")
    machine.step(3600)
    assert (machine.due(), machine.state().order_id) == ([], "order")


def test_a_hibernating_vehicle_is_woken_by_stop_hibernation() -> None:
    clock = ManualClock()
    machine = sleeping(clock)
    machine.due()
    machine.handle_instant_actions(instantly("stopHibernation"))
    clock.advance(1)
    assert sent(machine)[:2] == [State, ConnectionState.ONLINE]


def test_a_hibernating_vehicle_wakes_at_the_time_it_was_given() -> None:
    clock = ManualClock()
    machine = sleeping(clock, wakeUpTime=timestamp(clock.time() + 1000))
    machine.due()
    clock.advance(990)
    machine.step(1)
    assert machine.due() == []
    clock.advance(20)
    machine.step(1)
    assert ConnectionState.ONLINE in sent(machine)


def test_a_wake_up_time_that_is_none_is_refused() -> None:
    assert tell(vehicle(version="3.0.0"), "startHibernation", wakeUpTime="later") is FAILED


def test_an_idle_vehicle_is_shut_down_and_comes_back_by_a_reboot() -> None:
    clock = ManualClock()
    machine = vehicle(clock=clock, version="3.0.0")
    machine.due()
    clock.advance(1)
    assert tell(machine, "shutdown") is FINISHED
    assert sent(machine) == [State, ConnectionState.OFFLINE]
    machine.reboot()
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).last_node_id == "B"


def test_a_vehicle_with_an_order_is_not_shut_down() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_order(order("AB"))
    assert tell(machine, "shutdown") is FAILED
    assert run_until(machine, finished).last_node_id == "B"


def test_certificates_come_only_over_a_secured_connection() -> None:
    for scheme, end in (("http", FAILED), ("https", FINISHED)):
        machine = vehicle(version="3.0.0")
        links = dict.fromkeys(("keyDownloadLink", "certificateDownloadLink"), f"{scheme}://ca.example/x")
        update = action("updateCertificate", "u", "NONE", service="MQTT", **links)
        machine.handle_instant_actions(instantly(update))
        machine.step(30)
        assert status(machine.state(), "u") is end
