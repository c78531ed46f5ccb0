"""Runs without a network: the same seed, the same run."""

from __future__ import annotations

import itertools
import json

import pytest
from sim_world import instantly, order

from banksman_firmware_sim import Fault, FaultKind, RunOptions, Scenario
from banksman_firmware_sim.faults.schedule import ScheduleError, read_schedule
from banksman_firmware_sim.scenario import Logged
from banksman_shared.site import Site

BAD_DAY = """
faults:
  - {per_hour: 60, kind: network-away, for: 8}
  - {per_hour: 60, kind: messages-lost, for: 20, amount: 0.5}
  - {per_hour: 60, kind: messages-late, for: 20, amount: 3}
  - {per_hour: 60, kind: messages-duplicated, for: 20}
  - {per_hour: 60, kind: messages-reordered, for: 20}
  - {per_hour: 20, vehicles: lift, kind: reboot, for: 5}
"""
SECONDS = 600.0


def bad_day(site: Site, *, seed: int = 1) -> Scenario:
    """Both vehicles of the yard driving to and fro, with all that a network can do to them."""
    run = Scenario.from_site(site, RunOptions(seed=seed, schedule=read_schedule(BAD_DAY, "test")))
    address = {name: vehicle.address for name, vehicle in site.vehicles.items()}
    for minute in range(10):
        there = "ABCD" if minute % 2 == 0 else "DCBA"
        run.send_at(60 * minute + 1, "lift", order(there, order_id=f"lift-{minute}", address=address["lift"]))
        run.send_at(60 * minute + 3, "tug", order(there[::-1], order_id=f"tug-{minute}", address=address["tug"]))
    return run


def played(run: Scenario, *pieces: float) -> list[Logged]:
    for piece in pieces:
        run.advance(piece)
    return run.log


def states(log: list[Logged], serial: str) -> list[dict[str, object]]:
    return [json.loads(m.payload) for m in log if m.topic.endswith(f"{serial}/state")]


def test_the_same_seed_gives_the_same_bytes_however_the_time_is_cut(yard: Site) -> None:
    whole = played(bad_day(yard), SECONDS)
    assert len(whole) > 500
    assert played(bad_day(yard), *[0.05] * 12_000) == whole
    assert played(bad_day(yard), *[0.37, 59.63] * 10) == whole
    assert played(bad_day(yard), 599.99, 0.01) == whole


def test_looking_changes_nothing(yard: Site) -> None:
    seen, unseen = bad_day(yard), bad_day(yard)
    for _ in range(int(SECONDS / 0.7)):
        seen.advance(0.7)
        assert seen.state("lift").agv_position is not None
        unseen.advance(0.7)
    assert seen.log == unseen.log


def test_another_seed_gives_another_run(yard: Site) -> None:
    assert played(bad_day(yard, seed=1), SECONDS) != played(bad_day(yard, seed=2), SECONDS)


def test_a_run_in_life_time_is_the_same_as_a_fast_one(yard: Site) -> None:
    fast, paced = bad_day(yard), bad_day(yard)
    fast.advance(20)
    paced.advance(20, speed_up=20)
    assert paced.log == fast.log
    assert paced.seconds == pytest.approx(20)


def test_a_bad_day_really_is_one(yard: Site) -> None:
    log = played(bad_day(yard), SECONDS)
    serial = yard.vehicles["lift"].address.serial_number
    connections = [json.loads(m.payload)["connectionState"] for m in log if m.topic.endswith(f"{serial}/connection")]
    assert connections.count("CONNECTIONBROKEN") >= 5
    assert all(a != b for a, b in itertools.pairwise(connections))
    numbers = [state["headerId"] for state in states(log, serial)]
    assert len(set(numbers)) < len(numbers)
    assert numbers != sorted(numbers)  # type: ignore[type-var]


def test_vehicles_drive_and_answer(yard: Site) -> None:
    run, address = Scenario.from_site(yard), yard.vehicles["lift"].address
    run.send("lift", order("ABCD", address=address))
    run.advance(5)
    run.send("lift", instantly("startPause", address=address))
    run.advance(60)
    assert (run.state("lift").paused, run.state("lift").driving) == (True, False)
    run.send("lift", instantly("stopPause", address=address))
    run.advance(60)
    assert run.state("lift").last_node_id == "D"
    seen = states(run.log, address.serial_number)
    assert next(s["lastNodeId"] for s in seen if s["driving"]) == "A"
    assert seen[-1]["lastNodeId"] == "D"


def test_timestamps_follow_the_runs_own_clock(yard: Site) -> None:
    run = Scenario.from_site(yard)
    run.advance(3600)
    stamps = [str(s["timestamp"]) for s in states(run.log, yard.vehicles["lift"].address.serial_number)]
    assert stamps[0] == "2023-11-14T22:13:20.000Z"
    assert 3600 / 26 < len(stamps) < 3600 / 24
    assert stamps == sorted(stamps)


def test_faults_begin_and_end_on_command(yard: Site) -> None:
    run, serial = Scenario.from_site(yard), yard.vehicles["lift"].address.serial_number
    run.inject("lift", Fault(FaultKind.NETWORK_AWAY))
    run.advance(100)
    before = len(states(run.log, serial))
    assert before == 1
    run.clear("lift", FaultKind.NETWORK_AWAY)
    run.advance(1)
    assert len(states(run.log, serial)) == before + 1


def test_a_schedule_for_a_vehicle_that_is_not_there_is_refused(yard: Site) -> None:
    schedule = read_schedule("faults: [{at: 5, vehicles: lorry, kind: reboot}]", "test")
    with pytest.raises(ScheduleError, match="'lorry'"):
        Scenario.from_site(yard, RunOptions(schedule=schedule))
