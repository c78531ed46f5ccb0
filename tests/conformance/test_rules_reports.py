"""What a vehicle reports and when (2.1.0 §6.10, §6.11; 3.0 §6.6)."""

from __future__ import annotations

import itertools

import pytest
from black_box import TIMESTAMP
from diary import WATCHED, diary
from matrix import VERSIONS
from papers import action
from stand import Stand

from banksman_shared.vda5050 import OperatingMode

every_version = pytest.mark.parametrize("version", VERSIONS)
FROM = dict.fromkeys(("instantActionStates", "zoneActionStates", "zoneSets", "zoneRequests"), "3.0.0") | {
    "maps": "2.1.0"
}
"""Since which version a field is there, for those that are new."""

NEXT = {
    "WAITING": {"INITIALIZING", "RUNNING", "PAUSED", "FINISHED", "FAILED"},
    "INITIALIZING": {"RUNNING", "PAUSED", "FINISHED", "FAILED", "RETRIABLE"},
    "RUNNING": {"PAUSED", "FINISHED", "FAILED", "RETRIABLE"},
    "PAUSED": {"INITIALIZING", "RUNNING", "FINISHED", "FAILED"},
    "RETRIABLE": {"INITIALIZING", "RUNNING", "FAILED"},
    "FINISHED": set(),
    "FAILED": set(),
}
"""Which status may follow which (2.1.0 §6.11; 3.0 §6.6.9); what takes no time may be left out."""


@pytest.mark.parametrize(("version", "name"), [(v, n) for v in VERSIONS for n in WATCHED if v >= FROM.get(n, "2.0.0")])
def test_every_change_of_a_field_is_published_at_once(version: str, name: str) -> None:
    changes = diary(version).changes[name]
    assert changes, "the day has no change of it"
    assert all(changes)


@every_version
def test_statuses_of_actions_change_only_as_they_may(version: str) -> None:
    histories = diary(version).histories
    assert {status for history in histories.values() for status in history} >= set(NEXT) - (
        set() if version == "3.0.0" else {"RETRIABLE"}
    )
    steps = {step for history in histories.values() for step in itertools.pairwise(history)}
    assert [(before, after) for before, after in steps if after not in NEXT[before]] == []


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
def test_errors_of_2_x_are_warnings_or_fatal(version: str) -> None:
    assert diary(version).levels == {"WARNING", "FATAL"}


@every_version
def test_states_keep_the_intervals_of_the_factsheet(version: str) -> None:
    stand = Stand(version)
    new = stand.words.new
    timing = stand.published("factsheet")[0]["protocolLimits"]["timing"]
    shortest = timing["minimumStateInterval" if new else "minStateInterval"]
    longest = timing["defaultStateInterval"]
    assert 0 < shortest < longest <= 30
    times: list[float] = []
    for tick in range(4000):
        if tick < 200:
            stand.instantly("stateRequest")
        stand.clock.advance(0.02)
        stand.vehicle.step(0.02)
        times += [tick * 0.02 for topic, _ in stand.flush() if topic == "state"]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert shortest - 0.021 <= min(gaps)
    assert longest - 0.021 <= max(gaps) <= longest + 0.021


def test_a_visualization_names_the_state_that_it_refers_to() -> None:
    stand = Stand("3.0.0")
    stand.accept(stand.order("ABC"))
    latest, seen = -1, 0
    for _ in range(120):
        stand.run(0.1)
        for topic, body in stand.sent[seen:]:
            if topic == "state":
                latest = body["headerId"]
            elif topic == "visualization":
                assert body["referenceStateHeaderId"] == latest
        seen = len(stand.sent)
    assert latest > 1
    assert len(stand.published("visualization")) > 5


@every_version
def test_charging_is_over_only_when_orders_are_taken(version: str) -> None:
    stand = Stand(version)
    supply = "powerSupply" if stand.words.new else "batteryState"
    stand.instantly("startCharging")
    assert stand.now()[supply]["charging"] is True
    stand.run(30)
    stand.instantly("stopCharging")
    assert stand.now()[supply]["charging"] is False
    assert stand.accept(stand.order("AB"))["errors"] == []


@every_version
def test_the_emergency_stop_says_how_it_is_acknowledged(version: str) -> None:
    day = diary(version)
    key = "activeEmergencyStop" if version == "3.0.0" else "eStop"
    stops = {body["safetyState"][key] for body in day.stand.published("state")}
    assert stops == {"NONE", "MANUAL"}
    assert {body["safetyState"]["fieldViolation"] for body in day.stand.published("state")} == {True, False}


@every_version
def test_positions_turn_counterclockwise_within_pi(version: str) -> None:
    stand = Stand(version)
    stand.accept(stand.order("ABCBA"))
    angles: dict[str, set[float]] = {}
    for _ in range(400):
        state = stand.now()
        if state["driving"] and state["edgeStates"]:
            angles.setdefault(state["edgeStates"][0]["edgeId"], set()).add(
                round(stand.words.position(state)["theta"], 4)
            )
        stand.run(0.1)
    assert {edge: len(found) for edge, found in angles.items()} == dict.fromkeys(angles, 1)
    first = {edge: found.pop() for edge, found in angles.items()}
    assert first["A0-B0"] == 0.0
    assert first["B0-C0"] == 1.5708, "C lies on the left of B, in the direction of y"
    assert first["C0-B0"] == -1.5708
    assert abs(first["B0-A0"]) == 3.1416


@every_version
@pytest.mark.parametrize(("turned", "ahead", "left"), [(0.0, 1.0, 0.0), (-1.5708, 0.0, 1.0), (3.1416, -1.0, 0.0)])
def test_velocity_is_in_the_coordinates_of_the_vehicle(version: str, turned: float, ahead: float, left: float) -> None:
    stand = Stand(version)
    order = stand.order("ABC")
    order["edges"][1] |= {"orientation": turned, "orientationType": "TANGENTIAL"}
    stand.accept(order)
    stand.until(lambda s: s["lastNodeId"] == stand.id("B"))
    stand.run(0.5)
    velocity = stand.now()["velocity"]
    speed = max(abs(velocity["vx"]), abs(velocity["vy"]))
    assert speed > 0.5
    assert (velocity["vx"] / speed, velocity["vy"] / speed) == pytest.approx((ahead, left), abs=1e-3)


@every_version
def test_in_manual_mode_states_with_a_position_go_on(version: str) -> None:
    stand = Stand(version)
    stand.vehicle.switch_mode(OperatingMode.MANUAL)
    stand.run(60)
    states = [body for body in stand.published("state") if body["operatingMode"] == "MANUAL"]
    assert len(states) >= 2
    assert all(stand.words.position(body)["mapId"] for body in states)
    assert all(TIMESTAMP.fullmatch(body["timestamp"]) for body in states)


@every_version
def test_a_state_has_the_result_of_an_action(version: str) -> None:
    stand = Stand(version)
    detect = action("detectObject")
    stand.accept(stand.order("A", at={"A": [detect]}))
    stand.run(10)
    (entry,) = stand.now()["actionStates"]
    assert entry["actionStatus"] == "FINISHED"
    assert entry["actionResult" if stand.words.new else "resultDescription"]
