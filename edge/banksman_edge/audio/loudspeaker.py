"""This machine's loudspeaker. Needs the extra ``mic`` and the system's PortAudio."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from banksman_edge.audio.microphone import load_portaudio
from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import AudioError


class Loudspeaker:
    """Plays samples of 16 kHz as they come, and can forget those that it has not played. PortAudio's default device.

    Raises:
        AudioError: there is no PortAudio, or no device that plays.
    """

    def __init__(self) -> None:
        sounddevice = load_portaudio()
        self._ahead = np.zeros(0, np.float32)
        self._lock = threading.Lock()
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=SAMPLE_RATE, channels=1, dtype="float32", latency="low", callback=self._fill
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise AudioError(f"the loudspeaker cannot be opened: {error}") from error

    def play(self, samples: Samples) -> None:
        """The next samples, shape (n,), float32; returns at once."""
        with self._lock:
            self._ahead = np.concatenate([self._ahead, samples])

    def clear(self) -> None:
        """Be silent now."""
        with self._lock:
            self._ahead = np.zeros(0, np.float32)

    def close(self) -> None:
        """Give the device back; what has not been played is not heard."""
        self._stream.close()

    def _fill(self, out: Samples, frames: int, _time: Any, _status: Any) -> None:
        with self._lock:
            now, self._ahead = self._ahead[:frames], self._ahead[frames:]
        out[: len(now), 0] = now
        out[len(now) :] = 0
