"""Whether a long run harms the process: exceptions that only a log shows, and memory that is never given back."""

from __future__ import annotations

import gc
import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")


def resident_mb() -> float:
    """Memory of the process in megabytes (its peak, where the system tells no more)."""
    gc.collect()
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


class _Failures(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)


@contextmanager
def no_failure_logged() -> Iterator[None]:
    """What catches an exception and goes on says so in the log, which is looked at here. Warnings are dropped."""
    root, failures = logging.getLogger(), _Failures()
    level, handlers = root.level, root.handlers[:]
    root.handlers, root.level = [failures], logging.ERROR
    try:
        yield
    finally:
        root.handlers, root.level = handlers, level
    for record in failures.seen[:1]:
        raise AssertionError(f"{len(failures.seen)} failures were logged: {record.getMessage()}") from (
            record.exc_info[1] if record.exc_info else None
        )
