"""One edge agent and a fleet of simulated vehicles on one machine, at 10, 100 and 1,000 vehicles.

    python tests/bench/bench_scale.py [VEHICLES ...]

For each number a site is generated, and mosquitto, the simulator and the agent's fleet service each run in a process of
their own; every vehicle reports once a second. Prints a table, and where the agent's threads spend their time. The
numbers move with the load of the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from traffic_sites import ring_site

from banksman_edge.fleet import FleetService, OrderEvent
from banksman_firmware_sim import RunOptions, SimulatedFleet
from banksman_shared.broker import broker
from banksman_shared.commands import parse_commands
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site, load_site

MEASURED_S, SETTLING_S, PATIENCE_S = 8.0, 3.0, 120.0
ORDERS, APART_S, WAITED_S = 50, 0.1, 3.0
"""So many single orders, so far apart; one that was not sent after so long waits for the traffic."""
SAMPLE_S, SHOWN = 0.005, 12
PAGE_KB, TICKS_PER_S = os.sysconf("SC_PAGESIZE") // 1024, os.sysconf("SC_CLK_TCK")


class Process:
    """What a process costs, from /proc."""

    def __init__(self, pid: int) -> None:
        self._path = Path(f"/proc/{pid}")

    def cpu_s(self) -> float:
        fields = (self._path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def memory_kb(self) -> int:
        return int((self._path / "statm").read_text(encoding="ascii").split()[1]) * PAGE_KB


def write_site(folder: Path, vehicles: int) -> None:
    """A site as a user has it: site.toml (a JSON value is a TOML value, all but for its tables) and a layout."""
    tables, layout = ring_site(vehicles).documents()
    (folder / "layout.lif.json").write_text(json.dumps(layout), encoding="utf-8")
    lines = [f"[site]\nid = {json.dumps(tables['site']['id'])}\nname = 'Scale'\nlanguages = ['en']\n"]
    for table in ("vehicle_kinds", "place_kinds"):
        lines += [f"[{table}.{kind}.names]\nen = ['{kind}']\n" for kind in tables[table]]
    for table in ("vehicles", "places"):
        for row in tables[table]:
            lines.append(f"[[{table}]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in row.items()) + "\n")
    (folder / "site.toml").write_text("\n".join(lines), encoding="utf-8")


# The simulator's process


def simulate(folder: Path, url: str) -> None:
    site, own = load_site(folder), Process(os.getpid())
    before = own.memory_kb()
    with SimulatedFleet.from_site(site, MqttSettings(url), options=RunOptions(state_interval_s=1.0)) as fleet:
        print(json.dumps({"kb_per_vehicle": (own.memory_kb() - before) / len(fleet)}), flush=True)
        sys.stdin.read()


# The agent's process


class Tap:
    """When something was published, by topic."""

    def __init__(self) -> None:
        self.published: list[tuple[float, str]] = []
        original = MqttLink.publish

        def publish(link: MqttLink, topic: str, payload: bytes, **options: Any) -> bool:
            done = original(link, topic, payload, **options)
            self.published.append((time.perf_counter(), topic))
            return done

        MqttLink.publish = publish  # type: ignore[method-assign, assignment]

    def times(self, since: float, ending: str) -> list[float]:
        return [at for at, topic in list(self.published) if at >= since and topic.endswith(ending)]


@contextmanager
def sampled(counts: Counter[str]) -> Iterator[None]:
    """Count in which functions of ours the other threads are, every few milliseconds."""
    ending = threading.Event()

    def run() -> None:
        own = threading.get_ident()
        while not ending.wait(SAMPLE_S):
            counts["samples"] += 1
            for thread, top in sys._current_frames().items():
                frame, seen = top, set[str]()
                while frame is not None and thread != own:
                    if "banksman" in frame.f_code.co_filename:
                        seen.add(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}")
                    frame = frame.f_back  # type: ignore[assignment]
                counts.update(seen)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


class Measurement:
    """One agent, measured from within its process."""

    def __init__(self, site: Site, service: FleetService, simulator: Process) -> None:
        self._site, self._service, self._tap = site, service, Tap()
        self._processes = {"agent": Process(os.getpid()), "simulator": simulator}
        self._events: list[tuple[float, OrderEvent]] = []
        service.listen(lambda event: self._events.append((time.perf_counter(), event)))

    def shares(self, name: str) -> dict[str, float]:
        before = {which: process.cpu_s() for which, process in self._processes.items()}
        start = time.perf_counter()
        time.sleep(MEASURED_S)
        took = time.perf_counter() - start
        return {f"{k}_{name}": (p.cpu_s() - before[k]) / took for k, p in self._processes.items()}

    def online(self) -> None:
        until(lambda: all(view.reporting for view in self._service.vehicles().values()), "all are online")

    def order(self) -> dict[str, float]:
        """Single orders one after the other; what the traffic holds back counts apart."""
        shelves = [place.id for place in self._site.places.values() if place.kind == "shelf"]
        vehicles = list(self._site.vehicles)
        chosen = vehicles[:: max(1, len(vehicles) // ORDERS)][:ORDERS]
        submit_ms, latencies_ms = [], []
        for n, vehicle in enumerate(chosen):
            to = shelves[n * len(shelves) // len(chosen)]
            address = self._site.vehicles[vehicle].address
            start = time.perf_counter()
            self._service.submit(f"order-{n}", parse_commands([{"action": "move", "vehicles": [vehicle], "to": to}]))
            submit_ms.append((time.perf_counter() - start) * 1000)
            ending = f"{address.serial_number}/order"
            while not (sent := self._tap.times(start, ending)) and time.perf_counter() < start + WAITED_S:
                time.sleep(0.001)
            if sent:
                latencies_ms.append((sent[0] - start) * 1000)
            time.sleep(APART_S)
        return {
            "order_p50_ms": quantile(latencies_ms, 0.5),
            "order_p95_ms": quantile(latencies_ms, 0.95),
            "submit_p95_ms": quantile(submit_ms, 0.95),
            "sent_at_once": len(latencies_ms) / len(chosen),
        }

    def stop(self) -> dict[str, float]:
        """Everybody, while some of them drive."""
        start, vehicles = time.perf_counter(), list(self._site.vehicles)
        self._service.stop("halt", vehicles)
        took = time.perf_counter() - start

        def confirmed() -> dict[str, float]:
            news = list(self._events)
            return {e.vehicle: at for at, e in news if e.job == "halt" and e.status.ended and e.vehicle}

        until(lambda: len(confirmed()) == len(vehicles), "all have stopped")
        published = self._tap.times(start, "/instantActions")
        return {
            "stop_call_ms": took * 1000,
            "stop_last_publish_ms": (sorted(published)[len(vehicles) - 1] - start) * 1000,
            "stop_last_confirmation_ms": (max(confirmed().values()) - start) * 1000,
        }


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"after {PATIENCE_S:.0f} s it is not so that {what}")
        time.sleep(0.02)


def agent(folder: Path, url: str, simulator_pid: int) -> dict[str, Any]:
    own, site = Process(os.getpid()), load_site(folder)
    before = own.memory_kb()
    counts: Counter[str] = Counter()
    with FleetService(site, MqttSettings(url)) as service:
        measurement = Measurement(site, service, Process(simulator_pid))
        measurement.online()
        time.sleep(SETTLING_S)
        report: dict[str, Any] = measurement.shares("idle")
        report |= measurement.order()
        with sampled(counts):
            time.sleep(MEASURED_S)
        report |= measurement.shares("driving")
        report |= measurement.stop()
        report["agent_kb_per_vehicle"] = (own.memory_kb() - before) / len(site.vehicles)
    samples = counts.pop("samples")
    report["spends"] = {name: round(count / samples, 3) for name, count in counts.most_common(SHOWN)}
    return report


# All of it


def measure(vehicles: int, url: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        write_site(Path(folder), vehicles)
        call = [sys.executable, __file__]
        with subprocess.Popen(
            [*call, "--simulate", folder, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as simulator:
            assert simulator.stdin is not None
            assert simulator.stdout is not None
            try:
                simulated = json.loads(simulator.stdout.readline())
                command = [*call, "--agent", folder, url, str(simulator.pid)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            finally:
                simulator.stdin.close()
    if done.returncode:
        raise SystemExit(done.stderr)
    return {**json.loads(done.stdout), "simulator_kb_per_vehicle": simulated["kb_per_vehicle"]}


def main() -> None:
    if sys.argv[1:2] == ["--simulate"]:
        simulate(Path(sys.argv[2]), sys.argv[3])
        return
    if sys.argv[1:2] == ["--agent"]:
        json.dump(agent(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])), sys.stdout)
        return
    counts = [int(argument) for argument in sys.argv[1:]] or [10, 100, 1000]
    with broker() as running:
        reports = {count: measure(count, running.url) for count in counts}
    rows = [name for name in reports[counts[0]] if name != "spends"]
    print(f"{'vehicles':28}" + "".join(f"{count:>12,}" for count in counts))
    for row in rows:
        print(f"{row:28}" + "".join(f"{reports[count][row]:>12.3g}" for count in counts))
    print(f"\nWhere the agent's threads are, with {counts[-1]:,} vehicles (share of samples, callers included):")
    for name, share in reports[counts[-1]]["spends"].items():
        print(f"  {share:6.1%}  {name}")


if __name__ == "__main__":
    main()
