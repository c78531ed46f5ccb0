"""Sound in: files, messages, sockets, the microphone; where in it somebody speaks, and how well it can be heard."""

from banksman_edge.audio.file import decode_sound, encode_flac, load_sound
from banksman_edge.audio.levels import LevelMeter, Trouble
from banksman_edge.audio.loudspeaker import Loudspeaker
from banksman_edge.audio.microphone import Microphone, load_portaudio
from banksman_edge.audio.pcm import PcmReader, clean, pcm16
from banksman_edge.audio.resample import Resampler
from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.audio.vad import FRAME, HYSTERESIS, SPEECH, SpeechDetector, VoiceActivity

__all__ = [
    "FRAME",
    "HYSTERESIS",
    "SAMPLE_RATE",
    "SPEECH",
    "LevelMeter",
    "Loudspeaker",
    "Microphone",
    "PcmReader",
    "Resampler",
    "Samples",
    "Sound",
    "SpeechDetector",
    "Trouble",
    "VoiceActivity",
    "clean",
    "decode_sound",
    "encode_flac",
    "load_portaudio",
    "load_sound",
    "pcm16",
]
