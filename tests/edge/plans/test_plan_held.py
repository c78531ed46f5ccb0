"""What vehicles had been given before a long break is held until somebody says that it is still wanted."""

from __future__ import annotations

from typing import Any

import pytest
from driven_yard import transport
from interrupted_yard import InterruptedYard

from banksman_edge.fleet import Code, JobStatus
from banksman_edge.fleet.store import StoredErrand
from banksman_edge.plans.validity import faults_of_rest
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import Plan

SEQUENCE = (
    {"action": "move", "vehicles": ["agv-1"], "to": "aisle-9"},
    {"action": "move", "vehicles": ["agv-1"], "to": "dock-1"},
)


@pytest.fixture
def yard(interrupted: InterruptedYard) -> InterruptedYard:
    return interrupted


def orders(yard: InterruptedYard) -> int:
    return len(yard.cars["agv-1"].orders)


def interrupted(yard: InterruptedYard, away_s: float) -> int:
    """The first of two ways is driven during a break. How many orders the vehicle had by its end."""
    yard.submit("two", *SEQUENCE)
    yard.run(2)
    yard.kill(away_s)
    had = orders(yard)
    yard._begin_master()
    yard.run(60)
    return had


def told(yard: InterruptedYard) -> list[tuple[str, Code | None]]:
    return [(event.status, event.code) for event in yard.events if event.code is Code.HELD]


def test_after_a_short_break_what_is_left_follows(yard: InterruptedYard) -> None:
    had = interrupted(yard, 60)
    assert orders(yard) > had
    assert told(yard) == []


