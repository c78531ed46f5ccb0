"""Sound comes as fast as it is spoken."""

from __future__ import annotations

from banksman_edge.errors import AudioError
from banksman_shared.clock import Clock

AHEAD_S = 30.0
"""A sender may be so far ahead: a recording, or what a network held back for a while."""
FASTER = 1.05
"""A sender's clock may be a little fast, for ever."""


class RealTimePace:
    """Watches how fast the sound of one sender comes."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._last, self._ahead_s = clock, clock.monotonic(), 0.0

    def count(self, seconds: float) -> None:
        """So much sound has come.

        Raises:
            AudioError: more than can have been spoken; most likely the rate is another one than said.
        """
        now = self._clock.monotonic()
        self._ahead_s = max(0.0, self._ahead_s - (now - self._last) * FASTER) + seconds
        self._last = now
        if self._ahead_s > AHEAD_S:
            raise AudioError("sound comes faster than it can have been spoken; is its rate the one that was said?")
