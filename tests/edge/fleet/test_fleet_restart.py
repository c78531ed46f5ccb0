"""What a new master makes of what the one before it left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from yard import RestartingYard, commands, go

from banksman_edge.fleet import Code, JobStatus
from banksman_shared.vda5050 import InstantActions


@pytest.fixture
def yard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[RestartingYard]:
    yard = RestartingYard(tmp_path)
    yield yard
    yard.store.close()
    assert "failed" not in caplog.text  # the master goes on after a fault of its own, and logs it


def test_a_running_order_is_picked_up_untouched_and_driven_to_its_end(yard: RestartingYard) -> None:
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(lambda: "running" in yard.statuses("j"))
    before = len(yard.sent)
    yard.deaf(1)
    yard.replace_master()
    yard.run(2)
    assert [message for _, message in yard.sent[before:] if isinstance(message, InstantActions)] == []
    assert yard.master.vehicles()["agv-1"].job == "j"
    assert not yard.master.vehicles()["agv-1"].foreign_order
    yard.until(yard.done("j"))
    assert len(yard.cars["agv-1"].accepted) == 1
    assert yard.cars["agv-1"].last_node == "D1"
    assert yard.store.jobs() == []


def test_an_order_that_ended_meanwhile_is_reported_once(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.deaf(0)
    while yard.cars["agv-1"].ahead:
        yard.deaf(1)
        if yard.cars["agv-1"].ahead and not yard.cars["agv-1"].ahead[0].released:
            break
    yard.replace_master()
    yard.until(yard.done("j"))
    yard.run(10)
    assert yard.statuses("j").count("done") == 1


def test_an_order_that_never_arrived_is_sent_again_unchanged(yard: RestartingYard) -> None:
    yard.cars["agv-1"].lose = 1
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(0.4)
    yard.replace_master()
    yard.until(yard.done("j"))
    orders = yard.cars["agv-1"].orders
    assert len({order.order_id for order in orders}) == 1
    assert len(yard.cars["agv-1"].accepted) == 1


def test_the_steps_that_are_left_follow(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "aisle-9"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.replace_master()
    yard.until(yard.done("j", 2))
    assert yard.cars["agv-1"].last_node == "S9"
    assert len(yard.cars["agv-1"].accepted) == 2


def test_what_is_too_late_by_then_is_dropped_and_told(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "aisle-9"), deadline=yard.clock.time() + 60)
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.clock.advance(120)
    yard.replace_master()
    yard.until(lambda: Code.TOO_LATE in {event.code for event in yard.events})
    assert yard.cars["agv-1"].last_node == "D1"


def test_an_order_that_the_vehicle_has_forgotten_is_told_as_lost(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.headers = "", 0
    yard.replace_master()
    yard.until(yard.ended("j"))
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.FAILED, Code.ORDER_LOST)


def test_a_job_that_runs_is_not_taken_twice(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.replace_master()
    yard.step()
    problems = yard.master.check(commands(go("agv-1", "dock-1")))
    assert problems[0].code is Code.BUSY


def test_a_stopped_vehicle_goes_on_with_its_order_only_when_it_is_resumed(yard: RestartingYard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.until(yard.done("s"))
    yard.replace_master()
    yard.master.set_latches({"agv-1"})
    sent = len(yard.sent)
    yard.run(60)
    assert len(yard.sent) == sent
    assert yard.cars["agv-1"].paused
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"))
    assert len(yard.cars["agv-1"].accepted) == 1


def test_a_job_for_places_that_are_gone_is_forgotten(yard: RestartingYard, tmp_path: Path) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    (job,) = yard.store.jobs()
    (errand,) = job.errands
    yard.store.save_errand("j", type(errand)(**{**_fields(errand), "destination": "no-such-place"}))
    yard.replace_master()
    assert yard.store.jobs() == []
    assert yard.master.vehicles()["agv-1"].job is None


def _fields(errand: object) -> dict[str, object]:
    return {name: getattr(errand, name) for name in type(errand).__slots__}  # type: ignore[attr-defined]
