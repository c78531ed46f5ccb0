"""Raw PCM, as sockets bring it, and numbers of any kind as samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_edge.audio.resample import Resampler
from banksman_edge.audio.sound import Samples
from banksman_edge.errors import AudioError

MAX_CHANNELS = 32
_WIDTHS = {1: "u1", 2: "<i2", 4: "<i4"}


def clean(samples: npt.NDArray[Any]) -> Samples:
    """Samples within [-1, 1]. Broken floats hold NaN and infinities, on which recognition would hang or crash."""
    finite = np.nan_to_num(samples, posinf=1, neginf=-1)
    return np.asarray(np.clip(finite, -1, 1), np.float32)


def scaled(numbers: npt.NDArray[Any]) -> Samples:
    """Integers of any width, or floats, as samples within [-1, 1]; same shape."""
    if numbers.dtype.kind == "f":
        return clean(numbers)
    half = 2.0 ** (8 * numbers.dtype.itemsize - 1)
    wide: npt.NDArray[np.float64] = numbers.astype(np.float64)
    return np.asarray((wide - half if numbers.dtype.kind == "u" else wide) / half, np.float32)


def pcm16(samples: Samples) -> bytes:
    """Samples as 16-bit little-endian PCM."""
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


class PcmReader:
    """Turns interleaved little-endian PCM of one rate, width and channel count into 16 kHz mono.

    ``width``: bytes a sample: 1 (unsigned), 2, 3 or 4 (signed).

    Raises:
        AudioError: there is no such PCM; the text says what there is.
    """

    def __init__(self, rate: int, width: int, channels: int) -> None:
        if width not in (1, 2, 3, 4):
            raise AudioError(f"PCM of {width} bytes a sample is not read; send 16-bit samples (width 2)")
        if not 1 <= channels <= MAX_CHANNELS:
            raise AudioError(f"PCM of {channels} channels is not read; send one channel")
        self.format = (rate, width, channels)
        self._resampler, self._width, self._channels = Resampler(rate), width, channels

    def read(self, data: bytes) -> Samples:
        """The samples of a chunk; shape (n,).

        Raises:
            AudioError: the chunk ends in the middle of a sample: bytes were lost.
        """
        size = self._width * self._channels
        if len(data) % size:
            raise AudioError(f"a chunk of {len(data)} bytes is no whole number of samples of {size} bytes")
        if self._width == 3:
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            numbers = wide.view("<i4")[:, 0]
        else:
            numbers = np.frombuffer(data, _WIDTHS[self._width])
        return self._resampler.push(scaled(numbers.reshape(-1, self._channels)).mean(axis=1, dtype=np.float32))

    def flush(self) -> Samples:
        """What is left at the end."""
        return self._resampler.flush()
