"""What a master does when vehicles, operators and restarts come in an awkward order."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from yard import RestartingYard, Yard, commands, go, orders_to, quirk, stop, yard_site

from banksman_edge.fleet import Code, FleetService, OrderEvent
from banksman_edge.fleet.capability import Capability
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.vda5050 import ConnectionState, EStop, OperatingMode


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[RestartingYard]:
    yard = RestartingYard(tmp_path)
    yield yard
    yard.store.close()


@pytest.fixture(autouse=True)
def _no_fault_swallowed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert "failed" not in caplog.text


def put(yard: Yard, vehicle: str, node: str) -> None:
    """Somebody moves the vehicle by hand; it knows where it is."""
    car, spot = yard.cars[vehicle], yard.site.layout.nodes[node]
    car.x, car.y, car.last_node = spot.x, spot.y, node


# A stop before a restart


def test_a_stop_that_nothing_confirmed_is_confirmed_after_a_restart(lasting: RestartingYard) -> None:
    lasting.connection("agv-1", ConnectionState.OFFLINE)
    lasting.submit("s", stop("agv-1"))
    lasting.run(1)
    lasting.replace_master()
    lasting.run(1)
    lasting.connection("agv-1", ConnectionState.ONLINE)
    lasting.until(lasting.done("s"), 20)
    assert lasting.store.jobs() == []


# Moved by hand


def test_an_order_not_sent_yet_begins_where_the_vehicle_stands_by_then(yard: Yard) -> None:
    yard.broker_up = False  # it is gone, but nobody has noticed yet
    yard.submit("j", go("agv-1", "dock-1"))
    yard.broker_up = True
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.step()
    put(yard, "agv-1", "S9")
    yard.step()
    yard.cars["agv-1"].mode = OperatingMode.AUTOMATIC
    yard.step()
    yard.step()
    order = orders_to(yard, "agv-1")[-1]
    assert order.nodes[0].node_id == "S9"


# Idle vehicles that cannot be moved


def idle_in_the_way(yard: Yard) -> None:
    """tug-1 stands on N4, where agv-2 has to pass."""
    put(yard, "tug-1", "N4")
    yard.step()


@pytest.mark.parametrize("how", ["offline", "stopped"])
def test_a_vehicle_that_cannot_be_moved_is_not_counted_on_to_make_way(yard: Yard, how: str) -> None:
    idle_in_the_way(yard)
    yard.cars["tug-1"].silent = True  # idle vehicles report every 30 s only
    if how == "offline":
        yard.connection("tug-1", ConnectionState.OFFLINE)
    else:
        yard.submit("s", stop("tug-1"))
    yard.submit("j", go("agv-2", "dock-1"))
    yard.run(5)
    assert yard.master._controls["tug-1"]._yielding is None
    assert yard.master._traffic.course("tug-1") is None


def test_a_vehicle_that_refuses_to_make_way_is_not_asked_several_times_a_second(yard: Yard) -> None:
    idle_in_the_way(yard)
    yard.cars["tug-1"].reject_with = "orderError"
    yard.submit("j", go("agv-2", "dock-1"))
    yard.run(20)
    assert 1 <= len(orders_to(yard, "tug-1")) <= 4


# Peers that count nodes otherwise


def test_a_vehicle_that_never_counts_its_nodes_leaves_them_to_others_and_arrives(yard: Yard) -> None:
    quirk(yard, "agv-1", lambda s: replace(s, last_node_sequence_id=0))
    yard.submit("a", go("agv-1", "charger-2"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N4")
    yard.run(0.4)
    course = yard.master._traffic.course("agv-1")
    assert course is not None
    assert course.nodes[course.position] == "N4"
    yard.until(yard.done("a"), 120)
    yard.submit("b", go("agv-1", "park-1"))
    yard.until(yard.done("b"), 120)
    assert yard.cars["agv-1"].last_node == "P1"


def test_a_sequence_id_from_the_order_before_moves_nobody_along_the_new_one(yard: Yard) -> None:
    quirk(yard, "agv-1", lambda s: replace(s, last_node_sequence_id=8))
    yard.submit("a", go("agv-1", "charger-1"))
    yard.run(1)
    course = yard.master._traffic.course("agv-1")
    assert course is not None
    assert course.position == 0


# A restart while making way


def test_a_vehicle_that_made_way_before_a_restart_can_be_used_after_it(lasting: RestartingYard) -> None:
    yard = lasting
    idle_in_the_way(yard)
    yard.submit("j", go("agv-2", "dock-1"))
    yard.until(lambda: bool(orders_to(yard, "tug-1")))
    yard.step()
    order = yard.cars["tug-1"].order
    assert order is not None
    # Its way out is longer than what was released: it waits for the rest, which the new master does not know of.
    yard.cars["tug-1"].ahead = [replace(n, released=False) for n in yard.cars["tug-1"].ahead]
    yard.replace_master()
    yard.run(10)
    assert yard.master.check(commands(go("tug-1", "charger-2"))) == []


# A restart while vehicles are away


def test_after_a_restart_the_way_of_a_vehicle_that_is_away_stays_its_own(lasting: RestartingYard) -> None:
    yard = lasting
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.replace_master()
    yard.run(4)
    base = [n.node_id for n in orders_to(yard, "agv-1")[0].nodes if n.released]
    yard.submit("k", go("agv-2", "dock-1"))
    yard.run(3)
    sent = {n.node_id for o in orders_to(yard, "agv-2") for n in o.nodes if n.released}
    assert "D1" in base
    assert sent.isdisjoint(base[1:])


# One fault of the traffic


def test_a_fault_of_the_traffic_control_holds_up_no_stop(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    def fault() -> Any:
        raise RuntimeError("x")

    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(1)
    yard.master._traffic.tick = fault  # type: ignore[method-assign]
    yard.cars["agv-1"].lose = 2
    yard.submit("s", stop("agv-1"))
    yard.run(5)
    assert yard.cars["agv-1"].paused
    assert caplog.text.count("the traffic control failed") == 1  # told once, not with every tick
    caplog.clear()


# Emergency stop


def test_an_emergency_stop_on_the_way_is_told_and_that_it_is_over(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(1)
    yard.cars["agv-1"].e_stop = EStop.MANUAL
    yard.run(1)
    assert yard.last("j").code is Code.EMERGENCY_STOP
    yard.cars["agv-1"].e_stop = EStop.NONE
    yard.run(0.4)
    assert yard.statuses("j")[-2:] == ["late", "running"]


def test_a_vehicle_taken_over_by_hand_says_so_and_not_that_it_ended_its_order(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(1)
    yard.cars["agv-1"].wipe()
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.until(yard.ended("j"))
    assert yard.last("j").code is Code.MANUAL


# Disks


def test_a_full_disk_sends_no_order_twice_and_holds_up_no_stop(lasting: RestartingYard) -> None:
    yard = lasting
    yard.store._db.execute("PRAGMA query_only = ON")
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(1)
    assert len({order.order_id for order in orders_to(yard, "agv-1")}) == 1
    yard.submit("s", stop("agv-1"))
    yard.until(yard.done("s"), 5)
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"), 60)
    yard.store._db.execute("PRAGMA query_only = OFF")


# Making way


def making_way(yard: Yard) -> None:
    """tug-1 is on its way from N4, where agv-2 has to pass."""
    idle_in_the_way(yard)
    yard.submit("j", go("agv-2", "dock-1"))
    yard.until(lambda: yard.cars["tug-1"].driving)


def test_a_stop_holds_a_vehicle_that_makes_way_until_it_is_resumed(yard: Yard) -> None:
    making_way(yard)
    yard.submit("s", stop("tug-1"))
    yard.until(yard.done("s"), 5)
    before = len(orders_to(yard, "tug-1"))
    yard.run(60)
    assert not yard.cars["tug-1"].driving
    assert len(orders_to(yard, "tug-1")) == before
    yard.submit("r", {"action": "resume", "vehicles": ["tug-1"]})
    yard.until(yard.done("j"), 60)


def test_a_cancel_takes_back_the_way_out_and_the_job_that_waited_for_it(yard: Yard) -> None:
    making_way(yard)
    yard.submit("k", go("tug-1", "charger-2"))
    yard.submit("c", {"action": "cancel", "vehicles": ["tug-1"]})
    yard.until(yard.done("c"), 20)
    assert yard.statuses("k")[-1] == "cancelled"
    yard.until(yard.done("j"), 60)


def test_a_job_for_a_vehicle_that_makes_way_follows(yard: Yard) -> None:
    making_way(yard)
    yard.submit("k", go("tug-1", "charger-2"))
    yard.until(yard.done("k"), 120)
    assert yard.cars["tug-1"].last_node == "C2"


# Cancels


def test_a_cancel_while_the_order_is_lost_on_the_way_leaves_nothing_behind(yard: Yard) -> None:
    yard.cars["agv-1"].lose = 1
    yard.submit("j", go("agv-1", "dock-1"))
    yard.step()
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(yard.done("c"), 20)
    yard.run(20)
    assert yard.cars["agv-1"].accepted == []
    assert yard.statuses("j")[-1] == "cancelled"
    yard.submit("k", go("agv-1", "dock-1"))
    yard.until(yard.done("k"), 60)


def test_a_job_whose_way_back_ends_where_it_began_is_not_done_before_it_is(yard: Yard) -> None:
    put(yard, "agv-1", "D1")
    yard.step()
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.done("j"), 120)
    assert yard.cars["agv-1"].loaded is False
    assert yard.cars["agv-1"].last_node == "D1"
    assert yard.cars["agv-1"].last_sequence == 4


# Two on one node


def test_two_vehicles_that_report_one_node_can_both_leave_it(yard: Yard) -> None:
    put(yard, "agv-1", "N4")
    put(yard, "agv-2", "N4")
    yard.step()
    yard.submit("a", go("agv-1", "dock-1"))
    yard.submit("b", go("agv-2", "aisle-9"))
    yard.until(yard.done("a"), 120)
    yard.until(yard.done("b"), 120)


def test_a_vehicle_off_the_roads_is_refused_and_in_nobodys_way(yard: Yard) -> None:
    yard.cars["agv-1"].x, yard.cars["agv-1"].y = 3.0, 40.0
    yard.step()
    assert {p.code for p in yard.master.check(commands(go("agv-1", "dock-1")))} == {Code.OFF_ROUTE}
    yard.submit("b", go("agv-2", "dock-1"))
    yard.until(yard.done("b"), 120)


# Short memories


def test_a_vehicle_that_takes_three_nodes_at_a_time_gets_there(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.master._controls["agv-1"].tracker._capability = Capability(max_nodes=3)
    yard.submit("j", go("agv-1", "charger-2"))
    yard.until(yard.done("j"), 120)
    assert max(len(order.nodes) for order in car.orders) == 3
    yard.submit("k", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.done("k"), 120)


# Much to plan


def test_planning_for_many_leaves_room_for_a_stop_in_between(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = yard.master._traffic.plan

    def slow(*args: Any) -> Any:
        yard.clock.advance(0.15)
        return plan(*args)

    monkeypatch.setattr(yard.master._traffic, "plan", slow)
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "park-1"))
    yard.submit("k", {"action": "move", "vehicles": ["agv-2", "tug-1"], "to": "aisle-9"})
    assert len(orders_to(yard, "agv-2")) + len(orders_to(yard, "tug-1")) == 1
    yard.until(yard.done("k", 2), 200)


# News before anybody listens


def test_news_from_before_anybody_listens_is_told_to_who_comes(mqtt_broker: RunningBroker) -> None:
    heard: queue.Queue[OrderEvent] = queue.Queue()
    with FleetService(yard_site("-early-news"), MqttSettings(mqtt_broker.url)) as fleet:
        fleet.stop("s", ["agv-1"])
        time.sleep(0.5)  # the service's thread has been through its queue by then
        fleet.listen(heard.put)
        assert heard.get(timeout=20).job == "s"


# Standing still


def hold(yard: Yard, vehicle: str) -> None:
    """Something is in the vehicle's way. It has reported that it stands, and has no more news."""
    car = yard.cars[vehicle]
    car.driving = False
    car.step = lambda: None  # type: ignore[method-assign]
    yard.step()
    car.silent = True


def test_a_vehicle_that_stands_and_has_no_news_is_asked_and_reported_as_blocked(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    hold(yard, "agv-1")
    yard.until(lambda: [a.action_type for a in car.instants] == ["stateRequest"], 15)
    car.silent = False
    yard.step()
    assert (yard.last("j").code, yard.last("j").detail) == (Code.BLOCKED, "agv-1 does not move")
    yard.run(60)
    assert len(car.instants) == 1


def test_who_stood_in_the_last_order_is_not_blocked_at_once_in_the_next(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    hold(yard, "agv-1")
    car.silent = False
    yard.run(12)
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(yard.ended("j"))
    yard.submit("k", go("agv-1", "dock-1"))
    yard.run(5)
    assert Code.BLOCKED not in {event.code for event in yard.events if event.job == "k"}
