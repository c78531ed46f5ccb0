"""What recognition returns, and the seam behind which it can be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from banksman_edge.audio import Sound


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One text that the sound may be. ``confidence``: geometric mean of the tokens' probabilities.

    ``score``: log-probability of the whole text, in nats; ``fit``: the share of it that is words of the site, 0 to
    1, and 1 for a whole order;
    ``repaired``: words were put in that the recogniser did not come upon by itself.
    """

    text: str
    language: str
    confidence: float
    score: float = 0.0
    fit: float = 1.0
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Signals:
    """What else recognition noticed, each 0 to 1 where nothing else is said.

    ``voice``: the part of the sound, from the first to the last word, in which somebody speaks. ``spoken_s``: how many
    seconds that is, a little silence around it included, 0 for what was written. ``no_speech``: the recogniser's own
    doubt that these are words. ``site_language``: how sure it is that the language is one of the site's. ``pull``: nats
    by which the text is less likely than the likeliest one of any words, 0 or more. ``stop_like``: how sure the stop
    spotter was at most that the sound has a stop word, where it listens for what the text says; 1 elsewhere.
    """

    voice: float = 1.0
    no_speech: float = 0.0
    site_language: float = 1.0
    pull: float = 0.0
    certainty: float = 1.0
    spoken_s: float = 0.0
    stop_like: float = 1.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """The best text of an utterance and what else it may have been, best first.

    ``confidence``: how likely it is that this is an order and was heard right (:mod:`confidence`), 0 to 1; where
    nothing is calibrated, the certainty of the signals.
    ``reason`` is what speaks most against that. An empty ``text`` means that nobody spoke, or nobody spoke words;
    ``reason`` then says which.
    """

    text: str
    language: str
    confidence: float
    alternatives: tuple[Hypothesis, ...] = ()
    signals: Signals = Signals()
    score: float = 0.0
    fit: float = 1.0
    repaired: bool = False
    reason: str = ""

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        best = Hypothesis(self.text, self.language, self.confidence, self.score, self.fit, self.repaired)
        return (best, *self.alternatives)


class Wholeness(IntEnum):
    """How far a text is an order on the site, from end to end."""

    NONE = 0
    NUMBERLESS = 1
    """It is one, and has a kind of place or vehicle where a certain one is needed: a number may have been lost."""
    WHOLE = 2
    STOP = 3
    """It says nothing but whom to stop."""


class Recogniser(Protocol):
    """Turns a sound into text in one of the site's languages."""

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise one utterance.

        Raises:
            RecogniserError: the sound is fine and recognition failed.
        """
        ...
