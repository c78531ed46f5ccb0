"""Faults by a schedule: a YAML file, and what it comes to with a seed."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.errors import BanksmanError
from banksman_shared.vda5050 import VehicleAddress

ALL = "all"
_KEYS = ("at", "per_hour", "vehicles", "kind", "for", "amount")


class ScheduleError(BanksmanError):
    """A schedule cannot be used; the text names the file, the line and the entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule: ``fault`` at one moment, or at random so often in an hour on average.

    ``at`` in seconds after the start; ``vehicles`` None for all.
    """

    fault: Fault
    vehicles: tuple[str, ...] | None
    at: float | None = None
    per_hour: float | None = None


class Occurrence(NamedTuple):
    """A fault that begins, ``at`` seconds after the start."""

    at: float
    vehicle: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Schedule:
    """All entries of a file, in its order."""

    entries: tuple[Entry, ...] = ()

    def occurrences(self, vehicles: Sequence[str], seed: int) -> Iterator[Occurrence]:
        """What happens to ``vehicles``, in order of time; without end where an entry is random.

        Each entry and vehicle draws from a source of its own, so that one more of either changes no other.
        """
        streams = [
            _stream(entry, vehicle, f"{seed}/{number}/{vehicle}")
            for number, entry in enumerate(self.entries)
            for vehicle in (vehicles if entry.vehicles is None else entry.vehicles)
        ]
        return heapq.merge(*streams, key=lambda occurrence: occurrence.at)

    def check_vehicles(self, addresses: Mapping[str, VehicleAddress]) -> Schedule:
        """The schedule with each vehicle by its name, where entries may have its serial number.

        Raises:
            ScheduleError: an entry names a vehicle that is not there.
        """
        known = {address.serial_number: name for name, address in addresses.items()} | {n: n for n in addresses}
        entries: list[Entry] = []
        for number, entry in enumerate(self.entries, 1):
            for vehicle in entry.vehicles or ():
                if vehicle not in known:
                    raise ScheduleError(f"fault {number} of the schedule names '{vehicle}', which is no vehicle here")
            names = None if entry.vehicles is None else tuple(known[vehicle] for vehicle in entry.vehicles)
            entries.append(replace(entry, vehicles=names))
        return Schedule(tuple(entries))


def _stream(entry: Entry, vehicle: str, seed: str) -> Iterator[Occurrence]:
    if entry.at is not None:
        yield Occurrence(entry.at, vehicle, entry.fault)
        return
    chance = random.Random(seed)  # noqa: S311  to be repeatable, not secret
    at = 0.0
    while entry.per_hour:
        at += chance.expovariate(entry.per_hour / 3600)
        yield Occurrence(at, vehicle, entry.fault)


def load_schedule(file: Path) -> Schedule:
    """Read a schedule.

    Raises:
        ScheduleError: the first thing that is wrong with it, with its line.
    """
    try:
        return read_schedule(file.read_text(encoding="utf-8"), file.name)
    except OSError as error:
        raise ScheduleError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScheduleError(f"{file} is not UTF-8 text") from error


def read_schedule(text: str, source: str) -> Schedule:
    """Read a schedule from YAML; ``source`` is what errors call it. Raises :class:`ScheduleError`."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.load(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScheduleError(f"{source}, line {line}: this is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ScheduleError(f"{source} is not YAML: {error}") from error
    if not isinstance(document, dict) or set(document) != {"faults"} or not isinstance(document["faults"], list):
        raise ScheduleError(f"{source} must have one key, 'faults', with a list")
    lines = _entry_lines(root)
    entries: list[Entry] = []
    for number, (line, values) in enumerate(zip(lines, document["faults"], strict=True), 1):
        if not isinstance(values, dict):
            raise ScheduleError(f"{source}, line {line}, fault {number}: must have keys such as 'at' and 'kind'")
        try:
            entries.append(_entry(values))
        except ValueError as error:
            raise ScheduleError(f"{source}, line {line}, fault {number}: {error}") from error
    return Schedule(tuple(entries))


def _entry_lines(root: Any) -> list[int]:
    """The line at which each entry begins, from 1."""
    _, faults = root.value[-1]
    return [node.start_mark.line + 1 for node in faults.value]


def _entry(values: Mapping[object, object]) -> Entry:
    for key in values:
        if key not in _KEYS:
            raise ValueError(f"the key '{key}' is not known; there are {', '.join(_KEYS)}")
    if ("at" in values) == ("per_hour" in values):
        raise ValueError("needs either 'at' or 'per_hour'")
    at, per_hour = _number(values, "at"), _number(values, "per_hour")
    if (at is not None and at < 0) or (per_hour is not None and per_hour <= 0):
        raise ValueError("'at' counts from 0, and 'per_hour' is more than 0")
    seconds = _number(values, "for")
    if per_hour is not None and seconds is None and values.get("kind") not in _ENDS_BY_ITSELF:
        raise ValueError("a fault that comes at random needs 'for'")
    fault = Fault(_kind(values), seconds, _number(values, "amount"))
    return Entry(fault, _vehicles(values.get("vehicles", ALL)), at, per_hour)


_ENDS_BY_ITSELF = (FaultKind.REBOOT, FaultKind.LOAD_LOST)


def _kind(values: Mapping[object, object]) -> FaultKind:
    kind = values.get("kind")
    try:
        return FaultKind(str(kind))
    except ValueError:
        raise ValueError(f"the kind '{kind}' is not known; there are {', '.join(FaultKind)}") from None


def _number(values: Mapping[object, object], key: str) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"'{key}' must be a number, and is '{value}'")
    return float(value)


def _vehicles(value: object) -> tuple[str, ...] | None:
    if value == ALL:
        return None
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"'vehicles' is a vehicle, a list of them, or '{ALL}'")
    return tuple(names)
