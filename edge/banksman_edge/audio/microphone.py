"""The microphone. Needs the extra ``mic`` and the system's PortAudio."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import AudioError

BLOCK_S = 0.032
SILENT_S = 3.0
"""Even silence comes in blocks; a device that sends none for so long is gone."""
MAX_BEHIND_S = 2.0
"""Sound that nobody has fetched for so long is dropped; old speech must not become late orders."""


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
    """A microphone of this machine, by PortAudio's name or number; None is the default one."""

    def __init__(self, device: str | int | None = None) -> None:
        self._sounddevice = load_portaudio()
        self._device = device
        self._blocks: queue.Queue[Samples] = queue.Queue(maxsize=round(MAX_BEHIND_S / BLOCK_S))
        self._closed = threading.Event()

    def close(self) -> None:
        """End :meth:`blocks`; from any thread."""
        self._closed.set()

    def blocks(self) -> Iterator[Samples]:
        """16 kHz mono sound as it is recorded, until :meth:`close`.

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
            while not self._closed.is_set():
                try:
                    yield self._blocks.get(timeout=SILENT_S)
                except queue.Empty:
                    raise AudioError(
                        f"the microphone has sent nothing for {SILENT_S:.0f} s; is it plugged in?"
                    ) from None

    def _receive(self, data: Samples, _frames: int, _time: Any, _status: Any) -> None:
        if self._blocks.full():
            with self._blocks.mutex:
                self._blocks.queue.clear()
        self._blocks.put_nowait(data[:, 0].copy())
