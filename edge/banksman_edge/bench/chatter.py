"""What the system does when nobody speaks to it (``banksman bench chatter``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Sound, VoiceActivity, load_sound
from banksman_edge.audio.sound import Samples
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


def utterances(pieces: Iterable[tuple[str, Samples]]) -> Iterator[tuple[str, float, Sound]]:
    """Cut long sound where voice activity finds pauses: source, second at which it begins, sound."""
    activity = VoiceActivity(min_silence_s=PAUSE_S)
    for source, samples in pieces:
        sound = Sound(samples)
        for start, end in activity.segments(sound):
            for at in range(start, end, int(LONGEST_S * SAMPLE_RATE)):
                stop = min(end, at + int(LONGEST_S * SAMPLE_RATE))
                margin = int(MARGIN_S * SAMPLE_RATE)
                yield source, at / SAMPLE_RATE, sound.between(at - margin, stop + margin)


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
    """Sound that is for nobody, cut into utterances, and how many hours of it there are."""

    name: str
    hours: float
    utterances: Iterator[tuple[str, float, Sound]]


def recordings(cases: Sequence[Case]) -> Part:
    """What people said who spoke to nobody."""
    heard = [(case.id, 0.0, load_sound(case.audio)) for case in cases if case.audio]
    return Part("recordings", sum(sound.seconds for _, _, sound in heard) / 3600, iter(heard))


def parts(acts: Sequence[Scene], hours: float, noise_hours: float, seed: int) -> list[Part]:
    """The synthesised sentences one by one, conversation laid together from them, and noise."""
    alone = [(name, 0.0, sound) for name, sound in sentences_alone(acts)]
    talked = ((f"conversation {n}", piece) for n, piece in enumerate(conversation(acts, 3600 * hours, seed)))
    noises = ((name, sound.samples) for name, sound in hours_of_noise(3600 * noise_hours, seed))
    return [
        Part("sentences", sum(sound.seconds for _, _, sound in alone) / 3600, iter(alone)),
        Part("conversation", hours, utterances(talked)),
        Part("noise", noise_hours, utterances(noises)),
    ]


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
