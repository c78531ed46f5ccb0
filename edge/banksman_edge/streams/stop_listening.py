"""How one stream listens for stop words, all the time somebody speaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np

from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.streams.ears import Emit
from banksman_edge.streams.events import StopHeard
from banksman_edge.streams.looks import Looks, Moment, falls_silent
from banksman_edge.streams.speech import Talk
from banksman_edge.streams.spotting import StopWatch

HINT = 0.2
"""From this probability of speech on stop words are looked for; before anybody is sure that there is speech."""
AFTERMATH_S = 0.5
"""And for so long after it."""
STOP_AGAIN_S = 1.0
"""One stop word is told once."""


class StopListening:
    """Emits a :class:`StopHeard` for each stop word. ``dismissed``: whether none is to be told just now; it is asked,
    and stops are emitted, on threads of ``stops``. Positions are in samples."""

    def __init__(self, device: str, stops: StopWatch, emit: Emit, dismissed: Callable[[], bool]) -> None:
        self._device, self._stops, self._emit, self._dismissed = device, stops, emit, dismissed
        self._looks = Looks(stops.spotter.threshold)
        self._talk = Talk()
        self._until = self._next = self._deaf_until = 0

    def voiced(self, position: int, level: float) -> None:
        """Somebody speaks up to here; ``level``: of the last frame, in dB of full scale."""
        self._talk.voiced(position, level)

    def ordered(self) -> None:
        """What has been spoken so far was an order, or led up to one."""
        self._talk.forget()

    def take(self, position: int, probability: float, newest: deque[Samples]) -> bool:
        """Look at the newest sound if it is time to. ``probability``: of speech in the last frame.

        Returns False where the spotter does not keep up.
        """
        if probability >= HINT:
            self._until = position + int(AFTERMATH_S * SAMPLE_RATE)
        if not max(self._next, self._deaf_until) <= position <= self._until:
            return True
        spotter = self._stops.spotter
        self._next = position + int(spotter.hop_s * SAMPLE_RATE)
        window = np.concatenate(newest)[-int(spotter.window_s * SAMPLE_RATE) :]
        spoken_s, conversed_s = self._talk.seconds(position), self._talk.lately(position)
        moment = Moment(position, spoken_s, falls_silent(window), conversed_s)
        return self._stops.show(self, window, partial(self._looked, moment))

    def _looked(self, moment: Moment, probability: float) -> None:
        """It does not wait for the stream's lock, which a listener may hold."""
        if not self._looks.stop(moment, probability) or moment.position < self._deaf_until or self._dismissed():
            return
        self._deaf_until = moment.position + int(STOP_AGAIN_S * SAMPLE_RATE)
        self._emit(StopHeard(self._device, moment.position / SAMPLE_RATE, probability))
