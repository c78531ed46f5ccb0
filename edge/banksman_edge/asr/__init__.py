"""Speech to text."""

from banksman_edge.asr.confidence import FEATURES, Calibration, features
from banksman_edge.asr.device import GpuUnusableError, gpus, load_whisper, on_gpu
from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.asr.pieces import token_bytes
from banksman_edge.asr.stop_encoder import StopEncoder
from banksman_edge.asr.stop_head import CARD_FILE, EVERYWHERE, WEIGHTS_FILE, StopHead, load_card, load_networks, pooled
from banksman_edge.asr.stop_spotter import HOP_S, WhisperStopSpotter, bundled_card, bundled_head
from banksman_edge.asr.thread_count import keep_thread_count, kept_thread_count, measure_threads, usable_cpus
from banksman_edge.asr.transcript import Hypothesis, Recogniser, Signals, Transcript, Wholeness
from banksman_edge.asr.whisper import WhisperRecogniser

__all__ = [
    "CARD_FILE",
    "EVERYWHERE",
    "FEATURES",
    "HOP_S",
    "WEIGHTS_FILE",
    "Calibration",
    "GpuUnusableError",
    "Hypothesis",
    "Recogniser",
    "Signals",
    "StopEncoder",
    "StopHead",
    "Transcript",
    "Vocabulary",
    "WhisperRecogniser",
    "WhisperStopSpotter",
    "Wholeness",
    "bundled_card",
    "bundled_head",
    "features",
    "gpus",
    "keep_thread_count",
    "kept_thread_count",
    "load_card",
    "load_networks",
    "load_whisper",
    "measure_threads",
    "on_gpu",
    "pooled",
    "token_bytes",
    "usable_cpus",
]
