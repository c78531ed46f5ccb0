"""Sound in: files, messages, the microphone; and where in it somebody speaks."""

from banksman_edge.audio.file import decode_sound, encode_flac, load_sound
from banksman_edge.audio.microphone import Microphone
from banksman_edge.audio.sound import SAMPLE_RATE, Sound
from banksman_edge.audio.vad import VoiceActivity

__all__ = ["SAMPLE_RATE", "Microphone", "Sound", "VoiceActivity", "decode_sound", "encode_flac", "load_sound"]
