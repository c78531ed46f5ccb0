"""How sure it is that somebody gave the system an order and that it was heard right: one probability.

Whisper writes something for every sound, and is as sure of a joke as of an order. None of its signals tells the two
apart; a logistic model of them all does (as for word confidence: Jiang, Speech Communication 45, 2005). Its
coefficients are fitted on commands and on talk by ``banksman bench confidence`` and lie beside the model's weights;
the site's policy decides by it (row ``heard``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from banksman_edge.asr.transcript import Transcript
from banksman_edge.errors import RecogniserError
from banksman_edge.logistic_regression import probability

_SAID_OF = {
    "voice": "too little of it is voice",
    "words": "it may be no words",
    "certainty": "what was said is unclear",
    "language": "it may be another language than the site's",
    "pull": "something else was more likely said",
    "fit": "there are few words of the site in it",
    "variety": "it repeats itself",
    "brevity": "it is too long for an order",
}
"""What it means when a feature speaks against an order."""
FEATURES = tuple(_SAID_OF)


def features(transcript: Transcript) -> dict[str, float]:
    """The signals on scales on which they add up, each at most about 1 in size, and more speaking for an order."""
    signals, text = transcript.signals, transcript.text
    return {
        "voice": signals.voice,
        "words": _decades(signals.no_speech),
        "certainty": 1 + math.log(max(signals.certainty, 0.1)) / math.log(10),
        "language": _decades(1 - signals.site_language),
        "pull": 1 - min(signals.pull, 6.0) / 6,
        "fit": transcript.fit,
        "variety": _variety(text),
        "brevity": 1 - min(len(text.encode()), 200) / 200,
    }


def _decades(doubt: float) -> float:
    """Powers of ten by which a doubt is below 1, up to four, over four."""
    return -math.log10(min(max(doubt, 1e-4), 1.0)) / 4


def _variety(text: str) -> float:
    """The share of a text's trigrams that are not there twice. What Whisper takes for it, compression by zlib, is
    large for every text in a script of three bytes a letter."""
    trigrams = [text[at : at + 3] for at in range(len(text) - 2)]
    return len(set(trigrams)) / len(trigrams) if trigrams else 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model of the features. ``usual``: what they are in orders, against which a lack is measured."""

    bias: float
    weights: Mapping[str, float]
    usual: Mapping[str, float]

    def probability(self, transcript: Transcript) -> float:
        """That this is an order for the vehicles and was heard right; 0 where nothing was heard."""
        if not transcript.text:
            return 0.0
        found = features(transcript)
        return probability(self.bias + sum(weight * found[name] for name, weight in self.weights.items()))

    def doubt(self, transcript: Transcript) -> str:
        """What speaks most against it, for the log."""
        if not transcript.text:
            return transcript.reason or "nothing was heard"
        found = features(transcript)
        lacking = {name: weight * (self.usual[name] - found[name]) for name, weight in self.weights.items()}
        return _SAID_OF[max(lacking, key=lambda name: lacking[name])]


def read_calibration(data: str) -> Calibration:
    """A calibration from the JSON that ``banksman bench confidence`` writes.

    Raises:
        RecogniserError: it is no such document, or of other features than are known here.
    """
    try:
        document = json.loads(data)
        weights, usual = document["weights"], document["usual"]
        known = set(weights) == set(usual) == set(FEATURES)
        calibration = Calibration(float(document["bias"]), weights, usual)
    except (ValueError, KeyError, TypeError) as error:
        raise RecogniserError(f"the confidence's coefficients cannot be read: {error}") from error
    if not known:
        raise RecogniserError("the confidence's coefficients are of another version; fit them with `banksman bench`")
    return calibration
