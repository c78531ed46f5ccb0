"""What a vehicle is told while it works is done after it: in order, once, over restarts and without the broker."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from yard import RestartingYard, Yard, commands, go, orders_to

from banksman_edge.dialogue.correction import before_all_else, still_waiting
from banksman_edge.fleet import Code, FleetError, JobStatus

PICK = {"action": "pick", "vehicles": ["agv-1"], "to": "dock-1"}
DROP = {"action": "drop", "vehicles": ["agv-1"], "to": "aisle-9"}
CANCEL = {"action": "cancel", "vehicles": ["agv-1"]}


@pytest.fixture
def restarting(tmp_path: Path) -> Iterator[RestartingYard]:
    yard = RestartingYard(tmp_path)
    yield yard
    yard.store.close()


def then(yard: Yard, job: str, *documents: dict[str, Any], gives_up: tuple[str, ...] = ()) -> None:
    yard.master.submit(job, commands(*documents), queue=True, gives_up=gives_up)


def ends(yard: Yard) -> list[tuple[str, str]]:
    """The jobs that have ended, in order, and how."""
    return [(event.job, event.status.value) for event in yard.events if event.status.ended]


def waiting(yard: Yard, vehicle: str = "agv-1") -> list[str]:
    return [job for job, _ in yard.master.vehicles()[vehicle].waiting]


def test_orders_in_a_row_are_done_in_a_row(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    then(yard, "third", go("agv-1", "park-1"))
    assert waiting(yard) == ["second", "third"]
    assert yard.master.vehicles()["agv-1"].job == "first"
    yard.until(yard.done("third"))
    assert ends(yard) == [("first", "done"), ("second", "done"), ("third", "done")]
    assert [order.nodes[-1].node_id for order in orders_to(yard, "agv-1") if order.order_update_id == 0] == [
        "D1", "S9", "P1",
    ]  # fmt: skip


def test_a_drop_may_be_told_while_the_load_is_still_being_fetched(yard: Yard) -> None:
    yard.submit("fetch", PICK)
    assert yard.master.check(commands(DROP))[0].code is Code.BUSY
    then(yard, "bring", DROP)
    yard.until(yard.done("bring"))
    assert yard.cars["agv-1"].last_node == "S9"
    assert not yard.master.vehicles()["agv-1"].loaded


def test_what_cannot_be_done_then_is_refused_now(yard: Yard) -> None:
    yard.submit("fetch", PICK)
    problems = yard.master.check(commands({**PICK, "to": "aisle-9"}), queue=True)
    assert [problem.code for problem in problems] == [Code.LOADED]
    then(yard, "bring", DROP)
    with pytest.raises(FleetError):
        then(yard, "again", DROP)


def test_what_was_to_be_dropped_and_never_picked_fails_and_says_why(yard: Yard) -> None:
    yard.submit("fetch", PICK)
    then(yard, "bring", DROP)
    then(yard, "home", go("agv-1", "park-1"))
    yard.cars["agv-1"].fail_action = "pick"
    yard.until(yard.ended("home"))
    assert ends(yard) == [("fetch", "failed"), ("bring", "failed"), ("home", "done")]
    assert yard.last("bring").code is Code.NOT_LOADED


def test_one_of_several_is_taken_back_and_the_others_stay(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    then(yard, "third", go("agv-1", "park-1"))
    then(yard, "no", CANCEL, gives_up=("second",))
    assert waiting(yard) == ["third"]
    yard.until(yard.done("third"))
    assert ends(yard) == [("second", "cancelled"), ("no", "done"), ("first", "done"), ("third", "done")]


def test_what_runs_is_taken_back_and_what_waits_is_begun(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    yard.until(lambda: "running" in yard.statuses("first"))
    then(yard, "no", CANCEL, gives_up=("first",))
    yard.until(yard.done("second"))
    assert ends(yard) == [("no", "done"), ("first", "cancelled"), ("second", "done")]


def test_a_cancel_without_more_takes_back_all(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    then(yard, "no", CANCEL)
    yard.until(yard.done("no"))
    assert {job for job, how in ends(yard) if how == "cancelled"} == {"first", "second"}
    assert yard.master.vehicles()["agv-1"].idle


def test_an_order_in_place_of_one_comes_behind_what_is_left(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    then(yard, "instead", CANCEL, go("agv-1", "park-1"), gives_up=("second",))
    yard.until(yard.done("instead", 2))
    assert [job for job, how in ends(yard) if how == "done"] == ["instead", "first", "instead"]
    assert yard.cars["agv-1"].last_node == "P1"


def test_a_stop_holds_all_of_it_until_it_is_resumed(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    yard.until(lambda: "running" in yard.statuses("first"))
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(60)
    assert waiting(yard) == ["second"]
    yard.submit("on", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("second"))


def test_nobody_who_works_is_chosen_by_the_fleet(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "any", {"action": "move", "vehicles": [], "to": "dock-1"})
    assert {event.vehicle for event in yard.events if event.job == "any"} <= {"agv-2", "tug-1"}


def test_several_are_told_to_do_something_afterwards(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "both", {"action": "park", "vehicles": ["group:lifts"]})
    yard.until(yard.done("both", 2))
    assert yard.cars["agv-1"].last_node == "P1"


@pytest.mark.parametrize("seed", range(50))
def test_killed_or_cut_off_at_any_moment_each_is_done_once_and_in_order(restarting: RestartingYard, seed: int) -> None:
    chance, yard = random.Random(seed), restarting
    jobs = [("fetch", PICK), ("bring", DROP), ("charge", {"action": "charge", "vehicles": ["agv-1"]}),
            ("home", go("agv-1", "park-1"))]  # fmt: skip
    for job, document in jobs:
        then(yard, job, document)
        yard.run(chance.choice([0.0, 0.2, 1.0]))
    for _ in range(4):
        yard.run(chance.uniform(0, 12))
        if chance.random() < 0.6:
            yard.deaf(chance.choice([0.0, 0.4, 3.0, 20.0]))
            yard.replace_master()
        else:
            yard.set_broker(up=False)
            yard.run(chance.choice([0.4, 5.0, 20.0]))
            yard.set_broker(up=True)
    yard.until(lambda: yard.store.jobs() == [])
    assert [job for job, how in ends(yard)] == [job for job, _ in jobs]
    assert {how for _, how in ends(yard)} == {JobStatus.DONE}
    car = yard.cars["agv-1"]
    assert len(set(car.accepted)) == len(jobs)
    assert car.last_node == "P1"


def test_when_what_a_vehicle_does_will_be_done_is_known(yard: Yard) -> None:
    yard.submit("fetch", PICK)
    yard.until(lambda: yard.master.vehicles()["agv-1"].driving)
    expected, began = yard.master.vehicles()["agv-1"].done_in_s, yard.clock.monotonic()
    assert expected
    yard.until(yard.done("fetch"))
    took = yard.clock.monotonic() - began
    assert 0.5 * took < expected < 3 * took + 20
    assert yard.master.vehicles()["agv-1"].done_in_s is None


def test_when_a_vehicle_is_done_that_comes_no_further_is_not_known(yard: Yard) -> None:
    yard.submit("fetch", PICK)
    yard.until(lambda: yard.master.vehicles()["agv-1"].driving)
    yard.cars["agv-1"].silent = True
    yard.run(300)
    assert yard.master.vehicles()["agv-1"].done_in_s is None


def test_what_has_ended_by_itself_need_not_be_given_up_for_something_in_its_place(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    yard.until(yard.done("first"))
    then(yard, "instead", CANCEL, go("agv-1", "park-1"), gives_up=("first",))
    yard.until(yard.done("instead"))
    assert yard.cars["agv-1"].last_node == "P1"
    with pytest.raises(FleetError) as refused:
        then(yard, "no", CANCEL, gives_up=("first",))
    assert refused.value.problems[0].code is Code.NOTHING_TO_DO


def test_what_was_cancelled_or_done_meanwhile_is_not_put_off(yard: Yard) -> None:
    yard.submit("first", go("agv-1", "dock-1"))
    then(yard, "second", go("agv-1", "aisle-9"))
    then(yard, "third", go("agv-1", "park-1"))
    (urgent,) = commands(go("agv-1", "park-2"))
    at_once, given_up, put_off = before_all_else((urgent,), ["agv-1"], yard.master.vehicles())
    assert [command.destination for command in at_once] == [None, "park-2", "aisle-9", "park-1"]
    then(yard, "off", CANCEL, gives_up=("third",))
    yard.step()
    still = still_waiting(at_once, put_off, yard.master.vehicles())
    assert [command.destination for command in still] == [None, "park-2", "aisle-9"]
    yard.master.submit("urgent", still, queue=True, gives_up=given_up)
    yard.until(yard.done("urgent", times=3))
    assert yard.cars["agv-1"].last_node == "S9"


def test_a_resume_does_not_pass_a_stop(yard: Yard) -> None:
    yard.submit("stop", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(1)
    resume = commands({"action": "resume", "vehicles": ["agv-1"]})
    with pytest.raises(FleetError) as refused:
        yard.master.submit("resume", resume, overtaken=lambda: "a stop was said after it")
    assert refused.value.problems[0].code is Code.TOO_LATE
    assert "agv-1" in yard.master.latched()
    yard.master.submit("again", resume, overtaken=lambda: "")
    assert "agv-1" not in yard.master.latched()
