"""Prepared clips as batches to train on, made in a thread beside the training."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_edge.audio import SAMPLE_RATE, Samples, load_sound
from banksman_edge.lab.teach.augment import Augmentation
from banksman_edge.lab.teach.hearing import Features, Hearing
from banksman_edge.lab.teach.manifest import Clip

NOISE_SHARE = 0.04
"""The share of clips that are nothing but noise."""
LONG_CONTEXT = 0.1
"""The share of batches that get up to 8 s of silence after them, so that long contexts stay as good."""
_BUCKETS = 8
"""Batches are cut from this many drawn together and sorted by length, so that clips need little padding."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A clip with what it should be heard as: all tokens from start to end.

    ``taught`` is None where the text is right, and else the unchanged model's last hidden states at the
    positions that predict (tokens - 1, width): what it would have said is to be kept.
    """

    samples: Samples
    tokens: tuple[int, ...]
    taught: npt.NDArray[np.float32] | None = None
    noise: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """``features`` are (batch, 80, frames): every sound with silence after it, as long as the longest."""

    features: Features
    lessons: tuple[Lesson, ...]


def load_samples(clips: Sequence[Clip], folder: Path) -> list[Samples]:
    """The sounds of clips, in order."""
    return [load_sound(folder / clip.audio).samples for clip in clips]


class Lessons:
    """Draws batches: commands, ``kept_share`` of what is to be heard as before, and noise."""

    def __init__(
        self,
        commands: Sequence[Lesson],
        kept: Sequence[Lesson],
        noises: Sequence[Samples],
        hearing: Hearing,
        kept_share: float,
    ) -> None:
        self._commands, self._kept, self._hearing, self._kept_share = commands, kept, hearing, kept_share
        self._augmentation = Augmentation(noises, [lesson.samples for lesson in commands[:400]])
        self._silent = (hearing.prompt("en")[0], hearing.no_speech)

    def batches(self, count: int, size: int, seed: int) -> Iterator[Batch]:
        """``count`` batches of ``size`` clips, made ahead in a thread; the same seed draws the same ones."""
        made: queue.Queue[Batch | BaseException] = queue.Queue(4)
        stop = threading.Event()

        def make() -> None:
            try:
                for batch in itertools.islice(self._made(size, np.random.default_rng(seed)), count):
                    while not stop.is_set():
                        try:
                            made.put(batch, timeout=1)
                            break
                        except queue.Full:
                            continue
            except Exception as error:  # noqa: BLE001  raised again where the batches are taken
                made.put(error)

        thread = threading.Thread(target=make, name="lessons", daemon=True)
        thread.start()
        try:
            for _ in range(count):
                item = made.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            stop.set()
            thread.join()

    def _made(self, size: int, random: np.random.Generator) -> Iterator[Batch]:
        order = self._shuffled(random)
        while True:
            drawn = [next(order) for _ in range(size * _BUCKETS)]
            sounds = sorted(((self._sound(lesson, random), lesson) for lesson in drawn), key=lambda it: len(it[0]))
            for bucket in random.permutation(_BUCKETS):
                yield self._batch(sounds[int(bucket) * size : (int(bucket) + 1) * size], random)

    def _shuffled(self, random: np.random.Generator) -> Iterator[Lesson]:
        pools = {"commands": self._commands, "kept": self._kept}
        turns = {name: _endless(pool, random) for name, pool in pools.items() if pool}
        while True:
            chance = random.random()
            if chance < NOISE_SHARE:
                yield Lesson(np.zeros(int(random.uniform(0.5, 4) * SAMPLE_RATE), np.float32), self._silent, noise=True)
            elif "kept" in turns and (chance < NOISE_SHARE + self._kept_share or "commands" not in turns):
                yield next(turns["kept"])
            else:
                yield next(turns["commands"])

    def _batch(self, sounds: Sequence[tuple[Samples, Lesson]], random: np.random.Generator) -> Batch:
        margin = random.uniform(1, 8) if random.random() < LONG_CONTEXT else random.uniform(0.16, 0.6)
        seconds = max(random.uniform(1.0, 1.5), len(sounds[-1][0]) / SAMPLE_RATE + margin)
        # The encoder's second convolution takes two frames of 10 ms a step.
        count = int(min(seconds, 30.0) * 50) * SAMPLE_RATE // 50
        features = [self._hearing.features(np.pad(sound, (0, count))[:count]) for sound, _ in sounds]
        return Batch(np.stack(features), tuple(lesson for _, lesson in sounds))

    def _sound(self, lesson: Lesson, random: np.random.Generator) -> Samples:
        if not lesson.noise:
            return self._augmentation.apply(lesson.samples, random)
        level = 10 ** (random.uniform(-60, -5) / 20)
        return (self._augmentation.noise(len(lesson.samples), random) * np.float32(0.3 * level)).astype(np.float32)


def _endless(pool: Sequence[Lesson], random: np.random.Generator) -> Iterator[Lesson]:
    while True:
        for index in random.permutation(len(pool)):
            yield pool[int(index)]


def command_lesson(clip: Clip, samples: Samples, hearing: Hearing) -> Lesson:
    """A clip whose text is right."""
    return Lesson(samples, (*hearing.prompt(clip.language), *hearing.tokens(clip.text, clip.language), END))


def own_text(language: str, samples: Samples, encoded: Any, hearing: Hearing) -> tuple[int, ...]:
    """All tokens that the unchanged model writes, in a language or, if it does not know it, in the likeliest."""
    known = language if language in hearing.languages else hearing.likely(encoded)
    tokens, _ = hearing.write(encoded, known, len(samples) / SAMPLE_RATE)
    return (*hearing.prompt(known), *tokens, END)


END = 50257
"""Multilingual Whisper's token for the end of a text."""
