"""Stop, resume and cancel: what has to work when nothing else does."""

from __future__ import annotations

import pytest
from yard import Yard, commands, go

from banksman_edge.fleet import Code, FleetError, JobStatus
from banksman_shared.vda5050 import ConnectionState, InstantActions, Order

STOP_ALL = {"action": "stop", "vehicles": ["*"]}


def test_stop_all_goes_out_at_once_and_is_confirmed_for_each(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    sent = len(yard.sent)
    yard.submit("s", STOP_ALL)
    assert [m.actions[0].action_type for _, m in yard.sent[sent:] if isinstance(m, InstantActions)] == [
        "startPause"
    ] * 3
    yard.run(1)
    for vehicle in yard.cars:
        assert yard.statuses("s", vehicle) == ["sent", "done"]
        assert yard.master.vehicles()[vehicle].stopped
    where = yard.cars["agv-1"].last_node
    yard.run(120)
    assert yard.cars["agv-1"].last_node == where
    assert "late" not in yard.statuses("j")
    assert len(yard.cars["agv-1"].instants) == 1


def test_nothing_is_dispatched_to_a_stopped_vehicle_until_it_is_resumed(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "park-1"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.submit("s", STOP_ALL)
    with pytest.raises(FleetError) as refused:
        yard.submit("k", go("agv-2", "dock-1"))
    assert refused.value.code is Code.STOPPED
    assert refused.value.retryable
    yard.run(5)
    yard.submit("r", {"action": "resume", "vehicles": ["*"]})
    yard.until(yard.done("j", 2))
    assert yard.statuses("r").count("done") == 3
    assert len(yard.cars["agv-1"].accepted) == 2


def test_a_lost_stop_is_repeated_with_the_same_action_until_it_is_confirmed(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "charger-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    car.lose = 3
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.until(yard.done("s"))
    assert yard.statuses("s") == ["sent", "late", "done"]
    assert next(e for e in yard.events if e.status is JobStatus.LATE).code is Code.UNCONFIRMED
    assert len(car.instants) == 4
    assert len({a.action_id for a in car.instants}) == 1


def test_a_vehicle_that_is_away_is_named_and_stopped_when_it_is_back(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.submit("s", STOP_ALL)
    assert yard.statuses("s", "agv-1") == ["sent", "late"]
    assert [e.code for e in yard.events if e.job == "s" and e.vehicle == "agv-1"] == [None, Code.OFFLINE]
    yard.run(60)
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(lambda: yard.statuses("s", "agv-1")[-1] == "done", 5)
    assert yard.cars["agv-1"].paused


def test_a_stop_without_a_broker_is_sent_as_soon_as_there_is_one(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.set_broker(False)
    yard.submit("s", STOP_ALL)
    assert set(yard.statuses("s")) == {"late"}
    yard.set_broker(True)
    yard.run(1)
    assert yard.statuses("s").count("done") == 3
    assert all(car.paused for car in yard.cars.values())


def test_a_stop_anywhere_in_a_sequence_comes_first_even_if_the_rest_is_refused(yard: Yard) -> None:
    with pytest.raises(FleetError) as refused:
        yard.submit("j", go("agv-9", "dock-1"), STOP_ALL)
    assert refused.value.code is Code.UNKNOWN_VEHICLE
    assert [topic for topic, _ in yard.sent] == ["instantActions"] * 3


def test_a_stop_of_nobody_is_told_and_not_raised(yard: Yard) -> None:
    yard.submit("s", {"action": "stop", "vehicles": ["at:dock-1"]})
    assert (yard.last("s").status, yard.last("s").code) == (JobStatus.FAILED, Code.UNKNOWN_VEHICLE)
    assert yard.master.check(commands(STOP_ALL)) == []


def test_a_resume_ends_a_stop_that_was_not_confirmed_for_good(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 1
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    assert (yard.last("s").status, yard.last("s").code) == (JobStatus.CANCELLED, Code.SUPERSEDED)
    yard.run(60)
    assert [a.action_type for a in car.instants] == ["startPause", "stopPause"]
    assert not car.paused


def test_an_order_on_its_way_is_not_repeated_while_stopped(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 1
    yard.submit("j", go("agv-1", "dock-1"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(60)
    assert len(car.orders) == 1
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"))
    assert len(car.accepted) == 1


def test_a_vehicle_that_says_nothing_of_pauses_is_believed_by_its_action(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.reports_pause = False
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.until(yard.done("s"), 5)
    assert car.paused


def test_cancel_ends_the_order_when_the_vehicle_says_so(yard: Yard) -> None:
    yard.submit("j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    assert not yard.ended("j")()
    yard.until(yard.ended("j"))
    assert yard.last("j").status is JobStatus.CANCELLED
    assert yard.statuses("c") == ["queued", "sent", "done"]
    assert yard.master.vehicles()["agv-1"].idle


def test_cancel_then_go_elsewhere_is_one_sequence(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "dock-1"), go("agv-1", "aisle-9"))
    yard.until(lambda: yard.cars["agv-1"].last_node == "N3")
    yard.submit("k", {"action": "cancel", "vehicles": ["agv-1"]}, go("agv-1", "park-1"))
    yard.until(yard.done("k", 2))
    assert yard.statuses("j").count("cancelled") == 2
    assert yard.cars["agv-1"].last_node == "P1"
    assert len(yard.cars["agv-1"].accepted) == 2


def test_cancel_of_an_order_that_never_arrived_is_final(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 1
    yard.submit("j", go("agv-1", "dock-1"))
    yard.submit("c", {"action": "cancel", "vehicles": ["agv-1"]})
    yard.run(60)
    assert yard.last("j").status is JobStatus.CANCELLED
    assert yard.last("c").status is JobStatus.DONE
    assert len(car.orders) == 1
    assert not car.accepted


@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_there_may_be_nothing_to_cancel_or_resume(yard: Yard, action: str) -> None:
    with pytest.raises(FleetError) as refused:
        yard.submit("c", {"action": action, "vehicles": ["*"]})
    assert refused.value.code is Code.NOTHING_TO_DO
    assert not yard.sent


def test_cancel_without_a_name_means_the_only_busy_one(yard: Yard) -> None:
    yard.submit("a", go("agv-1", "dock-1"))
    yard.submit("c", {"action": "cancel", "vehicles": []})
    yard.until(yard.ended("a"))
    yard.submit("a2", go("agv-1", "dock-1"))
    yard.submit("b", go("agv-2", "park-1"))
    with pytest.raises(FleetError) as asked:
        yard.submit("d", {"action": "cancel", "vehicles": []})
    assert asked.value.code is Code.WHICH_VEHICLE


def test_a_vehicle_that_echoes_no_instant_actions_is_not_pestered(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.echoes_instants = False
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.until(yard.done("s"), 5)
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("r"), 10)
    yard.run(60)
    assert len(car.instants) <= 4
    assert not any(isinstance(m, Order) for _, m in yard.sent)


def test_a_stop_is_not_taken_for_confirmed_while_an_order_may_still_arrive(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.lose = 2  # the order and the first stop
    yard.submit("j", go("agv-1", "dock-1"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(0.4)
    assert yard.statuses("s") == ["sent"]
    yard.until(yard.done("s"), 5)
    assert car.paused


def test_a_state_from_before_a_resume_does_not_confirm_it(yard: Yard) -> None:
    yard.cars["agv-1"].lose = 2  # stop and resume: it never was paused
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.run(1)
    assert yard.statuses("r") == ["queued", "sent"]
    yard.until(yard.done("r"), 5)


def test_a_stopped_vehicle_that_drives_again_by_itself_is_stopped_again(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    car = yard.cars["agv-1"]
    yard.submit("j", go("agv-1", "charger-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.until(yard.done("s"), 5)
    car.paused = False  # as after a restart
    car.lose = 2
    yard.until(lambda: car.paused, 10)
    assert [a.action_type for a in car.instants] == ["startPause"] * 4
    assert len({a.action_id for a in car.instants}) == 2
    assert caplog.text.count("agv-1 drives although it is stopped") == 1
    assert yard.statuses("s") == ["sent", "done"]
    yard.run(60)
    assert len(car.instants) == 4
    yard.submit("r", {"action": "resume", "vehicles": ["agv-1"]})
    yard.until(yard.done("j"))
    assert len(car.instants) == 5


def test_a_stop_is_never_too_late(yard: Yard) -> None:
    yard.submit("j", go("agv-1", "charger-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.step()
    yard.clock.advance(4000)
    yard.master.tick()
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.until(yard.done("s"), 10)
    assert yard.cars["agv-1"].paused


def test_a_vehicle_that_refuses_to_stop_is_asked_again_but_not_with_every_state(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.refuses_pause = True
    yard.submit("j", go("agv-1", "charger-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(4)
    assert yard.last("s").code is Code.REJECTED
    assert 2 <= len(car.instants) <= 3


def test_a_vehicle_that_says_nothing_of_pauses_may_brake_without_being_asked_again(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    car.reports_pause, car.brakes_for = False, 8
    yard.submit("j", go("agv-1", "charger-1"))
    yard.until(lambda: "running" in yard.statuses("j"))
    yard.submit("s", {"action": "stop", "vehicles": ["agv-1"]})
    yard.run(1)
    assert not yard.ended("s")()
    yard.until(yard.done("s"), 5)
    yard.run(10)
    assert len(car.instants) == 1
