"""How loud it is, how loud when nobody speaks, and whether the microphone can be believed."""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum

import numpy as np

from banksman_edge.audio.sound import SAMPLE_RATE, Samples

SILENCE_DB = -100.0
"""What digital silence counts as; decibels are relative to full scale."""
FLOOR_S = 4.0
"""The noise floor is the least of the smoothed levels of so long: nobody speaks so long without a breath
(minimum statistics; R. Martin, IEEE Transactions on Speech and Audio Processing 9(5), 2001)."""
SMOOTHING = 0.7
"""Of the level before, kept with each frame."""
CLIPPED = 0.99
CLIPPED_SHARE = 0.01
"""Frames with so many samples at full scale are clipped."""
CLIPPED_FRAMES = 3
"""So many clipped frames within a second are reported."""
DEAD_S = 5.0
"""A microphone whose samples have not changed for so long is dead: even a quiet room moves the last bit."""
CALM_S = 5.0
"""An episode is over when nothing of it has been heard for so long."""


class Trouble(StrEnum):
    """What is wrong with the sound of a stream."""

    CLIPPING = "clipping"
    DEAD = "dead"
    BROKEN = "broken"
    """Samples that are no numbers, which are taken for silence."""
    LOST = "lost"
    """Sound did not arrive."""
    UNWATCHED = "unwatched"
    """More is said at once than can be looked through for stop words in time."""


class LevelMeter:
    """Follows the level of one stream. Time is counted in samples."""

    def __init__(self) -> None:
        self.level = SILENCE_DB
        """Of the last frame, in dB of full scale."""
        self._smoothed: float | None = None
        self._minima: deque[tuple[int, float]] = deque()
        self._position = 0
        self._clipped: deque[int] = deque(maxlen=CLIPPED_FRAMES)
        self._still_since = 0
        self._last: dict[Trouble, int] = {}

    @property
    def floor(self) -> float:
        """The noise floor in dB of full scale."""
        return self._minima[0][1] if self._minima else SILENCE_DB

    @property
    def still(self) -> bool:
        """Whether the last frames were all the same number."""
        return self._still_since < self._position

    def feed(self, frame: Samples) -> list[Trouble]:
        """Take the next frame; returns what begins with it, each trouble once an episode."""
        self._position += len(frame)
        self.level = 10 * math.log10(float(np.mean(np.square(frame))) + 1e-10)
        self._follow_floor()
        found = []
        if float(np.ptp(frame)) > 0:
            self._still_since = self._position
        elif self._position - self._still_since >= DEAD_S * SAMPLE_RATE and self._begins(Trouble.DEAD):
            found.append(Trouble.DEAD)
        if float(np.mean(np.abs(frame) >= CLIPPED)) >= CLIPPED_SHARE:
            self._clipped.append(self._position)
            often = len(self._clipped) == CLIPPED_FRAMES and self._position - self._clipped[0] <= SAMPLE_RATE
            if often and self._begins(Trouble.CLIPPING):
                found.append(Trouble.CLIPPING)
        return found

    def broken(self) -> list[Trouble]:
        """The stream brought samples that are no numbers."""
        return [Trouble.BROKEN] if self._begins(Trouble.BROKEN) else []

    def lost(self) -> list[Trouble]:
        """Here sound is missing from the stream."""
        return [Trouble.LOST] if self._begins(Trouble.LOST) else []

    def unwatched(self) -> list[Trouble]:
        """The stop spotter did not keep up with the stream."""
        return [Trouble.UNWATCHED] if self._begins(Trouble.UNWATCHED) else []

    def _begins(self, trouble: Trouble) -> bool:
        last, self._last[trouble] = self._last.get(trouble), self._position
        return last is None or self._position - last > CALM_S * SAMPLE_RATE

    def _follow_floor(self) -> None:
        before = self.level if self._smoothed is None else self._smoothed
        level = self._smoothed = SMOOTHING * before + (1 - SMOOTHING) * self.level
        while self._minima and self._minima[-1][1] >= level:
            self._minima.pop()
        self._minima.append((self._position, level))
        while self._minima[0][0] <= self._position - FLOOR_S * SAMPLE_RATE:
            self._minima.popleft()
