"""What can go wrong while others take over what a barred vehicle was to do."""

from __future__ import annotations

from driven_yard import DrivenYard, transport
from outage_world import FATAL, break_down, put
from test_plan_barred import CARRY, done

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, JobStatus, OrderEvent
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import FleetSnapshot, Plan
from banksman_shared.vda5050 import OperatingMode


def test_a_yes_to_an_offer_that_frees_a_step_is_driven() -> None:
    yard = DrivenYard()
    put(yard, "agv-2", "N3")
    yard.drive(transport(4, "dock-1", "aisle-9", within_s=300), fleet=["agv-1", "agv-2"])
    yard.cars["agv-2"].errors, yard.cars["agv-2"].paused = [FATAL], True
    yard.planner.down = yard.here.down = PlannerError("away", retryable=True)
    yard.run(36)
    yard.planner.down = yard.here.down = None
    yard.until(lambda: bool(yard.reporter.offered))
    offered, driver = yard.reporter.offered[-1], yard.driver
    assert driver
    assert driver.state.offer
    assert driver.answer(offered, yes=True)
    yard.run(3)
    assert "tug-1" in yard.given()


class Stubborn:
    """The vehicle is asked to give up its step, and does not."""

    def __init__(self, yard: DrivenYard) -> None:
        self.yard, self.asked, self.told = yard, list[str](), False
        yard.fleet.take_back = self.take_back  # type: ignore[method-assign]

    def take_back(self, by: str, job: str, vehicle: str) -> bool:  # noqa: ARG002
        self.asked.append(by)
        return True

    def tell(self, status: JobStatus) -> None:
        self.told = True
        self.yard.events.append(
            OrderEvent(self.asked[0], "agv-1", Command(Action.CANCEL, ("agv-1",)), status, code=Code.NOT_ACKNOWLEDGED)
        )


def shut_in() -> tuple[DrivenYard, Stubborn]:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.drive(CARRY)
    fleet = Stubborn(yard)
    yard.until(lambda: bool(fleet.asked))
    return yard, fleet


def test_until_it_is_sure_that_a_step_is_given_up_nobody_else_is_given_it() -> None:
    yard, fleet = shut_in()
    had = len(yard.given())
    yard.run(30)
    assert len(yard.given()) == had
    fleet.tell(JobStatus.FAILED)
    yard.until(lambda: len(done(yard)) == 3)
    yard.run(30)
    assert len(done(yard)) == 3
    yard.cars["tug-1"].mode = OperatingMode.AUTOMATIC
    assert yard.finish() == ""
    assert len(done(yard)) == 4
    assert done(yard)[-1] == "u/1"


def test_a_plan_is_not_driven_if_a_step_is_not_given_up_while_it_is_approved() -> None:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.drive(CARRY)
    fleet, approve = Stubborn(yard), yard.planner.approve

    def late(plan: Plan, snapshot: FleetSnapshot) -> Plan:
        if not fleet.told:
            fleet.tell(JobStatus.FAILED)
            assert yard.driver
            yard.driver.note(yard.events[-1])
        return approve(plan, snapshot)

    yard.planner.approve = late  # type: ignore[method-assign]
    yard.until(lambda: bool(fleet.asked))
    yard.run(90)
    yard.cars["tug-1"].mode = OperatingMode.AUTOMATIC
    assert yard.finish() == ""
    assert len(done(yard)) == 4


def test_a_step_that_was_done_all_the_same_is_not_done_again() -> None:
    yard, fleet = shut_in()
    yard.cars["tug-1"].mode = OperatingMode.AUTOMATIC
    yard.until(lambda: "u/1" in done(yard))
    fleet.tell(JobStatus.DONE)
    assert yard.finish() == ""
    assert len(done(yard)) == 4


def test_who_may_have_a_load_keeps_its_step() -> None:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.cars["agv-1"].loaded = None
    yard.drive(CARRY)
    yard.run(60)
    assert [e.job for e in yard.events if e.job.endswith("-undo")] == []


def test_who_is_told_to_wait_before_the_one_in_front_breaks_down_is_noticed() -> None:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.submit("s", {"action": "stop", "vehicles": ["tug-1"]})
    yard.drive(CARRY)
    yard.run(40)
    break_down(yard, "tug-1")
    yard.until(lambda: "again agv-2" in yard.reporter.said, 60)
