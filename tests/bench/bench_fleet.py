"""How many vehicle states the fleet's core takes per second, decoding included; bench_codec tells of decoding alone.

    python tests/bench/bench_fleet.py [SECONDS]

Prints one JSON document. The numbers move with the load of the machine.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from yard import Yard, go

from banksman_shared.vda5050 import State, VehicleAddress, codec_for

CODEC = codec_for("2.1.0")


def rate(work: Callable[[], int], seconds: float) -> float:
    """Items per second of a function that says how many it did."""
    items, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        items += work()
    return items / elapsed


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    yard = Yard()
    yard.submit(
        "j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"}, go("agv-1", "park-1")
    )
    yard.step()
    car = yard.cars["agv-1"]
    address: VehicleAddress = car.vehicle.address
    batch = [CODEC.encode(car.state()) for _ in range(500)]
    offset = 0

    def core() -> int:
        nonlocal offset
        for payload in batch:
            state = CODEC.decode(State, payload)
            offset += 1
            yard.master.on_state(address, msgspec.structs.replace(state, header_id=1_000_000 + offset))
        return len(batch)

    json.dump(
        {
            "state_bytes": len(batch[0]),
            "core_states_per_s": round(rate(core, seconds)),
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main()
