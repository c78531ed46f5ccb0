"""What goes wrong with vehicles while all of them work: every job ends, nothing is done twice, and they work again."""

from __future__ import annotations

from busy_plant import Plant
from ledger import DROP
from striking import DONE, REFUSED, await_end, await_late, carries, has_order, outcome, strike

from banksman_edge.fleet import Code, JobStatus
from banksman_firmware_sim import Fault, FaultKind


def test_what_holds_a_vehicle_up_is_told_and_the_job_is_done_when_it_is_over(plant: Plant) -> None:
    kinds = (FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP, FaultKind.LOCALISATION_LOST)
    victims, entries = strike(plant, *(Fault(kind) for kind in kinds))
    obstructed = [entry for entry in entries if entry.vehicle in victims[:: len(kinds)]]
    # Where its way ends for now before another of them, it waits for that one, whatever stands there besides.
    await_late(plant, obstructed, Code.BLOCKED, Code.WAITING)
    await_late(plant, [entry for entry in entries if entry not in obstructed], Code.VEHICLE_ERROR)
    assert not any(plant.vehicles.state(name).driving for name in victims)
    for kind in kinds:
        plant.clear(victims, kind)
    await_end(plant, entries)
    assert outcome(entries) <= {DONE, REFUSED}
    plant.await_at_work(victims)


def test_a_vehicle_whose_battery_dies_is_told_and_works_on_with_another(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.BATTERY_DYING, amount=0.001))
    await_late(plant, entries, Code.VEHICLE_ERROR)
    told = [late.detail for entry in entries for late in entry.lates if late.code is Code.VEHICLE_ERROR]
    assert all("battery" in detail for detail in told), told
    assert told or all(entry.end for entry in entries), "a job that had not ended yet is told of"
    plant.clear(victims, FaultKind.BATTERY_DYING)
    await_end(plant, entries)
    assert outcome(entries) <= {DONE, REFUSED}
    plant.await_at_work(victims)


def test_a_load_that_is_lost_is_not_put_down_and_the_job_says_so(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.LOAD_LOST), holds=carries)
    await_end(plant, entries)
    assert outcome(entries) == {(JobStatus.FAILED, Code.ACTION_FAILED)}
    assert all(DROP not in entry.done for entry in entries)
    plant.await_at_work(victims)


def test_an_action_that_fails_ends_the_job_with_the_reason(plant: Plant) -> None:
    victims, entries = strike(
        plant,
        Fault(FaultKind.ACTION_FAILS),
        holds=lambda state: has_order(state) and any(not a.action_status.ended for a in state.action_states),
    )
    await_end(plant, entries)
    assert outcome(entries) == {(JobStatus.FAILED, Code.ACTION_FAILED)}
    assert all(len(entry.done) < len(entry.meant) for entry in entries)
    plant.await_at_work(victims)


def test_a_vehicle_that_somebody_drives_by_hand_gives_up_its_job_and_comes_back(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.MANUAL_MODE))
    await_end(plant, entries)
    ends = {Code.ENDED_ELSEWHERE, Code.ACTION_FAILED, Code.REJECTED, Code.MANUAL}
    assert outcome(entries) <= {DONE, *((JobStatus.FAILED, code) for code in ends)}
    plant.wait(lambda: not any(plant.service.vehicles()[name].automatic for name in victims), "they are in manual mode")
    plant.clear(victims, FaultKind.MANUAL_MODE)
    plant.await_at_work(victims)


def test_a_vehicle_that_reboots_has_lost_its_order_and_the_operator_is_told(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.REBOOT, seconds=15))
    await_end(plant, entries)
    assert outcome(entries) <= {DONE, (JobStatus.FAILED, Code.ORDER_LOST)}
    plant.await_at_work(victims)


def test_a_clock_that_is_minutes_wrong_harms_nothing(plant: Plant) -> None:
    victims, entries = strike(plant, *(Fault(FaultKind.CLOCK_WRONG, amount=amount) for amount in (-600.0, 600.0)))
    await_end(plant, entries)
    plant.clear(victims, FaultKind.CLOCK_WRONG)
    plant.await_at_work(victims)
    assert outcome(entries) == {DONE}


def test_a_clock_that_was_ahead_before_a_reboot_does_not_hide_the_vehicle(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.CLOCK_WRONG, amount=3600.0), count=1)
    plant.strike(victims, Fault(FaultKind.REBOOT, seconds=15))
    plant.clear(victims, FaultKind.CLOCK_WRONG)
    await_end(plant, entries)
    plant.await_at_work(victims)
