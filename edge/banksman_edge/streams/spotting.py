"""The way of a stop: past endpoints, recognition and language, on a thread that does nothing else."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from banksman_edge.audio.sound import SAMPLE_RATE, Samples

HINT = 0.2
"""From this probability on stop words are looked for; before anybody is sure that there is speech."""
AFTERMATH_S = 0.5
"""And for so long after it."""
STOP_AGAIN_S = 1.0
"""One stop word is told once."""
SURE_STOP = 0.9
"""From this probability on one look is enough."""
TALK_S = 1.5
"""Who has just spoken for longer is talking. A stop word that is called out is over before, also with a name before
it."""
SURE_IN_TALK, TWICE_IN_TALK = 0.995, 0.9
"""What one look, and each of two in a row, needs then."""
NEXT_S = 0.35
"""Looks further apart say nothing about each other; a word counts as just said for half a second."""
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
    """From which probability on a stop is a stop, if the look before says so, too; see :class:`Looks`."""

    def probability(self, window: Samples) -> float:
        """How sure it is (0 to 1) that a stop word has just been said at the end of ``window``, shape (n,)."""
        ...


Looked = Callable[[float], None]


class Looks:
    """What a spotter finds in one stream, look after look. A sound that is like a stop word at one moment only, as
    talk sometimes is, is none; and in the middle of talk it takes more to be one."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._last: tuple[int, float] = (0, 0.0)

    def stop(self, position: int, probability: float, spoken_s: float) -> bool:
        """Whether a stop word has just been said, by this look and the one before. ``position``: in samples;
        ``spoken_s``: how much somebody has spoken just before."""
        (before, last), self._last = self._last, (position, probability)
        talking = spoken_s > TALK_S
        if probability >= (SURE_IN_TALK if talking else SURE_STOP):
            return True
        near = position - before <= NEXT_S * SAMPLE_RATE
        return near and min(probability, last) >= (max(self._threshold, TWICE_IN_TALK) if talking else self._threshold)


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
