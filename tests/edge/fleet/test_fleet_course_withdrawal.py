"""What happens between the taking back of an order and the next one: nothing is done twice, nothing begins that nobody
counts on any more, and a restart sends nothing that was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from test_fleet_obstacles import IN_THE_WAY, Obstacles, cancelled, shut
from yard import RestartingYard, Yard, go, orders_to, quirk, stop

from banksman_edge.fleet import Code, JobStatus
from banksman_edge.fleet.errand import Verdict
from banksman_edge.fleet.lateness import STALE_S
from banksman_shared.vda5050 import ConnectionState, Error, State

CARRY = {"action": "transport", "vehicles": ["agv-2"], "from": "aisle-9", "to": "dock-1"}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[RestartingYard]:
    yard = RestartingYard(tmp_path)
    yield yard
    yard.store.close()


def begun(yard: Yard, vehicle: str) -> list[list[str]]:
    """What is to be done by each order that was begun, not counting repeats."""
    first = {o.order_id: o for o in orders_to(yard, vehicle) if o.order_update_id == 0}
    return [[a.action_type for node in o.nodes for a in node.actions] for o in first.values()]


def taken_back(yard: Yard, vehicle: str, *, lost: bool = True) -> None:
    """Its order is being taken back; ``lost``: the message to that effect, for the first time."""
    before = cancelled(yard, vehicle)
    errand = yard.master._controls[vehicle]._order
    assert errand is not None
    yard.until(lambda: errand.cancelling)
    yard.cars[vehicle].lose = 1 if lost else 0
    yard.until(lambda: cancelled(yard, vehicle) > before)


def test_what_it_did_before_it_gave_the_order_up_is_not_done_again(yard: Yard) -> None:
    """The obstacle goes just then, and the cancellation gets lost: it picks before the next one comes."""
    obstacles = Obstacles(yard, ("N4", "S9"))
    yard.submit("j", CARRY | {"to": "charger-1"})
    taken_back(yard, "agv-2")
    obstacles.lanes.clear()
    yard.cars["agv-2"].lose = 1
    yard.until(lambda: yard.cars["agv-2"].loaded is True)
    yard.until(yard.ended("j"))
    assert begun(yard, "agv-2") == [["pick", "drop"], ["drop"]]
    assert yard.last("j").status == "done"


def test_what_it_had_only_begun_is_told_and_not_begun_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripted_vehicle.STEPS_PER_ACTION", 1000)
    obstacles = Obstacles(yard, ("N4", "S9"))
    yard.submit("j", CARRY)
    taken_back(yard, "agv-2")
    obstacles.lanes.clear()
    yard.cars["agv-2"].lose = 1
    yard.until(lambda: cancelled(yard, "agv-2") == 3)
    yard.run(60)
    assert (yard.last("j").status, yard.last("j").code) == ("failed", Code.ACTION_FAILED)
    assert len(begun(yard, "agv-2")) == 1


def test_who_has_lost_its_load_meanwhile_is_not_sent_to_put_it_down(yard: Yard) -> None:
    Obstacles(yard, ("S9", "D1"))
    yard.submit("j", CARRY)
    taken_back(yard, "agv-2")
    yard.cars["agv-2"].loaded = False
    yard.until(yard.ended("j"))
    assert (yard.last("j").status, yard.last("j").code) == ("failed", Code.NOT_LOADED)
    assert len(begun(yard, "agv-2")) == 1


def test_who_was_away_for_long_does_not_set_off_again(yard: Yard) -> None:
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    taken_back(yard, "agv-1")
    yard.connection("agv-1", ConnectionState.OFFLINE)
    yard.run(STALE_S)
    yard.cars["agv-1"].wipe()
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.run(60)
    assert (yard.last("j").status, yard.last("j").code) == ("failed", Code.TOO_LATE)
    assert len(begun(yard, "agv-1")) == 1


def test_a_stop_wins_over_it(yard: Yard) -> None:
    """Before and while the order is taken back. It lasts until the lane is tried again, which is nobody's fault."""
    Obstacles(yard, ("N3", "D1"))
    yard.cars["agv-1"].reports_pause = False
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.submit("s", stop("agv-1"))
    yard.run(90)
    assert cancelled(yard, "agv-1") == 0
    assert shut(yard) == []
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    taken_back(yard, "agv-1")
    yard.submit("s2", stop("agv-1"))
    yard.run(60)
    assert len(begun(yard, "agv-1")) == 1
    yard.submit("r2", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"))


def test_who_does_not_say_where_it_is_keeps_its_order(yard: Yard) -> None:
    """It may be anywhere on the lane, and nobody would see that it does not drive the other way either."""
    Obstacles(yard, ("N3", "D1"))
    quirk(yard, "agv-1", lambda state: replace(state, agv_position=None))
    yard.submit("j", go("agv-1", "dock-1"))
    yard.run(120)
    assert cancelled(yard, "agv-1") == 0
    assert shut(yard) == [("N3", "D1")]


def test_the_lane_stays_shut_until_it_has_taken_its_other_order(yard: Yard) -> None:
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    errors: tuple[Error, ...] = (IN_THE_WAY,)
    yard.until(lambda: bool(shut(yard)))
    quirk(yard, "agv-1", lambda state: replace(state, errors=errors))
    yard.until(lambda: len(begun(yard, "agv-1")) == 2)
    yard.cars["agv-1"].silent = True
    yard.run(1)
    assert shut(yard) == [("N3", "D1")]
    errors, yard.cars["agv-1"].silent = (), False
    yard.until(yard.done("j"))


def test_who_turns_on_the_lane_has_not_come_over_it(yard: Yard) -> None:
    obstacles = Obstacles(yard, ("N3", "D1"))
    obstacles.lanes.discard(("D1", "N3"))
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.cars["agv-1"].x += 3.0
    yard.until(yard.done("j"))
    assert [n.node_id for n in orders_to(yard, "agv-1")[1].nodes] == ["D1", "N3", "N4", "S9", "D1"]
    assert shut(yard) == [("N3", "D1")]


def test_who_has_come_over_a_lane_may_find_it_shut_behind_itself(yard: Yard) -> None:
    obstacles = Obstacles(yard)
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "charger-1", "to": "dock-1"})
    yard.until(lambda: yard.cars["agv-1"].last_node == "C1")
    obstacles.lanes |= {("C1", "D1"), ("D1", "C1")}
    yard.run(90)
    assert shut(yard) == [("C1", "D1")]
    assert cancelled(yard, "agv-1") == 0
    obstacles.lanes.clear()
    yard.until(yard.done("j"))


