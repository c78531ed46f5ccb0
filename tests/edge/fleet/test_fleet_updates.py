"""Orders that go out in many small pieces, and what can happen between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from scripted_vehicle import ScriptedVehicle
from yard import RestartingYard, go, orders_to, quirk, stop

from banksman_edge.fleet import driving
from banksman_shared.vda5050 import Node, State


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[RestartingYard]:
    monkeypatch.setattr(driving, "REACH_M", 5.0)
    monkeypatch.setattr(driving, "LOW_M", 4.0)
    yard = RestartingYard(tmp_path)
    yield yard
    yard.store.close()
    assert "failed" not in caplog.text


def lose_update(yard: RestartingYard) -> ScriptedVehicle:
    """The vehicle is on its way, and an update for it has got lost twice."""
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "charger-2"))
    yard.until(lambda: car.last_sequence == 0 and bool(car.ahead) and car.driving)
    car.lose = 2
    yard.until(lambda: len(car.orders) > 2)
    return car


def continued(yard: RestartingYard) -> None:
    """Every update continues at the end of the base before, one at a time."""
    for vehicle in yard.cars:
        base: dict[str, tuple[Node, int]] = {}
        for o in orders_to(yard, vehicle):
            if o.order_id in base:
                end, update = base[o.order_id]
                if o.order_update_id == update:
                    continue
                assert o.order_update_id == update + 1
                assert o.nodes[0].sequence_id == end.sequence_id, (o, end)
                assert o.nodes[0].node_id == end.node_id
            else:
                assert o.order_update_id == 0
            base[o.order_id] = ([n for n in o.nodes if n.released][-1], o.order_update_id)


def test_an_update_that_gets_lost_is_sent_again_and_the_order_driven_to_its_end(yard: RestartingYard) -> None:
    car = lose_update(yard)
    yard.until(yard.done("j"), 120)
    assert car.last_node == "C2"
    assert len(car.accepted) == 1
    continued(yard)


def test_a_cancel_holds_although_an_update_is_on_the_way(yard: RestartingYard) -> None:
    car = lose_update(yard)
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.until(yard.done("c"), 60)
    yard.run(30)
    assert yard.statuses("j")[-1] == "cancelled"
    assert not car.driving
    yard.submit("k", go("agv-1", "dock-1"))
    yard.until(yard.done("k"), 60)
    continued(yard)


def test_a_stop_holds_although_an_update_is_on_the_way_and_a_resume_sends_it_again(yard: RestartingYard) -> None:
    car = lose_update(yard)
    yard.submit("s", stop("agv-1"))
    yard.until(yard.done("s"), 60)
    n = len(car.orders)
    yard.run(30)
    assert len(car.orders) == n
    assert not car.driving
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"), 100)
    continued(yard)


def test_a_new_master_sends_the_update_again_that_got_lost(yard: RestartingYard) -> None:
    car = lose_update(yard)
    car.lose = 0
    yard.replace_master()
    yard.until(yard.done("j"), 100)
    assert len(car.accepted) == 1
    assert car.last_node == "C2"
    continued(yard)


def test_a_stop_outlives_a_restart_and_a_resume_lets_the_same_order_go_on(yard: RestartingYard) -> None:
    car = lose_update(yard)
    yard.submit("s", stop("agv-1"))
    yard.store.latch(["agv-1"], on=True)
    yard.step()
    yard.replace_master()
    yard.run(10)
    assert not car.driving
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"), 100)
    assert len(car.accepted) == 1
    continued(yard)


def test_a_vehicle_that_hides_its_horizon_gets_all_of_it(yard: RestartingYard) -> None:
    def base_only(state: State) -> State:
        nodes = tuple(node for node in state.node_states if node.released)
        return replace(state, node_states=nodes, edge_states=state.edge_states[: len(nodes)])

    car = yard.cars["agv-1"]
    quirk(yard, "agv-1", base_only)
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.run(10)
    yard.replace_master()
    yard.until(yard.done("j"), 120)
    assert len(car.accepted) == 1
    assert car.loaded is False
    continued(yard)


def test_a_master_may_be_replaced_at_any_moment_of_an_order(yard: RestartingYard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "park-1"})
    for _ in range(40):
        yard.run(0.6)
        yard.replace_master()
    yard.until(yard.done("j"), 120)
    assert car.loaded is False
    assert car.last_node == "P1"
    assert len(car.accepted) == 1
    continued(yard)


def test_three_vehicles_cross_each_other_in_small_pieces(yard: RestartingYard) -> None:
    for i in range(6):
        yard.submit(f"a{i}", go("agv-1", ["charger-2", "park-1"][i % 2]))
        yard.submit(f"b{i}", go("agv-2", ["charger-1", "park-2"][i % 2]))
        yard.submit(f"t{i}", go("tug-1", ["dock-1", "aisle-9"][i % 2]))
        if i == 2:
            yard.submit("s", stop("agv-2"))
            yard.run(20)
            yard.submit("r", {"action": "resume", "vehicles": ["agv-2"]})
        for x in "abt":
            yard.until(yard.done(f"{x}{i}"), 400)
    continued(yard)


def test_a_vehicle_that_forgets_everything_on_the_way_can_be_used_again(yard: RestartingYard) -> None:
    car = lose_update(yard)
    car.wipe()
    car.order_id, car.update_id, car.lose = "", 0, 0
    yard.until(yard.ended("j"), 30)
    yard.submit("k", go("agv-1", "dock-1"))
    yard.until(yard.done("k"), 60)
    continued(yard)


@pytest.mark.parametrize("resend", [True, False])
def test_an_update_repeats_the_actions_of_the_node_it_continues_at_if_told_to(
    yard: RestartingYard, resend: bool
) -> None:
    yard.replace_master(resend_stitch_actions=resend)
    yard.step()
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.done("j"))
    first, *updates = orders_to(yard, "agv-1")
    picks = [a.action_id for update in updates for a in update.nodes[0].actions if a.action_type == "pick"]
    assert "S9" in {update.nodes[0].node_id for update in updates}
    assert bool(picks) is resend
    assert len({a.action_id for o in (first, *updates) for n in o.nodes for a in n.actions}) == 2
