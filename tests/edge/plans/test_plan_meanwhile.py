"""What happens while the rest of a plan is made, approved or waited for is not overlooked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec
import pytest
from driven_yard import KEY, DrivenYard, send, transport
from yard import quirk

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, Problem, Standby
from banksman_edge.plans.active_plans import ActivePlans
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import Plan
from banksman_shared.vda5050 import Error, ErrorLevel, NodeState

EVERYTHING = Command(Action.CANCEL, ("*",))
LATER = send("move", "tug-1", destinations=["charger-2"], not_before_s=900)


@pytest.fixture
def yard() -> DrivenYard:
    return DrivenYard()


def drives_of(yard: DrivenYard) -> ActivePlans:
    fleet: object = yard.fleet
    drives = ActivePlans(yard.site, fleet)  # type: ignore[arg-type]
    assert yard.driver
    drives._active_plans.append(yard.driver)
    return drives


def replan(yard: DrivenYard, meanwhile: Callable[[str], None]) -> str:
    """One of two vehicles breaks down when the other has done its part; while the rest is planned anew for that one,
    something happens. Who it is."""
    yard.drive(
        transport(3, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]),
        send("move", "tug-1", destinations=["charger-2"], after=[0]),
    )
    driver = yard.driver
    assert driver
    both = {step.step.vehicle for step in driver.execution.items} - {"tug-1"}
    assert len(both) == 2
    yard.until(lambda: any(driver.execution.next_of(v) is None for v in both))
    (spare,) = (v for v in both if driver.execution.next_of(v) is None)
    (broken,) = both - {spare}
    assert not yard.cars[broken].loaded
    yard.cars[broken].errors = [Error(error_type="motorFault", error_level=ErrorLevel.FATAL)]
    yard.cars[broken].paused = True

    def tampered(plan: Plan) -> Plan:
        meanwhile(spare)
        return plan

    yard.planner.tamper = tampered
    asked = len(yard.planner.requests)
    yard.until(lambda: len(yard.planner.requests) > asked)
    return spare


def given_to(yard: DrivenYard, vehicle: str) -> int:
    return sum(e.vehicle == vehicle and e.command.action == "transport" and e.status == "queued" for e in yard.events)


def test_the_other_vehicle_takes_over_what_is_left(yard: DrivenYard) -> None:
    spare = replan(yard, lambda _: None)
    yard.run(10)
    assert given_to(yard, spare) == 2


def test_a_stop_during_a_replan_holds_what_was_planned_anew(yard: DrivenYard) -> None:
    spare = replan(yard, lambda _: yard.submit("halt", {"action": "stop", "vehicles": ["tug-1"]}))
    yard.run(30)
    assert given_to(yard, spare) == 1
    yard.submit("on", {"action": "resume", "vehicles": ["tug-1"]})
    yard.run(5)
    assert given_to(yard, spare) == 2


def test_a_vehicle_that_is_taken_during_a_replan_gets_nothing_of_it(yard: DrivenYard) -> None:
    spare = replan(yard, lambda vehicle: drives_of(yard).cancel(Command(Action.CANCEL, (vehicle,)), None))
    yard.run(60)
    assert given_to(yard, spare) == 1


def test_everything_that_is_cancelled_during_a_replan_stays_cancelled(yard: DrivenYard) -> None:
    spare = replan(yard, lambda _: drives_of(yard).cancel(EVERYTHING, None))
    assert yard.finish() == "wish 1, wish 2"
    yard.run(60)
    assert given_to(yard, spare) == 1
    assert yard.planner.told[-1] == ("first", "failed")


def test_after_a_planner_that_fails_too_late_a_plan_that_was_given_up_ends_at_once(yard: DrivenYard) -> None:
    def fails(_: str) -> None:
        drives_of(yard).cancel(EVERYTHING, None)
        raise PlannerError("away", retryable=True)

    replan(yard, fails)
    yard.run(2)
    assert yard.reporter.failure == "wish 1, wish 2"


def test_a_close_during_a_replan_hands_out_nothing_and_says_what_was_not_done(yard: DrivenYard) -> None:
    spare = replan(yard, lambda _: drives_of(yard).close())
    yard.run(60)
    assert given_to(yard, spare) == 1
    assert yard.reporter.failure == "wish 1, wish 2"
    assert yard.planner.told[-1] == ("first", "failed")


def test_an_offer_is_void_when_another_vehicle_is_lost(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", within_s=150), fleet=["agv-1", "agv-2"])
    yard.run(1)
    driver = yard.driver
    assert driver
    yard.cars["agv-1"].errors = [Error(error_type="motorFault", error_level=ErrorLevel.FATAL)]
    yard.cars["agv-1"].paused = True
    yard.until(lambda: bool(yard.reporter.offered))
    yard.submit("no", {"action": "cancel", "vehicles": ["agv-2"]})
    yard.until(lambda: "taken agv-2" in yard.reporter.said)
    assert driver.state.offer is None or driver.state.offer.plan is not yard.reporter.offered[0]


# What has not begun


def test_a_plan_of_which_nothing_runs_can_be_cancelled(yard: DrivenYard) -> None:
    yard.drive(LATER)
    drives = drives_of(yard)
    yard.run(1)
    for command in (EVERYTHING, Command(Action.CANCEL, ()), Command(Action.CANCEL, ("tug-1",))):
        assert drives.cover(command, None)
        assert not drives.cover(command, lambda *_: False)
    assert not drives.cover(Command(Action.CANCEL, ("agv-1",)), None)
    drives.cancel(EVERYTHING, None)
    assert yard.finish() == "wish 1"
    assert not drives.cover(EVERYTHING, None)


def test_a_vehicle_that_has_not_begun_can_be_taken_off_a_plan(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"], not_before_s=30))
    yard.run(1)
    drives_of(yard).cancel(Command(Action.CANCEL, ("agv-1",)), None)
    assert yard.finish() == ""
    assert yard.reporter.said == ["taken agv-1", "again agv-2"]
    assert given_to(yard, "agv-1") == 0


def test_what_vehicles_do_is_the_fleets_to_cancel(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.run(1)
    assert not drives_of(yard).cover(EVERYTHING, None)


@pytest.mark.parametrize("end", ["cancelled", "closed"])
def test_a_plan_that_is_called_off_while_it_is_approved_is_not_begun(yard: DrivenYard, end: str) -> None:
    yard.drive(transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]))
    driver = yard.driver
    assert driver
    fleet: object = yard.fleet
    drives = ActivePlans(yard.site, fleet)  # type: ignore[arg-type]
    with drives.approval() as approval:
        assert drives.cover(EVERYTHING, None)
        if end == "cancelled":
            drives.cancel(EVERYTHING, None)
        else:
            closing = threading.Thread(target=drives.close)
            closing.start()
            while not drives._closed:
                time.sleep(0.01)
        drives.begin(driver, approval)
    until = time.monotonic() + 20
    while yard.reporter.failure is None and time.monotonic() < until:
        time.sleep(0.01)
    assert yard.reporter.failure == "wish 1"
    assert yard.given() == []


# Others


def test_an_operators_own_order_is_left_alone_when_its_vehicle_is_lost(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.run(1)
    driver = yard.driver
    assert driver
    mine = ({"action": "cancel", "vehicles": ["agv-1"]}, {"action": "move", "vehicles": ["agv-1"], "to": "park-1"})
    yard.submit("mine", *mine)
    driver.state.dispatch.let_go("agv-1", may_charge=False)  # lost for another reason, at that very moment
    yard.finish()
    assert yard.statuses("mine")[-1] == "done"


def test_an_operators_order_is_not_cancelled_before_the_plan_hears_of_the_end_of_its_own(yard: DrivenYard) -> None:
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]), LATER)
    driver, late = yard.driver, []
    assert driver
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(driver), "note", lambda _, event: late.append(event))
        yard.run(1)
        yard.submit("no", {"action": "cancel", "vehicles": ["agv-1"]})
        yard.until(yard.ended("no"))
        yard.submit("mine", {"action": "move", "vehicles": ["agv-1"], "to": "park-1"})
        yard.run(1)
    for event in late:
        driver.note(event)
    yard.until(yard.ended("mine"))
    yard.run(1)
    assert yard.statuses("mine")[-1] == "done"
    assert "taken agv-1" in yard.reporter.said


def test_a_plan_is_given_up_when_another_agent_commands(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.run(1)
    yard.fleet.elsewhere = Standby(Problem(Code.STANDBY, "another agent commands"), another_agent=True)
    assert yard.finish() == "wish 1"
    yard.fleet.elsewhere = None
    yard.run(60)
    assert len(yard.given()) == 2


@pytest.mark.parametrize(("seconds", "failure"), [(60, ""), (200, "wish 1")])
def test_another_master_is_waited_for_for_a_while(yard: DrivenYard, seconds: float, failure: str) -> None:
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.run(1)
    yard.fleet.elsewhere = Standby(Problem(Code.STANDBY, "another master commands"))
    yard.run(seconds)
    yard.fleet.elsewhere = None
    assert yard.finish() == failure


def test_a_vehicle_that_does_not_take_its_step_is_not_counted_on(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"], not_before_s=20))
    ahead = [NodeState(node_id="N3", sequence_id=2, released=True)]
    quirk(yard, "agv-1", lambda state: msgspec.structs.replace(state, order_id="theirs", node_states=ahead))
    assert yard.finish() == ""
    (deviation,) = yard.reporter.deviations
    assert (deviation.vehicle, deviation.why and deviation.why.code) == ("agv-1", Code.BUSY)
    assert given_to(yard, "agv-1") == 0


# To the charger


def test_a_vehicle_below_its_reserve_may_go_and_charge(yard: DrivenYard) -> None:
    yard.cars["agv-1"].battery = 25.0
    yard.run(1)
    yard.drive(
        send("charge", "agv-1", destinations=["charger-1"], when="first", until=60),
        transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]),
        {"kind": "reserve", "percent": 30},
    )
    yard.until(yard.done(f"{KEY}/1"))
    yard.cars["agv-1"].battery = 60.0
    assert yard.finish() == ""
    assert yard.reporter.said == []


def test_a_vehicle_that_is_empty_keeps_its_way_to_the_charger(yard: DrivenYard) -> None:
    yard.drive(
        transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]), send("charge", "agv-1", destinations=["charger-1"])
    )
    yard.run(1)
    yard.cars["agv-1"].battery = 4.0
    assert yard.finish() == "wish 1"
    assert yard.reporter.said == ["empty agv-1"]
    assert yard.cars["agv-1"].last_node == "C1"
    assert given_to(yard, "agv-1") == 1
