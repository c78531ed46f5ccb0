"""How long to wait before trying anew what has failed."""

from __future__ import annotations

from banksman_shared.clock import Clock


class Backoff:
    """Twice as long each time, up to ``last_s``; from ``first_s`` again once something has held for ``last_s``: what
    opens and fails at once must not be tried every second for ever."""

    def __init__(self, first_s: float, last_s: float, clock: Clock) -> None:
        self._first_s, self._last_s, self._clock = first_s, last_s, clock
        self._next_s = first_s
        self._up_since: float | None = None

    def up(self) -> None:
        """It works."""
        self._up_since = self._clock.monotonic()

    @property
    def steady(self) -> bool:
        """Whether it has worked for so long that a failure is a new one."""
        return self._up_since is not None and self._clock.monotonic() - self._up_since >= self._last_s

    def down(self) -> float:
        """It has failed; returns the seconds to wait."""
        if self.steady:
            self._next_s = self._first_s
        self._up_since = None
        wait_s, self._next_s = self._next_s, min(2 * self._next_s, self._last_s)
        return wait_s
