"""All faults, mixed, for hours of the vehicles' time: `make soak`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from busy_plant import SPEED_UP, Plant

from banksman_firmware_sim import RunOptions
from banksman_firmware_sim.faults.schedule import read_schedule

HOURS = 3.0
SCHEDULE = """
faults:
  - {per_hour: 2, kind: obstacle, for: 40}
  - {per_hour: 1, kind: emergency-stop, for: 60}
  - {per_hour: 1, kind: localisation-lost, for: 60}
  - {per_hour: 0.5, kind: battery-dying, amount: 0.01, for: 120}
  - {per_hour: 1, kind: load-lost}
  - {per_hour: 1, kind: action-fails, for: 300}
  - {per_hour: 1, kind: manual-mode, for: 60}
  - {per_hour: 1, kind: clock-wrong, amount: 600, for: 300}
  - {per_hour: 1, kind: clock-wrong, amount: -600, for: 300}
  - {per_hour: 2, kind: network-away, for: 120}
  - {per_hour: 2, kind: messages-lost, amount: 0.3, for: 300}
  - {per_hour: 2, kind: messages-duplicated, amount: 0.5, for: 300}
  - {per_hour: 2, kind: messages-late, amount: 0.5, for: 300}
  - {per_hour: 2, kind: messages-reordered, amount: 0.5, for: 300}
  - {per_hour: 1, kind: reboot, for: 30}
"""


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2])
def test_hours_of_everything_at_once_lose_nothing_and_do_nothing_twice(tmp_path: Path, seed: int) -> None:
    options = RunOptions(state_interval_s=1.0, seed=seed, schedule=read_schedule(SCHEDULE, "mixed"))
    with Plant(tmp_path, seed=seed, options=options) as plant:
        for quarter in range(round(HOURS * 4)):
            time.sleep(900 / SPEED_UP)  # simulated time passes by itself
            assert list(plant.ledger.faults()) == []
            if quarter % 4 == 3:
                plant.pause_work()
                plant.stop_agent()
                plant.start_agent()
                plant.resume_work()
        plant.drain()
    assert list(plant.ledger.faults()) == []
