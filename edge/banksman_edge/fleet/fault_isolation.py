"""Keeps the fault of one vehicle from those that are served after it."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class FaultIsolation:
    """Does what may fail."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def run(self, what: str, work: Callable[[], None]) -> None:
        """Do it. A fault is logged once until it is well again: it comes back several times a second."""
        try:
            work()
        except Exception:
            if what not in self._failing:
                log.exception("%s failed", what)
            self._failing.add(what)
        else:
            self._failing.discard(what)
