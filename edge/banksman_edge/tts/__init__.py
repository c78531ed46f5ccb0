"""Speech synthesis: for replies, for teaching the recogniser, for the demo's recordings and for the tests'."""

from banksman_edge.tts.espeak import Espeak, find_espeak, readable
from banksman_edge.tts.speaker import MODEL, Kokoro, Speaker, Speakers, VoiceChoice, load_speaker
from banksman_edge.tts.synthesis import Synthesis
from banksman_edge.tts.synthesiser import LANGUAGES, NATIVE_VOICES, Synthesiser, Voice, can_read
from banksman_edge.tts.voices import PACKAGE, cached_voices, voices_file

__all__ = [
    "LANGUAGES",
    "MODEL",
    "NATIVE_VOICES",
    "PACKAGE",
    "Espeak",
    "Kokoro",
    "Speaker",
    "Speakers",
    "Synthesis",
    "Synthesiser",
    "Voice",
    "VoiceChoice",
    "cached_voices",
    "can_read",
    "find_espeak",
    "load_speaker",
    "readable",
    "voices_file",
]
