"""Speech synthesis: for teaching the recogniser, for the demo's recordings and for the tests'."""

from banksman_edge.tts.synthesiser import Synthesiser, Voice
from banksman_edge.tts.voices import voices_file

__all__ = ["Synthesiser", "Voice", "voices_file"]
