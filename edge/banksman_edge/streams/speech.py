"""One utterance of a stream while it is being spoken, and until it has been recognised."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Samples, Sound
from banksman_edge.streams.endpointing import Fullness
from banksman_edge.streams.recognition import Task

PAUSE_S = 0.3
"""Who pauses for so long is not speaking straight on."""
TAIL_S = 0.3
"""Silence kept after the last word."""
LOUD_FRAMES = 32
"""Speech is as loud as its louder frames of the last second."""


@dataclass(slots=True, eq=False)
class Speech:
    """Positions are samples since the stream began. ``began``: the first sample of ``frames``."""

    began: int
    frames: list[Samples]
    pressed: bool = False
    """With the button pressed, or a part of it."""
    voiced_from: int | None = None
    voiced_to: int = 0
    """Where the last voiced frame ended."""
    loudness: float = -100.0
    task: Task | None = None
    """The newest that is being recognised, or waits for it."""
    covers: int = -1
    """Up to where the speech is that ``task``, or else ``transcript``, holds."""
    transcript: Transcript | None = None
    told: str = ""
    """The last partial text."""
    fullness: Fullness | None = None
    ended: bool = False
    holed: bool = False
    """Some of its sound is missing: what is left of an order may be another order."""
    closed_at: int = 0
    zero: float = 0.0
    """When the stream began by the clock (monotonic seconds), as its sound came at the end of this utterance: what is
    late from then on changes nothing about when this was said."""
    _loud: list[float] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether all that has been spoken so far has been recognised."""
        return self.transcript is not None and self.covers == self.voiced_to

    def start(self, voiced_from: int, voiced_to: int, level: float) -> None:
        """The frames there are hold the beginning of speech."""
        self.voiced_from, self.voiced_to = max(0, voiced_from), voiced_to
        self._loud, self.loudness = [level], level

    def add(self, frame: Samples, position: int, *, voiced: bool, level: float) -> None:
        """The next frame; ``position``: where it ends."""
        self.frames.append(frame)
        if not voiced:
            return
        if self.voiced_from is None:
            self.voiced_from = position - len(frame)
        self.voiced_to = position
        self._loud = sorted([*self._loud, level])[-LOUD_FRAMES:]
        self.loudness = float(np.mean(self._loud[len(self._loud) // 2 :]))

    def spoken(self, zero: float) -> tuple[float, float]:
        """From when until when, of a stream that began at ``zero`` by the clock."""
        return zero + (self.voiced_from or 0) / SAMPLE_RATE, zero + self.voiced_to / SAMPLE_RATE

    def sound(self) -> Sound:
        """From the beginning to a little after the last word."""
        end = self.voiced_to - self.began + int(TAIL_S * SAMPLE_RATE)
        return Sound(np.concatenate(self.frames)[:end])
