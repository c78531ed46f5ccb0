"""A plan is driven as it was promised: steps in their turn, what is closed kept out of, and a stop above all."""

from __future__ import annotations

import pytest
from driven_yard import KEY, DrivenYard, avoid, send, transport

from banksman_shared.vda5050 import Order


@pytest.fixture
def yard() -> DrivenYard:
    return DrivenYard()


def test_a_vehicle_gets_its_next_step_when_it_has_done_the_one_before(yard: DrivenYard) -> None:
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.run(1)
    assert yard.given() == ["agv-1"]
    assert yard.finish() == ""
    assert yard.given() == ["agv-1", "agv-1"]
    assert yard.planner.told[-1] == ("first", "done")


def test_what_comes_after_a_goal_is_given_out_when_that_is_done(yard: DrivenYard) -> None:
    yard.drive(
        transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]),
        send("move", "agv-2", destinations=["dock-1"], after=[0]),
    )
    assert yard.finish() == ""
    assert yard.news() == ["agv-1 queued", "agv-1 done", "agv-2 queued", "agv-2 done"]


def test_nothing_is_begun_before_its_time_and_nobody_waits_for_a_plan_that_is_faster(yard: DrivenYard) -> None:
    began = yard.clock.time()
    yard.drive(
        send("move", "agv-1", destinations=["dock-1"], not_before_s=40),
        send("move", "agv-2", destinations=["aisle-9"]),
        send("move", "tug-1", destinations=["charger-2"], after=[1]),
    )
    yard.until(lambda: yard.given() == ["agv-2", "tug-1"])
    assert yard.clock.time() - began < 20
    yard.until(lambda: len(yard.given()) == 3)
    assert 40 <= yard.clock.time() - began < 41
    assert yard.finish() == ""


def test_who_charges_first_goes_on_when_it_has_enough(yard: DrivenYard) -> None:
    yard.cars["agv-1"].battery = 40.0
    yard.run(1)
    yard.drive(
        send("charge", "agv-1", destinations=["charger-1"], when="first", until=60),
        transport(1, "dock-1", "aisle-9", vehicles=["agv-1"]),
    )
    yard.until(yard.done(f"{KEY}/1"))
    yard.cars["agv-1"].battery = 59.0
    yard.run(60)
    assert yard.given() == ["agv-1"]
    yard.cars["agv-1"].battery = 60.0
    assert yard.finish() == ""
    assert yard.given() == ["agv-1", "agv-1"]


def test_vehicles_take_turns_at_a_charger_at_the_end_of_a_road(yard: DrivenYard) -> None:
    for vehicle in ("agv-1", "agv-2"):
        yard.cars[vehicle].battery = 40.0
    yard.run(1)
    plan = yard.drive(
        send("charge", "agv-1", "agv-2", destinations=["charger-1"], when="first", until=60),
        transport(2, "dock-1", "aisle-9"),
    )
    first, second = (s.vehicle for s in sorted(plan.steps, key=lambda s: s.end_s) if s.action == "charge")
    yard.until(yard.done(f"{KEY}/1"))
    yard.run(60)
    assert yard.given() == [first]
    yard.cars[first].battery = 60.0
    assert yard.finish() == ""
    assert yard.given()[:3] == [first, first, second]
    assert yard.visits(second)[-1] == "C1"


def test_what_is_carried_on_waits_until_it_has_been_brought(yard: DrivenYard) -> None:
    """The plan gives the first vehicle so much time that it has brought it by then; it takes longer."""
    yard.drive(
        transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]),
        transport(1, "aisle-9", "charger-2", vehicles=["agv-2"], not_before_s=100),
    )
    yard.run(1)
    for _ in range(13):
        yard.cars["agv-1"].paused = True
        yard.run(9)
        yard.cars["agv-1"].paused = False
        yard.run(0.4)
    assert yard.finish() == ""
    assert yard.news()[-2:] == ["agv-2 queued", "agv-2 done"]


def test_a_place_that_is_closed_for_a_time_is_entered_by_nobody_of_the_plan_meanwhile(yard: DrivenYard) -> None:
    began = yard.clock.time()
    yard.drive(send("move", "agv-1", destinations=["dock-1"]), avoid("dock-1", until_s=60))
    while yard.reporter.failure is None:
        yard.step()
        inside = yard.cars["agv-1"].last_node == "D1"
        assert not inside or yard.clock.time() - began >= 60
    assert yard.cars["agv-1"].last_node == "D1"


def test_a_lane_is_driven_only_the_way_the_plan_says(yard: DrivenYard) -> None:
    """From aisle 9 to bay one the shortest way is by N4 and N3; against the one-way goal nobody drives."""
    yard.drive(
        transport(1, "aisle-9", "park-1", vehicles=["agv-1"]), {"kind": "one_way", "start": "park-2", "end": "aisle-9"}
    )
    assert yard.finish() == ""
    orders = [order for topic, order in yard.sent if isinstance(order, Order)]
    edges = [(edge.start_node_id, edge.end_node_id) for order in orders for edge in order.edges]
    assert ("S9", "N4") not in edges
    assert ("D1", "N3") in edges


def test_after_a_stop_nothing_is_given_out_until_resumed(yard: DrivenYard) -> None:
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]), send("move", "agv-2", destinations=["charger-2"]))
    yard.run(1)
    yard.submit("halt", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(200)
    assert yard.given().count("agv-1") == 1
    assert yard.reporter.said == ["paused"]
    yard.submit("on", {"action": "resume", "vehicles": ["agv-1"]})
    assert yard.finish() == ""
    assert yard.reporter.said == ["paused", "goes on"]


def test_a_plan_that_is_given_up_ends_with_what_is_under_way(yard: DrivenYard) -> None:
    yard.drive(transport(3, "dock-1", "aisle-9", vehicles=["agv-1"]))
    yard.run(1)
    assert yard.driver
    yard.driver.give_up()
    assert yard.finish() == "wish 1"
    assert yard.given() == ["agv-1"]
    assert yard.planner.told[-1] == ("first", "failed")


def test_what_is_left_counts_steps_to_come_and_is_nothing_only_when_all_is_done(yard: DrivenYard) -> None:
    yard.drive(transport(2, "dock-1", "aisle-9", vehicles=["agv-1"]))
    assert yard.driver
    assert yard.driver.left == 2
    yard.until(yard.done(f"{KEY}/1"))
    assert yard.driver.left == 1
    yard.finish()
    assert yard.driver.left == 0
