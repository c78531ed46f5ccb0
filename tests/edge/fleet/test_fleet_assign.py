"""Who is chosen, who is refused, and with which reason."""

from __future__ import annotations

from typing import Any

import pytest
from yard import Yard, commands, go

from banksman_edge.fleet import Code, FleetError
from banksman_shared.vda5050 import ConnectionState, Error, ErrorLevel, EStop, Factsheet, OperatingMode


def codes(yard: Yard, *documents: dict[str, Any]) -> list[Code]:
    """The codes that check reports, having seen that submit agrees and sends nothing."""
    problems = yard.master.check(commands(*documents))
    before = len(yard.sent)
    if problems:
        with pytest.raises(FleetError) as refused:
            yard.submit("probe", *documents)
        assert refused.value.code is problems[0].code
        assert all(p.sentence for p in problems)
        assert len(yard.sent) == before
        assert not yard.events
    return [p.code for p in problems]


def chosen(yard: Yard, document: dict[str, Any]) -> list[str | None]:
    yard.submit("j", document)
    return list(dict.fromkeys(e.vehicle for e in yard.events if e.code is None))


def test_the_nearest_idle_vehicle_is_chosen(yard: Yard) -> None:
    assert chosen(yard, {"action": "transport", "vehicles": [], "from": "aisle-9", "to": "dock-1"}) == ["agv-2"]


def test_a_busy_vehicle_is_passed_over(yard: Yard) -> None:
    yard.submit("other", go("agv-2", "park-1"))
    yard.events.clear()
    assert chosen(yard, {"action": "pick", "vehicles": [], "to": "aisle-9"}) == ["tug-1"]


def test_a_charging_vehicle_is_the_last_choice(yard: Yard) -> None:
    yard.cars["agv-2"].charging = True
    yard.step()
    assert chosen(yard, {"action": "pick", "vehicles": [], "to": "aisle-9"}) == ["tug-1"]


def test_a_vehicle_low_on_battery_is_not_chosen_but_may_be_named(yard: Yard) -> None:
    yard.cars["agv-2"].battery = 14.0
    yard.step()
    assert codes(yard, go("agv-2", "dock-1")) == []
    assert chosen(yard, {"action": "pick", "vehicles": [], "to": "aisle-9"}) == ["tug-1"]


def test_the_emptiest_is_sent_to_charge(yard: Yard) -> None:
    yard.cars["agv-1"].battery = 5.0
    yard.step()
    assert chosen(yard, {"action": "charge", "vehicles": []}) == ["agv-1"]


def test_a_vehicle_that_carries_a_load_brings_it(yard: Yard) -> None:
    yard.cars["agv-1"].loaded = True
    yard.step()
    assert chosen(yard, {"action": "transport", "vehicles": [], "to": "dock-1"}) == ["agv-1"]
    yard.run(1)
    (order,) = yard.cars["agv-1"].orders
    assert [a.action_type for n in order.nodes for a in n.actions] == ["drop"]


def test_without_a_place_the_load_goes_down_where_the_vehicle_stands(yard: Yard) -> None:
    yard.cars["agv-1"].loaded = True
    yard.step()
    assert chosen(yard, {"action": "drop", "vehicles": []}) == ["agv-1"]
    yard.run(3)
    assert (yard.cars["agv-1"].loaded, yard.cars["agv-1"].last_node) == (False, "P1")


