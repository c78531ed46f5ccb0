"""What lies between a mouth and the recogniser: a room, a headset, an amplifier, noise. Sounds are 16 kHz float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr

from banksman_edge.audio import SAMPLE_RATE, Samples

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Lays rooms, headsets, levels and noise over clean speech, each at random.

    ``noises`` are recordings to mix in, ``voices`` other people's speech for babble; ``clean`` is the share of
    sounds that get little more than a level, ``snr_db`` the range of the signal-to-noise ratio of the others.
    """

    noises: Sequence[Samples] = ()
    voices: Sequence[Samples] = ()
    clean: float = 0.3
    snr_db: tuple[float, float] = (5.0, 30.0)

    def apply(self, speech: Samples, random: Random) -> Samples:
        """The speech as it may arrive, with up to 0.4 s of what precedes and follows it."""
        sound = _change_speed(speech, random.uniform(0.95, 1.05)) if random.random() < 0.3 else speech
        before, after = (int(random.uniform(0, 0.4) * SAMPLE_RATE) for _ in range(2))
        sound = np.pad(sound, (before, after))
        if random.random() >= self.clean:
            if random.random() < 0.4:
                sound = reverberate(sound, random.uniform(0.1, 0.7), random)
            snr = random.uniform(*self.snr_db)
            sound = mix(sound, self.noise(len(sound), random), snr)
            if random.random() < 0.3:
                sound = band_pass(sound, random.uniform(80, 350), random.uniform(3300, 7000))
        sound = sound * np.float32(10 ** (random.uniform(-25, 6) / 20) / max(float(np.abs(sound).max()), 1e-6))
        # Above full scale the converter clips.
        return np.clip(sound, -1, 1).astype(np.float32)

    def noise(self, count: int, random: Random) -> Samples:
        """``count`` samples of some noise of unit power."""
        makers = [white, pink, machine]
        if self.noises:
            makers += [self._recorded] * 3
        if len(self.voices) > 4:
            makers.append(self._babble)
        made: Samples = makers[int(random.integers(len(makers)))](count, random)
        return made / np.float32(np.sqrt(np.mean(made**2)) + 1e-9)

    def _recorded(self, count: int, random: Random) -> Samples:
        return _stretch(self.noises[int(random.integers(len(self.noises)))], count, random)

    def _babble(self, count: int, random: Random) -> Samples:
        chosen = random.integers(len(self.voices), size=int(random.integers(3, 7)))
        summed: Samples = np.sum([_stretch(self.voices[int(i)], count, random) for i in chosen], axis=0)
        return summed


def mix(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """Speech with ``noise`` (unit power) at a signal-to-noise ratio; the power of speech counts where it is loud."""
    loud = np.abs(speech) > 0.05 * np.abs(speech).max(initial=0)
    power = float(np.mean(speech[loud] ** 2)) if loud.any() else 1e-6
    return (speech + noise * np.float32(np.sqrt(power) * 10 ** (-snr_db / 20))).astype(np.float32)


def white(count: int, random: Random) -> Samples:
    """Noise of equal power at all frequencies."""
    return random.standard_normal(count).astype(np.float32)


def pink(count: int, random: Random) -> Samples:
    """Noise whose power falls with the frequency."""
    return _shaped(count, random, 0.5)


def machine(count: int, random: Random) -> Samples:
    """A motor: harmonics of a slowly swaying base frequency (40 to 250 Hz) over brown noise."""
    time = np.arange(count) / SAMPLE_RATE
    base = random.uniform(40, 250)
    phase = 2 * np.pi * (base * time + random.uniform(0, 3) * np.sin(2 * np.pi * random.uniform(0.1, 2) * time))
    hum = sum(np.sin(k * phase + random.uniform(0, 6.3)) * random.uniform(0, 1) / k for k in range(1, 12))
    rumble = _shaped(count, random, 1.0)
    return np.asarray(hum + 2 * rumble / (rumble.std() + 1e-9), np.float32)


def reverberate(sound: Samples, seconds: float, random: Random) -> Samples:
    """The sound in a room whose echo falls by 60 dB within ``seconds``; its length stays."""
    count = int(seconds * SAMPLE_RATE)
    decay = np.exp(-6.9 * np.arange(count) / count)
    response = random.standard_normal(count) * decay * random.uniform(0.02, 0.12)
    response[0] = 1.0
    size = 1 << (len(sound) + count - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    return wet[: len(sound)].astype(np.float32)


def band_pass(sound: Samples, low: float, high: float) -> Samples:
    """What a headset lets through between ``low`` and ``high`` hertz, with soft edges."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt(1 + (low / np.maximum(frequency, 1)) ** 8) / np.sqrt(1 + (frequency / high) ** 12)
    return np.fft.irfft(spectrum * gain, len(sound)).astype(np.float32)


def _shaped(count: int, random: Random, exponent: float) -> Samples:
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** exponent
    spectrum[0] = 0
    return np.fft.irfft(spectrum, count).astype(np.float32)


def _change_speed(sound: Samples, factor: float) -> Samples:
    return np.asarray(soxr.resample(sound, SAMPLE_RATE * factor, SAMPLE_RATE), np.float32)


def _stretch(sound: Samples, count: int, random: Random) -> Samples:
    """``count`` samples from somewhere in ``sound``, which is repeated where it is shorter."""
    start = int(random.integers(len(sound)))
    return np.resize(np.roll(sound, -start), count)
