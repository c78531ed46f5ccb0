"""A depot at work: simulated vehicles on a broker of their own, a master, and somebody who always has more to do."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from unittest.mock import patch

from depot import DOCKS, RACKS, depot
from ledger import DROP, PICK, Entry, Ledger, WatchedEquipment

from banksman_edge.fleet import FleetError, FleetService, FleetStore, JobStatus, OrderEvent, service
from banksman_firmware_sim import Fault, FaultKind, RunOptions, SimulatedFleet
from banksman_firmware_sim.wire.fleet import vehicles_of
from banksman_shared.broker import broker, free_port
from banksman_shared.clock import SystemClock
from banksman_shared.commands import parse_commands
from banksman_shared.mqtt import MqttSettings
from banksman_shared.vda5050 import State

SPEED_UP, MASTER_SPEED_UP = 60.0, 5.0
"""How much faster than life the vehicles are, and the master's patience runs out. Not the same: messages and threads
are as fast as ever."""
PATIENCE_S = 45.0
_POLL_S, _SETTLED_S = 0.03, 0.3
_AT_WORK = (JobStatus.RUNNING, JobStatus.DONE)


class HastyClock:
    """A clock that is too fast, from now on."""

    def __init__(self, pace: float) -> None:
        self._clock, self._pace = SystemClock(), pace
        self._epoch, self._began = self._clock.time(), self._clock.monotonic()

    def time(self) -> float:
        return self._epoch + self.monotonic() - self._began

    def monotonic(self) -> float:
        return self._began + (self._clock.monotonic() - self._began) * self._pace


class Plant:
    """Vehicles and master at work for as long as the context lasts."""

    def __init__(self, state_dir: Path, *, seed: int = 0, options: RunOptions | None = None) -> None:
        self.site, self.ledger = depot(), Ledger()
        self._dir, self._chance, self._port = state_dir, random.Random(seed), free_port()
        self.settings = MqttSettings(f"mqtt://127.0.0.1:{self._port}")
        options = options or RunOptions(state_interval_s=1.0, seed=seed)
        self._parks = [place for place in self.site.places if place.startswith("park")]
        machines = vehicles_of(self.site, options, clock=SystemClock())
        for name, machine in machines.items():
            machine._machine.equipment = WatchedEquipment(machine.profile, name, self.ledger)
        self.vehicles = SimulatedFleet(machines, self.settings, speed_up=SPEED_UP, options=options)
        self._jobs, self._clock = itertools.count(), HastyClock(MASTER_SPEED_UP)
        self._working, self._lock = threading.Event(), threading.RLock()
        self._ended = threading.Event()
        self._giver = threading.Thread(target=self._give_work, name="work")
        self.failure: BaseException | None = None

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._broker = starting.enter_context(ExitStack())
            self.start_broker()
            starting.enter_context(patch.object(service, "TICK_S", service.TICK_S / MASTER_SPEED_UP))
            starting.enter_context(self.vehicles)
            self.start_agent()
            starting.callback(self.stop_agent)
            self.wait(lambda: all(view.idle for view in self.service.vehicles().values()), "all vehicles are idle")
            self._giver.start()
            self._stack = starting.pop_all()
        self._working.set()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._giver.join()
        self._stack.close()

    # Parts that come and go

    def start_broker(self) -> None:
        self._broker.enter_context(broker(port=self._port))

    def stop_broker(self) -> None:
        self._broker.close()

    def start_agent(self) -> None:
        with self._lock:
            self._store = FleetStore(self._dir)
            self.service = FleetService(self.site, self.settings, clock=self._clock, store=self._store)
            self.service.listen(self.ledger.hear)
            self.service.start()

    def stop_agent(self) -> None:
        with self._lock:
            self.service.close()
            self._store.close()

    # Work

    def _give_work(self) -> None:
        while not self._ended.wait(_POLL_S):
            if self._working.is_set():
                with self._lock:
                    for name, view in self.service.vehicles().items():
                        if view.idle and self.ledger.current(name) is None:
                            self._give(name, loaded=bool(view.loaded))

    def _give(self, vehicle: str, *, loaded: bool) -> None:
        job, dock = f"work-{next(self._jobs)}", self._chance.choice(DOCKS)
        command = {"action": "drop", "vehicles": [vehicle], "to": dock}
        meant: tuple[str, ...] = (DROP,)
        if not loaded and self._chance.random() < 0.3:
            command = {"action": "move", "vehicles": [vehicle], "to": self._chance.choice(self._parks)}
            meant = ()
        elif not loaded:
            command = {"action": "transport", "vehicles": [vehicle], "from": self._chance.choice(RACKS), "to": dock}
            meant = (PICK, DROP)
        self.ledger.begin(job, vehicle, meant)
        try:
            self.service.submit(job, parse_commands([command]))
        except FleetError:
            self.ledger.withdraw(job)  # it is not idle any more

    def pause_work(self) -> None:
        self._working.clear()
        with self._lock:
            pass

    def resume_work(self) -> None:
        self._working.set()

    def drain(self) -> None:
        """No more work and no more faults, until all has ended and everybody is idle."""
        self.pause_work()

        def quiet() -> bool:
            for kind in FaultKind:
                self.clear(self.vehicles, kind)
            return not self.ledger.open() and all(view.idle for view in self.service.vehicles().values())

        self.wait(quiet, "all jobs have ended and all vehicles are idle")

    # Looking

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"not so within {PATIENCE_S:.0f} s: {what}\n{self.describe()}"
            time.sleep(_POLL_S)

    def describe(self) -> str:
        """How things are, for whoever reads a failure."""
        lines = []
        for name, view in self.service.vehicles().items():
            entry, state = self.ledger.current(name), self.vehicles.state(name)
            told = [f"{e.status} {e.code or ''} {e.detail}" for e in entry.events[-3:]] if entry else []
            lines.append(
                f"{name} {entry.job if entry else '-'} at {view.node} driving={state.driving} paused={state.paused} "
                f"order={state.order_id[:8]}/{state.order_update_id} nodes={len(state.node_states)} "
                f"errors={[e.error_type for e in state.errors]} idle={view.idle} {told}"
            )
        return "\n".join(lines)

    def states(self) -> dict[str, State]:
        return {name: self.vehicles.state(name) for name in self.vehicles}

    def await_settled(self) -> None:
        """Until what was sent last has arrived: no vehicle gets a newer order for a while."""

        def orders() -> list[tuple[str, int]]:
            return [(state.order_id, state.order_update_id) for state in self.states().values()]

        def settled() -> bool:
            before = orders()
            time.sleep(_SETTLED_S)
            return orders() == before

        self.wait(settled, "no order is on its way any more")

    def busy(self, holds: Callable[[State], bool] = lambda state: state.driving) -> list[Entry]:
        """The jobs that vehicles are at, of those that are as wanted at this moment; in any order."""
        names = self._chance.sample(list(self.vehicles), len(self.vehicles))
        entries = [entry for name in names if (entry := self.ledger.current(name)) and entry.runs]
        return [entry for entry in entries if holds(self.vehicles.state(entry.vehicle))]

    def await_busy(self, count: int) -> None:
        self.wait(lambda: len(self.busy()) >= count, f"{count} vehicles are busy")

    def strike_busy(self, fault: Fault, holds: Callable[[State], bool], spared: Collection[str]) -> Entry:
        """Give a vehicle at work a fault at the very moment at which it is as wanted; the job that it meets."""
        struck: list[Entry] = []

        def strike() -> bool:
            entry = next((entry for entry in self.busy(holds) if entry.vehicle not in spared), None)
            if entry:
                self.strike([entry.vehicle], fault)
                struck.append(entry)
            return entry is not None

        self.wait(lambda: self.vehicles.at_once(strike), "a vehicle is busy in the wanted way")
        return struck[0]

    def strike(self, vehicles: Iterable[str], fault: Fault) -> None:
        for vehicle in vehicles:
            self.vehicles.inject(vehicle, fault)

    def clear(self, vehicles: Iterable[str], kind: FaultKind) -> None:
        for vehicle in vehicles:
            self.vehicles.clear(vehicle, kind)

    def await_at_work(self, vehicles: Iterable[str]) -> None:
        """Each of the vehicles has begun a job that is given from now on."""
        since, names = time.monotonic(), list(vehicles)

        def works(name: str) -> bool:
            return any(e.status in _AT_WORK for entry in self.ledger.of(name, since) for e in entry.events)

        self.wait(lambda: all(map(works, names)), f"{names} have begun another job")

    def others(self) -> list[OrderEvent]:
        with self.ledger.changed:
            return list(self.ledger.others)
