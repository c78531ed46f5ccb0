"""Operating modes, the clearing of orders, hibernation, and errors that must not clear one (3.0 §6.6.5–§6.6.7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from black_box import Json
from diary import initialise, zone, zone_set
from matrix import VERSIONS
from papers import about, action, errors, status
from stand import Stand

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.vda5050 import OperatingMode

every_version = pytest.mark.parametrize("version", VERSIONS)
CLEARING = [OperatingMode.MANUAL, OperatingMode.SERVICE, OperatingMode.TEACHIN]
IN_WORDS = {"3.0.0": {"TEACHIN": "TEACH_IN"}}


def name_of(mode: OperatingMode, version: str) -> str:
    return IN_WORDS.get(version, {}).get(mode, str(mode))


def with_an_order(version: str) -> tuple[Stand, Json]:
    """A vehicle half way from A to B, with a pick waiting on C."""
    stand = Stand(version)
    order = stand.order("ABCD", base=3, at={"C": [action("pick")]})
    stand.accept(order)
    stand.run(4)
    assert stand.driving
    return stand, order


# Modes


@every_version
@pytest.mark.parametrize("mode", CLEARING)
def test_a_mode_in_which_a_person_drives_clears_the_order(version: str, mode: OperatingMode) -> None:
    stand, order = with_an_order(version)
    stand.vehicle.switch_mode(mode)
    before = stand.now()
    assert (before["operatingMode"], len(before["nodeStates"])) == ("AUTOMATIC", 3)
    state = stand.until(lambda s: s["operatingMode"] == name_of(mode, version))
    assert (state["driving"], state["nodeStates"], state["edgeStates"]) == (False, [], [])
    assert [a["actionStatus"] for a in state["actionStates"]] == ["FAILED"]
    last = stand.id("A") if mode is OperatingMode.MANUAL else ""
    assert (state["orderId"], state["orderUpdateId"], state["lastNodeId"]) == (order["orderId"], 0, last)
    reported = [body for body in stand.published("state") if body["operatingMode"] == "AUTOMATIC"]
    assert all(body["nodeStates"] for body in reported if body["orderId"]), "emptied only with the new mode"


MODES = [(v, m) for v in VERSIONS for m in CLEARING] + [("3.0.0", OperatingMode.STARTUP)]


@pytest.mark.parametrize(("version", "mode"), MODES)
def test_out_of_automatic_mode_orders_and_commands_are_refused(version: str, mode: OperatingMode) -> None:
    stand = Stand(version)
    stand.vehicle.switch_mode(mode)
    stand.send("order", order := stand.order("AB"))
    stand.run(5)
    (error,) = about(stand.now(), "orderId", order["orderId"])
    expected = stand.words.error("orderError", "MOBILE_ROBOT_NOT_AVAILABLE")
    assert (error["errorType"], error["errorLevel"]) == (expected, "WARNING")
    pause = stand.instantly("startPause")
    state = stand.now()
    assert (status(state, pause), state["paused"], state["orderId"]) == ("FAILED", False, "")


def test_the_warning_stays_until_the_mode_allows_orders() -> None:
    stand = Stand("3.0.0")
    stand.vehicle.switch_mode(OperatingMode.MANUAL)
    stand.send("order", stand.order("AB"))
    stand.run(120)
    assert errors(stand.now()) == [("MOBILE_ROBOT_NOT_AVAILABLE", "WARNING")]
    stand.vehicle.switch_mode(OperatingMode.AUTOMATIC)
    assert stand.now()["errors"] == []


@every_version
def test_semiautomatic_drives_no_faster_than_automatic(version: str) -> None:
    fastest = {}
    for mode in (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC):
        stand = Stand(version)
        stand.vehicle.switch_mode(mode)
        stand.accept(stand.order("AB"))
        stand.arrive("B")
        fastest[mode] = max(body["velocity"]["vx"] for body in stand.published("visualization"))
    assert 0 < fastest[OperatingMode.SEMIAUTOMATIC] <= fastest[OperatingMode.AUTOMATIC]


@pytest.mark.parametrize("mode", [OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC])
def test_after_an_intervention_the_order_goes_on(mode: OperatingMode) -> None:
    stand, order = with_an_order("3.0.0")
    stand.vehicle.switch_mode(OperatingMode.INTERVENED)
    stand.run(60)
    state = stand.now()
    assert (state["driving"], state["orderId"], len(state["nodeStates"])) == (False, order["orderId"], 3)
    stand.vehicle.switch_mode(mode)
    assert stand.until(lambda s: s["lastNodeId"] == stand.id("C"))["orderId"] == order["orderId"]


def test_clearing_removes_the_requests_with_the_order() -> None:
    stand = Stand("3.0.0")
    stand.send("zoneSet", zone_set(zone("RELEASE", 3.0, 4.0)))
    stand.instantly("enableZoneSet", zoneSetId="set")
    stand.accept(stand.order("AB"))
    assert len(stand.now()["zoneRequests"]) == 1
    stand.vehicle.switch_mode(OperatingMode.MANUAL)
    state = stand.until(lambda s: s["operatingMode"] == "MANUAL")
    assert (state.get("zoneRequests", []), state["nodeStates"], state["edgeStates"]) == ([], [], [])


# Nothing else clears an order


Happening = Callable[[Stand], object]


def _fault(kind: FaultKind) -> Happening:
    return lambda stand: stand.vehicle.inject(Fault(kind))


def _mode(mode: OperatingMode) -> Happening:
    return lambda stand: stand.vehicle.switch_mode(mode)


def _block_the_way(stand: Stand) -> None:
    stand.send("zoneSet", zone_set(zone("BLOCKED", 5.0, 5.5)))
    stand.instantly("enableZoneSet", zoneSetId="set")


HAPPENINGS: dict[str, Happening] = {
    "an obstacle": _fault(FaultKind.OBSTACLE),
    "an emergency stop": _fault(FaultKind.EMERGENCY_STOP),
    "localisation lost": _fault(FaultKind.LOCALISATION_LOST),
    "an empty battery": lambda stand: stand.vehicle.inject(Fault(FaultKind.BATTERY_DYING, amount=0.01)),
    "semiautomatic": _mode(OperatingMode.SEMIAUTOMATIC),
    "another order": lambda stand: stand.send("order", stand.order("AB")),
    "garbage": lambda stand: stand.send("order", {"orderId": 1}),
    "a pause": lambda stand: stand.instantly("startPause"),
    "an unknown action": lambda stand: stand.instantly("playFanfare"),
}
SINCE_3: dict[str, Happening] = {
    "an intervention": _mode(OperatingMode.INTERVENED),
    "a blocked zone": _block_the_way,
}


@pytest.mark.parametrize(
    ("version", "name"), [(v, n) for v in VERSIONS for n in HAPPENINGS] + [("3.0.0", n) for n in SINCE_3]
)
def test_errors_and_other_modes_never_clear_the_order(version: str, name: str) -> None:
    stand, order = with_an_order(version)
    {**HAPPENINGS, **SINCE_3}[name](stand)
    stand.run(120)
    state = stand.now()
    assert (state["orderId"], len(state["nodeStates"]) >= 1) == (order["orderId"], True)
    assert [a["actionStatus"] for a in state["actionStates"] if a["actionType"] == "pick"] != ["FAILED"]


@every_version
def test_a_failed_action_does_not_clear_the_order(version: str) -> None:
    stand = Stand(version)
    order = stand.order("ABC", base=2, at={"B": [drop := action("drop")]})
    stand.accept(order)
    stand.run(60)
    state = stand.now()
    assert (status(state, drop["actionId"]), state["orderId"]) == ("FAILED", order["orderId"])
    assert [node["nodeId"] for node in state["nodeStates"]] == [stand.id("C")]


# Levels of errors


def test_an_urgent_error_lets_the_vehicle_go_on_and_take_orders() -> None:
    stand = Stand("3.0.0", charge=10.0)
    assert [level for _, level in errors(stand.now())] == ["URGENT"]
    stand.accept(stand.order("AB"))
    stand.arrive("B")
    stand.accept(stand.order("BC"))
    state = stand.arrive("C")
    assert [level for _, level in errors(state)] == ["URGENT"]


def test_after_a_fatal_error_the_vehicle_neither_goes_on_nor_takes_orders_until_somebody_helped() -> None:
    stand, _ = with_an_order("3.0.0")
    stand.vehicle.inject(Fault(FaultKind.LOCALISATION_LOST))
    state = stand.until(lambda s: not s["driving"])
    assert ("LOCALIZATION_ERROR", "FATAL") in errors(state)
    assert state["mobileRobotPosition"]["localized"] is False
    stand.run(600)
    assert ("LOCALIZATION_ERROR", "FATAL") in errors(stand.now())
    assert stand.position() == state["mobileRobotPosition"]
    initialise(stand)
    here = stand.until(lambda s: s["lastNodeId"] == stand.id("B"))
    assert (errors(here), here["mobileRobotPosition"]["localized"]) == ([], True)


@every_version
@pytest.mark.parametrize("kind", [FaultKind.LOCALISATION_LOST, FaultKind.EMERGENCY_STOP])
def test_while_an_error_is_fatal_no_new_order_is_taken(version: str, kind: FaultKind) -> None:
    stand = Stand(version)
    stand.vehicle.inject(Fault(kind))
    stand.send("order", stand.order("AB"))
    stand.run(5)
    state = stand.now()
    assert (state["orderId"], state["driving"]) == ("", False)
    assert "FATAL" in [level for _, level in errors(state)]
    stand.vehicle.clear(kind)
    stand.accept(stand.order("AB"))


def test_no_route_is_reported_until_a_new_order_is_accepted() -> None:
    stand = Stand("3.0.0")
    stand.send("zoneSet", zone_set(zone("BLOCKED", 3.0, 4.0)))
    stand.instantly("enableZoneSet", zoneSetId="set")
    stand.send("order", stand.order("AB"))
    stand.run(120)
    assert errors(stand.now()) == [("NO_ROUTE_TO_TARGET", "WARNING")]
    assert stand.accept(stand.order("A"))["errors"] == []


# Hibernation


def test_a_hibernating_vehicle_stands_without_an_order_and_without_states() -> None:
    stand, order = with_an_order("3.0.0")
    sleep = stand.instantly("startHibernation")
    stand.run(10)
    topics = [topic for topic, _ in stand.sent]
    asleep = stand.published("connection")[-1]
    assert asleep["connectionState"] == "HIBERNATING"
    last = stand.published("state")[-1]
    assert (status(last, sleep), last["driving"], last["nodeStates"]) == ("FINISHED", False, [])
    assert last["orderId"] == order["orderId"]
    assert topics[::-1].index("connection") < topics[::-1].index("state"), "the last state comes before"
    count = len(stand.published("state"))
    stand.send("order", stand.order("AB"))
    for kind in ("stateRequest", "cancelOrder", "factsheetRequest", "shutdown"):
        stand.instantly(kind)
    stand.run(3600, tick_s=1)
    assert len(stand.published("state")) == count
    assert stand.published("connection")[-1] == asleep
    stand.instantly("stopHibernation")
    stand.run(1)
    assert stand.published("connection")[-1]["connectionState"] == "ONLINE"
    stand.instantly("shutdown")
    stand.run(1)
    assert stand.published("connection")[-1]["connectionState"] == "OFFLINE"
