"""Kokoro-82M through ONNX Runtime: text in nine languages to speech, on a CPU about as fast as it is spoken."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import SynthesisError

Voice = Mapping[str, float]
"""Names of voices and their weights; more than one makes a voice between them."""

ESPEAK = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br"} | {
    code: code for code in ("ar", "de", "es", "hi", "it", "ko", "nl", "pl", "ru", "tr")
}
"""What espeak-ng, which writes the phonemes of most languages, calls them."""
_OPEN_JTALK, _PINYIN = "ja", "zh"
_LANGUAGES = (*ESPEAK, _OPEN_JTALK, _PINYIN)


Style = npt.NDArray[np.float32]


class Synthesiser:
    """Speaks sentences; ``model`` is Kokoro's ONNX file, ``voices`` what :func:`voices_file` gives.

    Calls must not overlap.

    Only the nine languages of Kokoro's voices sound native; the others have a foreign accent.

    Raises:
        SynthesisError: the extra is not installed, or the model cannot be loaded.
    """

    def __init__(self, model: Path, voices: Path, *, threads: int = 1) -> None:
        onnxruntime, kokoro = _extra("onnxruntime"), _extra("kokoro_onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own classes, which it does not export
            raise SynthesisError(f"{model} cannot be loaded for speech synthesis: {error}") from error
        self._kokoro = kokoro.Kokoro.from_session(session, str(voices))
        self._voices = dict(self._kokoro.voices)
        self._phonemes: dict[str, Any] = {}

    def speak(self, text: str, language: str, voice: Voice, speed: float = 1.0) -> Samples:
        """The sentence as mono float32 at 16 kHz with a peak of 0.5, without silence around it.

        ``speed`` is 0.5 to 2, 1 as the voice was recorded.

        Raises:
            SynthesisError: an unknown language or voice, or a text with nothing to say.
        """
        style = self._style(voice)
        try:
            sound, rate = self._create(text, language, style, speed)
        except ValueError as error:
            raise SynthesisError(f"{text!r} cannot be spoken: {error}") from error
        speech = soxr.resample(sound, rate, SAMPLE_RATE)
        return np.asarray(0.5 * speech / max(float(np.abs(speech).max()), 1e-6), np.float32)

    def _create(self, text: str, language: str, style: Style, speed: float) -> tuple[Samples, int]:
        if language in ESPEAK:
            sound, rate = self._kokoro.create(text, style, speed, lang=ESPEAK[language])
        else:
            # espeak-ng gets Chinese tones wrong and spells out kanji.
            phonemes = self._grapheme_to_phoneme(language)(text)[0]
            sound, rate = self._kokoro.create(phonemes, style, speed, is_phonemes=True)
        return sound, rate

    def _grapheme_to_phoneme(self, language: str) -> Any:
        if language not in _LANGUAGES:
            raise SynthesisError(f"no voice speaks '{language}'; there are {', '.join(_LANGUAGES)}")
        if language not in self._phonemes:
            module = _extra(f"misaki.{language}")
            self._phonemes[language] = (
                module.JAG2P(version="pyopenjtalk") if language == _OPEN_JTALK else module.ZHG2P()
            )
        return self._phonemes[language]

    def _style(self, voice: Voice) -> Style:
        if unknown := [name for name in voice if name not in self._voices]:
            raise SynthesisError(f"no voice '{unknown[0]}'; there are {', '.join(self._voices)}")
        total = sum(voice.values())
        mixed = sum(self._voices[name] * np.float32(weight / total) for name, weight in voice.items())
        return np.asarray(mixed, np.float32)


def _extra(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SynthesisError(
            f"speech synthesis needs {error.name or module}, which is not installed: pip install 'banksman[teach]'"
        ) from error
