"""From any rate to the edge's own, as the sound comes."""

from __future__ import annotations

import av
import numpy as np

from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import AudioError

LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
"""Samples per second; what lies outside is a broken header, not a microphone."""


class Resampler:
    """Turns mono float32 sound of one rate into 16 kHz, block by block, without seams.

    Raises:
        AudioError: no microphone has that rate.
    """

    def __init__(self, rate: int) -> None:
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise AudioError(f"a sound of {rate} Hz is not heard; send {LOWEST_RATE} to {HIGHEST_RATE} Hz")
        self.rate = rate
        self._converter = None if rate == SAMPLE_RATE else av.AudioResampler("flt", "mono", SAMPLE_RATE)

    def push(self, samples: Samples) -> Samples:
        """What is ready after these samples; shape (n,)."""
        if self._converter is None or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate = self.rate
        return self._joined(frame)

    def flush(self) -> Samples:
        """What is left at the end."""
        return np.zeros(0, np.float32) if self._converter is None else self._joined(None)

    def _joined(self, frame: av.AudioFrame | None) -> Samples:
        assert self._converter is not None  # noqa: S101  for the type checker; both callers have looked
        parts = [out.to_ndarray()[0] for out in self._converter.resample(frame)]
        return np.concatenate([np.zeros(0, np.float32), *parts])
