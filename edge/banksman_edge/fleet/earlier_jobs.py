"""What the fleet knows of the jobs of earlier runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from banksman_edge.fleet.ended_jobs import EarlierJobs
from banksman_edge.fleet.master import Master
from banksman_edge.fleet.model import JobStatus

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class MasterEarlierJobs(EarlierJobs):
    """A master's, under the lock of its service."""

    def __init__(self, master: Master, lock: threading.RLock) -> None:
        self._master, self._lock, self._boot = master, lock, boot()

    def became_of(self, job: str) -> JobStatus | None:
        with self._lock:
            return self._master.became_of(job)

    def mark(self) -> str:
        with self._lock:
            kept = self._master.mark()
        return f"{self._boot}/{kept}" if self._boot and kept else ""


def boot() -> str:
    """Names this run of the machine; empty where the system does not say."""
    with suppress(OSError):
        return _BOOT.read_text("ascii").strip()
    return ""
