"""A plan under way where a vehicle that is out of order bars a lane: the rest leads round, or others do it."""

from __future__ import annotations

from pathlib import Path

import pytest
from driven_yard import DrivenYard, send, transport
from interrupted_yard import InterruptedYard
from outage_world import break_down, driven, put, repair

from banksman_edge.errors import PlannerError
from banksman_edge.plans.check import barred_wishes
from banksman_edge.plans.fleet_snapshot import fleet_now
from banksman_shared.plans import FleetSnapshot, VehicleSnapshot
from banksman_shared.vda5050 import EStop, OperatingMode
from banksman_shared.verify import violations
from banksman_shared.verify.replay import Roads

CARRY = transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"])


def planned_round(yard: DrivenYard) -> tuple[str, ...]:
    """The nodes that the planner was told of last as barred."""
    return yard.planner.requests[-1].fleet.blocked or ()


def done(yard: DrivenYard) -> list[str]:
    """The steps that were done, in order."""
    return [e.job for e in yard.events if e.status == "done" and not e.job.endswith("-undo")]


def test_the_verifier_takes_no_plan_that_leads_through_a_barred_node() -> None:
    yard = DrivenYard()
    plan = yard.drive(transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]))
    fleet = FleetSnapshot(vehicles=(VehicleSnapshot(id="agv-1", node="P1", battery=80),))
    assert violations(yard.site, fleet, plan.goals, plan.steps) == []
    assert violations(yard.site, fleet.model_copy(update={"blocked": ("C2",)}), plan.goals, plan.steps) == []
    (fault,) = violations(yard.site, fleet.model_copy(update={"blocked": ("N3",)}), plan.goals, plan.steps)
    assert "has no way that is open" in fault
    faults = violations(yard.site, fleet.model_copy(update={"blocked": ("S9",)}), plan.goals, plan.steps)
    assert any("barred by a vehicle" in fault for fault in faults)


# The first plan


def test_the_first_plan_leads_round_who_is_out_of_order() -> None:
    """The way of one vehicle is barred, so the other does all of it."""
    yard = DrivenYard()
    break_down(yard, "tug-1", "N3")
    plan = yard.drive(CARRY)
    assert planned_round(yard) == ("N3",)
    assert {step.vehicle for step in plan.steps} == {"agv-2"}
    assert yard.finish() == ""
    assert "N3" not in driven(yard, "agv-2")
    assert yard.reporter.said == []


def test_a_first_plan_that_nothing_bars_is_asked_for_as_ever() -> None:
    yard = DrivenYard()
    yard.drive(CARRY)
    assert yard.planner.requests[-1].fleet.blocked is None


def test_where_no_way_leads_round_the_wish_and_the_reason_are_told() -> None:
    yard = DrivenYard()
    break_down(yard, "tug-1", "D1")
    with pytest.raises(PlannerError) as caught:
        yard.drive(transport(2, "dock-1", "aisle-9"), send("move", "agv-1", destinations=["aisle-9"]))
    assert str(caught.value) == (
        "There is no plan for this: “wish 1”. No way is open: “wish 1”. "
        "A vehicle that is out of order is in the way; without it, it works and takes 50 s. "
        "Without “wish 1” it works and takes 16 s."
    )


def test_a_plan_whose_way_is_barred_before_the_yes_is_not_driven_and_the_wish_is_told() -> None:
    yard = DrivenYard()
    plan = yard.propose(send("move", "agv-2", destinations=["dock-1"]), CARRY | {"vehicles": ["agv-1"]})
    break_down(yard, "tug-1", "N3")
    with pytest.raises(PlannerError, match="a vehicle that is out of order bars the way for 'wish 2'"):
        yard.start(plan)
    assert yard.given() == []
    repair(yard, "tug-1")
    yard.start(plan)
    assert yard.finish() == ""


