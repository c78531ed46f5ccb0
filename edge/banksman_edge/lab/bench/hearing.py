"""An utterance taken as an agent without a fleet would take it, with all that was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from banksman_edge.app import Comprehension
from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound
from banksman_edge.turns import Verdict
from banksman_edge.understanding import Parse, Pipeline
from banksman_shared.commands import NOTHING, Command, to_document
from banksman_shared.site import Site


class Stage(StrEnum):
    """The stages of understanding, each with those before it."""

    PLAIN = "plain"
    LLAMA = "llama"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an utterance was heard as, read as, and would lead to; ``reason`` says why. ``stages``: what understanding
    would make of it up to each of its stages."""

    transcript: Transcript
    read: Parse
    verdict: Verdict
    reason: str
    stages: Mapping[Stage, tuple[Command, ...]]

    @property
    def done(self) -> tuple[Command, ...] | None:
        """What is done, a confirmation counting as yes; None where a question is asked, which does nothing."""
        return {Verdict.ASK: None, Verdict.REJECT: (NOTHING,)}.get(self.verdict, self.read.commands)

    def document(self) -> dict[str, Any]:
        """For a report; ``signals``: of which ``confidence`` is made; ``certainty``: that of the reading."""
        return {
            "heard": self.transcript.text,
            "language": self.transcript.language,
            "confidence": round(self.transcript.confidence, 3),
            "signals": asdict(self.transcript.signals) | {"fit": self.transcript.fit},
            "command": to_document(self.read.commands),
            "stages": {str(stage): to_document(commands) for stage, commands in self.stages.items()},
            "tier": str(self.read.tier),
            "certainty": round(self.read.confidence, 3),
            "decision": str(self.verdict),
            "reason": self.reason,
        }


class Listener:
    """Hears, reads and judges. ``recogniser`` None: only what is written can be read."""

    def __init__(self, recogniser: Recogniser | None, site: Site, understanding: Pipeline) -> None:
        self._recogniser, self._plain = recogniser, understanding.with_reader(None)
        self._whole = Comprehension.without_fleet(site, understanding)

    def hear(self, sound: Sound) -> Reaction:
        """Raises:
        RecogniserError: recognition failed.
        """
        assert self._recogniser is not None  # noqa: S101  whoever has sounds has a recogniser
        return self.judged(self._recogniser.transcribe(sound))

    def read(self, text: str) -> Reaction:
        """As if the text had been heard without any doubt."""
        return self.judged(Transcript(text, "", 1.0))

    def judged(self, transcript: Transcript) -> Reaction:
        """What this would lead to."""
        read, judged = self._whole.first_words(transcript)
        stages = {
            Stage.PLAIN: self._plain.parse(transcript).commands,
            Stage.LLAMA: read.commands,
        }
        reason = judged.reason if transcript.text else transcript.reason
        return Reaction(transcript, read, judged.verdict, reason, stages)
