"""Something stands on a lane and stays: who meets it is turned round, others are led around, and what has no other way
waits until it is gone."""

from __future__ import annotations

from outage_world import driven
from scripted_vehicle import ScriptedVehicle
from test_fleet_hindered import HINDERED_S
from yard import Yard, go, orders_to

from banksman_edge.fleet import Code
from banksman_edge.fleet.obstacles import LONGEST_SHUT_S, SHUT_S
from banksman_shared.vda5050 import Error, ErrorLevel

IN_THE_WAY = Error(error_type="blocked", error_level=ErrorLevel.WARNING, error_description="something is in the way")


class Obstacles:
    """Lanes of a yard on which something stands: who is to drive onto one stands before it and says so."""

    def __init__(self, yard: Yard, *lanes: tuple[str, str]) -> None:
        self.lanes = {lane for start, end in lanes for lane in ((start, end), (end, start))}
        for car in yard.cars.values():
            self._guard(car)

    def _guard(self, car: ScriptedVehicle) -> None:
        drive = car.step

        def step() -> None:
            ahead = next((node.node_id for node in car.ahead if node.released), None)
            if not car.work and (car.last_node, ahead) in self.lanes:
                car.driving, car.errors = False, [IN_THE_WAY]
                return
            car.errors = [error for error in car.errors if error is not IN_THE_WAY]
            drive()

        car.step = step  # type: ignore[method-assign]


def shut(yard: Yard) -> list[tuple[str, str]]:
    return list(yard.master._traffic._occupancy.shut)


def cancelled(yard: Yard, vehicle: str) -> int:
    return [action.action_type for action in yard.cars[vehicle].instants].count("cancelOrder")


def test_who_meets_it_gives_its_order_up_and_gets_another_from_where_it_stands(yard: Yard) -> None:
    """It may not be led otherwise by an update: what was released leads over the lane."""
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.done("j"))
    first, second = ([n.node_id for n in o.nodes] for o in orders_to(yard, "agv-1") if o.order_update_id == 0)
    assert (first, second) == (["P1", "N3", "D1"], ["N3", "N4", "S9", "D1"])
    assert cancelled(yard, "agv-1") == 1
    assert yard.statuses("j") == ["queued", "sent", "accepted", "running", "late", "running", "done"]
    assert [e.code for e in yard.events if e.status == "late"] == [Code.BLOCKED]


def test_a_transport_keeps_what_is_left_of_it(yard: Yard) -> None:
    """It has fetched its load when it meets something on its way to the dock, and does not fetch another."""
    Obstacles(yard, ("S9", "D1"))
    yard.submit("j", {"action": "transport", "vehicles": ["agv-2"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.done("j"))
    assert yard.cars["agv-2"].last_node == "D1"
    assert yard.cars["agv-2"].loaded is False
    assert cancelled(yard, "agv-2") == 1
    last = [o for o in orders_to(yard, "agv-2") if o.order_update_id == 0][-1]
    assert [a.action_type for node in last.nodes for a in node.actions] == ["drop"]


def test_others_are_led_around_it_from_the_start(yard: Yard) -> None:
    Obstacles(yard, ("N3", "D1"))
    yard.submit("first", go("agv-1", "dock-1"))
    yard.until(lambda: bool(shut(yard)))
    assert shut(yard) == [("N3", "D1")]
    yard.submit("j", go("tug-1", "aisle-9"))
    yard.until(yard.done("j"))
    yard.until(yard.done("first"))
    yard.submit("k", go("agv-2", "charger-1"))
    yard.until(yard.done("k"))
    assert cancelled(yard, "agv-2") == cancelled(yard, "tug-1") == 0
    assert ("N3", "D1") not in zip(driven(yard, "agv-2"), driven(yard, "agv-2")[1:], strict=False)


def test_where_no_way_leads_round_the_order_is_kept_it_is_said_once_and_goes_on_when_the_way_is_free(
    yard: Yard,
) -> None:
    obstacles = Obstacles(yard, ("P1", "N3"))
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(4 * HINDERED_S)
    assert cancelled(yard, "agv-1") == 0
    assert [e.code for e in yard.events if e.status == "late"] == [Code.BLOCKED]
    assert shut(yard) == [("P1", "N3")]
    obstacles.lanes.clear()
    yard.until(yard.done("j"))
    assert shut(yard) == []


def test_who_has_no_way_but_over_the_lane_is_told_of_and_tries_it_after_a_while(yard: Yard) -> None:
    """The first gives up and goes home; nobody sees what becomes of the obstacle before its charger."""
    obstacles = Obstacles(yard, ("D1", "C1"))
    yard.submit("first", go("agv-1", "charger-1"))
    yard.until(lambda: bool(shut(yard)))
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(yard.done("c"))
    yard.submit("back", go("agv-1", "aisle-9"))
    yard.submit("j", go("agv-2", "charger-1"))
    yard.run(SHUT_S / 2 + 5)
    assert [e.code for e in yard.events if e.job == "j" and e.status == "late"] == [Code.BLOCKED]
    assert driven(yard, "agv-2") == []
    obstacles.lanes.clear()
    yard.until(yard.done("j"))
    assert shut(yard) == []


def test_a_lane_on_which_something_is_met_again_stays_shut_for_longer(yard: Yard) -> None:
    obstacles = yard.master._obstacles
    shut_for: list[int] = []
    for _ in range(6):
        obstacles.met("agv-1", ("N3", "D1"))
        seconds = 0
        while shut(yard):
            yard.clock.advance(1.0)
            obstacles.tick()
            seconds += 1
        shut_for.append(seconds)
    assert shut_for == [SHUT_S, 2 * SHUT_S, 4 * SHUT_S, 8 * SHUT_S, LONGEST_SHUT_S, LONGEST_SHUT_S]
    obstacles.passed(("D1", "N3"))
    obstacles.met("agv-1", ("N3", "D1"))
    yard.clock.advance(SHUT_S)
    obstacles.tick()
    assert shut(yard) == []


def test_one_that_does_not_drive_the_other_way_either_is_itself_at_fault(yard: Yard) -> None:
    """The lane is free for others, and it is turned round no more."""
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    car = yard.cars["agv-1"]
    car.driving, car.errors = False, [IN_THE_WAY]
    drive, car.step = car.step, lambda: None  # type: ignore[method-assign]
    yard.run(10 * HINDERED_S)
    assert shut(yard) == []
    assert cancelled(yard, "agv-1") == 1
    assert yard.master.vehicles()["agv-1"].bars != ()
    car.step, car.errors = drive, []  # type: ignore[method-assign]
    yard.until(yard.done("j"))
    assert yard.master.vehicles()["agv-1"].bars == ()


def test_an_operators_cancel_ends_an_order_that_is_being_turned_round(yard: Yard) -> None:
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.cars["agv-1"].lose = 1
    yard.until(lambda: yard.cars["agv-1"].lose == 0)
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(yard.ended("j"))
    assert yard.last("j").status == "cancelled"
    yard.run(60)
    assert len([o for o in orders_to(yard, "agv-1") if o.order_update_id == 0]) == 1
