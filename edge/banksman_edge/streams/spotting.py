"""The way of a stop: past endpoints, recognition and language, on a thread that does nothing else."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from banksman_edge.audio import Samples

LATE_S = 0.3
"""Who waits longer to be looked at may have a stop word passed over: it counts as just said for half a second."""

log = logging.getLogger(__name__)


class StopSpotter(Protocol):
    """Hears stop words in sound."""

    window_s: float
    """How much sound it wants to see."""
    hop_s: float
    """How often it wants to see some."""
    threshold: float
    """From which probability on a stop is a stop, if the two looks before say so; see :class:`.StopEvidence`."""

    words: frozenset[str]
    """All that it listens for, as it is written."""

    def probability(self, window: Samples) -> float:
        """How sure it is (0 to 1) that a stop word has just been said at the end of ``window``, shape (n,)."""
        ...


Looked = Callable[[float], None]


class StopWatch:
    """Shows one spotter the newest sound of all streams, in turn.

    A stream has one place: where the spotter cannot keep up, newer sound takes the place of older, and every stream
    still has its turn. So a stop word waits at most for one look at each of the others.
    """

    def __init__(self, spotter: StopSpotter) -> None:
        self.spotter = spotter
        self._windows: dict[object, tuple[Samples, Looked]] = {}
        self._passed_over: Counter[object] = Counter()
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="stop-spotting", daemon=True)
        self._thread.start()

    def show(self, stream: object, window: Samples, looked: Looked) -> bool:
        """Look at this sound soon and call ``looked`` with the probability that it ends in a stop word.

        Returns whether the spotter keeps up: False where so much of the stream was passed over that it has waited for
        :data:`LATE_S`.
        """
        with self._changed:
            self._passed_over[stream] += stream in self._windows
            self._windows[stream] = (window, looked)
            self._changed.notify()
            return self._passed_over[stream] * self.spotter.hop_s < LATE_S

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
                stream = next(iter(self._windows))
                window, looked = self._windows.pop(stream)
                del self._passed_over[stream]
            try:
                looked(self.spotter.probability(window))
            except Exception:  # whatever goes wrong with one window, the next may hold a stop
                log.exception("stop spotting failed")
