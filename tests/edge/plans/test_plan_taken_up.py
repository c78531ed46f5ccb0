"""What the next agent makes of a plan whose agent died: on a clock of its own, with vehicles that go on meanwhile."""

from __future__ import annotations

import pytest
from driven_yard import KEY, send, transport
from interrupted_yard import InterruptedYard

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, Problem
from banksman_edge.plans.execution import Stage
from banksman_shared.plans import PlanState
from banksman_shared.vda5050 import OperatingMode

THREE = transport(3, "dock-1", "aisle-9", vehicles=["agv-1"])


@pytest.fixture
def yard(interrupted: InterruptedYard) -> InterruptedYard:
    return interrupted


def test_after_a_short_break_the_rest_follows_and_each_load_is_carried_once(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.restart(away_s=60)
    assert yard.finish() == ""
    assert yard.carried() == (3, 3)
    assert yard.reporter.said == ["goes on"]
    assert 60 <= (yard.reporter.breaks[0].away_s or 0) < 65
    assert list((yard.folder / "plans").iterdir()) == []


def test_what_ended_with_the_break_is_told_and_not_begun_again(yard: InterruptedYard) -> None:
    yard.under_way(transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.restart(away_s=300)
    assert yard.finish() == ""
    assert yard.carried() == (1, 1)
    assert yard.reporter.said == []


@pytest.mark.parametrize("away_s", [121.0, -5.0])
def test_after_a_long_break_or_one_of_unknown_length_it_is_asked(yard: InterruptedYard, away_s: float) -> None:
    yard.under_way(THREE)
    yard.kill()
    drive = yard.begin_again()
    assert drive
    drive.state.away_since = yard.clock.time() - away_s
    yard.run(60)
    assert yard.reporter.said == ["goes on?"]
    assert yard.carried() == (1, 1)
    yard.reply(yes=True)
    assert yard.finish() == ""
    assert yard.carried() == (3, 3)


def test_a_no_ends_it_with_what_is_under_way(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.restart(away_s=200)
    yard.run(5)
    yard.reply(yes=False)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (1, 1)
    assert yard.plans[-1].plan.state is PlanState.FAILED


def test_a_break_that_was_long_stays_long_over_another_restart(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.restart(away_s=200)
    yard.run(5)
    yard.restart(away_s=5)
    yard.run(5)
    assert yard.reporter.said == ["goes on?"]
    assert (yard.reporter.breaks[0].away_s or 0) > 200


def test_a_break_does_not_count_as_slowness(yard: InterruptedYard) -> None:
    """Four steps end with the break; the others have time enough, if they take as long as planned."""
    yard.drive(transport(8, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"], within_s=3000))
    yard.until(lambda: yard.handled.count("drop") == 4)
    yard.restart(away_s=1500)
    yard.run(5)
    yard.reply(yes=True)
    assert yard.finish() == ""
    assert yard.carried() == (8, 8)
    assert yard.reporter.said == ["goes on?"]


def test_a_vehicle_that_somebody_has_in_hand_is_a_reason_to_ask(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.until(lambda: yard.handled.count("drop") == 1)
    yard.kill(away_s=30)
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.begin_again()
    yard.run(20)
    assert [problem.code for problem in yard.reporter.breaks[0].hindered] == [Code.MANUAL]
    yard.cars["agv-1"].mode = OperatingMode.AUTOMATIC
    yard.reply(yes=True)
    assert yard.finish() == ""
    assert yard.carried() == (3, 3)


def test_a_load_that_the_plan_knows_nothing_of_is_a_reason_to_ask(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.until(lambda: yard.handled.count("drop") == 1)
    yard.kill(away_s=30)
    yard.cars["agv-1"].loaded = True
    yard.begin_again()
    yard.run(20)
    assert [problem.code for problem in yard.reporter.breaks[0].hindered] == [Code.LOADED]


def test_a_time_limit_that_has_passed_is_told_with_the_question(yard: InterruptedYard) -> None:
    yard.under_way(THREE | {"within_s": 400})
    yard.restart(away_s=500)
    yard.run(5)
    assert yard.reporter.said == ["goes on?"]
    assert yard.reporter.breaks[0].late["wish 1"] > 100


def test_stopped_vehicles_stay_stopped_and_then_it_goes_on(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-1"]})
    yard.store.latch(["agv-1"], on=True)
    yard.restart(away_s=20)
    yard.run(60)
    assert yard.reporter.said == ["paused"]
    assert yard.carried() == (1, 0)
    yard.submit("on", {"action": "resume", "vehicles": ["agv-1"]})
    assert yard.finish() == ""
    assert yard.reporter.said == ["paused", "goes on", "goes on"]
    assert yard.carried() == (3, 3)


def test_a_step_of_which_nobody_knows_anything_is_not_done_again(yard: InterruptedYard) -> None:
    """A loss of power took the fleet's memory: what was given may have been done."""
    yard.under_way(THREE)
    yard.kill(away_s=60)
    drive = yard.begin_again(memory=False)
    assert drive
    assert [item.stage for item in drive.execution.items] == [Stage.LOST, Stage.WAITING, Stage.WAITING]
    yard.run(5)
    assert [step.vehicle for step in yard.reporter.breaks[0].unknown] == ["agv-1"]
    yard.reply(yes=True)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 3)


def test_what_waits_for_a_step_of_which_nobody_knows_anything_is_given_up(yard: InterruptedYard) -> None:
    yard.under_way(
        transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]),
        send("move", "agv-2", destinations=["charger-2"], after=[0]),
    )
    yard.kill(away_s=60)
    assert yard.begin_again(memory=False)
    yard.run(5)
    yard.reply(yes=True)
    assert yard.finish() == "wish 1, wish 2"


def test_an_order_that_a_vehicle_forgot_is_not_done_again(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.kill(away_s=2)
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.loaded = "", False
    yard.begin_again()
    yard.run(5)
    assert len(yard.reporter.breaks[0].unknown) == 1
    yard.reply(yes=True)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 2)


def test_a_last_order_that_a_vehicle_forgot_is_not_done_again_either(yard: InterruptedYard) -> None:
    """Nothing else was to be handed out, so nobody is asked; it is said."""
    yard.under_way(transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.kill(away_s=2)
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.loaded = "", False
    yard.begin_again()
    assert yard.finish() == "wish 1"
    assert yard.reporter.said == ["broken off"]
    assert len(yard.reporter.breaks[0].unknown) == 1
    assert yard.carried() == (1, 0)


def test_what_does_not_hold_any_more_is_planned_anew(yard: InterruptedYard) -> None:
    """One of its two vehicles has been emptied meanwhile."""
    yard.under_way(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.kill(away_s=60)
    yard.cars["agv-2"].battery = 5.2
    yard.begin_again()
    assert yard.finish() == ""
    assert yard.reporter.said[0].startswith("again ")
    assert yard.carried() == (4, 4)


def test_without_a_planner_what_does_not_hold_is_broken_off(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.kill(away_s=60)
    yard.cars["agv-1"].battery = 5.2
    yard.planner.down = PlannerError("there is none")
    yard.begin_again()
    assert yard.finish() == "wish 1"
    assert yard.reporter.said == ["broken off"]
    assert yard.carried() == (1, 1)


def test_a_planner_that_is_away_is_waited_for(yard: InterruptedYard) -> None:
    yard.under_way(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.kill(away_s=60)
    yard.cars["agv-2"].battery = 5.2
    yard.planner.down = PlannerError("away", retryable=True)
    yard.begin_again()
    yard.run(60)
    assert yard.carried() == (2, 2)
    yard.planner.down = None
    assert yard.finish() == ""
    assert yard.carried() == (4, 4)


def test_what_the_operator_may_not_any_more_is_broken_off(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.objection = lambda _: Problem(Code.NOT_ALLOWED, "you may not")
    yard.restart()
    assert yard.finish() == "wish 1"
    assert yard.reporter.said == ["broken off"]
    assert yard.reporter.breaks[0].why
    assert yard.carried() == (1, 1)


def test_what_was_given_up_is_not_begun_again(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    assert yard.driver
    yard.driver.give_up()
    yard.restart(away_s=5)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (1, 1)


def test_a_plan_that_has_ended_is_kept_no_more(yard: InterruptedYard) -> None:
    yard.drive(send("move", "agv-1", destinations=["dock-1"]))
    assert yard.finish() == ""
    yard.kill()
    assert yard.begin_again() is None


def test_what_a_full_disk_did_not_take_is_put_aside(yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.under_way(THREE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("banksman_edge.plans.store.replace", full)
        yard.until(lambda: yard.handled.count("pick") == 2)
    (path,) = (yard.folder / "plans").iterdir()
    assert path.suffix == ".stale"
    (found,) = yard.plan_store.found()
    assert found.stale
    assert found.plan
    assert found.plan.utterance == KEY
    assert yard.finish() == ""
    assert list((yard.folder / "plans").iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": 2}', "\x00", '{"version": 1, "utterance": "x"}', "[" * 100_000]
)
def test_a_damaged_file_is_moved_aside(yard: InterruptedYard, content: str, caplog: pytest.LogCaptureFixture) -> None:
    yard.under_way(THREE)
    whole = yard.kept()["utterance"]
    (yard.folder / "plans" / "1.json").write_text(content)
    damaged, good = sorted(yard.plan_store.found(), key=lambda found: found.plan is not None)
    assert damaged.plan is None
    assert good.plan
    assert good.plan.utterance == whole
    assert caplog.text.count("cannot be read") == 1
    assert len(yard.plan_store.found()) == 1
