"""How many stop words a spotter misses, by language and noise, and how often it hears one that nobody said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from banksman_edge.asr import WhisperStopSpotter
from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.lab.teach.augment import Augmentation, Random, mix
from banksman_edge.lab.teach.stop.clips import Kind
from banksman_edge.lab.teach.stop.scenes import Take, spoken_span
from banksman_edge.streams import Moment, StopEvidence, falls_silent

NOISE_LEVELS: tuple[float | None, ...] = (None, 20.0, 10.0, 5.0)
"""Signal-to-noise ratios in decibels; None is clean."""
BEFORE_S, AFTER_S = 1.0, 0.6
"""Silence before a stop word, and until when it has to be spotted after its end."""
AGAIN_S = 1.0
"""Alarms within this are one."""
LOUD_ENOUGH = 0.1
"""Of a clip's level: where it is quieter nobody speaks, and nobody looks for stop words."""


@dataclass(slots=True)
class Tally:
    """Stop words by language and noise, how long after their end they were spotted (seconds), and false alarms."""

    said: Counter[tuple[str, float | None]] = field(default_factory=Counter)
    missed: Counter[tuple[str, float | None]] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    talked_s: float = 0.0

    @property
    def alarms_per_hour(self) -> float:
        return len(self.alarms) * 3600 / self.talked_s if self.talked_s else 0.0

    def document(self) -> dict[str, Any]:
        """For JSON: misses as [missed, said] by language, then noise."""
        languages = sorted({code for code, _ in self.said})
        levels = sorted({level for _, level in self.said}, key=lambda level: -(level or np.inf))
        return {
            "missed": {
                code: {_level(v): [self.missed[code, v], self.said[code, v]] for v in levels} for code in languages
            },
            "delay_ms": {
                name: round(float(np.percentile(self.delays, p)) * 1000) if self.delays else None
                for name, p in (("p50", 50), ("p95", 95))
            },
            "talk_hours": round(self.talked_s / 3600, 3),
            "alarms": self.alarms,
            "alarms_per_hour": round(self.alarms_per_hour, 2),
        }


def try_out(spotter: WhisperStopSpotter, takes: Sequence[Take], threshold: float, random: Random) -> Tally:
    """Feed takes as a stream would. Stop words are heard in quiet and in noise, talk as it is."""
    tally = Tally()
    noises = [take.samples for take in takes if take.clip.kind is Kind.NOISE]
    for take in takes:
        if take.clip.kind is Kind.STOP:
            for level in NOISE_LEVELS:
                key = (take.clip.language, level)
                tally.said[key] += 1
                delay = spotted_after(spotter, in_noise(take.samples, level, noises, random), threshold, random)
                if delay is None:
                    tally.missed[key] += 1
                else:
                    tally.delays.append(delay)
        elif take.clip.kind in (Kind.TALK, Kind.NEAR):
            alarms = false_alarms(spotter, take.samples, threshold, random)
            tally.alarms += [f"{take.clip.language}: {take.clip.text}"] * alarms
            tally.talked_s += len(take.samples) / SAMPLE_RATE
    return tally


def in_noise(word: Samples, level: float | None, noises: Sequence[Samples], random: Random) -> tuple[Samples, int, int]:
    """A stop word after a second of silence, and the samples at which it begins and ends."""
    start, end = spoken_span(word)
    before, after = (np.zeros(round(s * SAMPLE_RATE), np.float32) for s in (BEFORE_S, AFTER_S + 0.2))
    sound = np.concatenate([before, word[start:end], after])
    noise = Augmentation(noises).noise(len(sound), random)
    noisy = mix(sound, noise, 60.0 if level is None else level)
    scaled = noisy * np.float32(0.5 / np.abs(noisy).max())
    return scaled, len(before), len(before) + end - start


def spotted_after(
    spotter: WhisperStopSpotter, scene: tuple[Samples, int, int], threshold: float, random: Random
) -> float | None:
    """Seconds from the end of the word to the hop in which it was spotted (negative: before), or None."""
    sound, start, end = scene
    looks = StopEvidence(threshold)
    for at, probability in _hops(spotter, sound, start, end + round(AFTER_S * SAMPLE_RATE), random):
        if looks.stop(Moment(at, (at - start) / SAMPLE_RATE, falls_silent(sound[:at]), 0.0), probability):
            return (at - end) / SAMPLE_RATE
    return None


def false_alarms(spotter: WhisperStopSpotter, sound: Samples, threshold: float, random: Random) -> int:
    """How often a stop word is spotted where none was said."""
    quiet = LOUD_ENOUGH * float(np.sqrt(np.mean(np.square(sound))))
    alarms, deaf_until, looks = 0, 0, StopEvidence(threshold)
    for at, probability in _hops(spotter, sound, SAMPLE_RATE // 4, len(sound), random, quiet):
        silent = falls_silent(sound[:at])
        moment = Moment(at, at / SAMPLE_RATE, silent, 0.0, goes_on=not silent)
        if looks.stop(moment, probability) and at >= deaf_until:
            alarms, deaf_until = alarms + 1, at + round(AGAIN_S * SAMPLE_RATE)
    return alarms


def _hops(
    spotter: WhisperStopSpotter, sound: Samples, start: int, end: int, random: Random, quiet: float = 0.0
) -> Iterator[tuple[int, float]]:
    hop = round(spotter.hop_s * SAMPLE_RATE)
    for at in range(start + int(random.integers(hop)), end, hop):
        newest = sound[max(0, at - SAMPLE_RATE // 2) : at]
        if quiet == 0 or float(np.sqrt(np.mean(np.square(newest)))) >= quiet:
            yield at, spotter.probability(sound[:at][-round(spotter.window_s * SAMPLE_RATE) :])


def _level(level: float | None) -> str:
    return "clean" if level is None else f"{level:.0f} dB"
