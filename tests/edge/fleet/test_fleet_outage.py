"""A vehicle that is out of order in the way: others go round it, or it is said once who is in the way."""

from __future__ import annotations

from pathlib import Path

from outage_world import FATAL, bars, break_down, driven, put, repair
from yard import RestartingYard, Yard, commands, go

from banksman_edge.fleet import Code
from banksman_edge.fleet.outage import OUT_S
from banksman_shared.site import NOTHING_CLOSED
from banksman_shared.vda5050 import ConnectionState, OperatingMode

# What is barred


def test_a_vehicle_in_trouble_bars_its_node_after_a_while_and_until_it_is_repaired(yard: Yard) -> None:
    put(yard, "tug-1", "N3")
    yard.cars["tug-1"].errors = [FATAL]
    yard.run(OUT_S - 1)
    assert bars(yard, "tug-1") == ()
    yard.run(2)
    assert bars(yard, "tug-1") == ("N3",)
    repair(yard, "tug-1")
    assert bars(yard, "tug-1") == ()


def test_a_vehicle_that_is_gone_bars_all_that_it_was_let_drive_to(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: yard.cars["agv-1"].driving)
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.run(OUT_S + 1)
    assert bars(yard, "agv-1") == ("P1", "N3", "D1")


def test_a_vehicle_that_is_stopped_or_driven_by_hand_bars_nothing(yard: Yard) -> None:
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    tug = yard.cars["tug-1"]
    tug.mode, tug.driving = OperatingMode.MANUAL, True
    tug.step = lambda: None  # type: ignore[method-assign]
    yard.run(OUT_S + 5)
    assert bars(yard, "agv-1") == bars(yard, "tug-1") == ()


def test_without_a_broker_nobody_is_known_to_be_out_of_order(yard: Yard) -> None:
    yard.set_broker(False)
    yard.run(OUT_S + 5)
    assert not any(view.bars for view in yard.master.vehicles().values())


# Ways round


def test_a_new_order_leads_round_a_vehicle_that_is_out_of_order(yard: Yard) -> None:
    break_down(yard, "tug-1", "N3")
    yard.submit("j", go("agv-2", "dock-1"))
    yard.until(yard.done("j"))
    assert driven(yard, "agv-2") == ["P2", "N4", "S9", "D1"]


def test_who_is_under_way_goes_round_one_that_breaks_down_before_it(yard: Yard) -> None:
    """The straight way is over N4 and N3; it is at N4 when N3 is shut."""
    yard.submit("first", go("tug-1", "dock-1"))
    yard.until(lambda: yard.cars["tug-1"].last_node == "N4")
    yard.cars["tug-1"].ahead.clear()
    break_down(yard, "tug-1")
    yard.submit("j", go("agv-1", "aisle-9"))
    yard.until(yard.done("j"))
    assert driven(yard, "agv-1") == ["P1", "N3", "D1", "S9"]


def test_where_no_way_leads_round_it_is_said_once_who_is_in_the_way_and_after_the_repair_it_goes_on(yard: Yard) -> None:
    break_down(yard, "tug-1", "N3")
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(120)
    late = [e for e in yard.events if e.job == "j" and e.status == "late"]
    assert [(e.code, e.facts) for e in late] == [(Code.WAITING, {"other": "tug-1"})]
    assert driven(yard, "agv-1") == []
    repair(yard, "tug-1")
    yard.until(yard.done("j"))
    assert yard.cars["agv-1"].last_node == "D1"


def test_an_order_that_was_cut_short_before_it_was_sent_is_not_told_as_done(yard: Yard) -> None:
    """Traffic leaves a course as far as it is granted where vehicles shut each other in: here, not at all."""
    yard.submit("first", go("tug-1", "dock-1"))
    yard.until(lambda: yard.cars["tug-1"].driving)
    yard.submit("j", go("agv-1", "aisle-9"))
    yard.step()
    traffic = yard.master._traffic
    course = traffic.course("agv-1")
    assert course
    assert course.granted == 0
    traffic._rerouting.cut(course)
    yard.master.tick()
    assert yard.statuses("j") == ["queued"]
    yard.until(yard.done("j"))
    assert yard.cars["agv-1"].last_node == "S9"


# Who is chosen


def test_the_system_chooses_one_that_need_not_pass_it_though_another_is_nearer(yard: Yard) -> None:
    fetch = commands({"action": "pick", "vehicles": [], "to": "dock-1"})

    def chosen() -> str:
        roster = yard.master._assign(fetch, NOTHING_CLOSED, None, queue=False, gives_up=frozenset())
        return roster.assignments[0].vehicle

    assert chosen() == "agv-1"
    break_down(yard, "tug-1", "N3")
    assert chosen() == "agv-2"


def test_whoever_is_named_is_sent_all_the_same_and_waits(yard: Yard) -> None:
    break_down(yard, "tug-1", "N3")
    assert yard.master.check(commands(go("agv-1", "dock-1"))) == []


# A restart


def test_after_a_restart_it_is_known_again_and_the_order_still_goes_round(tmp_path: Path) -> None:
    yard = RestartingYard(tmp_path)
    break_down(yard, "tug-1", "N3")
    yard.submit("j", go("agv-2", "dock-1"))
    yard.until(lambda: yard.cars["agv-2"].last_node == "N4")
    yard.replace_master()
    yard.step()
    assert bars(yard, "tug-1") == ()
    yard.until(yard.done("j"))
    assert driven(yard, "agv-2")[-1] == "D1"
    assert "N3" not in driven(yard, "agv-2")
    yard.run(OUT_S)
    assert bars(yard, "tug-1") == ("N3",)


def test_who_waits_for_it_waits_on_after_a_restart_and_keeps_its_order(tmp_path: Path) -> None:
    yard = RestartingYard(tmp_path)
    break_down(yard, "tug-1", "N3")
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(40)
    yard.replace_master()
    yard.run(60)
    assert driven(yard, "agv-1") == []
    repair(yard, "tug-1")
    yard.until(yard.done("j"))
    assert yard.cars["agv-1"].last_node == "D1"
