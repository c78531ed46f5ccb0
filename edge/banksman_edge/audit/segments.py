"""The files of the audit log: one a day, named by the number of its first record, a record a line."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from banksman_edge.audit.record import Record, parse

_NAME = "audit-{:012d}.jsonl"
_BLOCK = 1 << 16


def segment_path(folder: Path, seq: int) -> Path:
    """The file that begins with record ``seq``."""
    return folder / _NAME.format(seq)


def segments(folder: Path) -> list[Path]:
    """The files there are, in order."""
    return sorted(folder.glob("audit-" + "[0-9]" * 12 + ".jsonl"))


def first_seq(path: Path) -> int:
    """The number of the record that a file begins with."""
    return int(path.stem.removeprefix("audit-"))


@dataclass(frozen=True, slots=True)
class Torn:
    """The beginning of a line whose end never got to the disk."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a file. ``size``: bytes of its whole lines; ``last`` None: it has none, or the last one is damaged."""

    size: int
    last: Record | None
    damaged: bool = False
    torn: Torn | None = None


def read_tail(path: Path) -> Tail:
    """How a file ends; only its last lines are read."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        whole = _after_line_end(file.fileno(), end)
        rest = os.pread(file.fileno(), end - whole, whole)
        torn = Torn(len(rest), hashlib.sha256(rest).hexdigest()) if rest else None
        if whole == 0:
            return Tail(0, None, torn=torn)
        start = _after_line_end(file.fileno(), whole - 1)
        last = parse(os.pread(file.fileno(), whole - 1 - start, start))
    return Tail(whole, last, damaged=last is None, torn=torn)


def _after_line_end(file: int, end: int) -> int:
    """Where the line begins that holds the byte before ``end``: behind the last line end before there."""
    while end > 0:
        begin = max(0, end - _BLOCK)
        found = os.pread(file, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file that have an end, without it."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]
