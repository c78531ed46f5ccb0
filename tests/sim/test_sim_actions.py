"""Actions of nodes and edges (2.1.0 §6.11, §6.12) and instant actions (§6.8, §6.9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sim_world import PROFILE, action, finished, instantly, node, order, result, run_until, status, vehicle, warnings

from banksman_firmware_sim import VirtualVehicle
from banksman_shared.vda5050 import ActionStatus, State

WAITING, INITIALIZING, RUNNING = ActionStatus.WAITING, ActionStatus.INITIALIZING, ActionStatus.RUNNING
PAUSED, FINISHED, FAILED = ActionStatus.PAUSED, ActionStatus.FINISHED, ActionStatus.FAILED


def is_(action_id: str, wanted: ActionStatus) -> Callable[[State], bool]:
    return lambda state: status(state, action_id) is wanted


def order_of(machine: VirtualVehicle, **wanted: ActionStatus) -> None:
    """See the statuses in one state."""
    state = machine.state()
    assert {name: status(state, name) for name in wanted} == wanted


# Actions of an order


def test_a_pick_goes_through_its_states_while_the_vehicle_stands_and_the_load_appears() -> None:
    machine, seen = vehicle(), list[ActionStatus]()
    machine.handle_order(order("ABC", at={"B": [action("pick", "p", loadId="L7", loadType="EPAL")]}))
    while not finished(machine.state()):
        machine.step(0.05)
        state = machine.state()
        now = status(state, "p")
        if now not in seen:
            seen.append(now)
        if now in (INITIALIZING, RUNNING):
            assert (state.driving, state.last_node_id, state.loads) == (False, "B", ())
    assert seen == [WAITING, INITIALIZING, RUNNING, FINISHED]
    (load,) = machine.state().loads or ()
    assert (load.load_id, load.load_type) == ("L7", "EPAL")


def test_a_drop_takes_the_load_away() -> None:
    machine = vehicle()
    machine.handle_order(order("AB", at={"A": [action("pick", "p")], "B": [action("drop", "d")]}))
    assert len(run_until(machine, lambda s: s.last_node_id == "B").loads or ()) == 1
    assert run_until(machine, finished).loads == ()


def test_a_pick_takes_as_long_as_the_profile_says() -> None:
    machine, seconds = vehicle(), 0.0
    machine.handle_order(order("A", at={"A": [action("pick", "p")]}))
    while not finished(machine.state()):
        machine.step(0.1)
        seconds += 0.1
    assert seconds == pytest.approx(PROFILE.setup_s + PROFILE.pick_s, abs=0.1)


@pytest.mark.parametrize(("actions", "reason"), [(["drop"], "carries nothing"), (["pick", "pick"], "already carries")])
def test_what_cannot_be_done_fails_with_a_reason_and_a_warning(actions: list[str], reason: str) -> None:
    machine = vehicle()
    machine.handle_order(order("AB", at={"A": [action(kind, f"a{i}") for i, kind in enumerate(actions)]}))
    end = run_until(machine, finished)
    last = f"a{len(actions) - 1}"
    assert status(end, last) is FAILED
    assert reason in (result(end, last) or "")
    assert warnings(end) == ["actionError"]
    assert end.last_node_id == "B"


def test_two_picks_side_by_side_take_one_load() -> None:
    machine = vehicle()
    machine.handle_order(order("A", at={"A": [action("pick", "p", "SOFT"), action("pick", "q", "SOFT")]}))
    end = run_until(machine, finished)
    assert ([status(end, "p"), status(end, "q")], len(end.loads or ())) == ([FINISHED, FAILED], 1)


def test_soft_actions_run_together_and_a_hard_one_alone_after_them() -> None:
    machine = vehicle()
    actions = [action("pick", "s1", "SOFT"), action("pick", "s2", "NONE"), action("drop", "h", "HARD")]
    actions.append(action("pick", "after", "NONE"))
    machine.handle_order(order("AB", at={"A": actions}))
    machine.step(1)
    order_of(machine, s1=RUNNING, s2=RUNNING, h=WAITING, after=WAITING)
    machine.step(3.8)
    order_of(machine, s1=FINISHED, s2=FAILED, h=INITIALIZING, after=WAITING)
    machine.step(4.5)
    order_of(machine, h=FINISHED, after=INITIALIZING)
    assert run_until(machine, lambda s: s.driving).last_node_id == "A"


@pytest.mark.parametrize(("blocking", "driving"), [("NONE", True), ("SOFT", False), ("HARD", False)])
def test_only_none_lets_the_vehicle_drive_meanwhile(blocking: str, driving: bool) -> None:
    machine = vehicle()
    machine.handle_order(order("AB", at={"A": [action("pick", "p", blocking)]}))
    machine.step(2)
    assert (machine.state().driving, status(machine.state(), "p")) == (driving, RUNNING)


def test_a_vehicle_passes_a_none_action_at_full_speed_and_stops_for_a_soft_one() -> None:
    for blocking, stops in (("NONE", False), ("SOFT", True)):
        machine = vehicle()
        machine.handle_order(order("ABC", at={"B": [action("pick", "p", blocking)]}))
        at_b = run_until(machine, lambda s: s.last_node_id == "B")
        assert at_b.driving is not stops


def test_a_hard_action_on_the_next_node_waits_for_one_that_still_runs() -> None:
    machine = vehicle()
    along = {"A": [action("pick", "long", "NONE")], "B": [action("drop", "d", "HARD")]}
    machine.handle_order(order("AB", at=along))
    end = run_until(machine, finished)
    assert ([status(end, "long"), status(end, "d")], end.loads) == ([FINISHED, FINISHED], ())


def test_an_action_of_an_edge_starts_on_the_edge_and_ends_before_it_is_left() -> None:
    machine = vehicle("B")
    machine.handle_order(order("BC", along={"BC": [action("pick", "p", "NONE")]}))
    machine.step(0.2)
    assert (machine.state().driving, status(machine.state(), "p")) == (True, INITIALIZING)
    while machine.state().last_node_id == "B":
        before = machine.state()
        machine.step(0.05)
    assert (status(machine.state(), "p"), len(before.edge_states)) == (FINISHED, 1)


def test_a_blocking_action_of_an_edge_is_done_before_the_edge_is_driven() -> None:
    machine = vehicle()
    machine.handle_order(order("ABC", along={"BC": [action("pick", "p", "HARD")]}))
    working = run_until(machine, is_("p", RUNNING))
    assert (working.driving, working.last_node_id, len(working.edge_states)) == (False, "B", 1)
    assert run_until(machine, finished).last_node_id == "C"


# Pause


def test_a_pause_stops_the_vehicle_and_is_over_when_it_is_lifted() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.step(3)
    machine.handle_instant_actions(instantly(action("startPause", "halt", "NONE")))
    braking = machine.state()
    assert (braking.driving, braking.paused, status(braking, "halt")) == (True, False, RUNNING)
    stopped = run_until(machine, is_("halt", FINISHED))
    assert (stopped.driving, stopped.paused) == (False, True)
    machine.step(60)
    assert machine.state().agv_position == stopped.agv_position
    machine.handle_instant_actions(instantly(action("stopPause", "go", "NONE")))
    assert (machine.state().paused, status(machine.state(), "go")) == (False, FINISHED)
    assert run_until(machine, finished).last_node_id == "B"


def test_a_pause_holds_a_running_action() -> None:
    machine = vehicle()
    machine.handle_order(order("A", at={"A": [action("pick", "p"), action("drop", "d")]}))
    machine.step(2)
    machine.handle_instant_actions(instantly("startPause"))
    machine.step(60)
    order_of(machine, p=PAUSED, d=WAITING)
    assert machine.state().paused is True
    machine.handle_instant_actions(instantly("stopPause"))
    order_of(machine, p=RUNNING)
    machine.step(2.4)
    order_of(machine, p=RUNNING)
    machine.step(0.1)
    order_of(machine, p=FINISHED)


def test_a_paused_vehicle_takes_an_order_and_drives_when_the_pause_is_lifted() -> None:
    machine = vehicle()
    machine.handle_instant_actions(instantly("startPause"))
    machine.handle_order(order("AB", at={"A": [action("pick", "p")]}))
    machine.step(30)
    assert (machine.state().last_node_id, status(machine.state(), "p"), machine.state().paused) == ("A", WAITING, True)
    machine.handle_instant_actions(instantly("stopPause"))
    assert run_until(machine, finished).last_node_id == "B"


def test_a_pause_lifted_while_still_braking_has_failed() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.step(3)
    machine.handle_instant_actions(instantly(action("startPause", "halt", "NONE"), "stopPause"))
    order_of(machine, halt=FAILED)
    assert run_until(machine, finished).last_node_id == "B"


# Cancel


def test_a_cancelled_vehicle_stops_at_once_and_forgets_the_order() -> None:
    machine = vehicle()
    machine.handle_order(order("ABCD", base=3, at={"B": [action("pick", "p")], "D": [action("drop", "d")]}))
    machine.step(3)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    order_of(machine, c=RUNNING, p=FAILED, d=FAILED)
    assert machine.state().driving is True
    end = run_until(machine, is_("c", FINISHED))
    assert (end.driving, end.node_states, end.edge_states) == (False, (), ())
    assert (end.order_id, end.order_update_id, end.last_node_id) == ("order", 0, "A")
    assert end.agv_position is not None
    assert 2 < end.agv_position.x < 5
    assert end.errors == ()


def test_a_running_pick_is_given_up_by_a_cancellation() -> None:
    machine = vehicle()
    machine.handle_order(order("AB", at={"A": [action("pick", "p")]}))
    machine.step(2)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    order_of(machine, p=FAILED, c=FINISHED)
    machine.step(60)
    assert (machine.state().loads, machine.state().last_node_id) == ((), "A")


def test_a_waiting_horizon_can_be_cancelled() -> None:
    machine = vehicle()
    machine.handle_order(order("AB", base=1))
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    order_of(machine, c=FINISHED)
    assert machine.state().node_states == ()


@pytest.mark.parametrize("before", ["no order", "finished", "cancelled"])
def test_a_cancellation_of_nothing_fails(before: str) -> None:
    machine = vehicle()
    if before != "no order":
        machine.handle_order(order("AB"))
        run_until(machine, finished if before == "finished" else lambda s: s.driving)
    if before == "cancelled":
        machine.handle_instant_actions(instantly("cancelOrder"))
        run_until(machine, finished)
    machine.handle_instant_actions(instantly(action("cancelOrder", "again", "NONE")))
    order_of(machine, again=FAILED)
    (error,) = machine.state().errors
    assert (error.error_type, error.error_level) == ("noOrderToCancel", "WARNING")
    assert ("actionId", "again") in {(r.reference_key, r.reference_value) for r in error.error_references}


@pytest.mark.parametrize("at_last_node", [True, False])
def test_after_a_cancellation_between_nodes_both_ways_to_begin_anew_work(at_last_node: bool) -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.step(4)
    machine.handle_instant_actions(instantly("cancelOrder"))
    here = run_until(machine, finished).agv_position
    assert here is not None
    assert here.x > 3
    first = node("A", 0, allowed_deviation_xy=10.0) if at_last_node else replace(node("A", 0, x=here.x), node_id="here")
    new = order("AB", order_id="next")
    edge = replace(new.edges[0], start_node_id=first.node_id)
    machine.handle_order(replace(new, nodes=(first, new.nodes[1]), edges=(edge,)))
    assert (warnings(machine.state()), machine.state().last_node_id) == ([], first.node_id)
    assert run_until(machine, finished).last_node_id == "B"


def test_an_update_of_a_cancelled_order_is_rejected() -> None:
    machine = vehicle()
    machine.handle_order(order("AB", base=1))
    machine.handle_instant_actions(instantly("cancelOrder"))
    machine.handle_order(order("AB", update_id=1))
    machine.step(30)
    assert (warnings(machine.state()), machine.state().last_node_id) == (["orderUpdateError"], "A")


def test_a_paused_vehicle_can_be_cancelled_and_stays_paused() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.step(3)
    machine.handle_instant_actions(instantly("startPause"))
    run_until(machine, lambda s: s.paused is True)
    machine.handle_instant_actions(instantly(action("cancelOrder", "c", "NONE")))
    order_of(machine, c=FINISHED)
    assert machine.state().paused is True


# Other instant actions


def test_every_instant_action_is_echoed_and_done_once() -> None:
    machine = vehicle()
    request = instantly(action("stateRequest", "s", "NONE"), action("factsheetRequest", "f", "NONE"))
    machine.handle_instant_actions(request)
    machine.handle_instant_actions(request)
    order_of(machine, s=FINISHED, f=FINISHED)
    assert len(machine.state().action_states) == 2


@pytest.mark.parametrize("kind", ["fly", "pick"])
def test_an_instant_action_that_is_none_fails_with_a_warning(kind: str) -> None:
    machine = vehicle()
    machine.handle_instant_actions(instantly(action(kind, "x", "NONE"), action("stateRequest", "s", "NONE")))
    order_of(machine, x=FAILED, s=FINISHED)
    assert warnings(machine.state()) == ["instantActionError"]


def test_charging_starts_and_stops_where_the_vehicle_stands() -> None:
    machine = vehicle()
    machine.handle_instant_actions(instantly(action("startCharging", "on", "NONE")))
    assert machine.state().battery_state.charging is True
    machine.handle_instant_actions(instantly(action("stopCharging", "off", "NONE")))
    assert machine.state().battery_state.charging is False
    order_of(machine, on=FINISHED, off=FINISHED)


def test_charging_does_not_start_while_driving() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.step(1)
    machine.handle_instant_actions(instantly(action("startCharging", "on", "NONE")))
    order_of(machine, on=FAILED)
    assert machine.state().battery_state.charging is False


def test_the_position_can_be_set() -> None:
    machine = vehicle()
    pose = {"x": 10.0, "y": 5, "theta": 1.5, "mapId": "floor", "lastNodeId": "C"}
    machine.handle_instant_actions(instantly(action("initPosition", "i", "NONE", **pose)))
    order_of(machine, i=FINISHED)
    state = machine.state()
    assert state.agv_position is not None
    assert (state.agv_position.x, state.agv_position.y, state.agv_position.theta) == (10, 5, 1.5)
    assert state.last_node_id == "C"
    machine.handle_order(order("CD"))
    assert run_until(machine, finished).last_node_id == "D"


FLOOR_A = {"y": 0, "theta": 0, "mapId": "floor", "lastNodeId": "A"}


@pytest.mark.parametrize("pose", [{}, *({**FLOOR_A, "x": x} for x in ("east", True, None, [], 1e300, 10**400))])
def test_a_position_that_is_none_is_refused(pose: dict[str, object]) -> None:
    machine = vehicle()
    machine.handle_instant_actions(instantly(action("initPosition", "i", "NONE", **pose)))
    order_of(machine, i=FAILED)
    assert machine.state().last_node_id == "A"


def test_the_position_cannot_be_set_under_an_order() -> None:
    machine = vehicle()
    machine.handle_order(order("AB"))
    machine.handle_instant_actions(
        instantly(action("initPosition", "i", "NONE", x=0, y=0, theta=0, mapId="floor", lastNodeId="A"))
    )
    order_of(machine, i=FAILED)
