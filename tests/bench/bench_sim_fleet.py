"""What a fleet of simulated vehicles costs: one thread for all connections against a thread for each.

    python tests/bench/bench_sim_fleet.py [VEHICLES ...]

For 10, 100 and 1,000 vehicles that publish one state a second each to mosquitto: seconds until all are online, share
of one core, and memory per vehicle; then the same with a paho-mqtt network thread per vehicle, stepped twenty times a
second by one more thread. Each in a process of its own. Prints one JSON document; absolute numbers move with the load
of the machine, the ratios were taken in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from banksman_firmware_sim import RunOptions, SimulatedFleet, VirtualVehicle
from banksman_firmware_sim.wire.connection_limit import allow_connections
from banksman_firmware_sim.wire.fleet import vehicles_of
from banksman_shared.broker import broker
from banksman_shared.clock import SystemClock
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import bundled_site, load_site
from banksman_shared.vda5050 import State, codec_for

MEASURED_S = 6.0
SETTLING_S = 2.0
OPTIONS = RunOptions(state_interval_s=1.0)
PAGE_KB = 4


def memory_kb() -> int:
    """What of this process lies in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_KB


@contextmanager
def one_thread(count: int, settings: MqttSettings) -> Iterator[None]:
    fleet = SimulatedFleet.from_site(load_site(bundled_site()), settings, vehicles=count, options=OPTIONS)
    with fleet:
        yield


@contextmanager
def thread_each(count: int, settings: MqttSettings) -> Iterator[None]:
    """The obvious way: a client with its own network thread per vehicle, and a loop over all vehicles."""
    allow_connections(3 * count)
    vehicles = vehicles_of(load_site(bundled_site()), OPTIONS, count=count, clock=SystemClock())
    codec, locks = codec_for("2.1.0"), {name: threading.Lock() for name in vehicles}
    links = {name: MqttLink(settings) for name in vehicles}

    def connect(name: str) -> None:
        links[name].subscribe(codec.topics.of(vehicles[name].address, "order"), lambda *_: None)
        links[name].open(20)
        vehicles[name].announce()

    def step(name: str, vehicle: VirtualVehicle, dt_s: float) -> None:
        with locks[name]:
            vehicle.step(dt_s)
            for message in vehicle.due():
                topic = "state" if isinstance(message, State) else "factsheet"
                links[name].publish(codec.topics.of(vehicle.address, topic), codec.encode(message))

    def run() -> None:
        before = time.monotonic()
        while not ending.wait(0.05):
            now = time.monotonic()
            for name, vehicle in vehicles.items():
                step(name, vehicle, now - before)
            before = now

    ending, mover = threading.Event(), threading.Thread(target=run)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(connect, vehicles))
        mover.start()
        try:
            yield
        finally:
            ending.set()
            mover.join()
            list(pool.map(MqttLink.close, links.values()))


WAYS: dict[str, Callable[[int, MqttSettings], AbstractContextManager[None]]] = {
    "one_thread": one_thread,
    "thread_each": thread_each,
}


def measure(way: str, count: int) -> dict[str, float]:
    """Run in a process of its own; see the module."""
    before, start = memory_kb(), time.perf_counter()
    with WAYS[way](count, MqttSettings(sys.argv[4])):
        online_s = time.perf_counter() - start
        time.sleep(SETTLING_S)
        memory, cpu, start = memory_kb() - before, time.process_time(), time.perf_counter()
        time.sleep(MEASURED_S)
        share = (time.process_time() - cpu) / (time.perf_counter() - start)
    return {"online_s": round(online_s, 2), "cpu_share": round(share, 4), "kb_per_vehicle": round(memory / count, 1)}


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        json.dump(measure(sys.argv[2], int(sys.argv[3])), sys.stdout)
        return
    counts = [int(argument) for argument in sys.argv[1:]] or [10, 100, 1000]
    report: dict[str, dict[str, object]] = {}
    with broker() as running:
        for count in counts:
            results: dict[str, dict[str, Any]] = {}
            for way in WAYS:
                command = [sys.executable, __file__, "--measure", way, str(count), running.url]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                failed = {"failed": (done.stderr.strip().splitlines() or ["no reason"])[-1]}
                results[way] = failed if done.returncode else json.loads(done.stdout)
            ours, theirs = results["one_thread"], results["thread_each"]
            ratios = {f"{key}_ratio": round(theirs[key] / ours[key], 1) for key in ours if key in theirs}
            report[str(count)] = {**results, **ratios}
    json.dump({"broker": running.flavour, "states_per_s_each": 1, "vehicles": report}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
