"""The microphone. Needs the extra ``mic`` and the system's PortAudio."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from banksman_edge.audio.resample import Resampler
from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import AudioError

BLOCK_S = 0.032
SILENT_S = 3.0
"""Even silence comes in blocks; a device that sends none for so long is gone."""
MOST_CHANNELS = 2
"""Of a device that does not record one channel alone."""
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
    """A microphone of this machine, by PortAudio's name or number; None is the default one.

    It is opened at 16 kHz with one channel, or else as it is: PortAudio's raw devices convert nothing.

    Raises:
        AudioError: there is no PortAudio.
    """

    def __init__(self, device: str | int | None = None) -> None:
        self._sounddevice = load_portaudio()
        self._device = device
        self._blocks: queue.Queue[Samples] = queue.Queue(maxsize=round(MAX_BEHIND_S / BLOCK_S))
        self._closed, self._missed = threading.Event(), threading.Event()

    def close(self) -> None:
        """End :meth:`blocks`; from any thread."""
        self._closed.set()

    def blocks(self) -> Generator[Samples, None, None]:
        """16 kHz mono sound as it is recorded, until :meth:`close`. When it ends by an error, it may be called anew.

        Raises:
            AudioError: the device cannot be opened, or is gone.
        """
        self._blocks.queue.clear()
        self._missed.clear()
        with ExitStack() as opened:
            resampler = Resampler(self._open(opened))
            while not self._closed.is_set():
                try:
                    yield resampler.push(self._blocks.get(timeout=SILENT_S))
                except queue.Empty:
                    raise AudioError(
                        f"the microphone has sent nothing for {SILENT_S:.0f} s; is it plugged in?"
                    ) from None

    def missed(self) -> bool:
        """Whether sound was lost since this was asked last: the machine, or whoever takes the blocks, was too slow."""
        missed = self._missed.is_set()
        self._missed.clear()
        return missed

    def rescan(self) -> None:
        """Look for devices anew: PortAudio knows those that were there when it began. No device may be open."""
        with suppress(AttributeError, self._sounddevice.PortAudioError):  # not in the module's published interface
            self._sounddevice._terminate()
            self._sounddevice._initialize()

    def _open(self, opened: ExitStack) -> int:
        """Begin to record; returns the rate."""
        failure: Exception | None = None
        for rate, channels in self._formats():
            try:
                stream = self._sounddevice.InputStream(
                    samplerate=rate,
                    channels=channels,
                    dtype="float32",
                    blocksize=int(BLOCK_S * rate),
                    device=self._device,
                    callback=self._receive,
                )
                opened.enter_context(stream)
            except (self._sounddevice.PortAudioError, ValueError) as error:
                failure = error
            else:
                return rate
        raise AudioError(f"the microphone cannot be opened: {failure}") from failure

    def _formats(self) -> Iterator[tuple[int, int]]:
        """Rates and numbers of channels to try."""
        yield SAMPLE_RATE, 1
        try:
            own = self._sounddevice.query_devices(self._device, "input")
        except (self._sounddevice.PortAudioError, ValueError):
            return  # there is no such device, which the first attempt has said
        rate, channels = round(own["default_samplerate"]), min(own["max_input_channels"], MOST_CHANNELS)
        yield from (form for form in ((rate, 1), (SAMPLE_RATE, channels), (rate, channels)) if form != (SAMPLE_RATE, 1))

    def _receive(self, data: Samples, _frames: int, _time: Any, status: Any) -> None:
        if status and status.input_overflow:
            self._missed.set()
        if self._blocks.full():
            self._missed.set()
            with self._blocks.mutex:
                self._blocks.queue.clear()
        self._blocks.put_nowait(data.mean(axis=1))
