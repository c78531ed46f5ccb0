"""Leaves a model alone that failed again and again, so that nobody waits for it in vain."""

from __future__ import annotations

from threading import Lock

from banksman_cloud.errors import ProviderUnavailableError
from banksman_shared.clock import Clock

FAILURES = 5
REST_S = 30.0


class Breaker:
    """Open after ``FAILURES`` in a row, for ``REST_S``; then one call tries, and closes it or opens it again."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name, self._clock = name, clock
        self._failures, self._open_until = 0, 0.0
        self._lock = Lock()

    def enter(self) -> None:
        """Before a call.

        Raises:
            ProviderUnavailableError: it is open.
        """
        with self._lock:
            left = self._open_until - self._clock.monotonic()
            if self._failures >= FAILURES and left > 0:
                raise ProviderUnavailableError(
                    f"{self._name} failed {self._failures} times in a row and is left alone; ask again in {left:.0f} s",
                    left,
                )
            if self._failures >= FAILURES:  # this call tries, the others wait for how it ends
                self._open_until = self._clock.monotonic() + REST_S

    def answered(self) -> None:
        """After a call that was answered, well or badly."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """After a call that was not."""
        with self._lock:
            self._failures += 1
            self._open_until = self._clock.monotonic() + REST_S
