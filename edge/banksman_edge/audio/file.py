"""Sound files and sounds in messages: any format that FFmpeg reads; any rate, any number of channels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from banksman_edge.audio.pcm import scaled
from banksman_edge.audio.resample import Resampler
from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.errors import AudioError

MAX_SECONDS = 1800
"""Longer sounds are refused before they fill the memory; nobody speaks an order for half an hour."""
_MAX_SAMPLES = MAX_SECONDS * 48_000 * 2
"""Of all channels together, before conversion: half an hour as recorders make it."""
_ALONE = {"protocol_whitelist": "none"}
"""Playlists and session descriptions name further files, hosts and ports to read; FFmpeg would open them."""


def load_sound(path: Path | str) -> Sound:
    """Read a sound file.

    Raises:
        AudioError: there is no such file, it holds no sound that can be read, samples that are no numbers, or more than
            MAX_SECONDS.
    """
    try:
        with Path(path).open("rb") as stream:
            return _read(stream, str(path))
    except OSError as error:
        raise AudioError(f"sound file {path} cannot be opened: {error.strerror}") from error


def decode_sound(data: bytes) -> Sound:
    """Read a sound from the bytes of a file.

    Raises:
        AudioError: as :func:`load_sound`.
    """
    return _read(io.BytesIO(data), "the message's audio")


def encode_flac(sound: Sound) -> bytes:
    """The sound as 16-bit FLAC."""
    buffer = io.BytesIO()
    numbers = np.round(np.clip(sound.samples, -1, 32767 / 32768) * 32768).astype(np.int16)
    with av.open(buffer, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono", format="s16")
        for at in range(0, len(numbers), SAMPLE_RATE):
            frame = av.AudioFrame.from_ndarray(numbers[None, at : at + SAMPLE_RATE], format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _read(stream: BinaryIO, name: str) -> Sound:
    try:
        with av.open(stream, "r", metadata_errors="ignore", options=_ALONE) as container:
            blocks = _resampled(_mono(container, name))
            return Sound(np.concatenate([np.zeros(0, np.float32), *blocks]))
    except av.FFmpegError as error:
        raise AudioError(f"{name} is not a sound that can be read; use WAV, FLAC, Ogg or MP3") from error


def _mono(container: av.container.InputContainer, name: str) -> Iterator[tuple[int, Samples]]:
    """Rate and mean of all channels, frame by frame: a small file can unpack to gigabytes."""
    if not container.streams.audio:
        raise AudioError(f"{name} holds no sound; use WAV, FLAC, Ogg or MP3")
    seconds, numbers = 0.0, 0
    for frame in container.decode(audio=0):
        channels = len(frame.layout.channels)
        seconds += frame.samples / frame.sample_rate
        numbers += frame.samples * channels
        if seconds > MAX_SECONDS or numbers > _MAX_SAMPLES:
            raise AudioError(f"{name} is longer than {MAX_SECONDS // 60} minutes; send one utterance at a time")
        data = frame.to_ndarray()
        interleaved = data.T if frame.format.is_planar else data.reshape(-1, channels)
        if data.dtype.kind == "f" and not np.isfinite(data).all():  # silence instead could make another order of it
            raise AudioError(f"{name} holds samples that are no numbers; record it again")
        yield frame.sample_rate, scaled(interleaved).mean(axis=1, dtype=np.float32)


def _resampled(blocks: Iterator[tuple[int, Samples]]) -> Iterator[Samples]:
    resampler: Resampler | None = None
    for rate, block in blocks:
        if resampler is None or resampler.rate != rate:
            if resampler:
                yield resampler.flush()
            resampler = Resampler(rate)
        yield resampler.push(block)
    if resampler:
        yield resampler.flush()
