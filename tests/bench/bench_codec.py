"""What it costs to read and write VDA 5050 states, by version and by library.

    python tests/bench/bench_codec.py [SECONDS]

Prints one JSON document. Absolute numbers move with the load of the machine; ratios are taken in the same run, the
contestants by turns. orjson is measured where it is installed.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, make_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from pydantic import TypeAdapter

from banksman_shared.vda5050 import (
    VERSIONS,
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    EdgeState,
    Error,
    ErrorLevel,
    ErrorReference,
    EStop,
    Info,
    InfoLevel,
    Load,
    NodePosition,
    NodeState,
    OperatingMode,
    SafetyState,
    State,
    Velocity,
    codec_for,
)

ROUNDS = 5
STATES_PER_S = 1_000


def vehicle_state(serial: int) -> State:
    """A vehicle under way: 8 nodes and 7 edges ahead, 3 actions, a load, a warning."""
    return State(
        header_id=serial,
        timestamp="2026-01-01T12:00:00.00Z",
        version="2.1.0",
        manufacturer="Acme",
        serial_number=f"A-{serial:04}",
        order_id=f"order-{serial}",
        order_update_id=3,
        last_node_id=f"N{serial}",
        last_node_sequence_id=4,
        driving=True,
        operating_mode=OperatingMode.AUTOMATIC,
        node_states=tuple(
            NodeState(
                node_id=f"N{serial + i}",
                sequence_id=2 * i + 6,
                released=i < 4,
                node_position=NodePosition(x=1.5 * i, y=12.25, theta=0.5, map_id="hall"),
            )
            for i in range(8)
        ),
        edge_states=tuple(EdgeState(edge_id=f"E{serial + i}", sequence_id=2 * i + 7, released=i < 4) for i in range(7)),
        action_states=tuple(
            ActionState(action_id=f"a-{serial}-{i}", action_type="pick", action_status=status)
            for i, status in enumerate((ActionStatus.FINISHED, ActionStatus.RUNNING, ActionStatus.WAITING))
        ),
        battery_state=BatteryState(battery_charge=67.5, charging=False, battery_voltage=48.1, reach=5200.0),
        errors=(
            Error(
                error_type="acme.dirtyScanner",
                error_level=ErrorLevel.WARNING,
                error_description="the front scanner is dirty",
                error_references=(ErrorReference(reference_key="scanner", reference_value="front"),),
            ),
        ),
        safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
        agv_position=AgvPosition(x=3.25, y=12.25, theta=0.01, map_id="hall", position_initialized=True),
        velocity=Velocity(vx=1.2, vy=0.0, omega=0.02),
        loads=(Load(load_id="P-1", load_type="EPAL", weight=410.5),),
        information=(Info(info_type="acme.hours", info_level=InfoLevel.DEBUG, info_description="1200 h"),),
        paused=False,
        distance_since_last_node=1.75,
    )


def mirrored() -> Any:
    """The state as standard-library dataclasses with the names of the wire."""
    known: dict[Any, Any] = {}

    def mirror(kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in known:
                hints = get_type_hints(kind)
                fields = sorted(msgspec.structs.fields(kind), key=lambda f: f.default is not msgspec.NODEFAULT)
                known[kind] = make_dataclass(
                    f"{kind.__name__}Mirror",
                    [
                        (f.encode_name, mirror(hints[f.name]))
                        if f.default is msgspec.NODEFAULT
                        else (f.encode_name, mirror(hints[f.name]), f.default)
                        for f in fields
                    ],
                    slots=True,
                )
            return known[kind]
        arguments = get_args(kind)
        if get_origin(kind) is tuple:
            return tuple[mirror(arguments[0]), ...]
        if type(kind).__name__ == "UnionType":
            result = mirror(arguments[0])
            for argument in arguments[1:]:
                result = result | mirror(argument)
            return result
        return kind

    return mirror(State)


def builder(kind: Any) -> Callable[[Any], Any]:
    """From plain JSON to dataclasses, as one would write it by hand: no checks but that the fields exist."""
    if hasattr(kind, "__dataclass_fields__"):
        hints = get_type_hints(kind)
        parts = {name: builder(hint) for name, hint in hints.items()}

        def build(document: Any) -> Any:
            return kind(**{name: parts[name](value) for name, value in document.items() if name in parts})

        return build
    if get_origin(kind) is tuple:
        item = builder(get_args(kind)[0])
        return lambda values: tuple([item(value) for value in values])
    for part in get_args(kind):
        if hasattr(part, "__dataclass_fields__") or get_origin(part) is tuple:
            made = builder(part)
            return lambda value: None if value is None else made(value) if isinstance(value, dict | list) else value
    if isinstance(kind, type) and hasattr(kind, "__members__"):
        return kind
    return lambda value: value


@dataclass(slots=True)
class Contestant:
    work: Callable[[Any], object]
    batch: Sequence[object]
    items: int = 0
    spent_s: float = 0.0

    def turn(self, seconds: float) -> None:
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for item in self.batch:
                self.work(item)
            self.items += len(self.batch)
        self.spent_s += time.perf_counter() - start

    @property
    def per_s(self) -> float:
        return self.items / self.spent_s


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    states = [vehicle_state(serial) for serial in range(200)]
    payloads = {version: [codec_for(version).encode(state) for state in states] for version in VERSIONS}
    plain = payloads["2.1.0"]
    quirky = [payload.replace(b'"orderUpdateId":3', b'"orderUpdateId":3.0') for payload in plain]
    build, adapter = builder(mirrored()), TypeAdapter(mirrored())
    by_name: dict[str, Contestant] = {
        f"read {version}": Contestant(functools.partial(codec_for(version).decode, State), payloads[version])
        for version in VERSIONS
    }
    by_name["read 2.1.0 with a quirk in each"] = Contestant(functools.partial(codec_for("2.1.0").decode, State), quirky)
    by_name["json and dataclasses"] = Contestant(lambda p: build(json.loads(p)), plain)
    by_name["json to dict"] = Contestant(json.loads, plain)
    by_name["pydantic"] = Contestant(adapter.validate_json, plain)
    by_name["msgspec to dict"] = Contestant(msgspec.json.decode, plain)
    try:
        by_name["orjson to dict"] = Contestant(importlib.import_module("orjson").loads, plain)
    except ModuleNotFoundError:
        print("orjson is not installed, so it is not measured", file=sys.stderr)
    for version in VERSIONS:
        by_name[f"write {version}"] = Contestant(codec_for(version).encode, states)
    for _ in range(ROUNDS):
        for contestant in by_name.values():
            contestant.turn(seconds / ROUNDS)
    ours = by_name["read 2.1.0"].per_s
    report = {
        "state_bytes": len(plain[0]),
        "per_s": {name: round(contestant.per_s) for name, contestant in by_name.items()},
        "times_slower_than_read_2.1.0": {name: round(ours / c.per_s, 2) for name, c in by_name.items()},
        "core_share_for_1000_states_per_s": {name: round(STATES_PER_S / c.per_s, 4) for name, c in by_name.items()},
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