def test_two_loaded_vehicles_raise_the_question_which(yard: Yard) -> None:
    yard.cars["agv-1"].loaded = yard.cars["agv-2"].loaded = True
    yard.step()
    assert codes(yard, {"action": "drop", "vehicles": []}) == [Code.WHICH_VEHICLE]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"action": "move", "vehicles": ["agv-1"]}, Code.WHERE_TO),
        ({"action": "transport", "vehicles": [], "from": "aisle-9"}, Code.WHERE_TO),
        ({"action": "transport", "vehicles": [], "to": "dock-1"}, Code.WHERE_FROM),
        ({"action": "transport", "vehicles": ["agv-1"], "to": "dock-1"}, Code.WHERE_FROM),
        ({"action": "transport", "vehicles": [], "from": "dock-1", "to": "dock-1"}, Code.NOTHING_TO_DO),
        ({"action": "pick", "vehicles": []}, Code.WHERE_TO),
        ({"action": "drop", "vehicles": ["agv-1"], "to": "dock-1"}, Code.NOT_LOADED),
        ({"action": "drop", "vehicles": []}, Code.NOT_LOADED),
        ({"action": "move", "vehicles": ["agv-1"], "to": "island"}, Code.UNREACHABLE),
        ({"action": "move", "vehicles": [], "to": "island"}, Code.UNREACHABLE),
        ({"action": "move", "vehicles": ["agv-1"], "to": "moon"}, Code.UNKNOWN_PLACE),
        ({"action": "move", "vehicles": ["agv-9"], "to": "dock-1"}, Code.UNKNOWN_VEHICLE),
        ({"action": "move", "vehicles": ["at:dock-1"], "to": "aisle-9"}, Code.UNKNOWN_VEHICLE),
        ({"action": "charge", "vehicles": ["agv-1"], "to": "dock-1"}, Code.NOT_A_CHARGER),
        ({"action": "plan", "vehicles": []}, Code.NOT_FOR_VEHICLES),
        ({"action": "status", "vehicles": ["*"]}, Code.NOT_FOR_VEHICLES),
        ({"action": "none", "vehicles": []}, Code.NOT_FOR_VEHICLES),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_its_reason(yard: Yard, document: dict[str, Any], code: Code) -> None:
    assert codes(yard, document) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mode": OperatingMode.MANUAL}, Code.MANUAL),
        ({"paused": True}, Code.PAUSED),
        ({"e_stop": EStop.MANUAL}, Code.EMERGENCY_STOP),
        ({"initialised": False}, Code.NOT_LOCALISED),
        ({"errors": [Error(error_type="motor", error_level=ErrorLevel.FATAL)]}, Code.VEHICLE_ERROR),
        ({"loaded": True}, Code.LOADED),
        ({"x": 3.0, "y": 40.0}, Code.OFF_ROUTE),
    ],
)
def test_a_vehicle_that_cannot_is_refused_with_its_reason(yard: Yard, changes: dict[str, Any], code: Code) -> None:
    for name, value in changes.items():
        setattr(yard.cars["agv-1"], name, value)
    yard.step()
    assert codes(yard, {"action": "pick", "vehicles": ["agv-1"], "to": "aisle-9"}) == [code]
    assert yard.master.vehicles()["agv-1"].idle == (code in (Code.LOADED, Code.OFF_ROUTE))


def test_a_warning_does_not_keep_a_vehicle_from_working(yard: Yard) -> None:
    yard.cars["agv-1"].errors = [Error(error_type="dirty", error_level=ErrorLevel.WARNING)]
    yard.step()
    assert codes(yard, go("agv-1", "dock-1")) == []
    assert yard.master.vehicles()["agv-1"].errors == ("dirty",)


def test_an_absent_vehicle_is_refused(yard: Yard) -> None:
    yard.connection("agv-1", ConnectionState.OFFLINE)
    assert codes(yard, go("agv-1", "dock-1")) == [Code.OFFLINE]


def test_a_vehicle_that_came_back_and_said_nothing_yet_is_refused(yard: Yard) -> None:
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.connection("agv-1", ConnectionState.ONLINE)
    assert codes(yard, go("agv-1", "dock-1")) == [Code.NO_STATE]


