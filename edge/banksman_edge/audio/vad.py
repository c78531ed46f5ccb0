"""Where in a sound somebody speaks: Silero voice activity (MIT), as faster-whisper brings it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from faster_whisper.utils import get_assets_path

from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound

FRAME = 512
"""Samples that the model judges at a time: 32 ms."""
CONTEXT = 64
"""Samples before a frame that the model wants to see again."""
PADDING_S = 0.2
"""Silence kept around speech; consonants at its ends are quieter than the detector's threshold."""
SPEECH = 0.5
"""Probability of speech from which on somebody speaks."""
HYSTERESIS = 0.15
"""Speech that has begun goes on down to a probability this much lower."""
MIN_SPEECH, MIN_SILENCE = int(0.1 * SAMPLE_RATE), int(0.6 * SAMPLE_RATE)
"""Samples: shorter speech is none, and shorter silence parts no stretches of it."""
BATCH = 10_000
"""Frames given to the model at once: five minutes; more would only fill the memory."""


@cache
def _session() -> onnxruntime.InferenceSession:
    """The model, once per process. Running it from several threads at a time is safe; its state is the caller's."""
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    path = Path(get_assets_path()) / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class SpeechDetector:
    """The probability of speech in one stream, frame after frame. It remembers what came before."""

    def __init__(self) -> None:
        self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros((1, CONTEXT), np.float32)

    def probabilities(self, samples: Samples) -> npt.NDArray[np.float32]:
        """One for each frame. ``samples``: shape (n * FRAME,), what comes next in the stream."""
        frames = samples.reshape(-1, FRAME)
        before = np.concatenate([self._context, frames[:-1, -CONTEXT:]])
        found, self._hidden, self._cell = _session().run(
            None, {"input": np.concatenate([before, frames], axis=1), "h": self._hidden, "c": self._cell}
        )
        self._context = frames[-1:, -CONTEXT:]
        return np.asarray(found, np.float32).reshape(-1)


class VoiceActivity:
    """Finds speech in whole sounds."""

    def segments(self, sound: Sound) -> list[tuple[int, int]]:
        """Start and end sample of each stretch of speech, in order; empty when nobody speaks."""
        if sound.seconds < 0.05:
            return []
        detector, length = SpeechDetector(), len(sound.samples)
        padded = np.pad(sound.samples, (0, -length % FRAME))
        size = BATCH * FRAME
        probabilities = np.concatenate(
            [detector.probabilities(padded[at : at + size]) for at in range(0, len(padded), size)]
        )
        return _padded(list(self._stretches(probabilities, length)), length)

    @staticmethod
    def _stretches(probabilities: npt.NDArray[np.float32], length: int) -> Iterator[tuple[int, int]]:
        """Speech, as long as no silence in it is longer than allowed."""
        start = end = -1
        for number, probability in enumerate(probabilities.tolist()):
            at = number * FRAME
            if probability >= SPEECH or (start >= 0 and end < 0 and probability >= SPEECH - HYSTERESIS):
                start, end = (at if start < 0 else start), -1
            elif start >= 0 and end < 0:
                end = at
            if end >= 0 and at - end >= MIN_SILENCE:
                if end - start > MIN_SPEECH:
                    yield start, end
                start = end = -1
        if start >= 0 and length - start > MIN_SPEECH:  # a short word is whole where the sound ends soon
            yield start, end if end >= 0 else length


def _padded(stretches: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """The stretches with a little silence at both sides; neighbours share what there is between them."""
    padding = int(PADDING_S * SAMPLE_RATE)
    edges = [-padding, *(edge for stretch in stretches for edge in stretch), length + padding]
    return [
        (
            max(0, start - padding, (edges[2 * at] + start) // 2),
            min(length, end + padding, (end + edges[2 * at + 3]) // 2),
        )
        for at, (start, end) in enumerate(stretches)
    ]
