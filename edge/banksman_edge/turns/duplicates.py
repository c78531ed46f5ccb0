"""The same words heard by two headsets: which utterances are one.

Two operators stand beside each other; one speaks, both headsets hear it. Words alone do not tell: what the farther
headset heard may read otherwise, and two people may say nearly the same at nearly the same time. So the sounds are
compared, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Samples, Sound
from banksman_edge.utterance import Utterance

WINDOW_S = 1.0
"""The same words begin, or end, within this at two headsets."""
REMEMBERED = 32
HOP = 320
WINDOW = 640
MAX_LAG = 25
"""In hops: half a second."""
SHORTEST = 25
"""Hops of common sound below which nothing is said about likeness."""
ALIKE = 0.72
"""Measured on 31 synthesised sentences: one at two microphones (the second simulated: a room, 15 dB weaker) gave 0.83
and more with noise 20 dB below it, 0.73 at 10 dB; two different ones 0.66 or less, but for five pairs of up to 0.76, at
least three of them stops in different languages."""
_EDGES = np.geomspace(250, 4000, 13)
_FREQUENCIES = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
_BANDS = np.diff(_EDGES[:, None] > _FREQUENCIES, axis=0).T.astype(np.float32)
_TAPER = np.hanning(WINDOW).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Echo:
    """What is remembered of an utterance: ``began``, ``ended`` in monotonic-clock seconds; ``print``: what
    :func:`voiceprint` made of its sound, or None for a written one."""

    utterance: str
    device: str
    began: float
    ended: float
    print: Samples | None = None


def echo_of(utterance: Utterance, sound: Sound | None, arrived: float) -> Echo | None:
    """What to remember of an utterance; None without a device. One that says nothing else ended when it arrived."""
    if utterance.device is None:
        return None
    began, ended = arrived - (sound.seconds if sound else 0.0), arrived
    if utterance.spoken:
        began, ended = utterance.spoken.began, utterance.spoken.ended
    return Echo(utterance.id, utterance.device, began, ended, voiceprint(sound) if sound else None)


class TwinBook:
    """Remembers the last utterances that were acted on."""

    def __init__(self) -> None:
        self._acted: deque[tuple[Echo, Hashable]] = deque(maxlen=REMEMBERED)

    def twin(self, echo: Echo, meaning: Hashable) -> Echo | None:
        """The utterance of another device that is this one, heard or read a second time; the last one there is."""
        for other, meant in reversed(self._acted):
            if other.device != echo.device and _at_once(echo, other) and (meant == meaning or _same(echo, other)):
                return other
        return None

    def acted(self, echo: Echo, meaning: Hashable) -> None:
        """This one is being carried out. ``meaning``: equal for utterances that mean the same."""
        self._acted.append((echo, meaning))

    def asked(self, echo: Echo, meaning: Hashable) -> None:
        """A question was asked about this one. Whoever heard the same sound better is heard."""
        self._acted.append((replace(echo, print=None), meaning))


def voiceprint(sound: Sound) -> Samples:
    """How loud a sound is in each of twelve bands, above the quietest of it, each 20 ms: shape (n, 12)."""
    samples = np.pad(sound.samples, (0, max(0, WINDOW - len(sound.samples))))
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP] * _TAPER
    loudness = np.log(np.square(np.abs(np.fft.rfft(frames, axis=1))) @ _BANDS + 1e-9)
    return np.asarray(np.maximum(loudness - np.percentile(loudness, 10, axis=0), 0), np.float32)


def likeness(one: Samples, other: Samples) -> float:
    """The highest correlation of two voiceprints, moved against each other by up to half a second."""
    best = 0.0
    for lag in range(-MAX_LAG, MAX_LAG + 1):
        first, second = one[max(0, lag) :], other[max(0, -lag) :]
        size = min(len(first), len(second))
        if size < SHORTEST:
            continue
        a, b = first[:size] - first[:size].mean(axis=0), second[:size] - second[:size].mean(axis=0)
        best = max(best, float((a * b).sum() / np.sqrt(np.square(a).sum() * np.square(b).sum() + 1e-9)))
    return best


def _same(one: Echo, other: Echo) -> bool:
    return one.print is not None and other.print is not None and likeness(one.print, other.print) >= ALIKE


def _at_once(one: Echo, other: Echo) -> bool:
    return abs(one.began - other.began) <= WINDOW_S or abs(one.ended - other.ended) <= WINDOW_S
