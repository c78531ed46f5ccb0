"""Orders and their updates as VDA 5050 2.1.0 §6.6 has them."""

from __future__ import annotations

from dataclasses import replace as replace_profile

import pytest
from msgspec.structs import replace
from sim_world import MAP, PROFILE, action, finished, instantly, node, order, run_until, status, vehicle, warnings

from banksman_shared.vda5050 import ActionStatus, Order, State


def test_a_new_vehicle_stands_localised_and_automatic_without_an_order() -> None:
    state = vehicle("B").state()
    assert (state.order_id, state.order_update_id, state.last_node_id, state.last_node_sequence_id) == ("", 0, "B", 0)
    assert state.agv_position is not None
    assert (state.agv_position.position_initialized, state.agv_position.map_id) == (True, MAP)
    assert (state.operating_mode, state.driving, state.paused, state.loads) == ("AUTOMATIC", False, False, ())
    assert state.battery_state.battery_charge == 80


def test_an_order_is_driven_node_by_node_to_its_end() -> None:
    machine = vehicle()
    machine.handle_order(order("ABC"))
    assert [n.node_id for n in machine.state().node_states] == ["B", "C"]
    assert [e.edge_id for e in machine.state().edge_states] == ["AB", "BC"]
    assert run_until(machine, lambda s: s.driving).last_node_id == "A"
    passed = run_until(machine, lambda s: s.last_node_id == "B")
    assert ([n.node_id for n in passed.node_states], passed.driving) == (["C"], True)
    end = run_until(machine, finished)
    assert (end.last_node_id, end.last_node_sequence_id, end.driving, end.order_id) == ("C", 4, False, "order")
    assert end.agv_position is not None
    assert (end.agv_position.x, end.agv_position.y) == (10, 5)


def test_the_horizon_is_shown_and_never_entered() -> None:
    machine = vehicle()
    machine.handle_order(order("ABCD", base=2))
    state = run_until(machine, lambda s: s.last_node_id == "B")
    machine.step(60)
    after = machine.state()
    assert [(n.node_id, n.released) for n in after.node_states] == [("C", False), ("D", False)]
    assert state.agv_position is not None
    assert after.agv_position == state.agv_position
    assert (after.driving, after.new_base_request) == (False, True)


def test_an_update_in_time_is_stitched_without_a_stop() -> None:
    machine = vehicle()
    machine.handle_order(order("ABCD", base=2))
    run_until(machine, lambda s: s.driving)
    machine.handle_order(order("BCD", update_id=1, first=2))
    state = machine.state()
    assert ([n.released for n in state.node_states], state.order_update_id) == ([True, True, True], 1)
    at_b = run_until(machine, lambda s: s.last_node_id == "B")
    assert at_b.velocity is not None
    assert at_b.velocity.vx == pytest.approx(PROFILE.speed)
    assert run_until(machine, finished).last_node_sequence_id == 6


def test_an_update_may_put_another_horizon_in_place_of_the_old() -> None:
    machine = vehicle()
    machine.handle_order(order("ABCD", base=2, at={"C": [action("pick", "old")]}))
    machine.handle_order(order("BA", update_id=1, first=2, at={"A": [action("pick", "new")]}))
    state = machine.state()
    assert [n.node_id for n in state.node_states] == ["B", "A"]
    assert [a.action_id for a in state.action_states] == ["new"]


def test_a_finished_order_can_be_continued_from_its_last_node() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    run_until(machine, finished)
    machine.handle_order(order("BC", update_id=1, first=2))
    assert warnings(machine.state()) == []
    assert run_until(machine, finished).last_node_id == "C"


def test_actions_repeated_at_the_shared_node_are_done_once() -> None:
    machine, pick = vehicle(), action("pick", "p1")
    machine.handle_order(order("ABC", base=2, at={"B": [pick]}))
    machine.handle_order(order("BC", update_id=1, first=2, at={"B": [pick]}))
    end = run_until(machine, finished)
    assert [a.action_id for a in end.action_states] == ["p1"]
    assert (status(end, "p1"), end.last_node_id, warnings(end)) == (ActionStatus.FINISHED, "C", [])


