"""Short scenes around a stop word, or without one, and the windows of sound that a spotter would see in them.

A window counts as positive from the end of the word until half a second later. What ends in the middle of the word, and
all that comes before it, is negative: a spotter must not fire at "sto".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.augment import Augmentation, Random, band_pass, mix, reverberate
from banksman_edge.lab.teach.stop.clips import Kind, StopClip
from banksman_edge.lab.teach.stop.lines import all_lines

LATEST_S = 0.5
"""So long after its end a stop word still counts as just said."""
GROWS_ON = {"pare": 0.12, "alto": 0.12, "frena": 0.12, "whoa": 0.12}
"""Families that other words begin with ("para el muelle"): they count once so many seconds of silence follow."""
WITHIN = {"alto": "halt"}
"""Families whose word begins with another's; that of a word which begins with one of its own family is the same."""
PIECES, PAUSES_S, LEVEL = 3, (0.05, 0.1, 0.3, 0.6, 1.0), np.float32(0.1)
"""How many pieces of talk are heard together, the silence behind each, and their level (root mean square)."""
ENDS_DB = -32.0
HOP = 160
CONFUSED = -1
"""The label of a family that a window says nothing about."""


@dataclass(frozen=True, slots=True)
class Take:
    """A clip with its sound."""

    clip: StopClip
    samples: Samples


@dataclass(frozen=True, slots=True)
class Window:
    """``samples``: shape (size,). ``labels``: shape (families,), 1, 0 or CONFUSED."""

    samples: Samples
    labels: npt.NDArray[np.int8]
    weight: float


def spoken_span(samples: Samples) -> tuple[int, int]:
    """First and last sample of what is loud."""
    count = len(samples) // HOP
    if count < 3:
        return 0, len(samples)
    power = np.square(samples[: count * HOP]).reshape(count, HOP).mean(axis=1)
    level = np.convolve(np.sqrt(power + 1e-12), [0.25, 0.5, 0.25], "same")
    loud = np.flatnonzero(level > level.max() * 10 ** (ENDS_DB / 20))
    return int(loud[0] * HOP), int((loud[-1] + 1) * HOP)


def window_before(samples: Samples, end: int, size: int) -> Samples:
    """The last ``size`` samples before ``end``, with silence before the beginning."""
    newest = samples[max(0, end - size) : max(0, end)]
    return np.pad(newest, (size - len(newest), 0)).astype(np.float32)


