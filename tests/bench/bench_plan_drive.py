"""From words to wheels in real time: twelve simulated vehicles drive a plan, and one of them fails half-way.

    python tests/bench/bench_plan_drive.py --limit 600

Broker, planner service, fleet and agent are the real ones; goals come from a script in place of a language model. Says
what was planned, what the operator was told and when, and how the limit was met or missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "edge"))

from test_plan_wheels import LOADS, approve, driving, loads_carried, on_its_way_empty

from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_shared.broker import broker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds that the loads may take")
    parser.add_argument("--loads", type=int, default=24)
    parser.add_argument("--speed-up", type=float, default=1.0, help="of the vehicles, not of the plan's times")
    chosen = parser.parse_args()
    goal = LOADS | {"within_s": chosen.limit, "count": chosen.loads}
    with broker() as running, driving(running.url, goal, speed_up=chosen.speed_up) as plant:
        began = time.monotonic()
        plant.agent.on("reply", lambda e: print(f"{time.monotonic() - began:6.0f} s  {e.text}", flush=True))
        key = approve(plant)
        broken = on_its_way_empty(plant, key)
        print(f"{time.monotonic() - began:6.0f} s  ({broken}: its emergency button is pressed)", flush=True)
        plant.sim.inject(broken, Fault(FaultKind.EMERGENCY_STOP))
        done = plant.agent.wait(key, 3600)
        taken = time.monotonic() - began
        margin = chosen.limit - taken
        how = f"{margin:.0f} s before the limit" if margin >= 0 else f"{-margin:.0f} s after the limit"
        print(f"{loads_carried(plant, key)} of {chosen.loads} loads after {taken:.0f} s, {how}; done: {done}")


if __name__ == "__main__":
    main()
