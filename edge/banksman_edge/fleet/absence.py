"""How long nobody has commanded the fleet: by the time of a file, which is set while somebody does."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from banksman_shared.clock import Clock

FILE_NAME = "fleet.alive"


class Absence:
    """Of the agent that keeps its state in ``folder``."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path, self._clock = folder / FILE_NAME, clock

    def end(self) -> None:
        """The fleet is being commanded."""
        now = self._clock.time()
        with suppress(OSError):
            self._path.touch()
            os.utime(self._path, (now, now))

    def seconds(self) -> float | None:
        """Since the fleet was last commanded; None if nobody knows."""
        try:
            away = self._clock.time() - self._path.stat().st_mtime
        except OSError:
            return None
        return away if away >= 0 else None
