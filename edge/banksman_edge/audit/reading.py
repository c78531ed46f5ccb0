"""Reading the audit log, while the agent writes it or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from banksman_edge.audit.errors import AuditError
from banksman_edge.audit.record import Record, parse
from banksman_edge.audit.segments import segments, whole_lines
from banksman_shared.clock import parse_timestamp
from banksman_shared.commands import EVERYBODY

FOLDER = "audit"


def audit_dir(state: Path) -> Path:
    """Where the audit log lies in an agent's state folder."""
    return state / FOLDER


def read_records(folder: Path) -> Iterator[Record]:
    """All records that are whole, oldest first. Whether the chain holds is :func:`verify`'s to say.

    Raises:
        AuditError: there is no log, or it cannot be read.
    """
    for path in log_files(folder):
        try:
            for line in whole_lines(path):
                if record := parse(line):
                    yield record
        except FileNotFoundError:  # pruned since we looked
            continue
        except OSError as error:
            raise AuditError(f"the audit log in {folder} cannot be read: {error}") from error


def log_files(folder: Path) -> list[Path]:
    """The files of a log.

    Raises:
        AuditError: there is none.
    """
    found = segments(folder)
    if not found:
        raise AuditError(f"there is no audit log in {folder}; name the agent's folder with --state")
    return found


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted: all that fit everything that is given. Times are seconds since the epoch."""

    since: float | None = None
    until: float | None = None
    operator: str | None = None
    vehicle: str | None = None
    utterance: str | None = None

    def wants(self, record: Record) -> bool:
        """Whether a record is wanted. An operator is also who somebody said to be, which ``data`` tells apart."""
        data = record.data
        if self.since is not None and parse_timestamp(record.time) < self.since:
            return False
        if self.until is not None and parse_timestamp(record.time) >= self.until:
            return False
        if self.operator is not None and self.operator not in (data.get("operator"), data.get("claimed")):
            return False
        if self.utterance is not None and not _is_of(data.get("utterance"), self.utterance):
            return False
        return self.vehicle is None or self.vehicle in _vehicles(data)


def _is_of(key: Any, utterance: str) -> bool:
    """Whether a record's key is the utterance's, or that of what was asked for it later: "ID/again/1"."""
    return isinstance(key, str) and (key == utterance or key.startswith(f"{utterance}/"))


def _vehicles(data: dict[str, Any]) -> set[str]:
    """The vehicles that a record names. What is for everybody is for each."""
    found = {data["vehicle"]} if data.get("vehicle") else set()
    command = data.get("command") or []
    for each in command if isinstance(command, list) else [command]:
        found |= set(each.get("vehicles", ()))
    found |= {step.get("vehicle") for step in (data.get("plan") or {}).get("steps", ())}
    return _Everything() if EVERYBODY in found else found


class _Everything(set[str]):
    def __contains__(self, _item: object) -> bool:
        return True
