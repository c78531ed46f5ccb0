"""What the system does when nobody speaks to it (``banksman bench chatter``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Sound, VoiceActivity, load_sound
from banksman_edge.bench.alarms import Alarms, Piece
from banksman_edge.bench.conversation import Scene, conversation, sentences_alone
from banksman_edge.bench.hearing import Listener, Reaction
from banksman_edge.bench.noise import hours_of_noise
from banksman_edge.evaluation import Case
from banksman_edge.events import Verdict

PAUSE_S = 0.65
"""Silence that ends an utterance, as on an open microphone."""
LONGEST_S = 28.0
MARGIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Overheard:
    """What an utterance that was for nobody led to. ``at_s``: where in its source it began."""

    source: str
    at_s: float
    seconds: float
    reaction: Reaction

    @property
    def harmful(self) -> bool:
        return self.reaction.verdict is Verdict.ACCEPT

    @property
    def needless(self) -> bool:
        return self.reaction.verdict in (Verdict.ASK, Verdict.CONFIRM)

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        about = {"source": self.source, "at_s": round(self.at_s, 2), "seconds": round(self.seconds, 2)}
        return about | self.reaction.document()


def utterances(pieces: Iterable[Piece]) -> Iterator[tuple[str, float, Sound]]:
    """Cut long sound where voice activity finds pauses: source, second at which it begins, sound."""
    activity = VoiceActivity(min_silence_s=PAUSE_S)
    for piece in pieces:
        sound = Sound(piece.samples)
        for start, end in activity.segments(sound):
            for at in range(start, end, int(LONGEST_S * SAMPLE_RATE)):
                stop = min(end, at + int(LONGEST_S * SAMPLE_RATE))
                margin = int(MARGIN_S * SAMPLE_RATE)
                yield piece.source, at / SAMPLE_RATE, sound.between(at - margin, stop + margin)


def listen(
    listener: Listener, heard: Iterable[tuple[str, float, Sound]], progress: Callable[[float], None]
) -> list[Overheard]:
    """Take utterances that are for nobody; ``progress`` gets the seconds of each when it is done."""
    found = []
    for source, at_s, sound in heard:
        found.append(Overheard(source, at_s, sound.seconds, listener.hear(sound)))
        progress(sound.seconds)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Sound that is for nobody, and how many hours of it there are. ``pieces`` gives it anew at each call, the same
    each time; ``cut``: it has to be cut into utterances."""

    name: str
    hours: float
    pieces: Callable[[], Iterator[Piece]]
    cut: bool = True

    def utterances(self) -> Iterator[tuple[str, float, Sound]]:
        """Source, second at which it begins, sound."""
        if self.cut:
            return utterances(self.pieces())
        return ((piece.source, 0.0, Sound(piece.samples)) for piece in self.pieces())


def recordings(cases: Sequence[Case]) -> Part:
    """What people said who spoke to nobody."""
    return _alone(
        "recordings", [(case.id, case.language or "", load_sound(case.audio)) for case in cases if case.audio]
    )


def parts(acts: Sequence[Scene], hours: float, noise_hours: float, seed: int) -> list[Part]:
    """The synthesised sentences one by one, conversation laid together from them, and noise."""

    def talked() -> Iterator[Piece]:
        for number, (language, samples) in enumerate(conversation(acts, 3600 * hours, seed)):
            yield Piece(f"conversation {number}", language, samples)

    def noises() -> Iterator[Piece]:
        return (Piece(name, "", sound.samples) for name, sound in hours_of_noise(3600 * noise_hours, seed))

    alone = _alone("sentences", list(sentences_alone(acts)))
    return [alone, Part("conversation", hours, talked), Part("noise", noise_hours, noises)]


def _alone(name: str, sounds: Sequence[tuple[str, str, Sound]]) -> Part:
    pieces = [Piece(source, language, sound.samples) for source, language, sound in sounds]
    return Part(name, sum(sound.seconds for *_, sound in sounds) / 3600, lambda: iter(pieces), cut=False)


def document(overheard: Mapping[Part, list[Overheard]], alarms: Mapping[str, Alarms]) -> dict[str, Any]:
    """The report: a summary of each part, what each utterance led to, and the stop spotter's ``alarms`` by part."""
    summary = {part.name: summarise(found, part.hours) for part, found in overheard.items()}
    for name, counted in alarms.items():
        summary[name]["stop_spotter"] = counted.document()
    return {
        "summary": summary,
        "rows": [one.document() | {"part": part.name} for part, found in overheard.items() for one in found],
        "alarms": [one.document() | {"part": name} for name, counted in alarms.items() for one in counted.found],
    }


def summarise(overheard: list[Overheard], hours: float) -> dict[str, Any]:
    """How often something happened: counts, and per hour of what there was to hear."""
    actions, questions = sum(r.harmful for r in overheard), sum(r.needless for r in overheard)
    languages = sorted({r.reaction.transcript.language for r in overheard if r.reaction.transcript.text})
    return {
        "hours": round(hours, 3),
        "utterances": len(overheard),
        "with_words": sum(bool(r.reaction.transcript.text) for r in overheard),
        "false_actions": actions,
        "needless_questions": questions,
        "false_actions_per_hour": round(actions / hours, 2) if hours else 0.0,
        "needless_questions_per_hour": round(questions / hours, 2) if hours else 0.0,
        "heard_as": {code: sum(r.reaction.transcript.language == code for r in overheard) for code in languages},
        "median_seconds": round(float(np.median([r.seconds for r in overheard])), 2) if overheard else 0.0,
    }
