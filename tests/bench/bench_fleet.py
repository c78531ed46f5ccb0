"""How many vehicle states the fleet's core takes per second, and what decoding costs.

    python tests/bench/bench_fleet.py [SECONDS]

Prints one JSON document. Absolute numbers move with the load of the machine; the ratio was taken in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from pydantic import TypeAdapter

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))

from yard import Yard, go

from banksman_shared.vda5050 import State, VehicleAddress, decode, encode


def rate(work: Callable[[], int], seconds: float) -> float:
    """Items per second of a function that says how many it did."""
    items, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        items += work()
    return items / elapsed


def pydantic_adapter() -> TypeAdapter[Any]:
    """The same fields for pydantic: dataclasses made from the msgspec messages."""
    known: dict[Any, Any] = {}

    def mirror(kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in known:
                hints = get_type_hints(kind)
                fields = [
                    (f.encode_name, mirror(hints[f.name]))
                    if f.default is msgspec.NODEFAULT
                    else (f.encode_name, mirror(hints[f.name]), f.default)
                    for f in sorted(msgspec.structs.fields(kind), key=lambda f: f.default is not msgspec.NODEFAULT)
                ]
                known[kind] = make_dataclass(f"{kind.__name__}Mirror", fields, slots=True)
            return known[kind]
        arguments = get_args(kind)
        if type(kind).__name__ == "UnionType":
            result = mirror(arguments[0])
            for argument in arguments[1:]:
                result = result | mirror(argument)
            return result
        if getattr(kind, "__origin__", None) is tuple:
            return tuple[mirror(arguments[0]), ...]
        return kind

    return TypeAdapter(mirror(State))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    yard = Yard()
    yard.submit(
        "j", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"}, go("agv-1", "park-1")
    )
    yard.step()
    car = yard.cars["agv-1"]
    address: VehicleAddress = car.vehicle.address
    batch = [encode(car.state()) for _ in range(500)]
    adapter = pydantic_adapter()
    offset = 0

    def core() -> int:
        nonlocal offset
        for payload in batch:
            state = decode(State, payload)
            offset += 1
            yard.master.on_state(address, msgspec.structs.replace(state, header_id=1_000_000 + offset))
        return len(batch)

    def with_msgspec() -> int:
        for payload in batch:
            decode(State, payload)
        return len(batch)

    def with_pydantic() -> int:
        for payload in batch:
            adapter.validate_json(payload)
        return len(batch)

    fast, slow = rate(with_msgspec, seconds), rate(with_pydantic, seconds)
    json.dump(
        {
            "state_bytes": len(batch[0]),
            "core_states_per_s": round(rate(core, seconds)),
            "decode_msgspec_per_s": round(fast),
            "decode_pydantic_per_s": round(slow),
            "msgspec_over_pydantic": round(fast / slow, 1),
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main()
