"""Streams of sound: frames in, events out; one for each headset."""

from banksman_edge.streams.ears import Ears
from banksman_edge.streams.endpointing import Endpointing, Fullness
from banksman_edge.streams.events import (
    Ending,
    Endpoint,
    Final,
    Nothing,
    NothingHeard,
    PartialText,
    SoundTrouble,
    SpeechStarted,
    StopHeard,
    StreamEvent,
)
from banksman_edge.streams.recognition import SharedRecogniser
from banksman_edge.streams.spotting import StopSpotter, StopWatch
from banksman_edge.streams.stream import AudioStream

__all__ = [
    "AudioStream",
    "Ears",
    "Ending",
    "Endpoint",
    "Endpointing",
    "Final",
    "Fullness",
    "Nothing",
    "NothingHeard",
    "PartialText",
    "SharedRecogniser",
    "SoundTrouble",
    "SpeechStarted",
    "StopHeard",
    "StopSpotter",
    "StopWatch",
    "StreamEvent",
]
