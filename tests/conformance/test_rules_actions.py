"""How a vehicle carries out actions, and whether it is as its factsheet says."""

from __future__ import annotations

import pytest
from matrix import VERSIONS
from papers import about, action, status
from stand import Stand

from banksman_firmware_sim.faults.faults import Fault, FaultKind

every_version = pytest.mark.parametrize("version", VERSIONS)


@every_version
@pytest.mark.parametrize("kind", ["pick", "drop", "finePositioning"])
@pytest.mark.parametrize("hold", [FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP])
def test_what_moves_pauses_while_a_safety_field_is_violated(version: str, kind: str, hold: FaultKind) -> None:
    stand = Stand(version)
    before = [action("pick")] if kind == "drop" else []
    deed = action(kind)
    stand.accept(stand.order("A", at={"A": [*before, deed]}))
    stand.until(lambda s: status(s, deed["actionId"]) == "RUNNING")
    stand.vehicle.inject(Fault(hold))
    stand.run(60)
    assert status(stand.now(), deed["actionId"]) == "PAUSED"
    stand.vehicle.clear(hold)
    stand.until(lambda s: status(s, deed["actionId"]) == "FINISHED")


@every_version
@pytest.mark.parametrize("kind", ["detectObject", "finePositioning", "pick", "drop", "startCharging", "stopCharging"])
def test_an_action_that_goes_wrong_is_failed_with_an_error(version: str, kind: str) -> None:
    for fails in (False, True):
        stand = Stand(version)
        stand.accept(stand.order("A", at={"A": [action("pick")]} if kind == "drop" else None))
        stand.run(10)
        if fails:
            stand.vehicle.inject(Fault(FaultKind.ACTION_FAILS))
        deed = action(kind)
        stand.accept(stand.order("A", at={"A": [deed]}))
        stand.run(10)
        state = stand.now()
        assert status(state, deed["actionId"]) == ("FAILED" if fails else "FINISHED")
        assert bool(about(state, "actionId", deed["actionId"])) is fails


@every_version
@pytest.mark.parametrize("kind", ["detectObject", "finePositioning", "pick"])
def test_after_an_edge_its_actions_are_over_and_the_vehicle_is_as_before(version: str, kind: str) -> None:
    stand = Stand(version)
    order, deed = stand.order("ABC"), action(kind, "NONE")
    order["edges"][0]["actions"] = [deed]
    slow = {"maximumSpeed" if stand.words.new else "maxSpeed": 0.5, "orientation": 1.0}
    order["edges"][0] |= slow
    stand.accept(order)
    stand.until(lambda s: status(s, deed["actionId"]) == "RUNNING")
    beyond = stand.until(lambda s: s["lastNodeId"] == stand.id("B"))
    assert status(beyond, deed["actionId"]) == "FINISHED"
    stand.run(3)
    state = stand.now()
    assert state["velocity"]["vx"] > 0.5
    assert stand.words.position(state)["theta"] == pytest.approx(1.5708, abs=1e-3)


def test_what_may_be_paused_and_cancelled_is_so_as_the_factsheet_says() -> None:
    """Zone sets, maps and positions are left out: their actions take no time."""
    (sheet,) = Stand("3.0.0").published("factsheet")
    actions = sheet["protocolFeatures"]["mobileRobotActions"]
    assert all({"pauseAllowed", "cancelAllowed"} <= described.keys() for described in actions)
    takes_time = {"pick", "drop", "detectObject", "finePositioning", "waitForTrigger"}
    described = {a["actionType"]: a for a in actions if a["actionType"] in takes_time}
    assert set(described) == takes_time
    for kind, entry in described.items():
        for way, key, interrupted in (
            ("startPause", "pauseAllowed", "PAUSED"),
            ("cancelOrder", "cancelAllowed", "FAILED"),
        ):
            stand = Stand("3.0.0")
            before = [action("pick")] if kind == "drop" else []
            given = {"triggerType": ["LOCAL"]} if kind == "waitForTrigger" else {}
            deed = action(kind, **given)
            stand.accept(stand.order("A", at={"A": [*before, deed]}))
            stand.until(lambda s, deed=deed: status(s, deed["actionId"]) == "RUNNING")
            stand.instantly(way)
            stand.run(0.2)
            assert (status(stand.now(), deed["actionId"]) == interrupted) is entry[key], (kind, way)


@every_version
def test_loads_are_handled_by_the_devices_that_the_factsheet_names(version: str) -> None:
    (sheet,) = Stand(version).published("factsheet")
    devices = sheet["loadSpecification"]["loadPositions"]
    assert devices
    assert sheet["loadSpecification"]["loadSets"]
    for device in (*devices, "second"):
        stand = Stand(version)
        order = stand.order("A", at={"A": [action("pick", lhd=device)]})
        stand.send("order", order)
        assert (stand.now()["orderId"] == order["orderId"]) is (device in devices)
        if device in devices:
            stand.run(20)
            assert [load["loadPosition"] for load in stand.now()["loads"]] == [device]


@every_version
def test_the_factsheet_stays_the_same(version: str) -> None:
    stand = Stand(version)
    stand.accept(stand.order("ABC", at={"C": [action("pick")]}))
    stand.arrive("C")
    stand.run(20)
    stand.instantly("factsheetRequest")
    stand.run(1)
    first, last = stand.published("factsheet")
    header = ("headerId", "timestamp")
    assert {k: v for k, v in first.items() if k not in header} == {k: v for k, v in last.items() if k not in header}
    assert (first["headerId"], last["headerId"]) == (0, 1)


@every_version
def test_lists_are_as_long_as_the_factsheet_allows_and_no_longer(version: str) -> None:
    (sheet,) = Stand(version).published("factsheet")
    limits = sheet["protocolLimits"]["maximumArrayLengths" if version == "3.0.0" else "maxArrayLens"]
    for surplus, taken in ((0, True), (1, False)):
        stand = Stand(version)
        order = stand.order("AB" * (limits["order.nodes"] // 2) + "A" * surplus)
        stand.send("order", order)
        assert (stand.now()["orderId"] == order["orderId"]) is taken
    flooded = Stand(version)
    for _ in range(3 * limits["state.errors"]):
        flooded.send("order", flooded.order("CB"))
    assert len(flooded.now()["errors"]) <= limits["state.errors"]
