"""What goes wrong with the keeping of plans itself: faults of ours, disks, answers that come late, slow locks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driven_yard import KEY, DrivenYard, send, transport
from interrupted_yard import InterruptedYard

from banksman_edge.fleet import Code, JobStatus, OrderEvent
from banksman_edge.plans import Driver
from banksman_edge.plans.active_plans import ActivePlans
from banksman_edge.plans.driving_thread import TRIES
from banksman_edge.quarantine import KEPT, prune
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import PlanState
from banksman_shared.vda5050 import Error, ErrorLevel, OperatingMode

THREE = transport(3, "dock-1", "aisle-9", vehicles=["agv-1"])
PLACE = "banksman_edge.plans.store"


@pytest.fixture
def yard(interrupted: InterruptedYard) -> InterruptedYard:
    return interrupted


def left_in(yard: InterruptedYard) -> list[Path]:
    folder = yard.folder / "plans"
    return sorted(folder.iterdir()) if folder.exists() else []


# Faults of ours


def test_a_fault_that_lasts_is_logged_once_and_then_the_plan_is_broken_off(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    yard.under_way(THREE, dropped=1)
    yard.kill(away_s=60)
    drive = yard.begin_again()
    assert drive
    yard.driver = None
    monkeypatch.setattr("banksman_edge.plans.restart_review.faults_of_rest", broken)
    for _ in range(100):
        yard.step()
        if not drive.over:
            drive._thread.once()
    assert yard.reporter.said == ["broken off"]
    assert yard.reporter.breaks[0].left == ("wish 1",)
    assert yard.reporter.failure == "wish 1, agv-1"
    assert yard.plans[-1].plan.state is PlanState.FAILED
    assert caplog.text.count("it is tried again") == 1
    assert left_in(yard) == []


def test_a_fault_that_passes_harms_nothing(yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    yard.drive(THREE)
    assert yard.driver
    with monkeypatch.context() as patch:
        patch.setattr(yard.driver.state.watch.__class__, "look", broken)
        for _ in range(TRIES - 1):
            yard.driver._thread.once()
    assert yard.finish() == ""


def test_what_cannot_be_told_of_the_end_does_not_keep_the_plan(yard: InterruptedYard) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    yard.drive(send("move", "agv-1", destinations=["dock-1"]))
    assert yard.driver
    yard.driver._ended = broken
    with pytest.raises(RuntimeError):
        yard.finish()
    assert yard.reporter.failure == ""
    assert left_in(yard) == []


# Answers to what is not so any more


def test_a_yes_does_not_stand_for_what_came_up_after_the_question(yard: InterruptedYard) -> None:
    yard.under_way(THREE, dropped=1)
    yard.restart(away_s=200)
    yard.run(5)
    assert yard.reporter.said == ["goes on?"]
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.run(1)
    yard.reply(yes=True)
    yard.run(20)
    assert yard.reporter.said == ["goes on?", "goes on?"]
    assert [problem.code for problem in yard.reporter.breaks[1].hindered] == [Code.MANUAL]
    yard.cars["agv-1"].mode = OperatingMode.AUTOMATIC
    yard.run(60)
    carried = yard.carried()
    yard.reply(yes=True)
    assert yard.finish() == ""
    assert carried < yard.carried() == (3, 3)


def test_what_passes_at_once_needs_no_second_yes(yard: InterruptedYard) -> None:
    yard.under_way(THREE, dropped=1)
    yard.restart(away_s=200)
    yard.run(5)
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.run(1)
    yard.reply(yes=True)
    yard.run(5)
    yard.cars["agv-1"].mode = OperatingMode.AUTOMATIC
    assert yard.finish() == ""
    assert yard.reporter.said == ["goes on?"]


def test_an_offer_is_proven_again_when_the_yes_comes() -> None:
    """The vehicle that was offered has no charge any more."""
    yard = DrivenYard()
    yard.drive(transport(4, "dock-1", "aisle-9", within_s=150), fleet=["agv-1", "agv-2"])
    yard.run(1)
    yard.cars["agv-1"].errors = [Error(error_type="motorFault", error_level=ErrorLevel.FATAL)]
    yard.cars["agv-1"].paused = True
    yard.until(lambda: bool(yard.reporter.offered))
    offered, driver = yard.reporter.offered[0], yard.driver
    assert driver
    assert {step.vehicle for step in offered.steps} > {"tug-1"}
    yard.cars["tug-1"].battery = 5.2
    yard.run(2)
    assert driver.answer(offered, yes=True)
    yard.run(5)
    assert (offered.id, "approved") not in yard.planner.told
    assert "tug-1" not in yard.given()


# Disks


def no(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_plan_whose_file_cannot_be_removed_is_not_taken_up_again(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    yard.under_way(THREE, dropped=1)
    assert yard.driver
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", no)
        yard.driver.give_up()
        assert yard.finish() == "wish 1"
    assert "cannot be removed (Permission denied)" in caplog.text
    assert len(left_in(yard)) == 1
    yard.kill()
    assert yard.begin_again() is None
    assert left_in(yard) == []


def test_a_file_that_can_neither_be_removed_nor_changed_is_named(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    yard.under_way(THREE, dropped=1)
    (path,) = left_in(yard)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", no)
        patch.setattr(Path, "open", no)
        yard.plan_store.file(KEY).forget()
    assert f"remove {path}" in caplog.text


def test_of_what_was_put_aside_the_latest_stay(tmp_path: Path) -> None:
    for when in range(100, 110):
        for tail in ("", "-wal"):
            (tmp_path / f"fleet.db.unreadable-{when}{tail}").touch()
    (tmp_path / "fleet.db").touch()
    prune(tmp_path, "fleet.db.unreadable-*")
    assert {int(path.name.split("-")[1]) for path in tmp_path.glob("*unreadable*")} == set(range(110 - KEPT, 110))
    assert len(list(tmp_path.iterdir())) == 2 * KEPT + 1


def test_damaged_plans_do_not_pile_up(yard: InterruptedYard) -> None:
    (yard.folder / "plans").mkdir(exist_ok=True)
    for n in range(KEPT + 3):
        (yard.folder / "plans" / f"{n}.json").write_text("{")
        yard.run(2)
        assert len(yard.plan_store.found()) == 1
    assert len(left_in(yard)) == KEPT


@pytest.mark.parametrize("where", ["approve", "plan"])
def test_an_approval_that_fails_by_a_fault_leaves_nothing(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    if where == "approve":
        monkeypatch.setattr(yard.planner, "approve", broken)
    else:
        monkeypatch.setattr("banksman_edge.plans.escalation.Driver", broken)
    with pytest.raises(RuntimeError):
        yard.drive(THREE)
    assert left_in(yard) == []


def test_a_plan_for_which_there_is_no_thread_is_not_kept(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("can't start new thread")

    yard.drive(THREE)
    assert yard.driver
    monkeypatch.setattr(Driver, "start", broken)
    fleet: Any = yard.fleet
    drives = ActivePlans(yard.site, fleet)
    with pytest.raises(RuntimeError), drives.approval() as approval:
        drives.begin(yard.driver, approval)
    assert yard.driver.over
    assert left_in(yard) == []


# Locks


def within(call: Callable[[], object], seconds: float = 5.0) -> object:
    """What it returns, if it does in time."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(call()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it waits"
    return found[0]


def test_whoever_brings_news_or_stops_does_not_wait_for_a_plan_that_is_written_down(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.drive(transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.run(1)
    driver = yard.driver
    assert driver
    stuck, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        stuck.set()
        assert go_on.wait(30)

    monkeypatch.setattr(f"{PLACE}.replace", slow)
    fleet: Any = yard.fleet
    drives = ActivePlans(yard.site, fleet)
    drives._active_plans.append(driver)
    everything = Command(Action.CANCEL, ("*",))
    writing = threading.Thread(target=driver.give_up)
    writing.start()
    assert stuck.wait(10)
    asking = threading.Thread(target=drives.cover, args=(everything, None), daemon=True)
    asking.start()
    try:
        job = driver.execution.items[0].job
        within(lambda: driver.note(OrderEvent(job, "agv-1", Command(Action.TRANSPORT, ("agv-1",)), JobStatus.DONE)))
        assert within(lambda: driver.left) == 1
        assert within(drives.busy) == {"agv-1"}
    finally:
        go_on.set()
        writing.join()
    with driver.state.lock:
        assert driver.left == 0
