"""Whisper's encoder on a second of sound, with threads and a copy of the weights of its own."""

from __future__ import annotations

from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor

from banksman_edge.errors import RecogniserError
from banksman_edge.thread_priority import calm_blas

Array = npt.NDArray[np.float32]

POOLED = 2
"""So many neighbouring outputs, 20 ms each, are averaged into one step of the head."""


class StopEncoder:
    """``whisper``: the model's folder; ``threads``: of the CPU. Calls must not overlap.

    Raises:
        RecogniserError: the model cannot be loaded.
    """

    def __init__(self, whisper: Path, threads: int = 1) -> None:
        calm_blas()
        self._features = FeatureExtractor()
        try:
            self._model = ctranslate2.models.Whisper(
                str(whisper), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"Whisper model {whisper} cannot be loaded: {error}") from error

    def encode(self, windows: Array) -> Array:
        """``windows``: sounds of equal length, shape (n, samples). Returns shape (n, 20 ms steps, width).

        Raises:
            RecogniserError: the encoder failed.
        """
        mel = np.stack([self._features(window, padding=0) for window in windows])
        try:
            encoded = self._model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel)))
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"the stop spotter's encoder failed: {error}") from error
        return np.asarray(np.array(encoded), np.float32)
