"""Instant actions whose id the vehicle knows already: repeats, and masters that have one id for each kind of action."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sim_world import action, every_version, finished, instantly, order, references, run_until, vehicle, warnings

from banksman_firmware_sim import Dialect, PeerProfile, VirtualVehicle
from banksman_firmware_sim.wire.dialect import HABITS
from banksman_shared.clock import timestamp
from banksman_shared.vda5050 import ActionStatus, InstantActions, Order

SDK_IDS = {"startPause": "pause", "stopPause": "resume", "cancelOrder": "cancel-order"}
"""As vda5050-sdk 0.2.0 sends them."""


def of_profile(profile: PeerProfile, version: str = "2.1.0") -> VirtualVehicle:
    return vehicle(version=version, behaviour=HABITS[profile].behaviour)


def written(message: InstantActions | Order, at: float) -> InstantActions | Order:
    return replace(message, timestamp=timestamp(1_700_000_000 + at))


def tell_at(machine: VirtualVehicle, kind: str, at: float, action_id: str | None = None) -> None:
    message = written(instantly(action(kind, action_id or SDK_IDS.get(kind, kind), "NONE")), at)
    assert isinstance(message, InstantActions)
    machine.handle_instant_actions(message)


def order_at(machine: VirtualVehicle, path: str, at: float, order_id: str) -> None:
    message = written(order(path, order_id=order_id), at)
    assert isinstance(message, Order)
    machine.handle_order(message)


@every_version
@pytest.mark.parametrize(("profile", "paused"), [(PeerProfile.DEFAULT, True), (PeerProfile.STRICT, False)])
def test_a_pause_with_a_constant_id_is_obeyed_again_by_default_only(
    profile: PeerProfile, paused: bool, version: str
) -> None:
    machine = of_profile(profile, version)
    tell_at(machine, "startPause", 1)
    tell_at(machine, "stopPause", 2)
    assert machine.state().paused is False
    tell_at(machine, "startPause", 3)
    assert machine.state().paused is paused
    tell_at(machine, "stopPause", 4)
    assert machine.state().paused is False


def test_a_resume_that_was_overtaken_by_a_stop_does_not_end_it() -> None:
    machine = of_profile(PeerProfile.DEFAULT)
    tell_at(machine, "stopPause", 1)
    tell_at(machine, "startPause", 3)
    tell_at(machine, "stopPause", 1)  # doubled on the way
    tell_at(machine, "stopPause", 2)  # sent again by the master before the stop
    assert machine.state().paused is True


def test_a_pause_is_obeyed_whatever_its_timestamp_when_its_id_is_new() -> None:
    machine = of_profile(PeerProfile.DEFAULT)
    tell_at(machine, "stopPause", 100)
    tell_at(machine, "startPause", 1)
    assert machine.state().paused is True


def test_a_message_without_a_time_counts_as_a_repeat() -> None:
    machine = of_profile(PeerProfile.DEFAULT)
    for kind in ("startPause", "stopPause", "startPause"):
        message = instantly(action(kind, SDK_IDS[kind], "NONE"))
        machine.handle_instant_actions(replace(message, timestamp="now"))
    assert machine.state().paused is False


@every_version
@pytest.mark.parametrize(("profile", "obeys"), [(PeerProfile.DEFAULT, True), (PeerProfile.STRICT, False)])
def test_another_action_with_a_constant_id_is_new_after_another_order_by_default_only(
    profile: PeerProfile, obeys: bool, version: str
) -> None:
    machine = of_profile(profile, version)
    order_at(machine, "AB", 1, "one")
    tell_at(machine, "cancelOrder", 2)
    machine.step(10)
    tell_at(machine, "cancelOrder", 3)  # no order since: a repeat, and not an error
    assert warnings(machine.state()) == []
    order_at(machine, "AB", 4, "two")
    tell_at(machine, "cancelOrder", 5)
    machine.step(60)
    assert (machine.state().last_node_id == "A") is obeys


def test_a_cancellation_that_was_overtaken_by_the_next_order_does_not_end_it() -> None:
    machine = of_profile(PeerProfile.DEFAULT)
    order_at(machine, "AB", 1, "one")
    tell_at(machine, "cancelOrder", 2)
    machine.step(10)
    order_at(machine, "AB", 4, "two")
    tell_at(machine, "cancelOrder", 3)
    assert run_until(machine, finished).last_node_id == "B"


def test_an_action_that_runs_is_known_whoever_asks() -> None:
    machine = of_profile(PeerProfile.DEFAULT)
    order_at(machine, "AB", 1, "one")
    machine.step(3)
    tell_at(machine, "cancelOrder", 2)
    tell_at(machine, "cancelOrder", 3)
    assert [a.action_status for a in machine.state().every_action_state] == [ActionStatus.RUNNING]


def test_ids_are_forgotten_only_with_a_reboot() -> None:
    machine = of_profile(PeerProfile.STRICT)
    tell_at(machine, "startPause", 1)
    tell_at(machine, "stopPause", 2)
    order_at(machine, "AB", 3, "one")
    run_until(machine, finished)
    tell_at(machine, "startPause", 4)
    assert machine.state().paused is False
    machine.reboot()
    tell_at(machine, "startPause", 5)
    assert machine.state().paused is True


def test_the_vehicle_of_vda_5050_lib_reports_a_refused_action_as_an_error_only() -> None:
    machine = of_profile(PeerProfile.VDA_5050_LIB, "2.0.0")
    for kind in ("cancelOrder", "dance"):
        tell_at(machine, kind, 1, kind)
        state = machine.state()
        assert state.every_action_state == ()
        assert references(state.errors[-1])["actionId"] == kind
    tell_at(machine, "startPause", 2)
    assert [a.action_id for a in machine.state().every_action_state] == ["pause"]


def test_profiles_read_as_they_behave() -> None:
    assert Dialect().behaviour.obeys_known_ids
    assert not Dialect(PeerProfile.STRICT).behaviour.obeys_known_ids