def test_which_wish_is_barred_is_found_in_time_also_in_a_long_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is driven through once with the barred nodes and once without, after the proof."""
    yard = DrivenYard()
    plan = yard.propose(transport(20, "dock-1", "aisle-9", vehicles=["agv-1"]))
    break_down(yard, "tug-1", "N3")
    ways, arrive = list[str](), Roads.arrive

    def counted(roads: Roads, start: str, end: str, now: float, *, loaded: bool) -> float:
        ways.append(end)
        return arrive(roads, start, end, now, loaded=loaded)

    monkeypatch.setattr(Roads, "arrive", counted)
    assert barred_wishes(plan, yard.site, fleet_now(yard.master.vehicles())) == ["wish 1"]
    assert len(ways) == 3 * 2 * len(plan.steps)


# The rest


def test_who_breaks_down_in_the_lane_is_told_to_the_planner_and_the_rest_leads_round() -> None:
    yard = DrivenYard()
    yard.drive(CARRY)
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    break_down(yard, "agv-1")
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    assert "N3" in planned_round(yard)
    yard.cars["agv-1"].errors, yard.cars["agv-1"].paused = [], False
    assert yard.finish() == ""


def test_others_take_over_what_one_that_is_barred_was_to_do() -> None:
    """The tugger, which is none of the plan's, is out of order before the first vehicle of the plan."""
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.drive(CARRY)
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    assert planned_round(yard) == ("N3",)
    assert yard.finish() == ""
    assert "N3" not in driven(yard, "agv-2")
    assert yard.reporter.deviations == []
    assert done(yard) == ["u/2", "u/4", "u/5", "u/6"]


def test_a_vehicle_with_a_load_keeps_the_step_that_it_has_and_does_it_after_the_repair() -> None:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].mode = OperatingMode.MANUAL
    yard.drive(CARRY)
    yard.run(1)
    yard.cars["agv-1"].loaded = True
    yard.until(lambda: done(yard) == ["u/2", "u/4", "u/5"])
    assert yard.reporter.said == ["again agv-2"]
    assert yard.reporter.failure is None
    yard.cars["tug-1"].mode = OperatingMode.AUTOMATIC
    assert yard.finish() == ""
    assert done(yard) == ["u/2", "u/4", "u/5", "u/1"]


def test_where_nobody_else_has_a_way_the_plan_stays_as_it_is_and_goes_on_after_the_repair() -> None:
    yard = DrivenYard()
    put(yard, "tug-1", "N3")
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]))
    break_down(yard, "tug-1")
    yard.run(90)
    assert [e.facts for e in yard.events if e.status == "late"] == [{"other": "tug-1"}]
    assert yard.reporter.failure is None
    assert yard.given() == ["agv-1"]
    repair(yard, "tug-1")
    assert yard.finish() == ""
    assert done(yard) == ["u/1", "u/2"]


def test_a_place_that_is_barred_is_waited_for_where_the_plan_has_no_other() -> None:
    """One of two is lost, and the place where all comes from is barred: it is planned as if that were not so."""
    yard = DrivenYard()
    put(yard, "tug-1", "D1")
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    break_down(yard, "tug-1")
    break_down(yard, "agv-1")
    yard.until(lambda: "again agv-2" in yard.reporter.said)
    assert planned_round(yard) == ()
    yard.run(60)
    assert yard.reporter.failure is None
    repair(yard, "tug-1")
    assert yard.finish() == ""


def test_after_a_restart_the_rest_is_planned_round_what_broke_down_meanwhile(tmp_path: Path) -> None:
    yard = InterruptedYard(tmp_path)
    yard.drive(transport(4, "dock-1", "aisle-9", vehicles=["agv-1", "agv-2"]))
    yard.until(lambda: yard.cars["agv-2"].last_node == "S9")
    yard.kill()
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].e_stop = EStop.MANUAL
    assert yard.begin_again()
    assert yard.finish(900) == ""
    assert yard.carried() == (4, 4)
