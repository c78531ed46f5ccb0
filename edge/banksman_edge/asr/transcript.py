"""What recognition returns, and the seam behind which it can be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from banksman_edge.audio.sound import Sound


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One text that the sound may be. ``confidence``: geometric mean of the tokens' probabilities."""

    text: str
    language: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The best text of an utterance and what else it may have been, best first.

    An empty ``text`` means that nobody spoke, or nobody spoke words.
    """

    text: str
    language: str
    confidence: float
    alternatives: tuple[Hypothesis, ...] = ()

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        return (Hypothesis(self.text, self.language, self.confidence), *self.alternatives)


class Recogniser(Protocol):
    """Turns a sound into text in one of the site's languages."""

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise one utterance.

        Raises:
            RecogniserError: the sound is fine and recognition failed.
        """
        ...
