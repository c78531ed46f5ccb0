"""Which orders a vehicle takes and what it says of the others (2.1.0 §6.6.2, §6.6.4; 3.0 §6.1.2, §6.1.4)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from sim_world import (
    MAP,
    action,
    before_3,
    every_version,
    finished,
    instantly,
    node,
    order,
    references,
    run_until,
    status,
    tell,
    vehicle,
    warnings,
)

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_shared.vda5050 import ActionStatus, ControlPoint, Corridor, Edge, Ellipse, ErrorLevel, Order, Trajectory

WARNING = ErrorLevel.WARNING


def last_error(machine: VirtualVehicle) -> tuple[str, ErrorLevel]:
    error = machine.state().errors[-1]
    return error.error_type, error.error_level


def with_edge(**fields: Any) -> Order:
    plain = order("AB")
    return replace(plain, edges=(replace(plain.edges[0], **fields),))


@every_version
def test_a_refused_order_is_named_in_the_error_and_not_taken_over(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(replace(order("AB", order_id="bad", update_id=0), edges=(), header_id=7))
    state = machine.state()
    assert last_error(machine) == ("validationError", WARNING)
    assert (state.order_id, state.node_states) == ("", ())
    named = references(state.errors[-1])
    assert {"orderId": "bad", "orderUpdateId": "0", "headerId": "7", "topic": "order"}.items() <= named.items()


@pytest.mark.parametrize(
    ("version", "name"), [("2.0.0", "orderUpdateError"), ("2.1.0", "orderUpdateError"), ("3.0.0", "otherOrderActive")]
)
def test_a_new_order_is_refused_while_another_is_active(version: str, name: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC"))
    machine.step(2)
    machine.handle_order(order("AB", order_id="other"))
    assert last_error(machine) == (name, WARNING)
    assert references(machine.state().errors[-1])["orderId"] == "other"
    assert run_until(machine, finished).last_node_id == "C"


@pytest.mark.parametrize(
    ("version", "name"), [("2.0.0", "noRouteError"), ("2.1.0", "noRouteError"), ("3.0.0", "startNodeOutOfRange")]
)
def test_an_order_that_begins_out_of_reach_is_refused(version: str, name: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("BC"))
    assert last_error(machine) == (name, WARNING)
    assert references(machine.state().errors[-1])["nodeId"] == "B"


@every_version
def test_a_lower_update_id_is_refused_and_the_order_goes_on(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB"))
    machine.handle_order(order("BC", update_id=2, first=2))
    machine.handle_order(order("BA", update_id=1, first=2))
    assert last_error(machine) == ("orderUpdateError", WARNING)
    assert run_until(machine, finished).last_node_id == "C"


@every_version
def test_the_same_order_again_is_ignored(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC"))
    run_until(machine, lambda s: s.last_node_id == "B")
    before = machine.state()
    machine.handle_order(order("ABC"))
    assert machine.state() == before


@pytest.mark.parametrize(("version", "names"), [("2.1.0", []), ("3.0.0", ["sameOrderUpdateId"])])
def test_other_content_under_the_same_update_id_is_never_taken_over(version: str, names: list[str]) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC"))
    machine.handle_order(order("AB"))
    assert warnings(machine.state()) == names
    assert run_until(machine, finished).last_node_id == "C"


@pytest.mark.parametrize(
    ("version", "name"),
    [("2.0.0", "orderUpdateError"), ("2.1.0", "orderUpdateError"), ("3.0.0", "orderUpdateFollowingCancel")],
)
def test_an_update_of_a_cancelled_order_is_refused(version: str, name: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", base=1))
    tell(machine, "cancelOrder")
    machine.handle_order(order("AB", update_id=1))
    assert last_error(machine) == (name, WARNING)


@pytest.mark.parametrize(("version", "names"), [("2.1.0", []), ("3.0.0", ["validationError"])])
@pytest.mark.parametrize("wrong", [{"update_id": 3}, {"first": 4}])
def test_a_new_order_starts_from_zero_since_3(version: str, names: list[str], wrong: dict[str, int]) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", **wrong))
    assert warnings(machine.state()) == names


@every_version
def test_the_first_node_is_not_among_the_node_states(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB"))
    assert [n.node_id for n in machine.state().node_states] == ["B"]
    assert machine.state().last_node_id == "A"


TRAJECTORY = Trajectory(control_points=(ControlPoint(x=0, y=0), ControlPoint(x=10, y=0)))


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.0.0", ("orderError", WARNING)),
        ("2.1.0", ("orderError", WARNING)),
        ("3.0.0", ("unsupportedParameter", ErrorLevel.CRITICAL)),
    ],
)
@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("trajectory", TRAJECTORY, "trajectory"),
        ("min_height", 0.5, "minHeight"),
        ("direction", "left", "direction"),
        ("max_rotation_speed", 0.1, "maxRotationSpeed"),
    ],
)
def test_a_field_that_the_vehicle_cannot_use_makes_it_refuse(
    version: str, expected: tuple[str, ErrorLevel], field: str, value: object, name: str
) -> None:
    machine = vehicle(version=version)
    machine.handle_order(with_edge(**{field: value}))
    assert last_error(machine) == expected
    assert references(machine.state().errors[-1])["parameter"] == name
    listed = machine.factsheet().protocol_features["optionalParameters"]
    assert f"order.edges.{name}" not in [entry["parameter"] for entry in listed]


@before_3
def test_an_order_for_a_zone_set_is_refused_by_a_vehicle_without_zones(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(replace(order("AB"), zone_set_id="zones"))
    assert last_error(machine) == ("orderError", WARNING)


@pytest.mark.parametrize(
    "fields",
    [
        {"max_height": 2.0},
        {"length": 10.0},
        {"rotation_allowed": False},
        {"orientation": 3.14, "orientation_type": "GLOBAL"},
        {"corridor": Corridor(left_width=1.0, right_width=1.0)},
    ],
)
@every_version
def test_a_field_that_the_vehicle_can_use_is_taken(version: str, fields: dict[str, Any]) -> None:
    machine = vehicle(version=version)
    machine.handle_order(with_edge(**fields))
    assert warnings(run_until(machine, finished)) == []


@every_version
def test_an_edge_too_low_for_the_vehicle_is_refused(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(with_edge(max_height=1.0))
    assert last_error(machine) == ("orderError", WARNING)
    assert references(machine.state().errors[-1])["parameter"] == "maxHeight"


@every_version
@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        (action("fly", "a"), None),
        (action("cancelOrder", "a"), None),
        (action("pick", "a", height=9.0), "height"),
        (action("pick", "a", height="high"), "height"),
        (action("pick", "a", lhd="second"), "lhd"),
        (action("waitForTrigger", "a"), "triggerType"),
    ],
)
def test_an_action_that_the_vehicle_cannot_do_makes_it_refuse(version: str, asked: Any, parameter: str | None) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB", at={"B": [asked]}))
    assert last_error(machine) == ("orderError", WARNING)
    named = references(machine.state().errors[-1])
    assert (named["actionId"], named.get("parameter")) == ("a", parameter)
    assert machine.state().action_states == ()


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.1.0", ("orderError", WARNING)), ("3.0.0", ("insufficientMemory", ErrorLevel.URGENT))],
)
def test_an_order_beyond_the_memory_of_the_vehicle_is_refused(version: str, expected: tuple[str, ErrorLevel]) -> None:
    machine = vehicle(version=version)
    limit = machine.factsheet().protocol_limits["maxArrayLens"]["order.nodes"]
    machine.handle_order(order("AB" * (limit // 2)))
    assert warnings(machine.state()) == []
    other = vehicle(version=version)
    other.handle_order(order("AB" * (limit // 2) + "A"))
    assert last_error(other) == expected


@pytest.mark.parametrize(("nodes", "picks"), [(30, 1), (2, 30)])
def test_an_order_has_room_for_so_much_with_all_its_updates(nodes: int, picks: int) -> None:
    machine, last = vehicle(version="3.0.0"), 2
    machine.handle_order(order("AB"))
    for number in range(1, 101):
        path = "BA" * (nodes // 2) + "B"
        done = node("B", last + nodes * 2, actions=[action("pick", f"{number}-{index}") for index in range(picks)])
        update = order(path, update_id=number, first=last)
        machine.handle_order(replace(update, nodes=(*update.nodes[:-1], done)))
        if machine.state().order_update_id == number:
            last += nodes * 2
    state = machine.state()
    assert warnings(state) == ["insufficientMemory"] * len(state.errors)
    assert 900 < max(len(state.node_states), len(state.action_states)) <= 1000


@pytest.mark.parametrize(("version", "names"), [("2.0.0", []), ("2.1.0", ["orderError"]), ("3.0.0", ["unknownMapId"])])
def test_a_node_on_a_map_that_the_vehicle_lacks_is_refused_since_there_are_maps(version: str, names: list[str]) -> None:
    machine, plain = vehicle(version=version), order("AB")
    machine.handle_order(replace(plain, nodes=(plain.nodes[0], node("B", 2, map_id="cellar"))))
    assert warnings(machine.state()) == names


@every_version
def test_an_error_of_an_order_is_reported_until_a_new_order_is_accepted(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("BC"))
    machine.step(60)
    tell(machine, "stateRequest")
    assert len(machine.state().errors) == 1
    machine.handle_order(order("AB", order_id="next"))
    assert machine.state().errors == ()


# Updates


@every_version
def test_an_update_must_begin_at_the_end_of_the_base(version: str) -> None:
    for wrong in (order("CD", update_id=1, first=4), order("BC", update_id=1, first=0), order("AB", update_id=1)):
        machine = vehicle(version=version)
        machine.handle_order(order("ABC", base=2))
        machine.handle_order(wrong)
        state = machine.state()
        assert (warnings(state), state.order_update_id, len(state.node_states)) == (["orderUpdateError"], 0, 2)


@every_version
def test_actions_of_the_stitching_node_sent_again_are_not_done_again(version: str) -> None:
    machine, pick = vehicle(version=version), action("pick", "p1")
    machine.handle_order(order("ABC", base=2, at={"B": [pick]}))
    run_until(machine, lambda s: status(s, "p1") is ActionStatus.FINISHED)
    machine.handle_order(order("BC", update_id=1, first=2, at={"B": [pick]}))
    end = run_until(machine, finished)
    assert [a.action_id for a in end.action_states] == ["p1"]
    assert (end.last_node_id, warnings(end)) == ("C", [])


@every_version
def test_new_actions_where_the_vehicle_stands_come_on_a_node_of_their_own(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB"))
    run_until(machine, finished)
    again = replace(node("B", 4, actions=[action("pick", "late")]), node_id="B-again")
    step = Edge(edge_id="stay", sequence_id=3, released=True, start_node_id="B", end_node_id="B-again", actions=())
    update = order("B", update_id=1, first=2)
    machine.handle_order(replace(update, nodes=(*update.nodes, again), edges=(step,)))
    end = run_until(machine, finished)
    assert (end.last_node_id, end.last_node_sequence_id, len(end.loads or ())) == ("B-again", 4, 1)


@every_version
@pytest.mark.parametrize("done", [True, False])
def test_an_update_that_changes_what_was_released_is_refused(version: str, done: bool) -> None:
    moved = order("BC", update_id=1, first=2)
    moved = replace(moved, nodes=(node("B", 2, x=9.0), moved.nodes[1]))
    for changed in (
        order("BC", update_id=1, first=2, at={"B": [action("pick", "new")]}),
        order("BC", update_id=1, first=2, at={"B": [action("drop", "p")]}),
        moved,
    ):
        machine = vehicle(version=version)
        machine.handle_order(order("AB", at={"B": [action("pick", "p")]}))
        if done:
            run_until(machine, finished)
        machine.handle_order(changed)
        state = machine.state()
        assert (warnings(state), state.order_update_id) == (["orderUpdateError"], 0)
        assert [a.action_id for a in state.action_states] == ["p"]


@every_version
def test_the_horizon_can_be_replaced_and_deleted(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABCD", base=2, at={"C": [action("pick", "old")]}, along={"BC": [action("pick", "e")]}))
    assert {a.action_status for a in machine.state().action_states} == {ActionStatus.WAITING}
    machine.handle_order(order("BA", base=1, update_id=1, first=2))
    assert ([n.node_id for n in machine.state().node_states], machine.state().action_states) == (["B", "A"], ())
    machine.handle_order(order("B", update_id=2, first=2))
    assert run_until(machine, finished).last_node_id == "B"


def test_a_peer_that_appends_stitch_actions_does_them_once_more() -> None:
    machine = vehicle(behaviour=Behaviour(appends_stitch_actions=True))
    machine.handle_order(order("AB", at={"B": [action("pick", "p")]}))
    run_until(machine, finished)
    machine.handle_order(order("B", update_id=1, first=2, at={"B": [action("pick", "p")]}))
    assert status(run_until(machine, finished), "p") is ActionStatus.FAILED


# Where an order may begin, and how far it is driven


@pytest.mark.parametrize(("theta", "taken"), [(0.0, True), (1.5707, False)])
def test_the_deviation_of_a_node_may_be_an_ellipse(theta: float, taken: bool) -> None:
    machine, plain = vehicle(version="3.0.0"), order("BC")
    wide = node("B", 0, allowed_deviation_xy=Ellipse(a=12.0, b=1.0, theta=theta))
    machine.handle_order(replace(plain, nodes=(wide, plain.nodes[1])))
    assert (machine.state().order_id == "order") is taken


@every_version
def test_the_angle_of_a_node_is_assumed_on_it(version: str) -> None:
    machine, plain = vehicle(version=version), order("AB")
    machine.handle_order(replace(plain, nodes=(plain.nodes[0], node("B", 2, theta=3.0))))
    position = run_until(machine, finished).agv_position
    assert position is not None
    assert position.theta == pytest.approx(3.0)


@every_version
def test_more_base_is_asked_for_before_the_vehicle_brakes_for_its_end(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABCD", base=3))
    assert machine.state().new_base_request is False
    asking = run_until(machine, lambda s: s.new_base_request is True)
    assert asking.velocity is not None
    assert asking.velocity.vx == pytest.approx(1.5)
    machine.handle_order(order("CD", update_id=1, first=4))
    assert machine.state().new_base_request is False


@every_version
def test_the_way_since_the_last_node_is_reported(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABC"))
    machine.step(4)
    state = machine.state()
    assert state.agv_position is not None
    assert state.distance_since_last_node == pytest.approx(state.agv_position.x, abs=1e-3)
    passed = run_until(machine, lambda s: s.last_node_id == "B", dt_s=0.01)
    assert passed.distance_since_last_node == pytest.approx(0, abs=0.02)


@every_version
def test_a_vehicle_goes_to_the_end_of_its_base_without_another_word(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("ABCD", base=3))
    machine.step(600)
    state = machine.state()
    assert (state.last_node_id, [n.node_id for n in state.node_states]) == ("C", ["D"])


@every_version
def test_ids_are_kept_after_the_end_and_after_a_cancellation(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_order(order("AB"))
    run_until(machine, finished)
    assert machine.state().order_id == "order"
    machine.handle_order(order("BC", order_id="second"))
    machine.step(1)
    machine.handle_instant_actions(instantly("cancelOrder"))
    state = run_until(machine, finished)
    assert (state.order_id, state.order_update_id, state.last_node_id) == ("second", 0, "B")
    assert state.agv_position is not None
    assert state.agv_position.map_id == MAP
