"""Giving vehicles at work a fault, and what becomes of the jobs that it meets."""

from __future__ import annotations

from collections.abc import Callable

from busy_plant import Plant
from ledger import Entry

from banksman_edge.fleet import Code, JobStatus
from banksman_firmware_sim import Fault
from banksman_shared.vda5050 import State

VICTIMS = 2


def has_order(state: State) -> bool:
    return state.driving and bool(state.node_states)


def carries(state: State) -> bool:
    return bool(state.loads) and state.driving


def strike(
    plant: Plant, *faults: Fault, holds: Callable[[State], bool] = has_order, count: int = VICTIMS
) -> tuple[list[str], list[Entry]]:
    """Give each of the faults to some of those at work; the vehicles, and the jobs that it meets."""
    entries: list[Entry] = []
    for index in range(count * len(faults)):
        victims = [entry.vehicle for entry in entries]
        entries.append(plant.strike_busy(faults[index % len(faults)], holds, victims))
    return [entry.vehicle for entry in entries], entries


def await_end(plant: Plant, entries: list[Entry]) -> None:
    plant.wait(lambda: all(entry.end for entry in entries), f"{[e.job for e in entries]} have ended")


def await_late(plant: Plant, entries: list[Entry], *codes: Code) -> None:
    """The operator is told of each, with one of these reasons."""
    plant.wait(lambda: all(e.end or any(late.code in codes for late in e.lates) for e in entries), f"{codes} was told")


def outcome(entries: list[Entry]) -> set[tuple[JobStatus, Code | None]]:
    return {(entry.end.status, entry.end.code) for entry in entries if entry.end}


DONE = (JobStatus.DONE, None)
THERE = (JobStatus.DONE, Code.ALREADY_THERE)
"""Who had made way, and was to go where it has made way to, has nothing to do."""
REFUSED = (JobStatus.FAILED, Code.REJECTED)
"""An update that was on its way when the fault came may be refused by the vehicle."""
