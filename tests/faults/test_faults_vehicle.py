"""What goes wrong with vehicles while all of them work: every job ends, nothing is done twice, and they work again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ledger import DROP, PICK, Entry
from plant import Plant

from banksman_edge.fleet import Code, JobStatus
from banksman_firmware_sim import Fault, FaultKind
from banksman_shared.vda5050 import State

VICTIMS = 3


def has_order(state: State) -> bool:
    return state.driving and bool(state.node_states)


def carries(state: State) -> bool:
    return bool(state.loads) and state.driving


def strike(
    plant: Plant, fault: Fault, holds: Callable[[State], bool] = has_order, count: int = VICTIMS
) -> tuple[list[str], list[Entry]]:
    """Give some of those at work a fault; the jobs that it meets."""
    victims = plant.busy(count, holds)
    entries = [entry for vehicle in victims if (entry := plant.ledger.current(vehicle))]
    plant.strike(victims, fault)
    return victims, entries


def await_end(plant: Plant, entries: list[Entry]) -> None:
    plant.wait(lambda: all(entry.end for entry in entries), f"{[e.job for e in entries]} have ended")


def await_late(plant: Plant, entries: list[Entry], *codes: Code) -> None:
    """The operator is told of each, with one of these reasons."""
    plant.wait(lambda: all(e.end or any(late.code in codes for late in e.lates) for e in entries), f"{codes} was told")


def outcome(entries: list[Entry]) -> set[tuple[JobStatus, Code | None]]:
    return {(entry.end.status, entry.end.code) for entry in entries if entry.end}


DONE = (JobStatus.DONE, None)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.OBSTACLE, Code.BLOCKED),
        (FaultKind.EMERGENCY_STOP, Code.VEHICLE_ERROR),
        (FaultKind.LOCALISATION_LOST, Code.NOT_LOCALISED),
    ],
)
def test_what_holds_a_vehicle_up_is_told_and_the_job_is_done_when_it_is_over(
    plant: Plant, kind: FaultKind, code: Code
) -> None:
    victims, entries = strike(plant, Fault(kind))
    await_late(plant, entries, code)
    assert not any(plant.vehicles.state(name).driving for name in victims)
    plant.clear(victims, kind)
    await_end(plant, entries)
    assert outcome(entries) == {DONE}
    assert all(vehicle in late.detail for vehicle, e in zip(victims, entries, strict=True) for late in e.lates)
    plant.await_done_again(victims)


def test_a_vehicle_whose_battery_dies_is_told_and_works_on_with_another(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.BATTERY_DYING, amount=0.001))
    await_late(plant, entries, Code.VEHICLE_ERROR)
    assert any("battery" in late.detail for entry in entries for late in entry.lates)
    plant.clear(victims, FaultKind.BATTERY_DYING)
    await_end(plant, entries)
    assert outcome(entries) == {DONE}
    plant.await_done_again(victims)


def test_a_load_that_is_lost_is_not_put_down_and_the_job_says_so(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.LOAD_LOST), carries)
    await_end(plant, entries)
    assert outcome(entries) == {(JobStatus.FAILED, Code.ACTION_FAILED)}
    assert all(DROP not in entry.done for entry in entries)
    plant.await_done_again(victims)


def test_an_action_that_fails_ends_the_job_with_the_reason(plant: Plant) -> None:
    victims, entries = strike(
        plant,
        Fault(FaultKind.ACTION_FAILS),
        lambda state: has_order(state) and any(not a.action_status.ended for a in state.action_states),
    )
    await_end(plant, entries)
    assert outcome(entries) == {(JobStatus.FAILED, Code.ACTION_FAILED)}
    assert all(len(entry.done) < len(entry.meant) for entry in entries)
    plant.await_done_again(victims)


def test_a_vehicle_that_somebody_drives_by_hand_gives_up_its_job_and_comes_back(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.MANUAL_MODE))
    await_end(plant, entries)
    assert outcome(entries) <= {DONE, (JobStatus.FAILED, Code.ENDED_ELSEWHERE), (JobStatus.FAILED, Code.MANUAL)}
    assert not any(plant.service.vehicles()[name].available for name in victims)
    plant.clear(victims, FaultKind.MANUAL_MODE)
    plant.await_done_again(victims)


def test_a_vehicle_that_reboots_has_lost_its_order_and_the_operator_is_told(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.REBOOT, seconds=15))
    await_end(plant, entries)
    assert outcome(entries) <= {DONE, (JobStatus.FAILED, Code.ORDER_LOST)}
    plant.await_done_again(victims)


@pytest.mark.parametrize("seconds", [-600.0, 600.0])
def test_a_clock_that_is_minutes_wrong_harms_nothing(plant: Plant, seconds: float) -> None:
    victims, entries = strike(plant, Fault(FaultKind.CLOCK_WRONG, amount=seconds))
    await_end(plant, entries)
    plant.await_done_again(victims)
    plant.clear(victims, FaultKind.CLOCK_WRONG)
    plant.await_done_again(victims)
    assert outcome(entries) == {DONE}


def test_a_clock_that_was_ahead_before_a_reboot_does_not_hide_the_vehicle(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.CLOCK_WRONG, amount=3600.0), count=1)
    plant.strike(victims, Fault(FaultKind.REBOOT, seconds=15))
    plant.clear(victims, FaultKind.CLOCK_WRONG)
    await_end(plant, entries)
    plant.await_done_again(victims)


def test_a_pick_counts_once_whatever_happens_after_it(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.NETWORK_AWAY, seconds=40), carries, count=2)
    await_end(plant, entries)
    assert all(entry.done.count(PICK) <= 1 for entry in entries)
    plant.await_done_again(victims)
