"""Streams for an hour of sound and more, several at once: every order is heard, and the memory stays as it is.

The sound is fed as fast as it can be heard; ``make soak`` takes an hour of sound on each of eight streams, and on two
with the real recogniser and stop spotter.
"""

from __future__ import annotations

import gc
import resource
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stream_world import in_a_room, judge, quiet, spoken

from banksman_edge import Sound, Transcript
from banksman_edge.app.build import load_recogniser, load_stop_spotter
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.streams import AudioStream, SharedParts, SharedRecogniser, StopWatch, StreamEvent
from banksman_edge.streams.order_completeness import order_judge
from banksman_edge.understanding import Pipeline
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site

STREAMS, FEWER = 8, 2
GROWTH_MB = 20.0
_STATM = Path("/proc/self/statm")


class Hearing:
    """Hears a whole order in every sound, and keeps none of them."""

    def transcribe(self, sound: Sound) -> Transcript:
        assert np.isfinite(sound.samples).all()
        return Transcript("go to dock two.", "en", 0.9)


class Never:
    """Hears no stop."""

    window_s, hop_s, threshold = 1.0, 0.1, 0.5
    words = frozenset[str]()

    def probability(self, window: Any) -> float:
        return 0.0 * len(window)


def resident_mb() -> float:
    gc.collect()
    return int(_STATM.read_text().split()[1]) * resource.getpagesize() / 1e6


class Tally:
    """Counts events, and keeps none."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.changed = threading.Condition()

    def take(self, event: StreamEvent) -> None:
        with self.changed:
            self.counts[event.name] = self.counts.get(event.name, 0) + 1
            self.changed.notify_all()

    def wait_for_finals(self) -> None:
        """Recognition may be a little behind the sound; no stream runs away from it."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: self.counts.get("final", 0) >= self.counts.get("endpoint", 0) - STREAMS, timeout=60
            )


def scene_of(speech: dict[str, Sound]) -> Any:
    """An order, a long pause, a broken microphone, and noise."""
    trouble = np.concatenate([np.full(800, np.nan, np.float32), np.ones(8000, np.float32), np.zeros(16000, np.float32)])
    words = spoken(speech["en-callsign"])
    return np.concatenate([in_a_room(words, quiet(12)), trouble, quiet(20, 0.01)[: 60 * SAMPLE_RATE]])


def grown_mb(shared_parts: SharedParts, scene: Any, scenes: int, count: int) -> float:
    """How much more memory there is after all scenes than after a quarter of them. Every order must be heard."""
    tally = Tally()
    streams = [AudioStream(f"headset-{number}", shared_parts, tally.take) for number in range(count)]
    before = 0.0
    for number in range(scenes):
        if number == scenes // 4:
            before = resident_mb()
        for at in range(0, len(scene), SAMPLE_RATE):
            for stream in streams:
                stream.feed(scene[at : at + SAMPLE_RATE])
        tally.wait_for_finals()
        streams[number % count].close()  # one leaves, another comes
        streams[number % count] = AudioStream(f"headset-{number}", shared_parts, tally.take)
    grown = resident_mb() - before
    with tally.changed:
        assert tally.changed.wait_for(lambda: tally.counts.get("final", 0) == scenes * count, timeout=60), tally.counts
    assert tally.counts["endpoint"] == scenes * count
    return grown


def minutes_of(scene: Any, minutes: float) -> int:
    """How many scenes that is."""
    return max(1, round(minutes * 60 / (len(scene) / SAMPLE_RATE)))


only_linux = pytest.mark.skipif(not _STATM.exists(), reason="only Linux tells how much memory a process has now")
long = [pytest.mark.soak, pytest.mark.timeout(7200)]


@only_linux
@pytest.mark.parametrize("minutes", [pytest.param(1, id="short"), pytest.param(60, marks=long, id="long")])
def test_streams_go_on_for_ever_and_keep_nothing(speech: dict[str, Sound], minutes: int) -> None:
    scene = scene_of(speech)
    shared, watch = SharedRecogniser(Hearing()), StopWatch(Never())
    grown = grown_mb(SharedParts(shared, judge, ManualClock(), watch), scene, minutes_of(scene, minutes), STREAMS)
    shared.close()
    watch.close()
    assert grown < GROWTH_MB


@only_linux
@pytest.mark.models
@pytest.mark.parametrize("minutes", [pytest.param(1, id="short"), pytest.param(60, marks=long, id="long")])
def test_nor_do_the_recogniser_and_the_stop_spotter(speech: dict[str, Sound], site: Site, minutes: int) -> None:
    """The real ones, as an agent loads them: what runs in C++ is most likely to keep something."""
    scene = scene_of(speech)
    names = Pipeline(site, None)
    shared = SharedRecogniser(load_recogniser(site, None, threads=1, names=names))
    watch = StopWatch(load_stop_spotter(site))
    shared_parts = SharedParts(shared, order_judge(names), ManualClock(), watch)
    grown = grown_mb(shared_parts, scene, minutes_of(scene, minutes), FEWER)
    shared.close()
    watch.close()
    assert grown < GROWTH_MB
