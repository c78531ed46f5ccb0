"""How long the answer takes when several people speak at once: the clips of tests/data/speech into 1, 2, 4 and 8
streams at the same time, as fast as they are spoken, all with one recogniser and one stop spotter. These are the ones
that an agent of the bundled site loads, unless another Whisper is named.

    python tests/bench/bench_streams.py [--clips 12] [--whisper NAME] [--threads 2] [--plot streams.svg]

Prints one JSON document: for each number of streams, milliseconds from the end of the last word to the endpoint and to
the final transcript (p50, p95), how many utterances were heard of how many spoken, the processor time that a second
of sound took, and milliseconds from when sound was there until it had been looked through for stop words (p50, p95, the
longest), with how many looks were passed over for newer sound. The plot shows the latency over the number of streams.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from stream_world import in_a_room, quiet

from banksman_edge.app.build import load_recogniser, load_stop_spotter
from banksman_edge.audio import SAMPLE_RATE, load_sound
from banksman_edge.audio.sound import Samples
from banksman_edge.streams import (
    AudioStream,
    Endpoint,
    Final,
    NothingHeard,
    SharedParts,
    SharedRecogniser,
    StopSpotter,
    StopWatch,
    StreamEvent,
)
from banksman_edge.streams.order_completeness import order_judge
from banksman_edge.streams.spotting import Looked
from banksman_edge.understanding import Pipeline
from banksman_shared.clock import SystemClock
from banksman_shared.models import default_whisper
from banksman_shared.site import bundled_site, load_site

CLIPS = Path(__file__).parents[1] / "data" / "speech"
COUNTS = (1, 2, 4, 8)
BLOCK = 512
PAUSE_S = 1.5
PATIENCE_S = 60.0


@dataclass
class Wearer:
    """Whoever speaks into one stream, and how long each answer took."""

    shared_parts: SharedParts
    sounds: list[Any]
    endpoints: list[float] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    nothings: int = 0

    def __post_init__(self) -> None:
        self.stream = AudioStream("headset", self.shared_parts, self.hear)
        self.began = time.monotonic()

    def hear(self, event: StreamEvent) -> None:
        now = time.monotonic()
        match event:
            case Endpoint():
                self.endpoints.append((now - self.began - event.spoken) * 1000)
            case Final():
                self.finals.append((now - event.ended) * 1000)
            case NothingHeard():
                self.nothings += 1

    def speak(self) -> None:
        """All sounds, as fast as a microphone would bring them."""
        joined = in_a_room(*[part for sound in self.sounds for part in (sound, quiet(PAUSE_S))])
        self.began = time.monotonic()
        for at in range(0, len(joined), BLOCK):
            due = self.began + min(at + BLOCK, len(joined)) / SAMPLE_RATE
            time.sleep(max(0.0, due - time.monotonic()))
            self.stream.feed(joined[at : at + BLOCK])
        deadline = time.monotonic() + PATIENCE_S
        while self.stream.busy_since() and time.monotonic() < deadline:
            time.sleep(0.01)


class TimedWatch(StopWatch):
    """Notes how long after it was there sound had been looked through for stop words."""

    def __init__(self, spotter: StopSpotter) -> None:
        self._shown: dict[int, float] = {}
        self._look = spotter.probability
        spotter.probability = self._timed  # type: ignore[method-assign]
        self.shown, self.waits = 0, list[float]()
        super().__init__(spotter)

    def show(self, stream: object, window: Samples, looked: Looked) -> bool:
        self._shown[id(window)] = time.monotonic()
        self.shown += 1
        return super().show(stream, window, looked)

    def _timed(self, window: Samples) -> float:
        since = self._shown[id(window)]
        probability = self._look(window)
        self.waits.append((time.monotonic() - since) * 1000)
        return probability

    def report(self) -> dict[str, Any]:
        """Of what there was since the last one."""
        waits, shown = self.waits, self.shown
        self.waits, self.shown = [], 0
        found = {name: quantile(waits, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("longest", 1.0))}
        return found | {"looks": len(waits), "passed_over": shown - len(waits)}


def quantile(values: list[float], share: float) -> float | None:
    return round(sorted(values)[int(share * (len(values) - 1))], 1) if values else None


def measure(shared_parts: SharedParts, stops: TimedWatch, sounds: list[Any], count: int) -> dict[str, Any]:
    """So many streams at once; each begins with another clip."""
    wearers = [Wearer(shared_parts, sounds[n % len(sounds) :] + sounds[: n % len(sounds)]) for n in range(count)]
    threads = [threading.Thread(target=wearer.speak) for wearer in wearers]
    wall, busy = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
        time.sleep(0.37)  # people do not begin together
    for thread in threads:
        thread.join()
    wall, busy = time.monotonic() - wall, time.process_time() - busy
    stop_evidence = stops.report()
    finals = [ms for wearer in wearers for ms in wearer.finals]
    endpoints = [ms for wearer in wearers for ms in wearer.endpoints]
    return {
        "streams": count,
        "spoken": count * len(sounds),
        "heard": len(finals),
        "nothing": sum(wearer.nothings for wearer in wearers),
        "endpoint_ms": {"p50": quantile(endpoints, 0.5), "p95": quantile(endpoints, 0.95)},
        "final_ms": {"p50": quantile(finals, 0.5), "p95": quantile(finals, 0.95)},
        "stop_look_ms": stop_evidence,
        "cores_busy": round(busy / wall, 2),
    }


def plot(rows: list[dict[str, Any]]) -> str:
    """Latency over the number of streams, as SVG."""
    width, height, left, bottom = 480, 300, 60, 40
    top = max(1, *(row["final_ms"]["p95"] or 0 for row in rows)) * 1.1
    most = max(row["streams"] for row in rows)

    def point(streams: float, ms: float) -> tuple[float, float]:
        return left + (width - left - 20) * streams / most, height - bottom - (height - bottom - 20) * ms / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">streams at once</text>',
        f'<text x="14" y="{height / 2}" transform="rotate(-90 14 {height / 2})" text-anchor="middle">ms to text</text>',
    ]
    for step in range(5):
        ms = top * step / 4
        x, y = point(0, ms)
        parts.append(f'<line x1="{x}" y1="{y:.1f}" x2="{width - 20}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4:.1f}" text-anchor="end">{ms:.0f}</text>')
    for name, colour in (("p50", "#1f77b4"), ("p95", "#d62728")):
        points = [point(row["streams"], row["final_ms"][name] or 0) for row in rows]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        x, y = points[-1]
        parts.append(f'<text x="{x - 4:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{colour}">{name}</text>')
    for row in rows:
        x, y = point(row["streams"], 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{row["streams"]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--whisper")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    site = load_site(bundled_site())
    whisper = options.whisper or default_whisper(site.languages)
    shared = SharedRecogniser(load_recogniser(site, whisper, threads=options.threads))
    stops = TimedWatch(load_stop_spotter(site))
    shared_parts = SharedParts(shared, order_judge(Pipeline(site, None)), SystemClock(), stops)
    names = [path for path in sorted(CLIPS.glob("*.flac")) if "chatter" not in path.stem]
    chosen = names[:: max(1, len(names) // options.clips)][: options.clips]
    sounds = [load_sound(path).samples for path in chosen]
    measure(shared_parts, stops, sounds[:1], 1)  # what is set up on first use is not measured
    rows = [measure(shared_parts, stops, sounds, count) for count in COUNTS]
    shared.close()
    stops.close()
    print(json.dumps({"whisper": whisper, "threads": options.threads, "rows": rows}, indent=1))
    if options.plot:
        options.plot.write_text(plot(rows), "utf-8")


if __name__ == "__main__":
    main()
