"""The thread on which a plan is driven."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from banksman_edge.log_redaction import log_failure

log = logging.getLogger(__name__)

TICK_S = 0.5
TRIES = 5
"""Failures in a row after which it is not tried again; between them it waits TICK_S, doubled each time."""


class DrivingThread:
    """Calls ``tick`` a few times a second, and at once when woken, until ``is_over``. ``what``: for the log.
    ``give_up`` ends what fails time after time."""

    def __init__(
        self, what: str, tick: Callable[[], None], is_over: Callable[[], bool], give_up: Callable[[], None]
    ) -> None:
        self._what, self._tick, self._is_over, self._give_up = what, tick, is_over, give_up
        self._wake, self._failures = threading.Event(), 0

    def start(self) -> None:
        threading.Thread(target=self._run, name="plan", daemon=True).start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def once(self) -> None:
        """Do what is due. A failure is logged once, until it is well again."""
        try:
            self._tick()
        except Exception as error:  # noqa: BLE001  it is logged, but for its words
            self._failures += 1
            if self._failures == 1:
                log_failure(log, f"{self._what} failed; it is tried again", error)
        else:
            self._failures = 0
        if self._failures >= TRIES:
            log.error("%s has failed %d times; it is given up", self._what, self._failures)
            self._guarded_end()

    def _guarded_end(self) -> None:
        try:
            self._give_up()
        except Exception as error:  # noqa: BLE001  it is logged, but for its words
            log_failure(log, f"the end of {self._what} could not be told", error)

    def _run(self) -> None:
        while not self._is_over():
            self.once()
            if self._failures:
                time.sleep(TICK_S * 2**self._failures)
            else:
                self._wake.wait(TICK_S)
            self._wake.clear()
