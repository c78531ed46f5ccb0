"""What a vehicle publishes: when, and valid by the official schemas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sim_world import action, finished, instantly, order, run_until, status, vehicle

from banksman_shared.clock import ManualClock
from banksman_shared.vda5050 import ActionStatus, ConnectionState, Factsheet, Header, State, Visualization, codec_for

CODEC = codec_for("2.1.0")

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "vda5050" / "2.1.0"


def kinds(messages: list[Header]) -> list[str]:
    return sorted(type(message).__name__ for message in messages)


def test_a_vehicle_introduces_itself_and_then_reports_only_events() -> None:
    clock = ManualClock()
    machine = vehicle(clock=clock)
    assert kinds(machine.due()) == ["Factsheet", "State", "Visualization"]
    clock.advance(1)
    machine.step(1)
    assert machine.due() == []
    machine.handle_instant_actions(instantly("startCharging"))
    assert kinds(machine.due()) == ["State"]


def test_a_state_comes_at_least_every_thirty_seconds_of_the_wall_clock() -> None:
    clock, states = ManualClock(), 0
    machine = vehicle(clock=clock)
    machine.due()
    for _ in range(300):
        clock.advance(1)
        states += kinds(machine.due()).count("State")
    assert states >= 10
    clock.advance(0.2)
    machine.step(60)
    assert machine.due() == [], "a minute of the simulation is no time on the wall"


def test_a_journey_is_reported_in_few_states_and_more_positions() -> None:
    clock, sent = ManualClock(), Counter[str]()
    machine = vehicle(clock=clock)
    machine.handle_order(order("ABCD", at={"B": [action("pick", "p")]}))
    while not finished(machine.state()):
        sent.update(kinds(machine.due()))
        clock.advance(0.05)
        machine.step(0.05)
    assert 5 <= sent["State"] <= 15
    assert sent["Visualization"] > 20


def test_header_ids_count_per_topic() -> None:
    clock = ManualClock()
    machine = vehicle(clock=clock)
    ids = []
    for _ in range(3):
        machine.handle_instant_actions(instantly("stateRequest"))
        ids += [m.header_id for m in machine.due() if isinstance(m, State)]
        clock.advance(0.2)
    assert ids == [0, 1, 2]
    assert [machine.connection(ConnectionState.ONLINE).header_id for _ in range(2)] == [0, 1]


def test_events_close_together_are_reported_in_one_state() -> None:
    clock = ManualClock()
    machine = vehicle(clock=clock)
    machine.due()
    machine.handle_instant_actions(instantly("startPause"))
    clock.advance(0.01)
    assert machine.due() == []
    clock.advance(0.1)
    (state,) = machine.due()
    assert isinstance(state, State)
    assert state.paused is True


def schema(name: str) -> Draft202012Validator:
    if not SCHEMAS.is_dir():
        pytest.skip(f"the official schemas of VDA 5050 are not at {SCHEMAS}")
    document: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema").read_text(encoding="utf-8"))
    if name == "state":  # the published schema forgets PAUSED, which the text of 2.1.0 has (§6.11)
        status = document["properties"]["actionStates"]["items"]["properties"]["actionStatus"]
        status["enum"].append("PAUSED")
    return Draft202012Validator(document)


def check(validator: Draft202012Validator, message: Header) -> None:
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(json.loads(CODEC.encode(message)))] == []


def test_every_state_of_an_eventful_journey_is_valid() -> None:
    validator, clock, seen = schema("state"), ManualClock(), set[str]()
    machine = vehicle(clock=clock)

    def live(holds: Callable[[State], bool]) -> None:
        for _ in range(1000):
            clock.advance(0.2)
            machine.step(0.1)
            for message in machine.due():
                if isinstance(message, State):
                    check(validator, message)
                    seen.update(a.action_status for a in message.action_states)
                    seen.update(e.error_type for e in message.errors)
            if holds(machine.state()):
                return
        raise AssertionError(machine.state())

    machine.handle_order(order("BC"))
    live(lambda s: s.errors != ())
    machine.handle_order(
        order("ABCD", base=3, at={"B": [action("pick", "p", loadId="L1")], "C": [action("drop", "d")]})
    )
    live(lambda s: s.driving)
    machine.handle_instant_actions(instantly("startPause", "fly"))
    live(lambda s: s.paused is True)
    machine.handle_instant_actions(instantly("stopPause"))
    live(lambda s: status(s, "p") == "RUNNING")
    machine.handle_instant_actions(instantly("startPause"))
    live(lambda s: status(s, "p") == "PAUSED")
    machine.handle_instant_actions(instantly("stopPause"))
    machine.refuse_payload("order", "nonsense")
    live(lambda s: status(s, "d") == "FINISHED")
    machine.handle_instant_actions(instantly("cancelOrder"))
    live(finished)
    assert set(ActionStatus) - {ActionStatus.RETRIABLE} <= seen
    assert {"noRouteError", "validationError", "instantActionError"} <= seen


def test_factsheet_connection_and_visualization_are_valid() -> None:
    machine = vehicle()
    check(schema("factsheet"), machine.factsheet())
    for state in ConnectionState:
        check(schema("connection"), machine.connection(state))
    for message in machine.due():
        if isinstance(message, Visualization):
            check(schema("visualization"), message)


def test_the_factsheet_names_what_the_vehicle_can_do() -> None:
    sheet: Factsheet = vehicle().factsheet()
    scopes = {a["actionType"]: a["actionScopes"] for a in sheet.protocol_features["agvActions"]}
    assert scopes["pick"] == ["NODE", "EDGE"]
    assert scopes["cancelOrder"] == ["INSTANT"]
    assert sheet.physical_parameters["speedMax"] == 1.5


def test_an_unreadable_payload_is_reported_until_a_new_order_is_accepted() -> None:
    machine = vehicle()
    machine.refuse_payload("order", "not an order")
    (error,) = machine.state().errors
    assert (error.error_type, error.error_level, error.error_description) == (
        "validationError",
        "WARNING",
        "not an order",
    )
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).errors == ()