def test_a_cancellation_that_is_repeated_takes_no_later_order_back(yard: Yard) -> None:
    """It says that it has given the order up while it still shows it, and is told once more, which gets lost."""
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    car, shown = yard.cars["agv-1"], list[State]()

    def lagging(state: State) -> State:
        if not cancelled(yard, "agv-1"):
            shown[:] = [state]
        elif shown:
            car.lose = 1
            return replace(state, node_states=shown.pop().node_states)
        return state

    quirk(yard, "agv-1", lagging)
    yard.until(yard.ended("j"))
    assert yard.last("j").status == "done"


def test_a_refused_turnabout_leaves_an_operators_cancel_as_it_is(yard: Yard) -> None:
    Obstacles(yard, ("N3", "D1"))
    yard.submit("j", go("agv-1", "dock-1"))
    taken_back(yard, "agv-1")
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    control = yard.master._controls["agv-1"]
    first = next(iter(control.instants))
    control._end(first, Verdict(JobStatus.FAILED))
    assert control._order is not None
    assert control._order.cancelling
    yard.until(yard.ended("j"))
    assert yard.last("j").status == "cancelled"


def test_a_second_turn_after_a_restart_does_not_fetch_again(stored: RestartingYard) -> None:
    yard = stored
    obstacles = Obstacles(yard, ("S9", "D1"))
    yard.submit("j", CARRY)
    yard.until(lambda: len(begun(yard, "agv-2")) == 2)
    yard.run(1)
    obstacles.lanes = {("N3", "D1"), ("D1", "N3")}
    yard.replace_master()
    yard.until(yard.ended("j"))
    assert begun(yard, "agv-2") == [["pick", "drop"], ["drop"], ["drop"]]
    assert yard.last("j").status == "done"


def test_a_restart_does_not_send_again_what_was_taken_back(stored: RestartingYard) -> None:
    """The next order waits for a way, which is told; the vehicle no longer shows the one that it has given up."""
    yard = stored
    Obstacles(yard, ("S9", "D1"))
    yard.submit("j", CARRY)
    errand = yard.master._controls["agv-2"]._order
    assert errand is not None
    yard.until(lambda: errand.cancelling)
    yard.master._controls["agv-2"].dispatch.may_plan = lambda: False
    yard.until(lambda: errand.renewed)
    yard.master._report(errand, Verdict(JobStatus.LATE, Code.WAITING, "it waits"))
    car = yard.cars["agv-2"]
    car.order_id, car.actions = "", {}
    yard.replace_master()
    yard.run(30)
    assert len({o.order_id for o in orders_to(yard, "agv-2")}) == 1
    assert len(car.accepted) == 1
    assert (yard.last("j").status, yard.last("j").code) == ("failed", Code.ORDER_LOST)


def test_a_restart_does_not_send_the_other_order_again_once_it_was_taken(stored: RestartingYard) -> None:
    yard = stored
    Obstacles(yard, ("S9", "D1"))
    yard.submit("j", CARRY)
    yard.until(lambda: len(yard.cars["agv-2"].accepted) == 2)
    yard.run(1)
    car = yard.cars["agv-2"]
    car.wipe()
    car.order_id, car.actions = "", {}
    yard.replace_master()
    yard.run(30)
    assert len(car.accepted) == 2
    assert (yard.last("j").status, yard.last("j").code) == ("failed", Code.ORDER_LOST)
