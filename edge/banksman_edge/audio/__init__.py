"""Sound in: files, messages, sockets, the microphone; where in it somebody speaks, and how well it can be heard."""

from banksman_edge.audio.file import decode_sound, encode_flac, load_sound
from banksman_edge.audio.loudspeaker import Loudspeaker
from banksman_edge.audio.microphone import Microphone
from banksman_edge.audio.resample import Resampler
from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.audio.vad import VoiceActivity

__all__ = [
    "SAMPLE_RATE",
    "Loudspeaker",
    "Microphone",
    "Resampler",
    "Samples",
    "Sound",
    "VoiceActivity",
    "decode_sound",
    "encode_flac",
    "load_sound",
]
