"""The way of a stop: past endpoints, recognition and language, on a thread that does nothing else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from banksman_edge.audio.sound import Samples

HINT = 0.2
"""From this probability on stop words are looked for; before anybody is sure that there is speech."""
AFTERMATH_S = 0.5
"""And for so long after it."""
STOP_AGAIN_S = 1.0
"""One stop word is told once."""

log = logging.getLogger(__name__)


class StopSpotter(Protocol):
    """Hears stop words in sound."""

    window_s: float
    """How much sound it wants to see."""
    hop_s: float
    """How often it wants to see some."""
    threshold: float
    """From which probability on a stop is a stop."""

    def probability(self, window: Samples) -> float:
        """How sure it is (0 to 1) that a stop word has just been said at the end of ``window``, shape (n,)."""
        ...


Spotted = Callable[[float], None]


class StopWatch:
    """Shows one spotter the newest sound of all streams, in turn.

    A stream has one place: where the spotter cannot keep up, newer sound takes the place of older, and every stream
    still has its turn.
    """

    def __init__(self, spotter: StopSpotter) -> None:
        self.spotter = spotter
        self._windows: dict[object, tuple[Samples, Spotted]] = {}
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="stop-spotting", daemon=True)
        self._thread.start()

    def show(self, stream: object, window: Samples, spotted: Spotted) -> None:
        """Look at this sound soon and call ``spotted`` with the probability if it ends in a stop word."""
        with self._changed:
            self._windows[stream] = (window, spotted)
            self._changed.notify()

    def close(self) -> None:
        """End."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._windows or self._closed)
                if self._closed:
                    return
                window, spotted = self._windows.pop(next(iter(self._windows)))
            try:
                probability = self.spotter.probability(window)
                if probability >= self.spotter.threshold:
                    spotted(probability)
            except Exception:  # whatever goes wrong with one window, the next may hold a stop
                log.exception("stop spotting failed")
