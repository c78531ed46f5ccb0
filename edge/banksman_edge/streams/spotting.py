"""The way of a stop: past endpoints, recognition and language, on a thread that does nothing else."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from banksman_edge.audio.sound import SAMPLE_RATE, Samples

HINT = 0.2
"""From this probability on stop words are looked for; before anybody is sure that there is speech."""
AFTERMATH_S = 0.5
"""And for so long after it."""
STOP_AGAIN_S = 1.0
"""One stop word is told once."""
AGREEING = ((2, 0.45), (3, 0.0), (4, -0.2))
"""Looks in a row, and what is added to the threshold that each of them has to reach."""
AGREEING_IN_SILENCE = ((1, 0.4), (2, 0.0))
"""The same where nobody speaks on, besides: talk goes on. When one look of 0.95 or two of 0.6 were enough, silence or
not, two hours of conversation had 44 alarms and not 27, and 43 of 612 words were missed, not 46."""
SILENCE_DB, NEWEST_S, LATELY_S, FRAME_S = -20.0, 0.06, 0.6, 0.03
"""It is silent where the newest sound is this much softer than the loudest of late, in short frames."""
MOST, LEAST = 0.95, 0.2
"""What is asked of looks at most and at least, whatever the threshold."""
LONELY, LONELY_IN_TALK = 0.95, 0.995
"""What a look has to reach that has no other just before it: the first in a while, or the spotter cannot keep up."""
TALK_S = 1.5
"""Who has just spoken for longer is talking. A stop word that is called out is over before, also with a name before
it."""
TWICE_IN_TALK = 0.97
"""What each of two looks in a row needs then."""
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
    """From which probability on a stop is a stop, if the two looks before say so, too; see :class:`Looks`."""

    def probability(self, window: Samples) -> float:
        """How sure it is (0 to 1) that a stop word has just been said at the end of ``window``, shape (n,)."""
        ...


Looked = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a stream is looked at. ``position``: in samples; ``spoken_s``: how much somebody has spoken just before;
    ``silent``: whether the newest sound is silence."""

    position: int
    spoken_s: float
    silent: bool


def falls_silent(window: Samples) -> bool:
    """Whether whoever spoke lately does not speak at the end of this sound."""
    frame = round(FRAME_S * SAMPLE_RATE)
    lately = np.nan_to_num(window[-round(LATELY_S / FRAME_S) * frame :], posinf=1, neginf=-1).clip(-1, 1)
    power = np.square(lately[len(lately) % frame :]).reshape(-1, frame).mean(axis=1)
    level = np.sqrt(power + 1e-12)
    newest = level[-round(NEWEST_S / FRAME_S) :]
    return bool(newest.size and newest.mean() < level.max() * 10 ** (SILENCE_DB / 20))


class Looks:
    """What a spotter finds in one stream, look after look. A sound that is like a stop word at one moment only, as
    talk often is, is none; and in the middle of talk it takes more to be one. ``threshold``: of three looks."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._before: deque[tuple[int, float]] = deque(maxlen=max(count for count, _ in AGREEING) - 1)

    def stop(self, moment: Moment, probability: float) -> bool:
        """Whether a stop word has just been said, by this look and those before."""
        since = moment.position - NEXT_S * SAMPLE_RATE
        newest = [probability, *(before for at, before in self._before if at >= since)]
        self._before.appendleft((moment.position, probability))
        talking = moment.spoken_s > TALK_S
        if len(newest) == 1 and probability >= (LONELY_IN_TALK if talking else LONELY):
            return True
        if talking:
            return _reach(newest, 2, TWICE_IN_TALK)
        enough = (*AGREEING, *AGREEING_IN_SILENCE) if moment.silent else AGREEING
        return any(_reach(newest, count, float(np.clip(self._threshold + more, LEAST, MOST))) for count, more in enough)


def _reach(looks: Sequence[float], count: int, least: float) -> bool:
    """Whether there are as many looks, the newest first, and those all reach this."""
    return len(looks) >= count and min(looks[:count]) >= least


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
