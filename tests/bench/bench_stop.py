"""From the end of a spoken stop word to the first startPause on the wire.

    python tests/bench/bench_stop.py [--clips DIR] [--times N] [--talk DIR] [--languages CODES]

Stop words are fed to a headset's stream in real time, in blocks of 20 ms. Broker and simulated vehicles are real; who
looks at the clock is a subscriber of its own. Once while nothing else happens, and once while the machine is busy:
another headset's sentence is recognised again and again, and the language model reads sentences all the time. Models
and spotter are those that an agent of the site loads. ``CODES``: the languages of the site, if they are to be others.
Prints one JSON document. ``DIR`` has a manifest of recordings (audio, kind, language, transcript); without it the words
are the synthesised ones of the tests. Words of other languages are left out. With ``--talk`` it counts false alarms in
the sounds of that manifest instead.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

import numpy as np
from plant import Plant, eventually, running_plant

from banksman_edge import Pipeline, Sound, Transcript, load_sound
from banksman_edge.app.build import load_recogniser, load_stop_spotter, load_understanding
from banksman_edge.asr.stop_spotter import WhisperStopSpotter, bundled_card
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.lab.teach.stop.scenes import spoken_span
from banksman_edge.lab.teach.stop.trial import false_alarms
from banksman_edge.streams import AudioStream
from banksman_edge.thread_priority import give_way
from banksman_shared.broker import broker
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import bundled_site, load_site

DATA = Path(__file__).parents[1] / "data"
BLOCK_S = 0.02
BEFORE_S, AFTER_S = 1.0, 1.2
STOP_WORDS = {word for families in bundled_card().words.values() for words in families.values() for word in words}
PARAPHRASE = "forklift three, would you mind heading for the vicinity of dock two when you get a chance"


class Wire:
    """Notes when the first startPause since :meth:`arm` came by."""

    def __init__(self, link: MqttLink) -> None:
        self.first: float | None = None
        link.subscribe("uagv/v2/+/+/instantActions", self._see)

    def _see(self, _topic: str, payload: bytes) -> None:
        if self.first is None and b"startPause" in payload:
            self.first = time.monotonic()

    def arm(self) -> None:
        self.first = None


def words(folder: Path, languages: tuple[str, ...]) -> list[Sound]:
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [row for row in rows if row.get("transcript", row.get("text")) in STOP_WORDS]
    return [load_sound(folder / row["audio"]) for row in said if row["language"] in languages]


def feed(stream: AudioStream, samples: Any) -> float:
    """As a microphone would, each block when its last sample has been spoken; returns when the first one was."""
    began = time.monotonic()
    size = int(BLOCK_S * SAMPLE_RATE)
    for at in range(0, len(samples), size):
        block = samples[at : at + size]
        time.sleep(max(0.0, began + (at + len(block)) / SAMPLE_RATE - time.monotonic()))
        stream.feed(block)
    return began


def latency(plant: Plant, wire: Wire, word: Sound) -> float | None:
    """Milliseconds, or None if the word was not spotted before its sentence was over."""
    start, end = spoken_span(word.samples)
    before, after = (np.zeros(round(s * SAMPLE_RATE), np.float32) for s in (BEFORE_S, AFTER_S))
    room = np.random.default_rng(1).normal(0, 5e-4, len(before) + end - start + len(after)).astype(np.float32)
    samples = np.concatenate([before, word.samples[start:end], after]) + room
    wire.arm()
    stream = plant.agent.headsets.open("measured")
    began = feed(stream, samples)
    stream.close()
    seen = wire.first
    if any(view.stopped for view in plant.fleet.vehicles().values()):
        plant.fleet.resume(f"bench-{began}", ["*"])
    eventually(lambda: not any(view.stopped for view in plant.fleet.vehicles().values()), "all resumed")
    time.sleep(0.5)
    return None if seen is None else (seen - began - (len(before) + end - start) / SAMPLE_RATE) * 1000


@contextmanager
def load(plant: Plant, understanding: Pipeline) -> Iterator[None]:
    """A second headset that is spoken to without a pause, and a language model that never rests."""
    ended = threading.Event()
    sentence = load_sound(DATA / "speech" / "en-transport.flac").samples

    def talk() -> None:
        stream = plant.agent.headsets.open("other", obeyed=False)
        while not ended.is_set():
            feed(stream, sentence)

    def read() -> None:
        give_way()  # as the agent's own thread for this does
        while not ended.is_set():
            understanding.parse(Transcript(PARAPHRASE, "en", 1.0))

    threads = [threading.Thread(target=work, daemon=True) for work in (talk, read)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)


def alarms(folder: Path, spotter: WhisperStopSpotter) -> dict[str, Any]:
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    random, talked_s, heard = np.random.default_rng(0), 0.0, []
    for row in rows:
        if row.get("kind") == "noise" or row.get("transcript") in STOP_WORDS:
            continue
        samples = load_sound(folder / row["audio"]).samples
        talked_s += len(samples) / SAMPLE_RATE
        heard += [row["audio"]] * false_alarms(spotter, samples, spotter.threshold, random)
    return {"hours": round(talked_s / 3600, 3), "alarms": len(heard), "in": heard}


def report(times: list[float | None]) -> dict[str, Any]:
    seen = [t for t in times if t is not None]
    p50, p95 = (round(float(np.percentile(seen, p))) for p in (50, 95)) if seen else (None, None)
    return {"said": len(times), "spotted": len(seen), "p50_ms": p50, "p95_ms": p95}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clips", type=Path)
    arguments.add_argument("--times", type=int, default=1)
    arguments.add_argument("--talk", type=Path)
    arguments.add_argument("--languages", help="such as en,es,ar")
    chosen = arguments.parse_args()
    site = load_site(bundled_site())
    if chosen.languages:
        site = replace(site, languages=tuple(chosen.languages.split(",")))
    spotter = load_stop_spotter(site)
    if chosen.talk:
        json.dump(alarms(chosen.talk, spotter), sys.stdout, indent=1)
        return
    understanding = load_understanding(site, None)
    said = words(chosen.clips or DATA / "stop", site.languages) * chosen.times
    with broker() as running, MqttLink(MqttSettings(running.url)) as link:
        wire = Wire(link)
        with running_plant(site, running.url, recogniser=load_recogniser(site, None)) as plant:
            plant.agent.headsets.spot_stops(spotter)
            idle = [latency(plant, wire, word) for word in said]
            with load(plant, understanding):
                busy = [latency(plant, wire, word) for word in said]
    json.dump({"idle": report(idle), "busy": report(busy)}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
