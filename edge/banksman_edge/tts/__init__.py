"""Speech synthesis: for replies, for teaching the recogniser, for the demo's recordings and for the tests'."""

from banksman_edge.tts.espeak import Espeak, find_espeak
from banksman_edge.tts.speaker import Kokoro, Speaker, Speakers, VoiceChoice, load_speaker
from banksman_edge.tts.synthesiser import Synthesiser, Voice
from banksman_edge.tts.voices import voices_file

__all__ = [
    "Espeak",
    "Kokoro",
    "Speaker",
    "Speakers",
    "Synthesiser",
    "Voice",
    "VoiceChoice",
    "find_espeak",
    "load_speaker",
    "voices_file",
]
