"""An utterance taken as an agent without a fleet would take it, with all that was noticed on the way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound
from banksman_edge.events import Verdict
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.policy import Policy
from banksman_shared.commands import NOTHING, Command, to_document


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an utterance was heard as, read as, and would lead to; ``reason`` says why."""

    transcript: Transcript
    read: Interpretation
    verdict: Verdict
    reason: str

    @property
    def done(self) -> tuple[Command, ...] | None:
        """What is done, a confirmation counting as yes; None where a question is asked, which does nothing."""
        return {Verdict.ASK: None, Verdict.REJECT: (NOTHING,)}.get(self.verdict, self.read.commands)

    def document(self) -> dict[str, Any]:
        """For a report; ``signals`` are what confidence is made of."""
        return {
            "heard": self.transcript.text,
            "language": self.transcript.language,
            "confidence": round(self.transcript.confidence, 3),
            "signals": asdict(self.transcript.signals) | {"fit": self.transcript.fit},
            "command": to_document(self.read.commands),
            "tier": str(self.read.tier),
            "decision": str(self.verdict),
            "reason": self.reason,
        }


class Listener:
    """Hears, reads and judges. ``recogniser`` None: only what is written can be read."""

    def __init__(self, recogniser: Recogniser | None, understanding: Understanding, policy: Policy) -> None:
        self._recogniser, self._understanding, self._policy = recogniser, understanding, policy

    def hear(self, sound: Sound) -> Reaction:
        """Raises:
        RecogniserError: recognition failed.
        """
        assert self._recogniser is not None  # noqa: S101  whoever has sounds has a recogniser
        return self._judged(self._recogniser.transcribe(sound))

    def read(self, text: str) -> Reaction:
        """As if the text had been heard without any doubt."""
        return self._judged(Transcript(text, "", 1.0))

    def _judged(self, transcript: Transcript) -> Reaction:
        read = self._understanding.understand(transcript)
        judged = self._policy.judge(read, transcript.confidence, None, doubt=transcript.reason)
        reason = judged.reason if transcript.text else transcript.reason
        return Reaction(transcript, read, judged.verdict, reason)
