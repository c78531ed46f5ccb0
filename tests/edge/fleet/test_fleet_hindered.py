"""A vehicle that does not move and reports nothing wrong, as before an obstacle: it counts as out of order for as long
as that lasts, and one that waits for others, or handles a load, does not."""

from __future__ import annotations

import pytest
from driven_yard import DrivenYard, transport
from outage_world import bars, driven, put
from yard import Yard, go

from banksman_edge.fleet import Code
from banksman_shared.site.rules import PolicyTable

HINDERED_S = PolicyTable().hindered_s


def stand(yard: Yard, vehicle: str) -> None:
    """Something is in front of it."""
    car = yard.cars[vehicle]
    car.driving = False
    car.step = lambda: None  # type: ignore[method-assign]


def go_on(yard: Yard, vehicle: str) -> None:
    del yard.cars[vehicle].step


def halted(yard: Yard, vehicle: str, node: str, to: str) -> None:
    """It is sent somewhere, and stands at a node on the way from now on."""
    yard.submit("first", go(vehicle, to))
    yard.until(lambda: yard.cars[vehicle].last_node == node)
    stand(yard, vehicle)


def test_one_that_does_not_move_bars_what_it_was_let_drive_to_until_it_moves(yard: Yard) -> None:
    halted(yard, "tug-1", "N4", "dock-1")
    yard.run(HINDERED_S - 2)
    assert bars(yard, "tug-1") == ()
    yard.run(4)
    assert bars(yard, "tug-1")[0] == "N4"
    go_on(yard, "tug-1")
    yard.run(1)
    assert bars(yard, "tug-1") == ()
    yard.until(yard.done("first"))


def test_one_that_waits_for_others_is_not_hindered(yard: Yard) -> None:
    """The one behind has nothing released before it; the one in front has."""
    halted(yard, "tug-1", "N4", "dock-1")
    yard.submit("j", go("agv-2", "park-3"))
    yard.run(2 * HINDERED_S)
    assert bars(yard, "tug-1") != ()
    assert bars(yard, "agv-2") == ()
    assert "N4" not in driven(yard, "agv-2")


def test_one_that_handles_a_load_or_is_paused_is_not_hindered(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripted_vehicle.STEPS_PER_ACTION", 5 * 4 * HINDERED_S)
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "dock-1", "to": "aisle-9"})
    yard.until(lambda: bool(yard.cars["agv-1"].work))
    for _ in range(round(3 * HINDERED_S)):
        yard.run(1)
        assert bars(yard, "agv-1") == ()
    halted(yard, "tug-1", "N4", "park-2")
    yard.submit("s", {"action": "stop", "vehicles": ["tug-1"]})
    yard.cars["tug-1"].paused = True
    yard.run(2 * HINDERED_S)
    assert bars(yard, "tug-1") == ()


def test_a_new_order_leads_round_it(yard: Yard) -> None:
    """The straight way is over N4."""
    put(yard, "agv-2", "C2")
    yard.step()
    halted(yard, "tug-1", "N4", "park-2")
    yard.run(HINDERED_S + 2)
    assert bars(yard, "tug-1") == ("N4", "P2")
    yard.submit("j", go("agv-1", "aisle-9"))
    yard.until(yard.done("j"))
    assert driven(yard, "agv-1") == ["P1", "N3", "D1", "S9"]


# In a plan


def done(yard: DrivenYard, vehicle: str) -> int:
    return yard.news().count(f"{vehicle} done")


def test_what_one_of_a_plan_has_not_begun_is_given_to_others_and_what_it_has_stays_its_own() -> None:
    yard = DrivenYard()
    own = transport(1, "dock-1", "charger-1", vehicles=["agv-1"])
    plan = yard.drive(own, transport(5, "aisle-9", "charger-2", vehicles=["agv-1", "agv-2"]))
    assert sum(step.vehicle == "agv-1" for step in plan.steps) > 1
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    stand(yard, "agv-1")
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    assert "N3" in (yard.planner.requests[-1].fleet.blocked or ())
    yard.until(lambda: done(yard, "agv-2") == 5)
    assert done(yard, "agv-1") == 0
    assert yard.reporter.failure is None
    go_on(yard, "agv-1")
    assert yard.finish() == ""
    assert done(yard, "agv-1") == 1
    assert yard.reporter.deviations == []


def test_where_nobody_else_can_do_it_the_plan_waits_and_goes_on() -> None:
    yard = DrivenYard()
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    stand(yard, "agv-1")
    yard.run(120)
    assert [e.code for e in yard.events if e.status == "late"] == [Code.BLOCKED]
    assert yard.reporter.failure is None
    go_on(yard, "agv-1")
    assert yard.finish() == ""
    assert done(yard, "agv-1") == 2
