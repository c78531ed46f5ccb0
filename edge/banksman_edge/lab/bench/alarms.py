"""How often the stop spotter halts a fleet that nobody spoke to (``banksman bench chatter``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Samples, Sound
from banksman_edge.streams import (
    AudioStream,
    Fullness,
    Looked,
    SharedParts,
    StopHeard,
    StopSpotter,
    StopWatch,
    StreamEvent,
    Task,
)
from banksman_shared.clock import ManualClock

BLOCK = 16 * SAMPLE_RATE


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Sound that is for nobody, in one go. ``language``: what is spoken in the foreground, "" for nothing."""

    source: str
    language: str
    samples: Samples


@dataclass(frozen=True, slots=True)
class Alarm:
    """A stop word was spotted. ``at_s``: where in its source."""

    source: str
    language: str
    at_s: float
    probability: float

    def __str__(self) -> str:
        return f"{self.source} {self.at_s:.2f}: stop alarm ({self.language})"

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        where = {"source": self.source, "language": self.language, "at_s": round(self.at_s, 2)}
        return where | {"probability": round(self.probability, 3)}


@dataclass(slots=True)
class Alarms:
    """All alarms of a part, and the seconds of sound by language."""

    found: list[Alarm] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def take(self, piece: Piece) -> float:
        """Count the seconds of a piece, and return them."""
        seconds = len(piece.samples) / SAMPLE_RATE
        self.seconds[piece.language] = self.seconds.get(piece.language, 0.0) + seconds
        return seconds

    def document(self) -> dict[str, Any]:
        """Counts, and per hour of what there was to hear, in all and by language."""
        own = Counter(alarm.language for alarm in self.found)
        by_language = {code: _rate(own[code], seconds) for code, seconds in sorted(self.seconds.items()) if code}
        return _rate(len(self.found), sum(self.seconds.values())) | {"by_language": by_language}


def _rate(alarms: int, seconds: float) -> dict[str, Any]:
    hours = seconds / 3600
    return {"alarms": alarms, "hours": round(hours, 3), "per_hour": round(alarms / hours, 2) if hours else 0.0}


def watch(spotter: StopSpotter, pieces: Iterable[Piece], progress: Callable[[float], None]) -> Alarms:
    """Play each piece to a stream of its own, as a headset's sound goes; ``progress`` gets the seconds of each."""
    alarms = Alarms()
    for piece in pieces:
        alarms.found += [
            Alarm(piece.source, piece.language, stop.at, stop.probability) for stop in stops_in(spotter, piece.samples)
        ]
        progress(alarms.take(piece))
    return alarms


class RecognisedAtOnce:
    """A :class:`Recognition` that has every sound recognised before the sound goes on."""

    def __init__(self, transcribe: Callable[[Sound], Transcript]) -> None:
        self._transcribe = transcribe

    def partial(self, task: Task) -> None:
        """Recognise it."""
        task.done(self._transcribe(task.sound))

    final = partial

    def drop(self, task: Task) -> None:
        """It has been done."""


class AtOnce(StopWatch):
    """Looks at every window before the sound goes on. On its thread, sound that comes faster than it is spoken would
    take the place of sound not looked at yet."""

    def show(self, _stream: object, window: Samples, looked: Looked) -> bool:
        looked(self.spotter.probability(window))
        return True


def stops_in(spotter: StopSpotter, samples: Samples) -> Iterator[StopHeard]:
    """The stop words that a stream hears in this sound, all of which is taken for talk."""
    events: list[StreamEvent] = []
    watching, clock = AtOnce(spotter), ManualClock()
    try:
        ears = SharedParts(
            RecognisedAtOnce(lambda _: Transcript("talk", "", 1.0)), lambda _: Fullness.TALK, clock, watching
        )
        play(AudioStream("overhearing", ears, events.append), clock, samples)
    finally:
        watching.close()
    yield from (event for event in events if isinstance(event, StopHeard))


def play(stream: AudioStream, clock: ManualClock, samples: Samples) -> None:
    """Feed all of it, while the clock goes as the sound does, and close the stream."""
    for at in range(0, len(samples), BLOCK):
        block = samples[at : at + BLOCK]
        clock.advance(len(block) / SAMPLE_RATE)
        stream.feed(block)
    stream.release()
    stream.close()
