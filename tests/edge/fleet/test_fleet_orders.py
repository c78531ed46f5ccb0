"""What the master sends, and what it makes of the vehicles' answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from yard import Yard, commands, go, yard_site

from banksman_edge.fleet import Code, JobStatus
from banksman_edge.fleet.control import VehicleControl
from banksman_shared.site import OwnAction
from banksman_shared.vda5050 import ConnectionState, Error, ErrorLevel, InstantActions, OperatingMode, Order


def test_a_move_is_driven_to_its_end(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    assert yard.master.vehicles()["agv-1"].job == "j"
    yard.until(yard.ended("j"))
    assert yard.statuses("j") == ["queued", "sent", "accepted", "running", "done"]
    view = yard.master.vehicles()["agv-1"]
    assert (view.node, view.job, view.idle) == ("D1", None, True)
    assert len(yard.cars["agv-1"].orders) == 1


def test_a_transport_is_one_order_that_picks_on_the_way_and_drops_at_the_end(yard: Yard) -> None:
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.ended("j"))
    assert yard.last("j").status is JobStatus.DONE
    (order,) = yard.cars["agv-1"].orders
    assert [n.node_id for n in order.nodes] == ["P1", "N3", "N4", "S9", "D1"]
    assert [(n.node_id, a.action_type) for n in order.nodes for a in n.actions] == [("S9", "pick"), ("D1", "drop")]
    assert [n.sequence_id for n in order.nodes] == [0, 2, 4, 6, 8]
    assert [e.sequence_id for e in order.edges] == [1, 3, 5, 7]
    parameters = {p.key: p.value for p in order.nodes[3].actions[0].action_parameters}
    assert parameters == {"stationType": "aisle", "stationName": "aisle-9"}
    assert {e.max_speed for e in order.edges} == {2.0}


def test_done_waits_for_the_last_action(yard: Yard) -> None:
    yard.cars["agv-1"].loaded = True
    yard.step()
    yard.submit("j", {"action": "drop", "vehicles": ["agv-1"], "to": "dock-1"})
    yard.until(lambda: yard.cars["agv-1"].last_node == "D1")
    assert not yard.ended("j")()
    yard.until(yard.ended("j"))
    assert yard.cars["agv-1"].loaded is False


def test_a_lost_order_is_sent_again_unchanged(yard: Yard) -> None:
    yard.cars["agv-1"].lose = 2
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.done("j"))
    orders = yard.cars["agv-1"].orders
    assert len(orders) == 3
    assert len({(o.order_id, o.order_update_id, o.nodes, o.edges) for o in orders}) == 1
    assert [o.header_id for o in orders] == [0, 1, 2]
    assert len(yard.cars["agv-1"].accepted) == 1


def test_an_order_that_is_never_acknowledged_fails_after_few_tries(yard: Yard) -> None:
    yard.cars["agv-1"].lose = 10_000
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.ended("j"))
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.FAILED, Code.NOT_ACKNOWLEDGED)
    yard.run(600)
    assert len(yard.cars["agv-1"].orders) == 6


def test_an_order_given_up_that_turns_up_after_all_is_taken_back(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.silent = True
    yard.submit("j", go("agv-1", "dock-1"))
    car.paused = True  # it takes the order, and nobody hears of it
    yard.until(yard.ended("j"))
    assert yard.last("j").code is Code.NOT_ACKNOWLEDGED
    car.silent = False
    yard.run(2)
    assert [a.action_type for a in car.instants] == ["cancelOrder"]
    assert not car.ahead


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("orderError", Code.REJECTED),
        ("orderUpdateError", Code.REJECTED),
        ("validationError", Code.MALFORMED),
        ("noRouteError", Code.UNREACHABLE),
    ],
)
def test_a_rejection_fails_the_job_with_a_sentence(yard: Yard, kind: str, code: Code) -> None:
    yard.cars["agv-1"].reject_with = kind
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.ended("j"))
    event = yard.last("j")
    assert (event.status, event.code) == (JobStatus.FAILED, code)
    assert event.detail.startswith("agv-1 refused the order: ")
    assert kind not in event.detail
    assert len(yard.cars["agv-1"].orders) == 1


def test_a_failed_action_fails_the_job_with_its_reason_and_frees_the_vehicle(yard: Yard) -> None:
    yard.cars["agv-1"].fail_action = "pick"
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.ended("j"))
    assert yard.last("j").code is Code.ACTION_FAILED
    assert "no pallet there" in yard.last("j").detail
    yard.until(lambda: yard.master.vehicles()["agv-1"].idle, 10)
    assert yard.cars["agv-1"].last_node == "S9"


def test_an_order_wiped_by_the_vehicle_is_not_taken_for_done(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.cars["agv-1"].wipe()
    yard.run(1)
    assert yard.last("j").code is Code.ENDED_ELSEWHERE


def test_a_restarted_vehicle_that_forgot_its_order_is_not_sent_it_again(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.headers = "", 0
    yard.run(60)
    assert yard.last("j").code is Code.ORDER_LOST
    assert len(car.orders) == 1


def test_old_and_repeated_states_change_nothing(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    before = car.state()
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    seen = len(yard.events)
    latest = car.state()
    for state in (latest, latest, before, before):
        yard.master.on_state(car.vehicle.address, state)
    assert len(yard.events) == seen
    yard.until(yard.done("j"))
    yard.run(5)
    assert yard.statuses("j").count("done") == 1


def test_a_vehicle_that_is_slow_is_reported_late_once_and_done_still_counts(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.cars["agv-1"].paused = True
    yard.run(120)
    yard.cars["agv-1"].paused = False
    yard.until(yard.done("j"))
    assert yard.statuses("j") == ["queued", "sent", "accepted", "running", "late", "done"]
    assert next(e for e in yard.events if e.status is JobStatus.LATE).code is Code.OVERDUE


def test_a_job_is_late_at_its_deadline(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), deadline=yard.clock.time() + 2)
    yard.until(yard.done("j"))
    assert yard.statuses("j") == ["queued", "sent", "accepted", "running", "late", "done"]


def test_a_step_whose_deadline_passed_before_its_turn_is_dropped(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "park-1"), deadline=yard.clock.time() + 2)
    yard.until(lambda: yard.last("j").code is Code.TOO_LATE)
    yard.run(10)
    assert len(yard.cars["agv-1"].orders) == 1


def test_a_fatal_error_on_the_way_is_reported_and_so_is_its_end(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    car = yard.cars["agv-1"]
    car.errors = [Error(error_type="bumper", error_level=ErrorLevel.FATAL, error_description="hit something")]
    yard.run(1)
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.LATE, Code.VEHICLE_ERROR)
    assert "hit something" in yard.last("j").detail
    car.errors = []
    yard.until(yard.done("j"))
    assert yard.statuses("j")[-3:] == ["late", "running", "done"]


def test_a_vehicle_that_vanishes_is_reported_and_its_return_too(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.run(20)
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.LATE, Code.VANISHED)
    assert not yard.master.vehicles()["agv-1"].available
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(yard.done("j"))
    assert len(yard.cars["agv-1"].orders) == 1


def test_tries_are_not_burnt_while_the_vehicle_is_away(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 1
    yard.submit("j", go("agv-1", "dock-1"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.run(280)
    assert len(car.orders) == 0
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(yard.done("j"))
    assert len(car.accepted) == 1


def test_an_order_that_never_arrived_is_not_driven_when_the_vehicle_is_back_hours_later(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.run(310)
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.run(60)
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.FAILED, Code.TOO_LATE)
    assert yard.last("j").detail == "the order for agv-1 was not taken within 5 minutes and was dropped"
    assert not yard.cars["agv-1"].orders


def test_an_order_that_did_arrive_outlives_an_outage_however_long(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    car = yard.cars["agv-1"]
    car.silent = True
    yard.step()  # it has the order, and cannot say so any more
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.run(600)
    assert not yard.ended("j")()
    car.silent = False
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(yard.done("j"), 5)
    assert len(car.orders) == 1


def test_a_step_that_waits_for_its_vehicle_for_too_long_is_dropped(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "park-1"))
    yard.until(lambda: car.last_node == "N3")
    car.mode = OperatingMode.MANUAL
    yard.until(yard.done("j"))
    yard.until(lambda: yard.last("j").code is Code.TOO_LATE, 310)
    car.mode = OperatingMode.AUTOMATIC
    yard.run(60)
    assert yard.last("j").status is JobStatus.FAILED
    assert len(car.orders) == 1
    assert yard.master.vehicles()["agv-1"].idle


def test_a_fault_with_one_vehicle_keeps_nobody_else_from_being_served(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    advance = VehicleControl.advance

    def faulty(control: VehicleControl) -> None:
        if control.id == "agv-1":
            raise RuntimeError("on purpose")
        advance(control)

    monkeypatch.setattr(VehicleControl, "advance", faulty)
    yard.cars["agv-1"].silent = True
    yard.submit("j", go("agv-1", "dock-1"))
    yard.submit("k", go("agv-2", "aisle-9"))
    yard.until(yard.done("k"))
    yard.submit("s", {"action": "stop", "vehicles": ["*"]})
    yard.until(yard.done("s", 2))
    assert caplog.text.count("the control of agv-1 failed") == 1


def test_an_outage_of_the_broker_loses_nothing_and_repeats_nothing(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "aisle-9"))
    yard.step()  # it has the order, and its answer is lost in the outage
    yard.submit("k", go("agv-2", "park-1"))
    yard.set_broker(False)
    assert yard.master.check(commands(go("agv-2", "park-1")))[0].code is Code.NO_BROKER
    yard.run(100)
    assert not yard.ended("j")()
    yard.set_broker(True)
    yard.until(yard.done("j", 2))
    yard.until(yard.done("k"))
    assert len(car.accepted) == 2
    assert len(car.orders) == 2
    other = yard.cars["agv-2"]
    assert len(other.accepted) == 1
    assert len({order.order_update_id for order in other.orders}) == len(other.orders)


def test_a_sequence_goes_step_by_step_on_the_same_vehicle(yard: Yard) -> None:
    yard.submit(
        "j", {"action": "pick", "vehicles": [], "to": "aisle-9"}, {"action": "drop", "vehicles": [], "to": "dock-1"}
    )
    yard.until(yard.done("j", 2))
    (who,) = {e.vehicle for e in yard.events}
    assert who == "agv-2"
    assert yard.cars[who].last_node == "D1"
    assert len(yard.cars[who].accepted) == 2


def test_what_follows_a_failed_step_is_not_begun(yard: Yard) -> None:
    yard.cars["agv-1"].fail_action = "pick"
    yard.submit(
        "j", {"action": "pick", "vehicles": ["agv-1"], "to": "aisle-9"}, go("agv-1", "dock-1"), go("agv-2", "dock-1")
    )
    yard.until(lambda: yard.statuses("j").count("cancelled") == 2)
    assert {e.code for e in yard.events if e.status is JobStatus.CANCELLED} == {Code.EARLIER_STEP}
    assert not yard.cars["agv-2"].orders
    assert yard.master.vehicles()["agv-2"].idle


def test_who_failed_a_step_is_left_behind_and_the_others_go_on(yard: Yard) -> None:
    yard.cars["agv-1"].fail_action = "pick"
    both = ["agv-1", "agv-2"]
    yard.submit(
        "j", {"action": "pick", "vehicles": both, "to": "aisle-9"}, {"action": "drop", "vehicles": both, "to": "dock-1"}
    )
    yard.until(yard.done("j", 2))
    assert yard.statuses("j", "agv-1")[-2:] == ["failed", "cancelled"]
    assert yard.cars["agv-2"].last_node == "D1"


def test_what_is_missing_goes_out_as_soon_as_the_vehicle_is_back(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 3
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: len(car.orders) == 3)  # the next try would be in eight seconds
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(lambda: bool(car.accepted), 1)


def test_several_vehicles_each_do_it(yard: Yard) -> None:
    yard.submit("j", {"action": "move", "vehicles": ["agv-1", "agv-2"], "to": "dock-1"})
    yard.until(yard.done("j", 2))
    # There is room for one; the first has made way for the second.
    assert sorted(yard.cars[v].last_node for v in ("agv-1", "agv-2")) == ["D1", "P1"]


def test_charging_begins_at_the_charger_and_ends_with_the_next_order(yard: Yard) -> None:
    yard.submit("a", {"action": "charge", "vehicles": ["agv-1", "agv-2"]})
    yard.until(yard.done("a", 2))
    assert {yard.cars["agv-1"].last_node, yard.cars["agv-2"].last_node} == {"C1", "C2"}
    assert yard.master.vehicles()["agv-1"].charging
    yard.submit("b", {"action": "park", "vehicles": ["agv-1"]})
    yard.until(yard.done("b"))
    first = yard.cars["agv-1"].orders[-1].nodes[0].actions
    assert [(a.action_type, a.blocking_type) for a in first] == [("stopCharging", "HARD")]
    assert (yard.cars["agv-1"].last_node, yard.cars["agv-1"].charging) == ("P1", False)


def test_a_vehicle_that_is_there_already_is_sent_nothing(yard: Yard) -> None:
    yard.submit("j", {"action": "park", "vehicles": ["agv-1"]})
    assert (yard.last("j").status, yard.last("j").code) == (JobStatus.DONE, Code.ALREADY_THERE)
    assert not yard.sent


def test_between_nodes_the_order_begins_on_the_edge_the_vehicle_is_on(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.x, car.last_node = 3.0, "P1"  # half way to N3
    yard.step()
    yard.submit("there", go("agv-1", "dock-1"))
    yard.step()
    first = car.orders[0].nodes[0]
    assert [n.node_id for n in car.orders[0].nodes] == ["P1", "N3", "D1"]
    assert first.node_position
    assert first.node_position.allowed_deviation_xy
    assert first.node_position.allowed_deviation_xy > 3.0


def test_a_foreign_order_keeps_a_vehicle_busy_and_is_not_taken_for_ours(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.step()
    order = yard.cars["agv-1"].orders[0]
    other = yard.cars["agv-2"]
    other.receive(order)
    yard.step()
    view = yard.master.vehicles()["agv-2"]
    assert (view.foreign_order, view.idle, view.job) == (True, False, None)


def test_a_step_waits_until_its_vehicle_is_in_automatic_mode_again(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "park-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.cars["agv-1"].mode = OperatingMode.MANUAL
    yard.until(lambda: yard.last("j").code is Code.MANUAL)
    assert yard.last("j").status is JobStatus.LATE
    yard.cars["agv-1"].mode = OperatingMode.AUTOMATIC
    yard.until(yard.done("j", 2))


def test_a_vehicle_without_a_fresh_state_is_asked_for_one_a_few_times(yard: Yard) -> None:
    yard.cars["agv-1"].silent = True
    yard.connection("agv-1", ConnectionState.OFFLINE)
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.run(300)
    assert [a.action_type for a in yard.cars["agv-1"].instants] == ["stateRequest"] * 6


def test_header_ids_count_per_vehicle_and_topic(yard: Yard) -> None:
    yard.submit("a", go("agv-1", "dock-1"))
    yard.submit("b", go("agv-2", "aisle-9"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    orders = [m.header_id for _, m in yard.sent if isinstance(m, Order)]
    instants = [m.header_id for _, m in yard.sent if isinstance(m, InstantActions)]
    assert (orders, instants) == ([0, 0], [0, 1])


def test_an_action_of_the_sites_own_is_an_order_with_its_parameters() -> None:
    wash = OwnAction("wash", {}, "washFloor", at_place=True, parameters={"passes": 2})
    yard = Yard(replace(yard_site(), actions={"wash": wash}))
    own = {"action": "own", "name": "wash", "vehicles": ["agv-1"]}
    assert yard.master.check(commands(own))[0].code is Code.WHERE_TO
    yard.submit("w", {**own, "to": "dock-1"})
    yard.until(yard.done("w"))
    (order,) = yard.cars["agv-1"].orders
    (action,) = order.nodes[-1].actions
    assert (order.nodes[-1].node_id, action.action_type) == ("D1", "washFloor")
    assert {parameter.key: parameter.value for parameter in action.action_parameters} == {"passes": 2}
