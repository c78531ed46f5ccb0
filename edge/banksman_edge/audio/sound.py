"""Sound as the rest of the edge knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Samples per second that Whisper and Silero were trained on."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono sound. ``samples``: shape (n,), float32 in [-1, 1], 16 kHz."""

    samples: Samples

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    def between(self, start: int, end: int) -> Sound:
        """The part from sample ``start`` to ``end``."""
        return Sound(self.samples[max(0, start) : end])
