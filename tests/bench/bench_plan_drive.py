"""From words to wheels in real time: twelve simulated vehicles drive a plan, and one of them fails half-way.

    python tests/bench/bench_plan_drive.py --limit 600
    python tests/bench/bench_plan_drive.py --site corridor --nobody-fails

Broker, planner service, fleet and agent are the real ones; goals come from a script in place of a language model. Says
what was planned, what the operator was told and when, and how the limit was met or missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from plan_wheels_world import LOADS, ORDER, approve, driving, loads_carried, on_its_way_empty
from plant import Plant
from traffic_sites import corridor_site, ring_site

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import broker
from banksman_shared.site import Site

SITES = {"hall": None, "corridor": corridor_site, "ring": ring_site}
"""Sites of the traffic's tests have single lanes only: for both directions, or one-way around aisles."""


def site_and_places(name: str) -> tuple[Site | None, dict[str, list[str]]]:
    """The site, and from where to where its loads go, where that is not as in the hall."""
    if (builder := SITES[name]) is None:
        return None, {}
    site = builder(vehicles=12).site()
    docks, shelves = ([p.id for p in site.places.values() if p.kind == kind] for kind in ("dock", "shelf"))
    return site, {"origins": docks[:3], "destinations": shelves[:9:2]}


def fail_one(plant: Plant, key: str, began: float) -> None:
    broken = on_its_way_empty(plant, key)
    print(f"{time.monotonic() - began:6.0f} s  ({broken}: its emergency button is pressed)", flush=True)
    plant.sim.inject(broken, Fault(FaultKind.EMERGENCY_STOP))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds that the loads may take")
    parser.add_argument("--loads", type=int, default=24)
    parser.add_argument("--speed-up", type=float, default=1.0, help="of the vehicles, not of the plan's times")
    parser.add_argument("--site", choices=SITES, default="hall")
    parser.add_argument("--nobody-fails", action="store_true")
    chosen = parser.parse_args()
    site, places = site_and_places(chosen.site)
    goal = LOADS | {"within_s": chosen.limit, "count": chosen.loads} | places
    with broker() as running, driving(running.url, goal, speed_up=chosen.speed_up, site=site) as plant:
        began = time.monotonic()
        plant.agent.on("reply", lambda e: print(f"{time.monotonic() - began:6.0f} s  {e.text}", flush=True))
        key = approve(plant, ORDER if site is None else ORDER.replace("aisle", "shelf"))
        if not chosen.nobody_fails:
            fail_one(plant, key, began)
        done = plant.agent.wait(key, 3600)
        taken = time.monotonic() - began
        margin = chosen.limit - taken
        how = f"{margin:.0f} s before the limit" if margin >= 0 else f"{-margin:.0f} s after the limit"
        print(f"{loads_carried(plant, key)} of {chosen.loads} loads after {taken:.0f} s, {how}; done: {done}")


if __name__ == "__main__":
    main()
