"""The microphone, cut into utterances by voice activity. Needs the extra ``mic`` and the system's PortAudio."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.audio.vad import VoiceActivity
from banksman_edge.errors import AudioError

BLOCK_S = 0.25
MAX_UTTERANCE_S = 28.0
PRE_ROLL_S = 0.5
SILENT_S = 3.0
"""Even silence comes in blocks; a device that sends none for so long is gone."""


def load_portaudio() -> Any:
    """The ``sounddevice`` module.

    Raises:
        AudioError: it or PortAudio is missing; the text says what to install.
    """
    try:
        import sounddevice  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        raise AudioError("no microphone support: pip install 'banksman[mic]'") from error
    except OSError as error:
        raise AudioError("PortAudio is missing: install it from the system (Debian: libportaudio2)") from error
    return sounddevice


class Microphone:
    """Yields one :class:`Sound` per utterance until closed."""

    def __init__(self, device: str | int | None = None, *, end_silence_s: float = 0.7) -> None:
        self._sounddevice = load_portaudio()
        self._device = device
        self._end_silence_s = end_silence_s
        self._blocks: queue.Queue[Samples] = queue.Queue(maxsize=400)
        self._closed = threading.Event()

    def close(self) -> None:
        self._closed.set()

    def utterances(self) -> Iterator[Sound]:
        """Listen until :meth:`close`.

        Raises:
            AudioError: the device cannot be opened, or is gone.
        """
        try:
            stream = self._sounddevice.InputStream(
                samplerate=SAMPLE_RATE,
                channels=1,
                dtype="float32",
                blocksize=int(BLOCK_S * SAMPLE_RATE),
                device=self._device,
                callback=self._receive,
            )
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise AudioError(f"the microphone cannot be opened: {error}") from error
        with stream:
            yield from split_utterances(self._read_blocks(), end_silence_s=self._end_silence_s)

    def _receive(self, data: Samples, _frames: int, _time: Any, _status: Any) -> None:
        try:
            self._blocks.put_nowait(data[:, 0].copy())
        except queue.Full:
            # Whoever consumes is 100 s behind; old speech must not become late orders.
            self._blocks.queue.clear()

    def _read_blocks(self) -> Iterator[Samples]:
        while not self._closed.is_set():
            try:
                yield self._blocks.get(timeout=SILENT_S)
            except queue.Empty:
                raise AudioError(f"the microphone has sent nothing for {SILENT_S:.0f} s; is it plugged in?") from None


def split_utterances(blocks: Iterator[Samples], *, end_silence_s: float = 0.7) -> Iterator[Sound]:
    """Cut a stream of blocks into utterances: from speech to ``end_silence_s`` without any."""
    detector = VoiceActivity()
    before: deque[Samples] = deque(maxlen=max(1, round(PRE_ROLL_S / BLOCK_S)))
    spoken: list[Samples] = []
    silence_s = 0.0
    for block in blocks:
        recent = Sound(np.concatenate([*before, block]))
        speaking = bool(detector.segments(recent))
        if not spoken and not speaking:
            before.append(block)
            continue
        if not spoken:
            spoken = list(before)
        spoken.append(block)
        before.append(block)
        silence_s = 0.0 if speaking else silence_s + len(block) / SAMPLE_RATE
        length_s = sum(map(len, spoken)) / SAMPLE_RATE
        if silence_s >= end_silence_s or length_s >= MAX_UTTERANCE_S:
            yield Sound(np.concatenate(spoken))
            spoken, silence_s = [], 0.0
    if spoken:
        yield Sound(np.concatenate(spoken))
