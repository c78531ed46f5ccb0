"""Whether somebody is talking, and not calling out: without a pause just now, or in a conversation for a while."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.streams.endpointing import Fullness
from banksman_edge.streams.speech import PAUSE_S, Speech

SILENT_S = 1.0
"""Whoever was silent for so long is not speaking any more."""
CONVERSATION_S = 15.0
"""What was said before that is another conversation."""
BACKGROUND_DB = 20.0
"""What is so much softer is said by others, further away."""


@dataclass(slots=True)
class TalkDetection:
    """Positions are in samples, levels in dB of full scale."""

    _since: int = -SAMPLE_RATE
    _until: int = -SAMPLE_RATE
    _told: dict[int, tuple[int, float]] = field(default_factory=dict)
    """By where it began, where what was recognised as talk ended, and how loud it was."""

    def voiced(self, position: int) -> None:
        """A voiced frame ended here."""
        if position - self._until > PAUSE_S * SAMPLE_RATE:
            self._since = position
        self._until = position

    def spoken_s(self, position: int) -> float:
        """How long somebody has been speaking without a pause; in a pause, how long it was before."""
        return (self._until - self._since) / SAMPLE_RATE if position - self._until <= SILENT_S * SAMPLE_RATE else 0.0

    def forget(self) -> None:
        """Whatever was said is over."""
        self._since = self._until = -SAMPLE_RATE
        self._told.clear()

    def recognised(self, speech: Speech, fullness: Fullness | None) -> None:
        """What of an utterance has been recognised so far. ``fullness``: how much of an order that is, None if it was
        not recognised. Where it is one, nobody spoke to others before; with the button pressed nobody does."""
        began = speech.voiced_from or 0
        if fullness in (Fullness.WHOLE, Fullness.STOP):
            self._told.clear()
            return
        self._told.pop(began, None)
        if fullness is Fullness.TALK and not speech.pressed:
            self._told[began] = speech.covers, speech.loudness

    def conversed_s(self, position: int, level: float) -> float:
        """How much was said to others lately, about as loud as ``level``."""
        since = position - int(CONVERSATION_S * SAMPLE_RATE)
        self._told = {began: said for began, said in self._told.items() if said[0] > since}
        near = [(began, ended) for began, (ended, loudness) in self._told.items() if loudness > level - BACKGROUND_DB]
        return math.fsum(ended - max(began, since) for began, ended in near) / SAMPLE_RATE