def test_a_busy_vehicle_is_refused(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.events.clear()
    assert codes(yard, go("agv-1", "park-1")) == [Code.BUSY]


def test_nobody_free_is_said_with_the_reasons(yard: Yard) -> None:
    for car in yard.cars.values():
        car.mode = OperatingMode.MANUAL
    yard.step()
    (problem,) = yard.master.check(commands({"action": "move", "vehicles": [], "to": "dock-1"}))
    assert problem.code is Code.NO_FREE_VEHICLE
    assert "agv-1 is not in automatic mode" in problem.sentence


def test_an_action_that_the_factsheet_lacks_is_not_asked_for(yard: Yard) -> None:
    address = yard.site.vehicles["agv-2"].address
    factsheet = Factsheet(
        header_id=0, timestamp="", version="2.1.0", manufacturer="", serial_number="",
        type_specification={}, physical_parameters={}, protocol_limits={},
        protocol_features={"agvActions": [{"actionType": "startPause"}]}, agv_geometry={}, load_specification={},
    )  # fmt: skip
    yard.master.on_factsheet(address, factsheet)
    assert codes(yard, {"action": "pick", "vehicles": ["agv-2"], "to": "aisle-9"}) == [Code.CANNOT]
    assert chosen(yard, {"action": "pick", "vehicles": [], "to": "aisle-9"}) == ["tug-1"]


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("*", ["agv-1", "agv-2", "tug-1"]),
        ("group:lifts", ["agv-1", "agv-2"]),
        ("kind:tugger", ["tug-1"]),
        ("at:park-2", ["agv-2"]),
    ],
)
def test_selectors_mean_vehicles(yard: Yard, selector: str, meant: list[str]) -> None:
    assert chosen(yard, {"action": "move", "vehicles": [selector], "to": "dock-1"}) == meant


def test_of_many_those_that_cannot_are_left_out_and_named(yard: Yard) -> None:
    yard.cars["agv-2"].mode = OperatingMode.MANUAL
    yard.step()
    assert chosen(yard, {"action": "move", "vehicles": ["kind:forklift"], "to": "dock-1"}) == ["agv-1"]
    (left_out,) = [e for e in yard.events if e.vehicle == "agv-2"]
    assert (left_out.status, left_out.code) == ("failed", Code.MANUAL)


def test_of_two_named_both_must_be_able(yard: Yard) -> None:
    yard.cars["agv-2"].mode = OperatingMode.MANUAL
    yard.step()
    assert codes(yard, {"action": "move", "vehicles": ["agv-1", "agv-2"], "to": "dock-1"}) == [Code.MANUAL]


def test_a_sequence_is_judged_by_what_will_be(yard: Yard) -> None:
    pick, drop = (
        {"action": "pick", "vehicles": ["agv-1"], "to": "aisle-9"},
        {"action": "drop", "vehicles": ["agv-1"], "to": "dock-1"},
    )
    assert codes(yard, pick, drop) == []
    assert codes(yard, drop, pick) == [Code.NOT_LOADED]
    assert codes(yard, pick, pick) == [Code.LOADED]


def test_chargers_taken_or_aimed_at_are_avoided(yard: Yard) -> None:
    yard.submit("a", {"action": "charge", "vehicles": ["agv-1"]})
    yard.submit("b", {"action": "charge", "vehicles": ["agv-2"]})
    yard.events.clear()
    assert codes(yard, {"action": "charge", "vehicles": ["tug-1"]}) == [Code.NO_FREE_CHARGER]
    yard.until(lambda: yard.cars["agv-1"].charging and yard.cars["agv-2"].charging)
    assert {yard.cars["agv-1"].last_node, yard.cars["agv-2"].last_node} == {"C1", "C2"}


def test_a_job_is_taken_once(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.done("j"))
    with pytest.raises(FleetError) as refused:
        yard.submit("j", go("agv-1", "park-1"))
    assert refused.value.code is Code.DUPLICATE_JOB


def test_an_order_past_its_deadline_is_refused(yard: Yard) -> None:
    with pytest.raises(FleetError) as refused:
        yard.submit("j", go("agv-1", "dock-1"), deadline=yard.clock.time())
    assert refused.value.code is Code.TOO_LATE
    assert not yard.sent


def test_strangers_are_listed_and_never_commanded(yard: Yard) -> None:
    stranger = yard.site.vehicles["agv-1"].address.__class__("Other", "X-1")
    yard.master.on_state(stranger, yard.cars["agv-1"].state())
    assert yard.master.strangers() == (stranger,)
    yard.submit("s", {"action": "stop", "vehicles": ["*"]})
    assert {m.serial_number for _, m in yard.sent} == {"agv-1", "agv-2", "tug-1"}