def test_an_equal_update_id_is_ignored_without_a_word() -> None:
    machine = vehicle()
    machine.handle_order(order("ABC"))
    run_until(machine, lambda s: s.last_node_id == "B")
    before = machine.state()
    machine.handle_order(order("ABC"))
    assert machine.state() == before


def test_a_lower_update_id_is_rejected_and_the_order_goes_on() -> None:
    machine = vehicle()
    machine.handle_order(order("AB", base=2))
    machine.handle_order(order("BC", update_id=2, first=2))
    machine.handle_order(order("BA", update_id=1, first=2))
    state = machine.state()
    assert (warnings(state), state.order_update_id) == (["orderUpdateError"], 2)
    assert {"orderUpdateId": "1", "orderId": "order"}.items() <= _references(state).items()
    assert run_until(machine, finished).last_node_id == "C"


@pytest.mark.parametrize(
    "update", [order("CD", update_id=1, first=4), order("BC", update_id=1, first=0), order("AB", update_id=1)]
)
def test_an_update_that_does_not_begin_at_the_end_of_the_base_is_rejected(update: Order) -> None:
    machine = vehicle()
    machine.handle_order(order("ABC", base=2))
    machine.handle_order(update)
    state = machine.state()
    assert (warnings(state), state.order_update_id) == (["orderUpdateError"], 0)


def test_a_rejected_update_leaves_the_horizon_in_place() -> None:
    machine = vehicle()
    machine.handle_order(order("ABC", base=2, at={"B": [action("pick", "p")], "C": [action("drop", "d")]}))
    before = machine.state()
    machine.handle_order(order("BC", update_id=1, first=2, at={"C": [action("drop", "p")]}))
    after = machine.state()
    assert warnings(after) == ["validationError"]
    assert (after.node_states, after.action_states) == (before.node_states, before.action_states)


@pytest.mark.parametrize("base", [2, 3])
def test_a_new_order_is_rejected_while_another_is_under_way_or_waits(base: int) -> None:
    machine = vehicle()
    machine.handle_order(order("ABC", base=base))
    machine.step(2)
    machine.handle_order(order("AB", order_id="other"))
    state = machine.state()
    assert (warnings(state), state.order_id) == (["orderUpdateError"], "order")


def test_an_order_that_begins_elsewhere_is_rejected_for_no_route() -> None:
    machine = vehicle()
    machine.handle_order(order("BC"))
    state = machine.state()
    assert (warnings(state), state.order_id, state.node_states) == (["noRouteError"], "", ())
    assert _references(state)["nodeId"] == "B"


def test_the_same_coordinates_on_another_map_are_elsewhere() -> None:
    machine, moved = vehicle(), order("AB")
    machine.install_maps(["cellar"])
    machine.handle_order(replace(moved, nodes=(node("A", 0, map_id="cellar"), moved.nodes[1])))
    assert warnings(machine.state()) == ["noRouteError"]


def test_a_first_node_counts_as_reached_within_its_deviation() -> None:
    machine, wide = vehicle(), order("BC")
    machine.handle_order(replace(wide, nodes=(node("B", 0, allowed_deviation_xy=12.0), wide.nodes[1])))
    state = run_until(machine, finished)
    assert (state.last_node_id, warnings(state)) == ("C", [])


def test_a_first_node_without_position_is_known_by_its_id() -> None:
    for name, expected in (("A", []), ("B", ["noRouteError"])):
        machine, plain = vehicle(), order(f"{name}C")
        machine.handle_order(replace(plain, nodes=(replace(plain.nodes[0], node_position=None), plain.nodes[1])))
        assert warnings(machine.state()) == expected


