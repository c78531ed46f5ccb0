"""What the traffic controller costs and brings: thirty simulated vehicles on each of the sites of the traffic tests.

    python tests/bench/bench_traffic.py [MINUTES]

So many simulated minutes of random orders. Prints one JSON document: orders done per hour against the two bounds of
:func:`traffic_world.ideal_per_hour`, and how long planning and the controller's ticks take. The times move with the
load of the machine, the orders do not.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from traffic_sites import corridor_site, ring_site
from traffic_world import World, ideal_per_hour

from banksman_edge.fleet.traffic import Traffic

SEED = 1


def timed(name: str, times: defaultdict[str, list[float]]) -> None:
    """Keep how long each call of a method of the controller takes, in milliseconds."""
    original = getattr(Traffic, name)

    def call(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*args, **options)
        finally:
            times[name].append((time.perf_counter() - start) * 1000)

    setattr(Traffic, name, call)


def quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[int(share * (len(values) - 1))], 2)


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    times: defaultdict[str, list[float]] = defaultdict(list)
    for name in ("plan", "tick"):
        timed(name, times)
    report = {}
    for name, build in (("ring", ring_site), ("corridor", corridor_site)):
        times.clear()
        world, start = World(build().site(), SEED), time.perf_counter()
        world.run(minutes * 60)
        wall_s = time.perf_counter() - start
        alone, bottleneck = ideal_per_hour(world)
        report[name] = {
            "orders_per_hour": round(len(world.done) * 60 / minutes),
            "alone_per_hour": round(alone),
            "bottleneck_per_hour": round(bottleneck),
            "wall_s": round(wall_s, 1),
            **{f"{n}_ms_p50_p99": [quantile(t, 0.5), quantile(t, 0.99)] for n, t in times.items()},
            "controller_share_of_a_core": round(sum(map(sum, times.values())) / 1000 / (minutes * 60), 4),
        }
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
