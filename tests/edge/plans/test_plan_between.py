"""A plan whose agent died in the middle of something else: what came between, and what was cancelled."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import pytest
from driven_yard import transport
from interrupted_yard import InterruptedYard

from banksman_edge.errors import PlannerError
from banksman_edge.plans import PlanRouter
from banksman_edge.plans.active_plans import ActivePlans
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.plans import Plan

THREE = transport(3, "dock-1", "aisle-9", vehicles=["agv-1"])
FOUR = transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"])


@pytest.fixture
def yard(interrupted: InterruptedYard) -> InterruptedYard:
    return interrupted


def test_an_order_that_is_found_forgotten_before_the_plan_is_taken_up_is_not_done_again(yard: InterruptedYard) -> None:
    """Models take longer to load than vehicles to report."""
    yard.under_way(THREE)
    yard.kill(away_s=2)
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.loaded = "", False
    yard.begin_again(report_s=5)
    yard.run(5)
    assert len(yard.reporter.breaks[0].unknown) == 1
    yard.reply(yes=True)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 2)


def test_a_vehicle_that_was_cancelled_gets_no_more_of_it(yard: InterruptedYard) -> None:
    """Killed when the fleet had cancelled, and before the plan had noted it."""
    yard.under_way(FOUR)
    yard.until(lambda: yard.handled.count("pick") == 2)
    yard.driver = None
    yard.submit("no", {"action": "cancel", "vehicles": ["agv-2"]})
    yard.run(30)
    yard.cars["agv-2"].loaded = False
    before = yard.cars["agv-2"].orders[-1].order_id
    yard.restart(away_s=5)
    yard.finish()
    assert yard.cars["agv-2"].orders[-1].order_id == before


def test_that_a_vehicle_was_cancelled_is_kept_before_the_rest_is_planned_anew(yard: InterruptedYard) -> None:
    yard.under_way(FOUR)
    out: list[Any] = []
    propose = yard.planner.propose

    def looked_at(*arguments: Any) -> Plan:
        out.append(yard.kept()["out"])
        return propose(*arguments)

    yard.planner.propose = looked_at  # type: ignore[method-assign]
    yard.submit("no", {"action": "cancel", "vehicles": ["agv-2"]})
    yard.until(lambda: bool(out))
    assert out[0] == {"agv-2": "taken"}


def test_a_plan_that_waits_for_a_stopped_vehicle_is_known_to_be_driven(yard: InterruptedYard) -> None:
    yard.under_way(FOUR)
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-2"]})
    yard.until(lambda: yard.handled.count("drop") == 1)
    yard.run(10)
    assert "done" in [item["stage"] for item in yard.kept()["items"]]


def test_what_is_called_off_while_the_agent_closes_is_not_kept(yard: InterruptedYard) -> None:
    yard.drive(FOUR)
    drive, anything = yard.driver, cast("Any", yard.fleet)
    assert drive
    drives = ActivePlans(yard.site, anything)
    drives.close()
    with drives.approval() as approval:
        drives.cancel(Command(Action.CANCEL, (EVERYBODY,)), None)
        drives.begin(drive, approval)
    assert yard.reporter.failure == "wish 1"
    assert list((yard.folder / "plans").iterdir()) == []


def test_nothing_is_given_while_the_disk_would_tell_a_restart_otherwise(
    yard: InterruptedYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has turned read-only: the plan can neither be written down nor put aside."""
    yard.under_way(THREE)

    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr("banksman_edge.plans.store.replace", read_only)
        patch.setattr(Path, "replace", read_only)
        yard.run(300)
        assert yard.carried() == (1, 1)
        assert yard.reporter.said == ["paused"]
    yard.restart(away_s=5)
    assert yard.finish() == ""
    assert yard.carried() == (3, 3)


@pytest.mark.parametrize(
    "harm", [{"speaker": {"proof": "badge"}}, {"out": {"agv-1": "eaten"}}, {"goals": []}], ids=["proof", "out", "goals"]
)
def test_what_only_looks_like_a_plan_keeps_no_agent_from_starting(yard: InterruptedYard, harm: dict[str, Any]) -> None:
    yard.under_way(THREE)
    (path,) = (yard.folder / "plans").glob("*.json")
    path.write_text(json.dumps(yard.kept() | harm))
    (found,) = yard.plan_store.found()
    assert found.plan is None


def test_a_plan_of_another_site_is_not_driven(yard: InterruptedYard) -> None:
    """A state folder that was used for a site of the same places before."""
    yard.under_way(THREE)
    (found,) = yard.plan_store.found()
    assert found.plan
    assert yard.escalation.is_of_this_site(found.plan)
    assert not yard.escalation.is_of_this_site(found.plan.model_copy(update={"site": "another"}))


def test_of_a_plan_that_was_made_on_the_site_the_cloud_is_told_nothing(yard: InterruptedYard) -> None:
    """Also where the site has no planner any more."""
    router = PlanRouter(yard.site, yard.planner, clock=yard.clock)
    router.recall("p", "site")
    with pytest.raises(PlannerError):
        router.report("p", "failed", "what was said")
    assert yard.planner.told == []


def test_a_break_of_unknown_length_stays_so_over_another_restart(yard: InterruptedYard) -> None:
    yard.under_way(THREE)
    yard.kill(away_s=5)
    (path,) = (yard.folder / "plans").glob("*.json")
    path.write_text(json.dumps(yard.kept() | {"mark": "another-run/1"}))
    os.utime(path, (yard.clock.time() - 5, yard.clock.time() - 5))
    yard.begin_again()
    yard.run(5)
    yard.restart(away_s=5)
    yard.run(5)
    assert yard.reporter.said == ["goes on?"]
    assert yard.reporter.breaks[0].away_s is None
