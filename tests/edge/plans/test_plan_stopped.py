"""What is left of a plan while vehicles are stopped, or nobody can plan it: it is neither given up nor kept quiet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driven_yard import DrivenYard, transport
from test_plan_meanwhile import given_to, replan

from banksman_edge.errors import PlannerError
from banksman_shared.vda5050 import Error, ErrorLevel


@pytest.fixture
def yard() -> DrivenYard:
    return DrivenYard()


def finds_nothing_while_stopped(yard: DrivenYard, *stopped: str) -> Callable[[str], None]:
    """The planner finds nothing in time, and a stop comes before it is asked for less."""

    def meanwhile(_: str) -> None:
        if not yard.statuses("halt"):
            yard.submit("halt", {"action": "stop", "vehicles": list(stopped)})
            raise PlannerError("there is no plan")

    return meanwhile


def test_a_stop_while_there_is_no_plan_for_the_rest_gives_nothing_of_it_up(yard: DrivenYard) -> None:
    spare = replan(yard, finds_nothing_while_stopped(yard, "*"))
    yard.run(60)
    assert (yard.reporter.failure, "late wish 1" in yard.reporter.said) == (None, False)
    assert given_to(yard, spare) == 1
    asked = len(yard.planner.requests)
    yard.run(60)
    assert len(yard.planner.requests) == asked
    yard.submit("on", {"action": "resume", "vehicles": ["*"]})
    yard.until(yard.ended("on"))
    yard.run(5)
    assert given_to(yard, spare) == 2


def test_a_plan_whose_rest_only_a_stopped_vehicle_could_do_waits_for_it_and_says_so(yard: DrivenYard) -> None:
    yard.drive(transport(3, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    driver = yard.driver
    assert driver
    yard.until(lambda: any(driver.execution.next_of(v) is None for v in ("agv-1", "agv-2")))
    (spare,) = (v for v in ("agv-1", "agv-2") if driver.execution.next_of(v) is None)
    (broken,) = {"agv-1", "agv-2"} - {spare}
    yard.submit("halt", {"action": "stop", "vehicles": [spare]})
    yard.cars[broken].errors = [Error(error_type="motorFault", error_level=ErrorLevel.FATAL)]
    yard.cars[broken].paused = True
    yard.run(120)
    assert (yard.reporter.said[-1], yard.reporter.failure) == ("paused", None)
    yard.submit("on", {"action": "resume", "vehicles": [spare]})
    yard.until(yard.ended("on"))
    assert yard.finish() == ""
    assert given_to(yard, spare) == 2
    assert yard.reporter.said[-2:] == ["goes on", f"again {spare}"]


def test_a_plan_that_waits_for_a_stopped_vehicle_can_be_ended(yard: DrivenYard) -> None:
    yard.drive(transport(3, "dock-1", "aisle-9", vehicles=["agv-1"]))
    assert yard.driver
    yard.driver.state.lacked = frozenset({"agv-2"})
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-2"]})
    yard.run(2)
    assert yard.reporter.said[-1] == "paused"
    yard.driver.give_up()
    assert yard.finish() == "wish 1"


def test_that_a_limit_will_be_missed_is_said_also_if_the_planner_was_away_when_it_was_seen(yard: DrivenYard) -> None:
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1"], within_s=450))
    yard.run(1)
    yard.planner.down = yard.here.down = PlannerError("away", retryable=True)
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(380)
    yard.submit("on", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(lambda: bool(yard.driver and yard.driver.state.watch.late))
    yard.run(5)
    assert "late wish 1" not in yard.reporter.said
    yard.planner.down = yard.here.down = None
    yard.run(60)
    assert "late wish 1" in yard.reporter.said