def _broken() -> dict[str, Order]:
    good = order("ABC", at={"B": [action("pick", "p")]})
    a, b, c = good.nodes
    ab, bc = good.edges
    return {
        "no nodes": replace(good, nodes=(), edges=()),
        "an edge too few": replace(good, edges=(ab,)),
        "a gap in sequence ids": replace(good, nodes=(a, b, replace(c, sequence_id=6))),
        "odd node": order("ABC", first=1),
        "nothing released": order("ABC", base=0),
        "released after horizon": replace(good, nodes=(a, replace(b, released=False), c)),
        "edge released beyond the base": replace(good, nodes=(a, b, replace(c, released=False))),
        "edge joins other nodes": replace(good, edges=(ab, replace(bc, start_node_id="A"))),
        "no position": replace(good, nodes=(a, b, replace(c, node_position=None))),
        "no speed": replace(good, edges=(ab, replace(bc, max_speed=0.0))),
        "next to no speed": replace(good, edges=(ab, replace(bc, max_speed=1e-300))),
        "beyond all maps": replace(good, nodes=(a, b, node("C", 4, x=1e300))),
        "an action id twice": replace(good, nodes=(a, b, replace(c, actions=b.actions))),
        "no order id": replace(good, order_id=""),
        "negative update id": replace(good, order_update_id=-1),
    }


@pytest.mark.parametrize("fault", _broken())
def test_a_malformed_order_fails_the_validation(fault: str) -> None:
    machine = vehicle()
    machine.handle_order(_broken()[fault])
    state = machine.state()
    assert (warnings(state), state.order_id, state.node_states) == (["validationError"], "", ())


def test_an_order_beyond_the_vehicles_abilities_is_rejected_for_it() -> None:
    machine = vehicle()
    for wrong in (
        order("AB", at={"B": [action("fly", "f")]}),
        order("AB", at={"B": [action("cancelOrder", "c")]}),
        order("AB", along={"AB": [action("startCharging", "s")]}),
    ):
        machine.handle_order(wrong)
        state = machine.state()
        assert (state.errors[-1].error_type, state.action_states, state.node_states) == ("orderError", (), ())
    curved = order("AB")
    machine.handle_order(replace(curved, edges=(replace(curved.edges[0], trajectory={"degree": 1}),)))
    assert _references(machine.state())["edgeId"] == "AB"


def test_a_warning_stays_until_a_new_order_is_accepted() -> None:
    machine = vehicle()
    machine.handle_order(order("BC"))
    machine.step(60)
    assert warnings(machine.state()) == ["noRouteError"]
    machine.handle_order(order("AB", order_id="next"))
    assert warnings(machine.state()) == []


def test_a_flood_of_bad_messages_does_not_fill_the_state() -> None:
    machine = vehicle()
    for number in range(100):
        machine.handle_order(order("BC", order_id=f"bad-{number}"))
        machine.handle_instant_actions(instantly("stateRequest"))
    state = machine.state()
    assert len(state.errors) <= 20
    assert _references(state)["orderId"] == "bad-99"
    assert len(state.action_states) <= 51


def test_a_new_order_drops_the_action_states_of_the_old_one() -> None:
    machine = vehicle()
    machine.handle_order(order("A", at={"A": [action("pick", "p")]}))
    assert status(run_until(machine, finished), "p") is ActionStatus.FINISHED
    machine.handle_order(order("AB", order_id="next"))
    assert machine.state().action_states == ()


def test_two_nodes_in_one_place_are_both_passed() -> None:
    machine, twice = vehicle(), order("ABC")
    same = (twice.nodes[0], replace(node("A", 2), node_id="B"), twice.nodes[2])
    machine.handle_order(replace(twice, nodes=same))
    assert run_until(machine, finished).last_node_sequence_id == 4


def test_the_battery_drains_with_the_way_and_fills_when_charging() -> None:
    thirsty = replace_profile(PROFILE, drain_per_m=1.0)
    machine = vehicle(profile=thirsty)
    machine.handle_order(order("AB", at={"B": [action("startCharging", "s")]}))
    arrived = run_until(machine, finished)
    assert arrived.battery_state.battery_charge == pytest.approx(70, abs=0.1)
    assert arrived.battery_state.charging is True
    machine.step(600)
    assert machine.state().battery_state.battery_charge > 79
    machine.step(600_000)
    full = machine.state().battery_state
    assert full.charging is False


def test_driving_off_ends_the_charging() -> None:
    machine = vehicle()
    machine.handle_instant_actions(instantly("startCharging"))
    assert machine.state().battery_state.charging is True
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).battery_state.charging is False


def _references(state: State) -> dict[str, str]:
    """What the latest warning refers to."""
    return {r.reference_key: r.reference_value for r in state.errors[-1].error_references}
