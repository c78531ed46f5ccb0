"""An agent that ends in the seconds in which others take over a step: the next one fetches nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from driven_yard import KEY, DrivenYard
from interrupted_yard import InterruptedYard
from outage_world import put
from test_plan_barred import CARRY, done
from yard import Yard

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import JobStatus
from banksman_edge.plans import Driver
from banksman_edge.plans.execution import Item, Stage
from banksman_shared.plans import FleetSnapshot, Plan
from banksman_shared.vda5050 import OperatingMode

TAKEN = f"{KEY}/1"
"""The step that the first vehicle waits with, behind one that is out of order."""
ON_ITS_WAY = f"{KEY}/2"
"""The step that the second vehicle has begun, where that one breaks down later."""


class KilledError(Exception):
    """The agent ends here."""


@pytest.fixture
def yard(interrupted: InterruptedYard) -> InterruptedYard:
    return interrupted


def killed(*_: object, **__: object) -> Any:
    raise KilledError


def shut_in(yard: DrivenYard) -> None:
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.drive(CARRY)


def shut_in_on_its_way(yard: DrivenYard) -> None:
    """The second vehicle has an order, released in part (``short_reach``); the first one gets past."""
    yard.drive(CARRY)
    yard.until(lambda: yard.cars["agv-1"].driving)
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.run(20)


def repair(yard: DrivenYard) -> None:
    put(yard, "tug-1", "P3")
    yard.cars["tug-1"].mode = OperatingMode.AUTOMATIC


def until_killed(yard: InterruptedYard, away_s: float = 10.0) -> None:
    """Drive until the agent ends."""
    with pytest.raises(KilledError):
        yard.finish()
    del yard.fleet.__dict__["take_back"]
    yard.planner.__dict__.pop("approve", None)
    yard.kill(away_s)


def killed_before_it_is_asked(yard: InterruptedYard, away_s: float = 10.0) -> None:
    """The vehicle has not been told to give up its step."""
    shut_in(yard)
    yard.fleet.take_back = killed  # type: ignore[method-assign]
    until_killed(yard, away_s)


def killed_when_it_was_asked(yard: InterruptedYard, away_s: float = 10.0) -> None:
    """The plan for the others is not driven yet."""
    shut_in(yard)
    yard.fleet.take_back = yard.fleet.take_back  # type: ignore[method-assign]
    yard.planner.approve = killed  # type: ignore[method-assign]
    until_killed(yard, away_s)


def killed_before_it_is_sure(yard: InterruptedYard, away_s: float = 10.0) -> None:
    """The others are to do it, and the vehicle has not heard that it is to give it up."""
    shut_in_on_its_way(yard)
    yard.cars["agv-2"].lose = 1000
    yard.until(lambda: yard.reporter.said == ["again agv-1"])
    yard.run(1)
    yard.cars["agv-2"].lose = 0
    yard.kill(away_s)


def taken(drive: Driver, job: str = TAKEN) -> Item:
    (item,) = [item for item in drive.execution.items if item.job == job]
    return item


def begin_again(yard: InterruptedYard, **more: Any) -> Driver:
    drive = yard.begin_again(**more)
    assert drive
    return drive


def test_who_was_not_asked_yet_keeps_its_step_and_is_asked_again(yard: InterruptedYard) -> None:
    killed_before_it_is_asked(yard)
    drive = begin_again(yard)
    assert (taken(drive).stage, taken(drive).disputed) == (Stage.GIVEN, False)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
    assert TAKEN not in done(yard)


def test_what_was_given_up_is_done_by_the_others_once(yard: InterruptedYard) -> None:
    killed_when_it_was_asked(yard)
    begin_again(yard)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
    assert TAKEN not in done(yard)
    assert yard.reporter.deviations == []


@pytest.mark.usefixtures("short_reach")
def test_what_is_still_being_given_up_is_nobodys_until_it_is_sure(yard: InterruptedYard) -> None:
    killed_before_it_is_sure(yard)
    yard.cars["agv-2"].silent = True
    drive = begin_again(yard)
    assert (taken(drive, ON_ITS_WAY).stage, taken(drive, ON_ITS_WAY).disputed) == (Stage.LOST, True)
    had = yard.given()
    yard.run(60)
    assert yard.given() == had
    yard.cars["agv-2"].silent = False
    repair(yard)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
    assert ON_ITS_WAY not in done(yard)


@pytest.mark.usefixtures("short_reach")
def test_what_was_done_all_the_same_is_not_done_again(yard: InterruptedYard) -> None:
    """The fleet has noted so with its last breath."""
    killed_before_it_is_sure(yard)
    yard.cars["agv-2"].wipe()
    yard.store.forget_job(f"{ON_ITS_WAY}-undo", JobStatus.DONE)
    yard.store.forget_job(ON_ITS_WAY, JobStatus.DONE)
    repair(yard)
    drive = begin_again(yard)
    assert (taken(drive, ON_ITS_WAY).stage, taken(drive, ON_ITS_WAY).disputed) == (Stage.DONE, False)
    assert yard.finish() == ""
    assert yard.carried() == (3, 3)


@pytest.mark.usefixtures("short_reach")
def test_who_does_not_give_its_step_up_keeps_it(yard: InterruptedYard) -> None:
    killed_before_it_is_sure(yard)
    yard.store.forget_job(f"{ON_ITS_WAY}-undo", JobStatus.FAILED)
    repair(yard)
    drive = begin_again(yard)
    assert (taken(drive, ON_ITS_WAY).stage, taken(drive, ON_ITS_WAY).kept) == (Stage.GIVEN, True)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
    assert ON_ITS_WAY in done(yard)


@pytest.mark.usefixtures("short_reach")
def test_who_has_forgotten_what_it_was_to_give_up_has_given_it_up(yard: InterruptedYard) -> None:
    """It was not let drive to the end of it, so it cannot have done it."""
    killed_before_it_is_sure(yard)
    yard.cars["agv-2"].wipe()
    yard.cars["agv-2"].order_id = ""
    repair(yard)
    begin_again(yard)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
    assert ON_ITS_WAY not in done(yard)


@pytest.mark.parametrize("memory", [True, False])
def test_where_nobody_knows_whose_the_load_is_that_is_told_and_it_is_not_fetched_again(
    yard: InterruptedYard, memory: bool
) -> None:
    """Its vehicle is not there to say so; or the fleet's memory of it is lost."""
    killed_when_it_was_asked(yard)
    if memory:
        yard.away.add("agv-1")
    begin_again(yard, memory=memory)
    yard.run(30)
    assert yard.reporter.said == ["goes on?"]
    assert [step.vehicle for step in yard.reporter.breaks[0].unknown] == ["agv-1"]
    yard.reply(yes=True)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 3)


