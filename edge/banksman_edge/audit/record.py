"""One record of the audit log, and how it holds on to the one before.

A record's hash is the SHA-256 of the record without it, as canonical JSON (RFC 8785); that contains the hash of the
record before. So nothing can be changed, left out or put in without every later hash being another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec
import rfc8785

BEGINNING = "0" * 64
"""What stands for the hash of a record before the first."""
_LARGEST = (1 << 53) - 1
"""The largest integer that every reader of JSON has exactly."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``seq`` counts from 1; ``time`` is ISO 8601 in UTC; ``data`` is what happened, by ``kind``."""

    seq: int
    time: str
    kind: str
    data: dict[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The record as it stands in the file, without the end of the line."""
        return rfc8785.dumps(msgspec.to_builtins(self))

    def is_whole(self) -> bool:
        """Whether its hash is its own."""
        return self.hash == _digest(self.seq, self.time, self.kind, self.data, self.prev)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to become a record."""

    time: str
    kind: str
    data: Mapping[str, Any]


def seal(entry: Entry, seq: int, prev: str) -> Record:
    """The record that follows the one with the hash ``prev``."""
    data = {key: _plain(value) for key, value in entry.data.items()}
    return Record(seq, entry.time, entry.kind, data, prev, _digest(seq, entry.time, entry.kind, data, prev))


def parse(line: bytes) -> Record | None:
    """The record on a line, if it is one, in canonical form and whole."""
    try:
        record = msgspec.json.decode(line, type=Record)
        return record if record.line() == line and record.is_whole() else None
    except (msgspec.DecodeError, UnicodeDecodeError, rfc8785.CanonicalizationError, RecursionError):
        return None


def _digest(seq: int, time: str, kind: str, data: Mapping[str, Any], prev: str) -> str:
    content: Any = {"seq": seq, "time": time, "kind": kind, "data": dict(data), "prev": prev}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _plain(value: Any) -> Any:
    """What RFC 8785 can write, whatever somebody said: no half characters, no numbers beyond a double's."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value).encode("utf-8", "replace").decode("utf-8")
        case int():
            return value if abs(value) <= _LARGEST else str(value)
        case float():
            return value if isfinite(value) and abs(value) <= _LARGEST else str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return str(value)
