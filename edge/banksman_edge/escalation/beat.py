"""The thread on which a plan is driven."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from banksman_edge.discretion import log_failure

log = logging.getLogger(__name__)

TICK_S = 0.5


class Beat:
    """Calls ``tick`` a few times a second, and at once when woken, until ``is_over``. ``what``: for the log."""

    def __init__(self, what: str, tick: Callable[[], None], is_over: Callable[[], bool]) -> None:
        self._what, self._tick, self._is_over = what, tick, is_over
        self._wake = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="plan", daemon=True).start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def _run(self) -> None:
        while not self._is_over():
            try:
                self._tick()
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"{self._what} failed; it goes on", error)
            self._wake.wait(TICK_S)
            self._wake.clear()
