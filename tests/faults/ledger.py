"""What was asked of the vehicles, what they did, and what the operator was told, all in one order of events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from banksman_edge.fleet import JobStatus, OrderEvent
from banksman_firmware_sim.motion.profile import VehicleProfile
from banksman_firmware_sim.order.actions import ActionRun
from banksman_firmware_sim.vehicle.equipment import Equipment

PICK, DROP = "pick", "drop"


@dataclass(slots=True)
class Entry:
    """One job of one vehicle: what it was meant to handle, what was handled meanwhile, and what was said of it."""

    job: str
    vehicle: str
    meant: tuple[str, ...]
    at: float
    done: list[str] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)

    @property
    def end(self) -> OrderEvent | None:
        return next((event for event in self.events if event.status.ended), None)

    @property
    def runs(self) -> bool:
        """Whether the vehicle is at it and nothing has been said against that."""
        return any(e.status is JobStatus.RUNNING for e in self.events) and not self.end and not self.lates

    @property
    def lates(self) -> list[OrderEvent]:
        return [event for event in self.events if event.status is JobStatus.LATE]


class Ledger:
    """Safe to write into from any thread."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._open: dict[str, Entry] = {}
        self.strays: list[str] = []
        """What was done while no job asked for it, and what its vehicle had been told to do before."""
        self.others: list[OrderEvent] = []
        """News of jobs that nobody gave here: stops and the like."""

    def begin(self, job: str, vehicle: str, meant: tuple[str, ...]) -> None:
        with self.changed:
            self._entries[job] = self._open[vehicle] = Entry(job, vehicle, meant, time.monotonic())

    def withdraw(self, job: str) -> None:
        """It was refused: nothing may come of it."""
        with self.changed:
            del self._open[self._entries.pop(job).vehicle]

    def handled(self, vehicle: str, what: str) -> None:
        """A vehicle has put down or taken up a load."""
        with self.changed:
            entry = self._open.get(vehicle)
            if entry is None:
                before = [entry for entry in self._entries.values() if entry.vehicle == vehicle][-2:]
                self.strays.append(f"{vehicle} did a {what} that nobody asked for; before that: {before}")
            else:
                entry.done.append(what)

    def hear(self, event: OrderEvent) -> None:
        with self.changed:
            entry = self._entries.get(event.job)
            if entry is None:
                self.others.append(event)
            else:
                entry.events.append(event)
                if event.status.ended:
                    self._open.pop(entry.vehicle, None)
            self.changed.notify_all()

    def open(self) -> list[Entry]:
        with self.changed:
            return list(self._open.values())

    def current(self, vehicle: str) -> Entry | None:
        with self.changed:
            return self._open.get(vehicle)

    def of(self, vehicle: str, since: float = 0.0) -> list[Entry]:
        """The jobs of a vehicle that were given after a moment."""
        with self.changed:
            return [entry for entry in self._entries.values() if entry.vehicle == vehicle and entry.at >= since]

    def faults(self) -> Iterator[str]:
        """All that contradicts: done twice or unasked, done and not told, told and not done, failed without a why."""
        with self.changed:
            yield from self.strays
            for entry in self._entries.values():
                yield from _faults_of(entry)


def _faults_of(entry: Entry) -> Iterator[str]:
    end, where = entry.end, f"{entry.vehicle} ({entry.job})"
    ends = [event for event in entry.events if event.status.ended]
    if len(ends) > 1:
        yield f"{where} ended {len(ends)} times: {ends}"
    if any(entry.done.count(what) > entry.meant.count(what) for what in (PICK, DROP)):
        yield f"{where} was to {entry.meant} and did {entry.done}"
    if end and end.status is JobStatus.DONE and tuple(entry.done) != entry.meant:
        yield f"{where} is said to be done, and did {entry.done} of {entry.meant}"
    for event in (*entry.lates, *([end] if end and end.status is not JobStatus.DONE else [])):
        if event.code is None or entry.vehicle not in event.detail or len(event.detail.split()) < 3:
            yield f"{where} was {event.status} for a reason that nobody understands: {event.code} {event.detail!r}"


class WatchedEquipment(Equipment):
    """Tells the ledger what is handled, at the moment at which it is."""

    def __init__(self, profile: VehicleProfile, vehicle: str, ledger: Ledger) -> None:
        super().__init__(profile)
        self._vehicle, self._ledger = vehicle, ledger

    def pick(self, run: ActionRun) -> str:
        result = super().pick(run)
        self._ledger.handled(self._vehicle, PICK)
        return result

    def drop(self, run: ActionRun) -> str:
        result = super().drop(run)
        self._ledger.handled(self._vehicle, DROP)
        return result
