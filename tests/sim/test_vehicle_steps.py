"""However time is cut into steps, the same things happen at the same moments."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sim_world import VERSIONS, action, instantly, order, vehicle
from zone_world import release, zone, zone_set

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.vda5050 import BatteryState, OperatingMode, State, ZoneType

_action = st.builds(
    action,
    st.sampled_from(["pick", "drop", "startCharging", "detectObject", "finePositioning"]),
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from(["NONE", "SOFT", "HARD"]),
)
_order = st.builds(
    order,
    st.sampled_from(["AB", "ABC", "ABCD", "BCD", "CD", "BA", "DCB"]),
    order_id=st.sampled_from(["one", "two"]),
    update_id=st.integers(0, 2),
    base=st.integers(1, 4),
    first=st.sampled_from([0, 0, 2, 4]),
    at=st.dictionaries(st.sampled_from("ABCD"), st.lists(_action, max_size=2), max_size=2),
    along=st.dictionaries(st.sampled_from(["AB", "BC", "CD"]), st.lists(_action, max_size=1), max_size=1),
)
_fault = st.builds(
    Fault,
    st.sampled_from([FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP, FaultKind.LOCALISATION_LOST, FaultKind.MANUAL_MODE]),
    seconds=st.floats(0.1, 20),
)
_told = st.sampled_from(["startPause", "stopPause", "cancelOrder", "startCharging", "stopCharging", "enableZoneSet"])
_pause = st.floats(0.05, 20)
_event = st.one_of(_order, _fault, _told)
ZONES = (
    release(x=(4.0, 5.0)),
    zone(ZoneType.SPEED_LIMIT, (7.0, 8.0), "slow", maximum_speed=0.4),
    zone(ZoneType.BLOCKED, (14.0, 16.0), "shut"),
)


def apply(machine: VirtualVehicle, event: object, number: int) -> None:
    if isinstance(event, Fault):
        machine.inject(event)
    elif isinstance(event, str):
        given = {"zoneSetId": "set"} if event == "enableZoneSet" else {}
        machine.handle_instant_actions(instantly(action(event, f"i{number}", "NONE", **given)))
    else:
        machine.handle_order(event)  # type: ignore[arg-type]


def prepared(version: str) -> VirtualVehicle:
    machine = vehicle(version=version)
    machine.handle_zone_set(zone_set(ZONES))
    return machine


def assert_same(one: State, other: State) -> None:
    """Equal in all that is counted, and to the last digits in what is measured."""
    measured = []
    for state in (one, other):
        assert state.agv_position is not None
        pose = (state.agv_position.x, state.agv_position.y, state.agv_position.theta)
        measured.append((*pose, state.distance_since_last_node, state.battery_state.battery_charge))
    assert measured[0] == pytest.approx(measured[1], abs=0.011)
    assert measured[0][:3] == pytest.approx(measured[1][:3], abs=1e-5)
    battery = BatteryState(battery_charge=0, charging=one.battery_state.charging)
    rest = {"agv_position": None, "velocity": None, "distance_since_last_node": None, "battery_state": battery}
    assert replace(one, **rest) == replace(other, **rest)
    assert one.battery_state.charging == other.battery_state.charging


@settings(deadline=None, max_examples=150)
@given(
    version=st.sampled_from(VERSIONS),
    script=st.lists(st.tuples(_event, _pause), min_size=1, max_size=8),
    pieces=st.integers(2, 60),
)
def test_one_long_step_is_as_good_as_many_short_ones(
    version: str, script: list[tuple[object, float]], pieces: int
) -> None:
    whole, cut = prepared(version), prepared(version)
    for number, (event, pause) in enumerate(script):
        for machine in (whole, cut):
            apply(machine, event, number)
        whole.step(pause + 1e-4)
        for _ in range(pieces):
            cut.step((pause + 1e-4) / pieces)
        assert_same(cut.state(), whole.state())


@settings(deadline=None, max_examples=100)
@given(version=st.sampled_from(VERSIONS), script=st.lists(st.tuples(_event, _pause), min_size=1, max_size=6))
def test_nothing_happens_before_the_next_event(version: str, script: list[tuple[object, float]]) -> None:
    machine = prepared(version)
    for number, (event, pause) in enumerate(script):
        apply(machine, event, number)
        before, next_s = machine.state(), machine.next_event_s()
        assert next_s >= 0
        if math.isfinite(next_s) and next_s > 1e-3:
            machine.step(next_s * 0.99)
            after = machine.state()
            assert (after.node_states, after.action_states, after.errors) == (
                before.node_states,
                before.action_states,
                before.errors,
            )
        machine.step(pause)


def test_a_minute_at_once_is_six_hundred_tenths_of_a_second() -> None:
    reports = []
    for dt_s in (60.0, 0.1):
        machine = vehicle()
        machine.handle_order(order("ABCD", at={"B": [action("pick", "p")], "D": [action("drop", "d")]}))
        for _ in range(round(60 / dt_s)):
            machine.step(dt_s)
        reports.append(machine.state())
    assert reports[0] == reports[1]


def test_an_idle_vehicle_can_be_left_alone_until_its_battery_runs_low() -> None:
    machine = vehicle()
    assert machine.next_event_s() > 10 * 3600
    machine.switch_mode(OperatingMode.MANUAL)
    assert machine.next_event_s() > 10 * 3600
