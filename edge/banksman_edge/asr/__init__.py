"""Speech to text."""

from banksman_edge.asr.transcript import Hypothesis, Recogniser, Transcript
from banksman_edge.asr.whisper import WhisperRecogniser

__all__ = ["Hypothesis", "Recogniser", "Transcript", "WhisperRecogniser"]
