"""What happens in a stream of sound. Every event has the device it came from and ``at``: seconds of sound since the
stream began."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from banksman_edge.asr import Transcript
from banksman_edge.audio import Sound, Trouble


class Ending(StrEnum):
    """Why an utterance ended."""

    SILENCE = "silence"
    RELEASED = "released"
    TOO_LONG = "too_long"


class Nothing(StrEnum):
    """Why nothing came of what was taken for an utterance."""

    NOBODY_SPOKE = "nobody_spoke"
    NO_WORDS = "no_words"
    FAILED = "failed"
    """Recognition failed; the detail says how."""
    HOLES = "holes"
    """Some of its sound was lost or no numbers: what is left of an order may be another one. Only a stop counts."""
    CUT_OFF = "cut_off"
    """The stream ended in the middle of it: half an order is none."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak at ``at``."""

    name: ClassVar[str] = "speech_started"
    device: str
    at: float

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3)}


@dataclass(frozen=True, slots=True)
class PartialText:
    """What was heard so far, at a pause; it may still change."""

    name: ClassVar[str] = "partial"
    device: str
    at: float
    transcript: Transcript

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "text": self.transcript.text, "language": self.transcript.language}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The utterance is over; its last word ended at ``spoken``."""

    name: ClassVar[str] = "endpoint"
    device: str
    at: float
    spoken: float
    ending: Ending

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "spoken": round(self.spoken, 3), "ending": str(self.ending)}


@dataclass(frozen=True, slots=True)
class Final:
    """What was said in ``sound``, which began at ``began`` and was spoken until ``ended`` (monotonic-clock seconds).

    ``clarity``: by how many decibels the speech was above the noise floor.
    """

    name: ClassVar[str] = "final"
    device: str
    at: float
    transcript: Transcript
    sound: Sound
    began: float
    ended: float
    clarity: float
    position: int
    """Where in the stream its speech began, in samples."""

    def document(self) -> dict[str, Any]:
        return {
            "at": round(self.at, 3),
            "text": self.transcript.text,
            "language": self.transcript.language,
            "confidence": round(self.transcript.confidence, 3),
        }


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """Nothing came of what was taken for an utterance."""

    name: ClassVar[str] = "nothing"
    device: str
    at: float
    reason: Nothing
    detail: str = ""

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "reason": str(self.reason), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class StopHeard:
    """A stop word was said just before ``at``, whatever else is being said."""

    name: ClassVar[str] = "stop"
    device: str
    at: float
    probability: float

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "probability": round(self.probability, 3)}


@dataclass(frozen=True, slots=True)
class SoundTrouble:
    """Something is wrong with the sound; told once an episode."""

    name: ClassVar[str] = "trouble"
    device: str
    at: float
    trouble: Trouble

    def document(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "trouble": str(self.trouble)}


StreamEvent = SpeechStarted | PartialText | Endpoint | Final | NothingHeard | StopHeard | SoundTrouble