def test_after_a_long_break_it_is_held_and_told_once(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    assert orders(yard) == had
    assert told(yard) == [(JobStatus.LATE, Code.HELD)]
    assert yard.master.vehicles()["agv-1"].held == "two"
    assert yard.master.vehicles()["agv-1"].job == "two"


def test_a_resume_lets_it_go_on(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    yard.submit("on", {"action": "resume", "vehicles": ["*"]})
    yard.until(lambda: yard.master.became_of("two") is JobStatus.DONE)
    assert orders(yard) > had


def test_a_cancel_ends_it(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    yard.submit("no", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(lambda: yard.master.became_of("two") is JobStatus.CANCELLED)
    yard.run(10)
    assert orders(yard) == had
    yard.submit("new", SEQUENCE[1])
    yard.until(lambda: yard.master.became_of("new") is JobStatus.DONE)


def test_a_stop_holds_what_is_released(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-1"]})
    yard.master.release("agv-1", "two")
    yard.run(20)
    assert orders(yard) == had


def test_what_nobody_wants_in_time_is_dropped(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    yard.run(300)
    assert orders(yard) == had
    assert (JobStatus.FAILED, Code.TOO_LATE) in [(event.status, event.code) for event in yard.events]


def test_another_restart_does_not_make_it_wanted(yard: InterruptedYard) -> None:
    had = interrupted(yard, 200)
    yard.kill(5)
    yard._begin_master()
    yard.run(20)
    assert orders(yard) == had


def test_another_restart_does_not_make_wanted_what_is_still_to_come(yard: InterruptedYard) -> None:
    """The first of two ways, of which the vehicle has all, is still being driven when the agent ends again."""
    yard.submit("two", *SEQUENCE)
    yard.run(2)
    yard.kill(0)
    yard.clock.advance(3000)
    had = orders(yard)
    yard._begin_master()
    yard.run(1)
    yard.kill(1)
    yard._begin_master()
    yard.run(60)
    assert orders(yard) == had
    assert yard.cars["agv-1"].last_node == yard.site.places["aisle-9"].node


def test_a_resume_from_before_it_sets_nobody_off(yard: InterruptedYard) -> None:
    yard.submit("two", *SEQUENCE)
    yard.run(2)
    on = StoredErrand(0, 0, "agv-1", Command(Action.RESUME, ("agv-1",)), JobStatus.SENT, begun=True)
    yard.store.save_job("on", [on])
    yard.kill(200)
    had = orders(yard)
    yard._begin_master()
    yard.run(30)
    assert [(e.status, e.code) for e in yard.events if e.job == "on"] == [(JobStatus.FAILED, Code.TOO_LATE)]
    assert orders(yard) == had


@pytest.mark.usefixtures("short_reach")
def test_nobody_goes_on_making_way_after_it(yard: InterruptedYard) -> None:
    yard.submit("first", SEQUENCE[1])
    yard.until(yard.done("first"))
    yard.submit("second", {"action": "move", "vehicles": ["agv-2"], "to": "dock-1"})
    yard.until(lambda: yard.cars["agv-1"].driving)
    yard.kill(60)
    yard.clock.advance(3000)
    had, there = orders(yard), yard.cars["agv-1"].last_node
    yard._begin_master()
    yard.run(60)
    assert (orders(yard), yard.cars["agv-1"].last_node) == (had, there) == (3, "N3")
    yard.submit("on", {"action": "resume", "vehicles": ["agv-2"]})
    yard.until(yard.done("second"))


def under_way(yard: InterruptedYard) -> None:
    """A plan that had just given its second step to the fleet when the agent ended."""
    yard.under_way(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]), dropped=1)
    yard.until(lambda: len(yard.given()) == 2)


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.usefixtures("short_reach")
def test_a_plan_asks_for_what_is_held(yard: InterruptedYard, yes: bool) -> None:
    under_way(yard)
    yard.kill(0)
    yard.clock.advance(3000)
    drive = yard.begin_again()
    assert drive
    yard.run(30)
    held = yard.master.vehicles()["agv-1"].held
    assert held
    assert yard.reporter.said == ["goes on?"]
    had, carried = orders(yard), yard.carried()
    yard.reply(yes=yes)
    failure = yard.finish()
    if yes:
        assert failure == ""
        assert yard.carried() == (2, 2)
    else:
        assert failure == "wish 1"
        assert orders(yard) == had
        assert yard.carried() == carried


@pytest.mark.usefixtures("short_reach")
def test_a_yes_to_a_plan_sends_nothing_else_that_its_vehicles_have(yard: InterruptedYard) -> None:
    """Somebody had cancelled its step and given another order; the vehicle has not heard of it when the yes comes."""
    under_way(yard)
    yard.cars["agv-1"].lose = 1000
    cancel = {"action": "cancel", "vehicles": ["agv-1"]}
    yard.submit("other", cancel, {"action": "move", "vehicles": ["agv-1"], "to": "park-1"})
    yard.run(1)
    yard.kill(0)
    yard.clock.advance(3000)
    yard.begin_again()
    yard.run(5)
    assert yard.reporter.said == ["goes on?"]
    had = orders(yard)
    yard.reply(yes=True)
    yard.cars["agv-1"].lose = 0
    yard.until(lambda: yard.master.vehicles()["agv-1"].held == "other")
    yard.run(60)
    assert orders(yard) == had
    assert told(yard)[-1] == (JobStatus.LATE, Code.HELD)
    yard.submit("on", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("other"))


@pytest.mark.usefixtures("short_reach")
def test_a_vehicle_with_another_order_that_is_held_is_named_and_planned_without(yard: InterruptedYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"], not_before_s=10))
    yard.run(2)
    yard.submit("other", {"action": "move", "vehicles": ["agv-2"], "to": "charger-2"})
    yard.kill(0)
    yard.clock.advance(3000)
    yard.begin_again()
    yard.run(15)
    assert yard.reporter.said == ["goes on?"]
    assert [(problem.code, problem.vehicle) for problem in yard.reporter.breaks[0].hindered] == [(Code.HELD, "agv-2")]
    had = len(yard.cars["agv-2"].orders)
    yard.reply(yes=True)
    yard.until(lambda: yard.handled.count("drop") == 1)
    assert yard.reporter.said == ["goes on?", "again agv-1"]
    assert len(yard.cars["agv-2"].orders) == had
    assert yard.master.vehicles()["agv-2"].held == "other"
    yard.submit("on", {"action": "resume", "vehicles": ["agv-2"]})
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)


@pytest.mark.usefixtures("short_reach")
def test_what_is_held_of_a_plan_that_was_given_up_is_taken_back(yard: InterruptedYard) -> None:
    under_way(yard)
    assert yard.driver
    yard.driver.give_up()
    yard.kill(0)
    yard.clock.advance(3000)
    carried = yard.carried()
    assert yard.begin_again()
    assert yard.finish() == "wish 1"
    assert yard.carried() == carried
    assert yard.master.vehicles()["agv-1"].idle


@pytest.mark.usefixtures("short_reach")
def test_a_stop_while_the_rest_is_planned_anew_holds_what_a_yes_would_have_sent(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest does not hold any more; while it is planned anew, another vehicle of the plan is stopped."""
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.until(lambda: yard.cars["agv-1"].driving and yard.cars["agv-2"].driving)
    yard.kill(0)
    yard.clock.advance(3000)
    yard.begin_again()
    yard.run(15)
    assert yard.reporter.said == ["goes on?"]
    propose, proof = yard.planner.propose, "banksman_edge.plans.restart_review.faults_of_rest"
    monkeypatch.setattr(proof, lambda *_: ["it does not hold"])

    def slow(*asked: Any) -> Plan:
        monkeypatch.setattr(proof, faults_of_rest)
        yard.submit("halt", {"action": "stop", "vehicles": ["agv-2"]})
        return propose(*asked)

    monkeypatch.setattr(yard.planner, "propose", slow)
    had = orders(yard)
    yard.reply(yes=True)
    yard.run(30)
    assert yard.reporter.said == ["goes on?", "again agv-1 agv-2", "paused"]
    assert orders(yard) == had
    yard.submit("on", {"action": "resume", "vehicles": ["agv-2"]})
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)