class SceneMaker:
    """Makes scenes of takes. ``size``: samples of a window; ``families``: in the order of the labels."""

    def __init__(self, takes: Sequence[Take], noises: Sequence[Samples], families: Sequence[str], size: int) -> None:
        self.takes, self._families, self._size = tuple(takes), tuple(families), size
        self._beside = {
            code: [t for t in takes if t.clip.language == code and t.clip.kind is Kind.CONTEXT]
            for code in {t.clip.language for t in takes}
        }
        self._talk = {
            code: [t for t in takes if t.clip.language == code and t.clip.kind is Kind.TALK] for code in self._beside
        }
        self._talkers = {
            engine: [t for t in takes if t.clip.engine == engine and t.clip.kind is Kind.TALK]
            for engine in sorted({t.clip.engine for t in takes if t.clip.kind is Kind.TALK})
        }
        voices = [t.samples for talk in self._talk.values() for t in talk]
        self._air = Augmentation(noises, voices)

    def windows(self, take: Take, times: int, random: Random) -> Iterator[Window]:
        """So many scenes of a take."""
        for _ in range(times):
            if take.clip.family:
                yield from self._with_stop(take, random)
            else:
                yield from self._without(take, random)

    def noise(self, random: Random) -> Window:
        """A window in which nobody speaks."""
        sound = self._air.noise(self._size, random) * np.float32(10 ** (random.uniform(-45, 0) / 20))
        return self._window(np.clip(sound, -1, 1), self._size, "")

    # With a stop word

    def _with_stop(self, take: Take, random: Random) -> Iterator[Window]:
        clip = take.clip
        start, end = spoken_span(take.samples)
        word = _faster(take.samples[max(0, start - 3 * HOP) : end], random)
        scene = [*self._lead_in(clip, random)]
        spans = []
        for number in range(1 + (random.random() < 0.2) + (random.random() < 0.08)):
            if number:
                scene.append(_silence(random.uniform(0.03, 0.35)))
            at = sum(map(len, scene))
            scene.append(word * np.float32(10 ** (random.uniform(-3, 2) / 20)))
            spans.append((at, at + len(word)))
        goes_on = bool(self._beside.get(clip.language)) and random.random() < 0.3
        if goes_on:
            scene += [_silence(random.uniform(0.3 if clip.family in GROWS_ON else 0.03, 0.6))]
            scene += [self._some(self._beside[clip.language], random)]
        scene.append(_silence(0.8))
        sound = self._through_air(np.concatenate(scene), random)
        _, last = spans[int(random.integers(len(spans)))]
        for _ in range(2):
            late = random.uniform(GROWS_ON.get(clip.family, 0.0), LATEST_S - 0.1 * goes_on)
            yield self._window(sound, last + int(late * SAMPLE_RATE), clip.family, weight=1.5)
        first, ended = spans[0]
        if clip.kind is Kind.STOP and random.random() < 0.6:
            part = first + int((ended - first) * random.uniform(0.1, 0.6))
            yield self._window(sound, part, "", unsure=_begins_with(clip), weight=0.5)
        if clip.kind is Kind.STOP and random.random() < 0.35:
            yield self._window(sound, first - int(random.uniform(0, 0.5) * SAMPLE_RATE), "")

    def _lead_in(self, clip: StopClip, random: Random) -> Iterator[Samples]:
        """What is heard before the stop word: a name, other talk, or nothing."""
        chance = random.random()
        if clip.kind is Kind.STOP and chance < 0.35 and self._beside.get(clip.language):
            yield self._some(self._beside[clip.language], random)
            yield _silence(random.uniform(0.04, 0.5))
        elif chance < 0.5 and self._talk.get(clip.language):
            yield self._some(self._talk[clip.language], random)
            yield _silence(random.uniform(0.3, 0.9))
        else:
            yield _silence(random.uniform(0.05, 1.7))

    # Without

    def _without(self, take: Take, random: Random) -> Iterator[Window]:
        clip, speech = take.clip, _faster(take.samples, random)
        scene = [*self._lead_in(clip, random)]
        start = sum(map(len, scene))
        sound = self._through_air(np.concatenate([*scene, speech, _silence(0.5)]), random)
        count = 3 if clip.kind is Kind.NEAR else min(7, 1 + len(speech) // SAMPLE_RATE)
        for _ in range(count):
            if random.random() < 0.65:
                end = random.uniform(start + 0.15 * SAMPLE_RATE, start + len(speech) + 0.4 * SAMPLE_RATE)
            else:  # just when it is over, like a stop word
                end = start + len(speech) + random.uniform(-0.05, 0.35) * SAMPLE_RATE
            yield self._window(sound, int(end), "")

    def talk(self, hop_s: float, random: Random) -> Iterator[Window]:
        """All that a stream sees of some talk in one language, a look every ``hop_s`` seconds.

        Raises:
            TeachingError: nobody talks in any clip.
        """
        if not self._talkers:
            raise TeachingError("there is no talk among the clips; prepare some, or teach with --talk-hours 0")
        takes = self._talkers[str(random.choice(list(self._talkers)))]
        first = takes[int(random.integers(len(takes)))]
        alike = [take for take in takes if take.clip.language == first.clip.language]
        scene = [_silence(random.uniform(0.1, 1.2))]
        for take in (first, *(alike[int(random.integers(len(alike)))] for _ in range(PIECES - 1))):
            loud = LEVEL * np.float32(10 ** (random.uniform(-8, 3) / 20))
            level = np.float32(np.sqrt(np.mean(np.square(take.samples))) + 1e-6)
            scene += [_faster(take.samples, random) * (loud / level), _silence(float(random.choice(PAUSES_S)))]
        sound = self._through_air(np.concatenate([*scene, _silence(LATEST_S)]), random)
        for end in range(SAMPLE_RATE // 4, len(sound), round(hop_s * SAMPLE_RATE)):
            yield self._window(sound, end, "")

    # Both

    def _some(self, takes: Sequence[Take], random: Random) -> Samples:
        samples = takes[int(random.integers(len(takes)))].samples
        return np.asarray(samples * np.float32(10 ** (random.uniform(-10, 2) / 20)), np.float32)

    def _through_air(self, sound: Samples, random: Random) -> Samples:
        """In a room, shouted into a limiter, through noise and a headset, at some level; or little of that."""
        if random.random() < 0.5:
            sound = reverberate(sound, random.uniform(0.08, 0.6), random)
        level = float(np.sqrt(np.mean(np.square(sound[np.abs(sound) > 0.02 * np.abs(sound).max()]))) + 1e-9)
        if random.random() < 0.35:
            sound = np.tanh(sound / level * random.uniform(0.3, 2.5)).astype(np.float32)
        snr = random.uniform(0, 30) if random.random() < 0.75 else random.uniform(35, 60)
        sound = mix(sound, self._air.noise(len(sound), random), snr)
        if random.random() < 0.4:
            sound = band_pass(sound, random.uniform(60, 350), random.uniform(2800, 7500))
        gain = 10 ** (random.uniform(-38, 3) / 20) / max(float(np.abs(sound).max()), 1e-6)
        return np.asarray(np.clip(sound * np.float32(gain), -1, 1), np.float32)

    def _window(self, sound: Samples, end: int, family: str, *, unsure: str = "", weight: float = 1.0) -> Window:
        labels = np.zeros(len(self._families), np.int8)
        if family:
            labels[self._families.index(family)] = 1
        if unsure:
            labels[self._families.index(unsure)] = CONFUSED
        return Window(window_before(sound, end, self._size), labels, weight)


def _begins_with(clip: StopClip) -> str:
    """The family of which a word may be heard where only the beginning of the clip's was said."""
    own = all_lines().get(clip.language)
    words = own.stop.get(clip.family, ()) if own else ()
    longer = any(clip.text.startswith(word) and clip.text != word for word in words)
    return clip.family if longer and clip.family not in GROWS_ON else WITHIN.get(clip.family, "")


def _silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def _faster(samples: Samples, random: Random) -> Samples:
    """Played at another speed, which changes the pitch as well."""
    positions = np.arange(0, len(samples) - 1, random.uniform(0.87, 1.18))
    return np.asarray(np.interp(positions, np.arange(len(samples)), samples), np.float32)
