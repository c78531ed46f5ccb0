"""Noises of a site, made from a seed: nothing is recorded, and the same seed gives the same noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_edge.audio import SAMPLE_RATE, Samples, Sound

ACTIVE_DB = 40.0
"""Frames of speech this far below the loudest are pauses and do not count for its level (after ITU-T P.56)."""
FRAME = 320
BABBLERS = 6
NOTES_HZ = (110.0, 130.8, 146.8, 164.8, 196.0, 220.0)
"""A minor pentatonic from A2, which sounds like music whatever order it comes in."""

Noise = Callable[[int, np.random.Generator], Samples]
"""From a number of samples and a source of chance to a noise of unit variance."""


def pink(count: int, random: np.random.Generator) -> Samples:
    """Noise whose power falls with the frequency, as of air and distant traffic."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    return _unit(np.fft.irfft(spectrum, count))


def machine(count: int, random: np.random.Generator) -> Samples:
    """A motor with its harmonics under changing load, the air it moves, and something that knocks."""
    time = np.arange(count) / SAMPLE_RATE
    turns = random.uniform(24, 60)
    load = 1 + 0.03 * np.sin(2 * np.pi * random.uniform(0.1, 0.4) * time)
    phase = 2 * np.pi * np.cumsum(turns * load) / SAMPLE_RATE
    hum = sum(np.sin(k * phase + random.uniform(0, 6.28)) / k**0.7 for k in range(1, 25))
    knocks = np.zeros(count)
    for at in random.integers(0, count, max(1, int(count / SAMPLE_RATE * random.uniform(0.5, 3)))):
        length = min(SAMPLE_RATE // 5, count - at)
        ring = np.sin(2 * np.pi * random.uniform(400, 2500) * time[:length]) * np.exp(-time[:length] * 40)
        knocks[at : at + length] += 4 * ring
    return _unit(_unit(hum) + 0.8 * pink(count, random) + knocks)


def beeps(count: int, random: np.random.Generator) -> Samples:
    """A reversing alarm: one tone, half a second on and half a second off, over a little pink noise."""
    time = np.arange(count) / SAMPLE_RATE
    pitch = random.uniform(900, 1500)
    tone = np.sign(np.sin(2 * np.pi * pitch * time)) * (time % 1.0 < 0.5)
    return _unit(tone + 0.2 * pink(count, random))


def music(count: int, random: np.random.Generator) -> Samples:
    """Something like music on a radio: plucked notes over a bass, with a drum on the beat."""
    beat = int(SAMPLE_RATE * 60 / random.uniform(80, 130))
    sound = np.zeros(count + 4 * beat)
    for number, at in enumerate(range(0, count, beat)):
        for octave, loud in ((1, 1.0), (2, 0.6), (4, 0.5)):
            if octave == 1 and number % 2:
                continue
            sound[at : at + 2 * beat] += loud * _pluck(octave * random.choice(NOTES_HZ), 2 * beat)
        drum = random.standard_normal(beat // 4) * np.exp(-np.arange(beat // 4) / (0.02 * SAMPLE_RATE))
        sound[at : at + beat // 4] += (0.8 if number % 2 else 0.3) * drum
    return _unit(sound[:count])


NOISES: Mapping[str, Noise] = MappingProxyType({"pink": pink, "machine": machine, "beeps": beeps, "music": music})


def babble(voices: Sequence[Sound]) -> Noise:
    """Several of ``voices`` at once, each backwards: the sound of people talking, with nothing in it to understand."""

    def noise(count: int, random: np.random.Generator) -> Samples:
        total = np.zeros(count, np.float32)
        for _ in range(BABBLERS):
            parts: list[Samples] = []
            while sum(map(len, parts)) < count + SAMPLE_RATE:
                parts.append(voices[int(random.integers(len(voices)))].samples[::-1])
            start = int(random.integers(SAMPLE_RATE))
            total += _unit(np.concatenate(parts)[start : start + count])
        return _unit(total)

    return noise


def speech_level(sound: Sound) -> float:
    """Root mean square of the sound where somebody speaks, 0 for silence."""
    frames = sound.samples[: len(sound.samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.square(frames, dtype=np.float64).mean(axis=1) if len(frames) else np.zeros(1)
    active = power[power > power.max() * 10 ** (-ACTIVE_DB / 10)]
    return float(np.sqrt(active.mean())) if len(active) else 0.0


def lay_over(sound: Sound, noise: Noise, snr_db: float, random: np.random.Generator) -> Sound:
    """The sound with noise ``snr_db`` decibels below its speech; turned down where it would clip."""
    added = noise(len(sound.samples), random) * (speech_level(sound) * 10 ** (-snr_db / 20))
    mixed = sound.samples + added.astype(np.float32)
    return Sound(mixed / max(1.0, float(np.abs(mixed).max(initial=0.0)) / 0.99))


def hours_of_noise(seconds: float, seed: int, *, piece_s: float = 60.0) -> Iterator[tuple[str, Sound]]:
    """Noises by turns, each with its name, as long and as loud as chance has it, ``seconds`` in all."""
    random = np.random.default_rng(seed)
    left, names = seconds, list(NOISES)
    while left > 0:
        name = names[int(random.integers(len(names)))]
        length = min(left, piece_s * random.uniform(0.5, 1.5))
        level = 10 ** (-random.uniform(12, 40) / 20)
        noise = NOISES[name](int(length * SAMPLE_RATE), random) * level
        yield name, Sound(np.clip(noise, -1, 1).astype(np.float32))
        left -= length


def _pluck(pitch_hz: float, count: int) -> Samples:
    time = np.arange(count) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * k * pitch_hz * time) / k**1.5 for k in range(1, 6))
    return np.asarray(tone * np.exp(-time * 3) * np.minimum(1, time * 200), np.float32)


def _unit(noise: npt.NDArray[np.floating[Any]]) -> Samples:
    return np.asarray(noise / max(float(noise.std()), 1e-9), np.float32)
