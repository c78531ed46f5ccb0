"""What the tests of streams share: a recogniser with a script that answers at once or when told, a clock that follows
the sound, and sound to feed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from banksman_edge import Sound, Transcript
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.streams import AudioStream, Endpointing, Fullness, SharedParts, StreamEvent
from banksman_edge.streams.recognition import Task
from banksman_shared.clock import ManualClock
from banksman_shared.errors import BanksmanError

BLOCK_S = 0.02
NOISE = 0.0005
PATIENCE_S = 30


def quiet(seconds: float, level: float = NOISE) -> Any:
    """A quiet room."""
    noise = np.random.default_rng(7).normal(0, level, int(seconds * SAMPLE_RATE))
    return noise.astype(np.float32)


def in_a_room(*parts: Any) -> Any:
    """These sounds one after the other, with a room's noise over all."""
    joined = np.concatenate([np.asarray(part, np.float32) for part in parts])
    return joined + quiet(len(joined) / SAMPLE_RATE + 1)[: len(joined)]


def spoken(sound: Sound) -> Any:
    """The part of a clip in which somebody speaks."""
    loud = np.flatnonzero(np.abs(sound.samples) > 0.01)
    return sound.samples[loud[0] : loud[-1]]


class ScriptedRecognition:
    """Answers with the texts of its script, one after the other, the last one again and again.

    At once, or, if ``slow``, when :meth:`answer` is called.
    """

    def __init__(self, *script: str | BanksmanError, slow: bool = False) -> None:
        self._script, self._slow = list(script), slow
        self.partials: list[Task] = []
        self.finals: list[Task] = []
        self.heard: list[Sound] = []
        self.dropped = 0

    def partial(self, task: Task) -> None:
        self.partials.append(task)
        if not self._slow:
            self.answer()

    def final(self, task: Task) -> None:
        if task in self.partials:
            self.partials.remove(task)
        self.finals.append(task)
        if not self._slow:
            self.answer()

    def drop(self, task: Task) -> None:
        if task in self.partials:
            self.partials.remove(task)
            self.dropped += 1

    def answer(self) -> None:
        """What comes next in the script is what the most urgent task heard."""
        task = (self.finals or self.partials).pop(0)
        self.heard.append(task.sound)
        text = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        task.done(text if isinstance(text, BanksmanError) else Transcript(text, "en", 0.9))


def judge(transcript: Transcript) -> Fullness:
    """A sentence with a full stop is whole, one with dots is not, and "talk" is for others."""
    if transcript.text == "stop":
        return Fullness.STOP
    if transcript.text == "talk":
        return Fullness.TALK
    if transcript.text.endswith("…"):
        return Fullness.PART
    return Fullness.WHOLE if transcript.text.endswith(".") else Fullness.OTHER


@dataclass
class Listener:
    """One stream and what came of it. Its clock goes as the sound goes."""

    recognition: Any
    clock: ManualClock = field(default_factory=ManualClock)
    stops: Any = None
    push_to_talk: bool = False
    device: str = "headset"
    endpointing: Endpointing = field(default_factory=Endpointing)
    events: list[StreamEvent] = field(default_factory=list)
    emit: Callable[[StreamEvent], Any] | None = None
    """Who else listens; instead of ``events``."""

    def __post_init__(self) -> None:
        shared_parts = SharedParts(self.recognition, judge, self.clock, self.stops, self.endpointing)
        self.stream = AudioStream(
            self.device, shared_parts, self.emit or self.events.append, push_to_talk=self.push_to_talk
        )

    def hear(self, samples: Any, block_s: float = BLOCK_S, until: Callable[[], bool] = lambda: False) -> None:
        size = int(block_s * SAMPLE_RATE)
        for at in range(0, len(samples), size):
            block = samples[at : at + size]
            self.clock.advance(len(block) / SAMPLE_RATE)
            self.stream.feed(block)
            if until():
                return

    def of(self, name: str) -> list[Any]:
        return [event for event in self.events if event.name == name]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


class SlowRecogniser:
    """A recogniser that hangs until it is let go, and notes what it was given."""

    def __init__(self, text: str = "heard") -> None:
        self.text = text
        self.sounds: list[Sound] = []
        self.entered, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def transcribe(self, sound: Sound) -> Transcript:
        self.sounds.append(sound)
        self.entered.release()
        assert self.go.acquire(timeout=30), "nobody let the recogniser go"
        return Transcript(f"{self.text} {sound.seconds:.0f}", "en", 0.9)


def sounds(*seconds: float) -> Sequence[Sound]:
    return [Sound(np.zeros(int(s * SAMPLE_RATE), np.float32)) for s in seconds]


class ScriptedSpotter:
    """Hears a stop where the newest ``lasting_s`` are loud enough."""

    window_s, hop_s, threshold = 1.0, 0.1, 0.5
    words = frozenset[str]()

    def __init__(self, loudness: float = 0.5, sure: float = 0.95, lasting_s: float = 0.1) -> None:
        self.loudness, self.sure, self._newest = loudness, sure, round(lasting_s * SAMPLE_RATE)
        self.windows: list[Any] = []
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Semaphore(0)

    def probability(self, window: Any) -> float:
        self.windows.append(window)
        self.entered.release()
        assert self.go.wait(PATIENCE_S)
        return self.sure if float(np.abs(window[-self._newest :]).max()) >= self.loudness else 0.1


class Inline:
    """A watch that looks at once, on the thread that shows."""

    def __init__(self, spotter: ScriptedSpotter) -> None:
        self.spotter = spotter

    def show(self, _stream: object, window: Any, looked: Any) -> bool:
        looked(self.spotter.probability(window))
        return True


def soft_and_loud(words: Any) -> tuple[Any, Any]:
    """The words, softly, and half a second of them with clicks in it, hardly louder as a whole."""
    soft = words * (0.3 / np.abs(words).max())
    word = np.array(soft[: SAMPLE_RATE // 2])
    word[1600:6400:32] = 0.8
    return soft, word
