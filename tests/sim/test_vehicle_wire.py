"""All that a vehicle says is valid by the official schema of its version, whatever happens to it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sim_world import VERSIONS, action, every_version, instantly, order, tell, vehicle
from test_vehicle_steps import ZONES, apply
from test_vehicle_steps import _event as events
from zone_world import act, release, zone, zone_set

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.clock import ManualClock
from banksman_shared.vda5050 import (
    Connection,
    ConnectionState,
    Factsheet,
    Header,
    State,
    Visualization,
    ZoneType,
    codec_for,
)

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "vda5050"
FILES = {State: "state", Factsheet: "factsheet", Visualization: "visualization", Connection: "connection"}


@cache
def validator(version: str, name: str) -> Draft202012Validator:
    folder = SCHEMAS / ("3.0" if version == "3.0.0" else version)
    if not folder.is_dir():
        pytest.skip(f"the official schemas of VDA 5050 are not at {folder}")
    path = next(path for path in folder.iterdir() if path.stem == name and path.suffix in (".schema", ".json"))
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if name == "state" and version != "3.0.0":  # the published schemas forget PAUSED, which the text has (§6.11)
        document["properties"]["actionStates"]["items"]["properties"]["actionStatus"]["enum"].append("PAUSED")
    return Draft202012Validator(document)


def check(version: str, message: Header) -> None:
    payload = json.loads(codec_for(version).encode(message))
    errors = validator(version, FILES[type(message)]).iter_errors(payload)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
    assert payload["version"] == version


@settings(deadline=None, max_examples=60)
@given(version=st.sampled_from(VERSIONS), script=st.lists(st.tuples(events, st.floats(0.05, 10)), max_size=6))
def test_whatever_happens_every_message_is_valid(version: str, script: list[tuple[object, float]]) -> None:
    clock = ManualClock()
    machine = vehicle(version=version, clock=clock)
    machine.handle_zone_set(zone_set(ZONES))
    for number, (event, pause) in enumerate(script):
        apply(machine, event, number)
        for _ in range(3):
            clock.advance(1)
            machine.step(pause / 3)
            for message in machine.due():
                check(version, message)


@every_version
def test_a_vehicle_in_every_trouble_is_described_validly(version: str) -> None:
    clock = ManualClock()
    machine = vehicle(version=version, clock=clock, charge=3.0)
    deeds = zone(ZoneType.ACTION, (1.0, 2.0), "act", entry_actions=(act("detectObject"),), during_actions=(),
                 exit_actions=())  # fmt: skip
    machine.handle_zone_set(zone_set([release(), deeds]))
    tell(machine, "enableZoneSet", zoneSetId="set")
    machine.handle_order(order("BC", order_id="elsewhere"))
    machine.handle_order(order("ABC", at={"A": [action("pick", "p", loadId="L1")]}))
    machine.handle_instant_actions(instantly("startPause", "stopPause", "fly"))
    machine.step(8)
    for kind in (FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP, FaultKind.LOCALISATION_LOST, FaultKind.LOAD_LOST):
        machine.inject(Fault(kind))
    clock.advance(5)
    state = next(message for message in machine.due() if isinstance(message, State))
    assert len(state.errors) >= 6
    check(version, state)
    if version == "3.0.0":
        assert (len(state.zone_requests), len(state.zone_action_states)) == (1, 1)


@every_version
def test_factsheets_and_connections_are_valid(version: str) -> None:
    machine = vehicle(version=version)
    check(version, machine.factsheet())
    for state in ConnectionState:
        if version == "3.0.0" or state is not ConnectionState.HIBERNATING:
            check(version, machine.connection(state))


@every_version
def test_headers_carry_the_version_of_the_vehicle(version: str) -> None:
    machine = vehicle(version=version)
    assert {message.version for message in machine.due()} == {version}


# When states are sent (2.1.0 §6.10; 3.0 §6.6)


def quiet(version: str) -> tuple[VirtualVehicle, ManualClock]:
    """A vehicle that has introduced itself and has nothing to say."""
    clock = ManualClock()
    machine = vehicle(version=version, clock=clock)
    for _ in range(3):
        machine.due()
        clock.advance(1)
    assert machine.due() == []
    return machine, clock


@every_version
@pytest.mark.parametrize(
    "cause",
    [
        order("AB"),
        order("BC"),
        instantly("startPause"),
        instantly("startCharging"),
        *(Fault(kind) for kind in (FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP, FaultKind.MANUAL_MODE)),
    ],
    ids=["order", "refused order", "pause", "charging", "field violation", "emergency stop", "operating mode"],
)
def test_an_event_is_reported_at_once(version: str, cause: Any) -> None:
    machine, _ = quiet(version)
    if isinstance(cause, Fault):
        machine.inject(cause)
    elif type(cause) is type(order("A")):
        machine.handle_order(cause)
    else:
        machine.handle_instant_actions(cause)
    assert type(machine.due()[0]) is State


@every_version
def test_driving_nodes_actions_and_loads_are_reported_as_they_change(version: str) -> None:
    machine, clock = quiet(version)
    machine.handle_order(order("ABC", at={"B": [action("pick", "p")]}))
    seen = []
    for _ in range(4000):
        machine.step(0.01)
        clock.advance(0.2)
        state = machine.state()
        now = (state.driving, state.last_node_id, state.action_states, state.loads, state.new_base_request)
        sent = [message for message in machine.due() if isinstance(message, State)]
        if not seen or now != seen[-1]:
            assert sent, now
            seen.append(now)
    assert len(seen) == 5


@every_version
def test_a_quiet_vehicle_reports_every_thirty_seconds(version: str) -> None:
    machine, clock = quiet(version)
    states = []
    for second in range(300):
        clock.advance(1)
        machine.step(1)
        states += [second for message in machine.due() if isinstance(message, State)]
    assert max(b - a for a, b in zip([0, *states], states, strict=False)) <= 30
    assert len(states) <= 15
