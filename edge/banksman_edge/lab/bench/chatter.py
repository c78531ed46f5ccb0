"""What the system does when nobody speaks to it (``banksman bench chatter``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import SAMPLE_RATE, Sound, load_sound
from banksman_edge.lab.bench.alarms import Alarm, Alarms, AtOnce, Piece, RecognisedAtOnce, play
from banksman_edge.lab.bench.conversation import Scene, conversation, sentences_alone
from banksman_edge.lab.bench.hearing import Listener, Reaction
from banksman_edge.lab.bench.noise import hours_of_noise
from banksman_edge.lab.evaluation import Case
from banksman_edge.streams import (
    AudioStream,
    Final,
    Judge,
    Nothing,
    NothingHeard,
    SharedParts,
    StopHeard,
    StopSpotter,
    StreamEvent,
)
from banksman_edge.turns import Verdict
from banksman_shared.clock import ManualClock


@dataclass(frozen=True, slots=True)
class Overheard:
    """What an utterance that was for nobody led to. ``at_s``: where in its source it began, or, without words,
    ended."""

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

    def __str__(self) -> str:
        row = self.document()
        return f"{self.source} {row['at_s']}: {row['heard']!r} → {row['decision']} {row['command']}"

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        about = {"source": self.source, "at_s": round(self.at_s, 2), "seconds": round(self.seconds, 2)}
        return about | self.reaction.document()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Sound that is for nobody, and how many hours of it there are. ``pieces`` gives it anew at each call, the same
    each time."""

    name: str
    hours: float
    pieces: Callable[[], Iterator[Piece]]


class Overhearing:
    """An agent's ears and understanding on sound that is for nobody. What they take for talk their stream is told, as
    an agent's is. ``spotter`` None: stop words are not looked for in the sound."""

    def __init__(
        self, recogniser: Recogniser, judge: Judge, listener: Listener, spotter: StopSpotter | None = None
    ) -> None:
        self._recognition, self._judge, self._listener = RecognisedAtOnce(recogniser.transcribe), judge, listener
        self._watch = AtOnce(spotter) if spotter else None

    def close(self) -> None:
        """End the spotter's thread."""
        if self._watch:
            self._watch.close()

    def listen(
        self, part: Part, progress: Callable[[float, Sequence[Overheard | Alarm]], None]
    ) -> tuple[list[Overheard], Alarms]:
        """What the utterances in it lead to, and the spotter's alarms; ``progress`` gets the seconds of each piece and
        what was not rejected in it.

        Raises:
            RecogniserError: recognition failed.
        """
        overheard, alarms = list[Overheard](), Alarms()
        for piece in part.pieces():
            before = len(alarms.found)
            overheard += (found := self._play(piece, alarms))
            happened = [one for one in found if one.reaction.verdict is not Verdict.REJECT]
            progress(alarms.take(piece), [*happened, *alarms.found[before:]])
        return overheard, alarms

    def _play(self, piece: Piece, alarms: Alarms) -> list[Overheard]:
        """Play it to a stream of its own, as a headset's sound goes."""
        found: list[Overheard] = []

        def hear(event: StreamEvent) -> None:
            match event:
                case StopHeard():
                    alarms.found.append(Alarm(piece.source, piece.language, event.at, event.probability))
                case Final():
                    reaction = self._listener.judged(event.transcript)
                    found.append(Overheard(piece.source, event.position / SAMPLE_RATE, event.sound.seconds, reaction))
                case NothingHeard(reason=Nothing.NO_WORDS):
                    reaction = self._listener.judged(Transcript("", "", 0.0, reason=event.detail))
                    found.append(Overheard(piece.source, event.at, 0.0, reaction))

        clock = ManualClock()
        stream = AudioStream("overhearing", SharedParts(self._recognition, self._judge, clock, self._watch), hear)
        play(stream, clock, piece.samples)
        return found


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
    return Part(name, sum(sound.seconds for *_, sound in sounds) / 3600, lambda: iter(pieces))


def document(heard: Mapping[Part, tuple[list[Overheard], Alarms]], *, alarms: bool) -> dict[str, Any]:
    """The report: a summary of each part, what each utterance led to, and, with ``alarms``, the stop spotter's."""
    summary = {part.name: summarise(found, part.hours) for part, (found, _) in heard.items()}
    counted = [(part.name, own) for part, (_, own) in heard.items()] if alarms else []
    for name, own in counted:
        summary[name]["stop_spotter"] = own.document()
    return {
        "summary": summary,
        "rows": [one.document() | {"part": part.name} for part, (found, _) in heard.items() for one in found],
        "alarms": [one.document() | {"part": name} for name, own in counted for one in own.found],
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
    }
