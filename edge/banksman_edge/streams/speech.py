"""One utterance of a stream while it is being spoken, and until it has been recognised."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from banksman_edge.asr.transcript import Transcript
from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.audio.vad import FRAME
from banksman_edge.streams.endpointing import Fullness
from banksman_edge.streams.recognition import Task

PAUSE_S = 0.3
"""Who pauses for so long is not speaking straight on."""
SILENT_S = 1.0
"""And whoever was silent for so long is not speaking any more."""
TAIL_S = 0.3
"""Silence kept after the last word."""
CONVERSATION_S = 15.0
"""Who has spoken for much of this time is in a conversation."""
BACKGROUND_DB, WORD_S = 20.0, 0.6
"""What is so much softer than the loudest of the last word's time is said by somebody else, further away."""
LOUD_FRAMES = 32
"""Speech is as loud as its louder frames of the last second."""


@dataclass(slots=True, eq=False)
class Speech:
    """Positions are samples since the stream began. ``began``: the first sample of ``frames``."""

    began: int
    frames: list[Samples]
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


@dataclass(slots=True)
class Talk:
    """How long somebody has been speaking without a pause, and lately, whatever becomes of it. Positions are in
    samples."""

    _since: int = -SAMPLE_RATE
    _until: int = -SAMPLE_RATE
    _lately: deque[tuple[int, float]] = field(
        default_factory=lambda: deque(maxlen=int(CONVERSATION_S * SAMPLE_RATE) // FRAME)
    )

    def voiced(self, position: int, level: float) -> None:
        """A voiced frame ended here; ``level``: in dB of full scale."""
        if position - self._until > PAUSE_S * SAMPLE_RATE:
            self._since = position
        self._until = position
        self._lately.append((position, level))

    def seconds(self, position: int) -> float:
        """So long, at this position; in a pause, so long as it was before."""
        return (self._until - self._since) / SAMPLE_RATE if position - self._until <= SILENT_S * SAMPLE_RATE else 0.0

    def forget(self) -> None:
        """What was spoken so far is none."""
        self._since, self._until = -SAMPLE_RATE, -SAMPLE_RATE
        self._lately.clear()

    def lately(self, position: int) -> float:
        """How much of the last :data:`CONVERSATION_S` somebody has spoken, about as loud as just now."""
        since, word = position - CONVERSATION_S * SAMPLE_RATE, position - WORD_S * SAMPLE_RATE
        loudest = max((level for at, level in self._lately if at > word), default=-math.inf)
        least = loudest - BACKGROUND_DB
        return sum(at > since and level >= least for at, level in self._lately) * FRAME / SAMPLE_RATE
