"""What Whisper's encoder makes of windows of sound: computed once, taught from many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from banksman_edge.asr import StopEncoder, pooled, usable_cpus
from banksman_edge.audio import SAMPLE_RATE, load_sound
from banksman_edge.lab.teach.stop.clips import Kind, StopClip
from banksman_edge.lab.teach.stop.lines import families
from banksman_edge.lab.teach.stop.scenes import SceneMaker, Take, Window
from banksman_shared.models import ModelStore
from banksman_shared.models.defaults import STOP_WHISPER

FILE = "features.npz"
WHISPER = STOP_WHISPER
"""The model whose encoder the head listens to, whatever the site recognises speech with."""
WINDOW_S = 1.28
BATCH = 8
SCENES = {
    "kokoro": {Kind.STOP: 4, Kind.FINAL: 4, Kind.NEAR: 2, Kind.TALK: 2},
    "espeak": {},
    "people": {Kind.STOP: 18, Kind.TALK: 4},
}
"""Scenes of a clip, by engine and kind; 1 where nothing is said."""
NOISE_WINDOWS = 350

Encoded = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Features:
    """``encoded``: (n, steps, width). ``labels``: (n, families). ``weights``: (n,)."""

    encoded: Encoded
    labels: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float32]

    def with_talk(self, encoded: Encoded) -> Features:
        """These and others in which nobody says a stop word."""
        count = len(encoded)
        return Features(
            np.concatenate([self.encoded, encoded]),
            np.concatenate([self.labels, np.zeros((count, self.labels.shape[1]), np.int8)]),
            np.concatenate([self.weights, np.ones(count, np.float32)]),
        )


def features_of(folder: Path, clips: Sequence[StopClip], *, seed: int, done: Callable[[], None]) -> Features:
    """The features of all training clips in a folder, from its cache where they were computed before.

    ``done`` is called for every clip. Delete ``features.npz`` when clips have changed.

    Raises:
        ModelError: the Whisper for it is not here.
    """
    cache = folder / FILE
    if not cache.is_file():
        made = _Made()
        encoder = whisper_encoder()
        for window in _windows(folder, clips, seed, done):
            made.add(window, encoder)
        made.save(cache, encoder)
    with np.load(cache) as arrays:
        return Features(*(arrays[name] for name in Features.__slots__))


def whisper_encoder() -> StopEncoder:
    """On all CPUs.

    Raises:
        ModelError: the Whisper for it is not here.
    """
    return StopEncoder(ModelStore().path(WHISPER), usable_cpus())


def load_takes(folder: Path, clips: Iterable[StopClip]) -> list[Take]:
    """The clips with their sounds, in memory."""
    return [Take(clip, load_sound(folder / clip.audio).samples) for clip in clips]


def scene_maker(folder: Path, clips: Iterable[StopClip]) -> SceneMaker:
    """What makes scenes of the training clips in a folder."""
    takes = load_takes(folder, (clip for clip in clips if not clip.test))
    noises = [take.samples for take in takes if take.clip.kind is Kind.NOISE]
    spoken = [take for take in takes if take.clip.kind is not Kind.NOISE]
    return SceneMaker(spoken, noises, families(), round(WINDOW_S * SAMPLE_RATE))


def _windows(folder: Path, clips: Sequence[StopClip], seed: int, done: Callable[[], None]) -> Iterable[Window]:
    maker, random = scene_maker(folder, clips), np.random.default_rng(seed)
    for _ in range(NOISE_WINDOWS):
        yield maker.noise(random)
    for take in maker.takes:
        times = SCENES.get(take.clip.engine, {}).get(take.clip.kind, 1)
        yield from maker.windows(take, times, random)
        done()


def batches(windows: Iterable[Window]) -> Iterator[Sequence[Window]]:
    """As many as the encoder gets at once."""
    left = iter(windows)
    while batch := list(islice(left, BATCH)):
        yield batch


class _Made:
    """Windows and what became of them; sounds are let go once they are encoded."""

    def __init__(self) -> None:
        self._due: list[Window] = []
        self._encoded: list[Encoded] = []
        self._rest: list[tuple[npt.NDArray[np.int8], float]] = []

    def add(self, window: Window, encoder: StopEncoder) -> None:
        self._due.append(window)
        if len(self._due) == BATCH:
            self._encode(encoder)

    def _encode(self, encoder: StopEncoder) -> None:
        self._encoded.append(pooled(encoder.encode(np.stack([w.samples for w in self._due]))).astype(np.float16))
        self._rest += [(window.labels, window.weight) for window in self._due]
        self._due.clear()

    def save(self, cache: Path, encoder: StopEncoder) -> None:
        if self._due:
            self._encode(encoder)
        labels, weights = zip(*self._rest, strict=True)
        unfinished = cache.with_name(f"{cache.stem}.part.npz")
        np.savez(
            unfinished,
            encoded=np.concatenate(self._encoded),
            labels=np.stack(labels),
            weights=np.array(weights, np.float32),
        )
        unfinished.replace(cache)
