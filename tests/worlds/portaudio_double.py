"""Stands in for ``sounddevice``, whose devices no test machine has: a microphone that records when it is told to, and
misbehaves as real ones do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 60.0


class PortAudioError(Exception):
    """PortAudio's."""


@dataclass
class Flags:
    """What a callback is told."""

    input_overflow: bool = False


@dataclass
class PortAudio:
    """``failure``: why the device cannot be opened; ``start_failure``: why it does not begin, once opened; ``odd``:
    what it raises that it does not document; ``rates`` and ``channels``: what it can, None is
    everything."""

    failure: str = ""
    start_failure: str = ""
    odd: Exception | None = None
    rates: tuple[int, ...] | None = None
    channels: tuple[int, ...] | None = None
    own_rate: float = 44100.0
    own_channels: int = 2
    PortAudioError: type[Exception] = PortAudioError
    opened: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0
    running: int = 0
    scans: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def InputStream(self, **options: Any) -> _Recording:  # noqa: N802  its name
        with self._changed:
            self.tries += 1
            self._changed.notify_all()
        if self.odd:
            raise self.odd
        if self.failure:
            raise self.PortAudioError(self.failure)
        assert options["dtype"] == "float32"
        if self.rates and options["samplerate"] not in self.rates:
            raise self.PortAudioError("Invalid sample rate [PaErrorCode -9997]")
        if self.channels and options["channels"] not in self.channels:
            raise self.PortAudioError("Invalid number of channels [PaErrorCode -9998]")
        return _Recording(self, options)

    def query_devices(self, _device: object, kind: str) -> dict[str, Any]:
        assert kind == "input"
        if self.failure:
            raise ValueError(self.failure)
        return {"default_samplerate": self.own_rate, "max_input_channels": self.own_channels}

    def _terminate(self) -> None:
        assert not self.running, "PortAudio was ended under an open stream"

    def _initialize(self) -> None:
        self.scans += 1

    def record(self, samples: Any, *, overflow: bool = False) -> None:
        """The device has recorded this, shape (n,) or (n, channels)."""
        options = self.opened[-1]
        data = samples if samples.ndim == 2 else samples[:, None]
        assert data.shape[1] == options["channels"]
        options["callback"](data, len(data), None, Flags(overflow))

    def await_tries(self, count: int) -> None:
        """Wait until the device was tried so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.tries >= count, PATIENCE_S), self.tries

    def await_running(self, running: int, opened: int) -> None:
        """Wait until so many streams run, and so many were opened in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: (self.running, len(self.opened)) == (running, opened), PATIENCE_S), (
                self.running,
                len(self.opened),
            )

    def note(self, running: int, options: dict[str, Any] | None = None) -> None:
        with self._changed:
            self.running += running
            if options:
                self.opened.append(options)
            self._changed.notify_all()


class _Recording:
    def __init__(self, portaudio: PortAudio, options: dict[str, Any]) -> None:
        self._portaudio, self._options = portaudio, options

    def __enter__(self) -> Self:
        if self._portaudio.start_failure:
            raise self._portaudio.PortAudioError(self._portaudio.start_failure)
        self._portaudio.note(1, self._options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._portaudio.note(-1)

    def close(self) -> None:
        """One that was opened and did not begin."""
