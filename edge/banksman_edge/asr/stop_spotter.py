"""Stop words straight from the sound, all the time somebody speaks: no endpoint, no text, no language model.

The newest second of sound goes through Whisper's encoder, cut to just that, and a few small networks listen to its
output.
The encoder is a copy of its own on a thread of its own, so that it never waits for a recogniser.

It is no certified emergency stop: it misses words, see docs/limits.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from banksman_edge.asr.stop_encoder import StopEncoder
from banksman_edge.asr.stop_head import StopCard, load_card, load_head
from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import RecogniserError

HOP_S = 0.096
"""Three frames of voice activity. One call costs about 15 ms of one core."""
QUIETEST = 1e-4
"""A window whose loudest sample is below this (-80 dB) holds no speech."""


class WhisperStopSpotter:
    """Hears the stop words of some languages at the end of a window of sound; see :class:`StopSpotter`.

    A language that the head was not taught is served by "stop" alone, which is understood everywhere.
    ``whisper``: the folder of the very Whisper that the head was taught with, as the head's card names it.
    Calls must not overlap.

    Raises:
        RecogniserError: head or model cannot be loaded, or do not fit each other.
    """

    def __init__(self, whisper: Path, languages: Sequence[str], *, head: Path | None = None) -> None:
        self._head, self.card = load_head(head or bundled_head())
        wanted = self.card.families_of(tuple(languages))
        self._wanted = np.array([family in wanted for family in self.card.families])
        self.words = self.card.words_of(wanted)
        self.window_s, self.hop_s, self.threshold = self.card.window_s, HOP_S, self.card.threshold
        self._size = round(self.window_s * SAMPLE_RATE)
        self._encoder = StopEncoder(whisper)
        self._try_out()

    def _try_out(self) -> None:
        """Look at silence, which also sets up what later looks need."""
        encoded = self._encoder.encode(np.zeros((1, self._size), np.float32))
        try:
            found = self._head(encoded)
        except (LookupError, ValueError) as error:
            hint = f"it was taught with {self.card.whisper}; give it that Whisper, or another head"
            raise RecogniserError(f"the stop spotter's head does not fit: {hint} ({error})") from error
        if found.shape != (1, len(self.card.families)) or not np.isfinite(found).all():
            raise RecogniserError(
                "the stop spotter's head does not fit its card; install Banksman again, or teach it anew"
            )

    def probability(self, window: Samples) -> float:
        """How sure it is, 0 to 1, that a stop word has just been said at the end of ``window``, shape (n,).

        Of a longer window the newest part counts; before a shorter one there was silence. What is no number is
        silence, too.
        """
        return float(self.probabilities(window)[self._wanted].max())

    def probabilities(self, window: Samples) -> Samples:
        """The same for each family of the card, of whatever language: shape (families,)."""
        newest = np.nan_to_num(window[-self._size :], nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
        if np.abs(newest).max(initial=0.0) < QUIETEST:
            return np.zeros(len(self.card.families), np.float32)
        padded = np.pad(newest, (self._size - len(newest), 0)).astype(np.float32)
        found: Samples = self._head(self._encoder.encode(padded[None]))[0]
        return found


def bundled_head() -> Path:
    """The folder of the head that comes with Banksman."""
    return Path(str(files("banksman_edge") / "data" / "stop"))


def bundled_card() -> StopCard:
    """What the head that comes with Banksman was taught."""
    return load_card(bundled_head())