def test_a_load_that_was_taken_up_after_all_is_told_as_left(yard: InterruptedYard) -> None:
    killed_when_it_was_asked(yard)
    yard.cars["agv-1"].loaded = True
    begin_again(yard)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 3)


@pytest.mark.usefixtures("short_reach")
def test_a_load_that_is_taken_up_while_the_step_is_given_up_is_not_fetched_by_others() -> None:
    yard = DrivenYard()
    shut_in_on_its_way(yard)
    car, receive = yard.cars["agv-2"], yard.cars["agv-2"].receive

    def late(message: Any) -> None:
        car.loaded = car.loaded or any(a.action_type == "cancelOrder" for a in getattr(message, "actions", ()))
        receive(message)

    car.receive = late  # type: ignore[method-assign]
    yard.until(lambda: yard.reporter.said == ["again agv-1"])
    yard.run(5)
    repair(yard)
    assert yard.finish() == "wish 1"
    assert len(done(yard)) == 3


def test_a_break_after_it_is_sure_changes_nothing(yard: InterruptedYard) -> None:
    shut_in(yard)
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    yard.run(5)
    drive = yard.restart()
    assert not taken(drive).disputed
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)


@pytest.mark.usefixtures("short_reach")
def test_what_was_asked_back_in_vain_is_asked_back_again_when_its_vehicle_is_lost(yard: InterruptedYard) -> None:
    """It does not hear of the first time; then it is in manual mode for a while, and the others fetch its load."""
    shut_in_on_its_way(yard)
    car, take = yard.cars["agv-2"], yard.cars["agv-2"]._take_instant
    car._take_instant = lambda a: None if a.action_type == "cancelOrder" else take(a)  # type: ignore[method-assign]
    yard.until(lambda: any(e.job == f"{ON_ITS_WAY}-undo" and e.status == "failed" for e in yard.events))
    yard.run(1)
    del car.__dict__["_take_instant"]
    car.mode = OperatingMode.MANUAL
    yard.run(20)
    car.mode = OperatingMode.AUTOMATIC
    repair(yard)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)


@pytest.mark.usefixtures("short_reach")
def test_who_keeps_its_step_costs_the_plan_no_other_where_nobody_was_to_do_it_yet(yard: InterruptedYard) -> None:
    """So all goes on as it was, though no planner is there."""
    shut_in_on_its_way(yard)
    take_back = yard.fleet.take_back

    def unheard(by: str, job: str, vehicle: str) -> bool:
        yard.cars[vehicle].lose = 1000
        return take_back(by, job, vehicle)

    yard.fleet.take_back = unheard  # type: ignore[method-assign]
    yard.planner.approve = killed  # type: ignore[method-assign]
    until_killed(yard)
    yard.cars["agv-2"].lose = 0
    yard.store.forget_job(f"{ON_ITS_WAY}-undo", JobStatus.FAILED)
    repair(yard)
    yard.planner.down = yard.here.down = PlannerError("away", retryable=True)
    begin_again(yard)
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)


def test_a_load_that_is_taken_up_while_the_plan_of_the_others_is_approved_is_not_fetched_by_them() -> None:
    yard = DrivenYard()
    shut_in(yard)
    car, driver, approve = yard.cars["agv-1"], yard.driver, yard.planner.approve
    assert driver

    def slow(plan: Plan, fleet: FleetSnapshot) -> Plan:
        car.loaded = True
        Yard.step(yard)
        for event in yard.events[yard._told :]:
            driver.note(event)
        yard._told = len(yard.events)
        return approve(plan, fleet)

    yard.planner.approve = slow  # type: ignore[method-assign]
    assert yard.finish() == "wish 1"
    assert len(done(yard)) == 3
