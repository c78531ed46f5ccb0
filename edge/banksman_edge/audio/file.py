"""Sound files and sounds in messages: WAV, FLAC, Ogg, MP3; any rate, any number of channels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.errors import AudioError

MAX_SECONDS = 1800
"""Longer sounds are refused before they fill the memory; nobody speaks an order for half an hour."""
_MAX_SAMPLES = MAX_SECONDS * 48_000 * 2
"""Of all channels together, before conversion: half an hour as recorders make it."""
_UNKNOWN_FRAMES = 2**63 - 1
"""libsndfile's length of a file that was written to a pipe and does not say."""


def load_sound(path: Path | str) -> Sound:
    """Read a sound file.

    Raises:
        AudioError: there is no such file, it holds no sound that can be read, or more than MAX_SECONDS.
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
    soundfile.write(buffer, sound.samples, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # it ships no types
    """A sound read once from begin to end. soundfile would set its position anew after every read, on which a
    FLAC that was written to a pipe, and does not know its length, fails at its end."""

    def seekable(self) -> bool:
        return False


def _read(stream: BinaryIO, name: str) -> Sound:
    try:
        with _Forward(stream) as source:
            if MAX_SECONDS * source.samplerate < source.frames < _UNKNOWN_FRAMES:
                raise _too_long(name)
            blocks = _resampled(_mono(source, name), int(source.samplerate))
            return Sound(np.concatenate([np.zeros(0, np.float32), *blocks]))
    except soundfile.SoundFileError as error:
        raise AudioError(f"{name} is not a sound that can be read; use WAV, FLAC, Ogg or MP3") from error


def _mono(source: soundfile.SoundFile, name: str) -> Iterator[Samples]:
    """The mean of all channels, a second at a time: a small file can unpack to gigabytes."""
    frames = 0
    while len(block := source.read(int(source.samplerate), dtype="float32", always_2d=True)):
        frames += len(block)
        if frames > MAX_SECONDS * source.samplerate or frames * source.channels > _MAX_SAMPLES:
            raise _too_long(name)
        # Broken float files hold NaN and infinities, on which recognition would hang or crash.
        yield np.clip(np.nan_to_num(block, posinf=1, neginf=-1), -1, 1).mean(axis=1)


def _resampled(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    if rate == SAMPLE_RATE:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _too_long(name: str) -> AudioError:
    return AudioError(f"{name} is longer than {MAX_SECONDS // 60} minutes; send one utterance at a time")
