"""Streams of sound: frames in, events out; one for each headset."""

from banksman_edge.streams.device_names import LONGEST
from banksman_edge.streams.endpointing import Endpointing, Fullness, Judge
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
from banksman_edge.streams.headsets import Headsets, Wearer
from banksman_edge.streams.order_completeness import order_judge
from banksman_edge.streams.recognition import SharedRecogniser, Task
from banksman_edge.streams.reply_speech import ReplySpeech
from banksman_edge.streams.shared_parts import SharedParts
from banksman_edge.streams.spotting import Looked, StopSpotter, StopWatch
from banksman_edge.streams.stop_evidence import Moment, StopEvidence, falls_silent
from banksman_edge.streams.stream import AudioStream

__all__ = [
    "LONGEST",
    "AudioStream",
    "Ending",
    "Endpoint",
    "Endpointing",
    "Final",
    "Fullness",
    "Headsets",
    "Judge",
    "Looked",
    "Moment",
    "Nothing",
    "NothingHeard",
    "PartialText",
    "ReplySpeech",
    "SharedParts",
    "SharedRecogniser",
    "SoundTrouble",
    "SpeechStarted",
    "StopEvidence",
    "StopHeard",
    "StopSpotter",
    "StopWatch",
    "StreamEvent",
    "Task",
    "Wearer",
    "falls_silent",
    "order_judge",
]
