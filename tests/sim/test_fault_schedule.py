"""Schedules of faults."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_firmware_sim.faults.schedule import Occurrence, Schedule, ScheduleError, load_schedule, read_schedule
from banksman_shared.vda5050 import VehicleAddress

GOOD = """
faults:
  - at: 60
    vehicles: agv-1
    kind: obstacle
    for: 20
  - per_hour: 6
    kind: messages-lost
    for: 5
    amount: 0.5
  - {at: 10, vehicles: [agv-1, agv-2], kind: load-lost}
"""
VEHICLES = ["agv-1", "agv-2", "agv-3"]


def first(schedule: Schedule, count: int, seed: int = 1, vehicles: list[str] = VEHICLES) -> list[Occurrence]:
    return list(itertools.islice(schedule.occurrences(vehicles, seed), count))


def test_a_schedule_comes_to_faults_in_order_of_time() -> None:
    happens = first(read_schedule(GOOD, "test"), 200)
    assert [o.at for o in happens] == sorted(o.at for o in happens)
    assert Occurrence(60.0, "agv-1", Fault(FaultKind.OBSTACLE, 20.0)) in happens
    assert [o.vehicle for o in happens if o.fault.kind is FaultKind.LOAD_LOST] == ["agv-1", "agv-2"]
    random = [o for o in happens if o.fault.kind is FaultKind.MESSAGES_LOST]
    assert {o.vehicle for o in random} == set(VEHICLES)
    assert {o.fault for o in random} == {Fault(FaultKind.MESSAGES_LOST, 5.0, 0.5)}


def test_a_rate_is_that_of_each_vehicle() -> None:
    schedule = read_schedule("faults: [{per_hour: 12, kind: reboot}]", "test")
    happens = list(itertools.takewhile(lambda o: o.at < 100 * 3600, schedule.occurrences(VEHICLES, 1)))
    for vehicle in VEHICLES:
        assert 1000 < sum(o.vehicle == vehicle for o in happens) < 1400


def test_the_seed_decides_and_another_vehicle_changes_nothing_for_the_others() -> None:
    schedule = read_schedule(GOOD, "test")
    assert first(schedule, 100) == first(schedule, 100)
    assert first(schedule, 100) != first(schedule, 100, seed=2)
    some = [o for o in first(schedule, 100) if o.vehicle != "agv-3"]
    alone = first(schedule, 100, vehicles=["agv-1", "agv-2"])
    assert alone[: len(some)] == some


def test_vehicles_may_be_named_by_serial_number() -> None:
    schedule = read_schedule("faults: [{at: 1, vehicles: S-17, kind: reboot}]", "test")
    known = schedule.check_vehicles({"agv-1": VehicleAddress("Acme", "S-17")})
    assert first(known, 1)[0].vehicle == "agv-1"
    with pytest.raises(ScheduleError, match="fault 1 of the schedule names 'S-17', which is no vehicle here"):
        schedule.check_vehicles({"agv-1": VehicleAddress("Acme", "S-18")})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("faults: [", "line 1: this is not YAML"),
        ("faults:\n  - at: 1\n   kind: x\n", "line 3: this is not YAML"),
        ("- at: 1", "must have one key, 'faults', with a list"),
        ("", "must have one key, 'faults', with a list"),
        ("faults: 7", "must have one key, 'faults', with a list"),
        ("faults:\n  - reboot", "line 2, fault 1: must have keys"),
        ("faults:\n  - {at: 1, kind: flood}", "line 2, fault 1: the kind 'flood' is not known; there are obstacle"),
        ("faults:\n  - {at: 1, kind: reboot}\n  - {at: 1}", "line 3, fault 2: the kind 'None' is not known"),
        ("faults:\n  - {kind: reboot}", "line 2, fault 1: needs either 'at' or 'per_hour'"),
        ("faults:\n  - {at: 1, per_hour: 1, kind: reboot}", "fault 1: needs either 'at' or 'per_hour'"),
        ("faults:\n  - {at: soon, kind: reboot}", "'at' must be a number, and is 'soon'"),
        ("faults:\n  - {at: true, kind: reboot}", "'at' must be a number"),
        ("faults:\n  - {at: .nan, kind: reboot}", "'at' must be a number"),
        ("faults:\n  - {at: -1, kind: reboot}", "'at' counts from 0"),
        ("faults:\n  - {per_hour: 0, kind: reboot}", "'per_hour' is more than 0"),
        ("faults:\n  - {at: 1, kind: obstacle, for: 0}", "more than 0 seconds"),
        ("faults:\n  - {per_hour: 1, kind: obstacle}", "a fault that comes at random needs 'for'"),
        ("faults:\n  - {at: 1, kind: load-lost, for: 3}", "takes no duration"),
        ("faults:\n  - {at: 1, kind: obstacle, amount: 3}", "obstacle takes no amount"),
        ("faults:\n  - {at: 1, kind: messages-lost, amount: 3}", "share of messages, 0 to 1, which 3 is not"),
        ("faults:\n  - {at: 1, kind: reboot, vehicles: []}", "'vehicles' is a vehicle, a list of them, or 'all'"),
        ("faults:\n  - {at: 1, kind: reboot, until: 3}", "the key 'until' is not known; there are at, per_hour"),
        ("faults: !!python/object/apply:os.getcwd []", "this is not YAML"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_schedule(text, "day.yaml")
    assert str(caught.value).startswith("day.yaml")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match=r"cannot read .*none\.yaml"):
        load_schedule(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"faults: [\xff]")
    with pytest.raises(ScheduleError, match="not UTF-8"):
        load_schedule(tmp_path / "latin.yaml")
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    assert len(load_schedule(tmp_path / "good.yaml").entries) == 3
