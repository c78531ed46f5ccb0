"""Kokoro-82M through ONNX Runtime: text in nine languages to speech, on a CPU about as fast as it is spoken.

espeak-ng writes the phonemes of most languages, as a process of its own (it is GPL, see :mod:`espeak`).
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import soxr

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import SynthesisError
from banksman_edge.tts.espeak import DIALECTS, Espeak
from banksman_edge.tts.trim import trimmed

Voice = Mapping[str, float]
"""Names of voices and their weights; more than one makes a voice between them."""

NATIVE_VOICES = {
    "en": "af_heart",
    "es": "ef_dora",
    "fr": "ff_siwis",
    "hi": "hf_alpha",
    "it": "if_sara",
    "ja": "jf_alpha",
    "pt": "pf_dora",
    "zh": "zf_xiaoxiao",
}
"""A voice of each language that sounds native."""
PHONEMISED = ("ar", "de", "en", "es", "fr", "hi", "it", "ko", "nl", "pl", "pt", "ru", "tr")
"""Languages whose phonemes espeak-ng writes; it gets those of the others wrong."""
_OPEN_JTALK, _PINYIN = "ja", "zh"
LANGUAGES = (*PHONEMISED, _OPEN_JTALK, _PINYIN)
"""All that it speaks, most of them with an accent."""
RATE = 24_000
MOST_PHONEMES = 510
"""The model's context, without the two marks around it."""
_PUNCTUATION = re.compile(r"\s*([;:,.!?¡¿…。！？、：；।؟،؛]+)(?=\s|$)")
_WRITTEN_AS = str.maketrans("。！？、：；।؟،؛", ".!?,:;.?,;")


Style = npt.NDArray[np.float32]


@cache
def _vocabulary() -> dict[str, int]:
    """The phonemes and marks that the model knows (Kokoro's own ``config.json``, Apache-2.0)."""
    known: dict[str, int] = json.loads((files("banksman_edge.tts") / "data" / "kokoro.json").read_text("utf-8"))
    return known


def can_read(language: str) -> bool:
    """Whether what writes the language's phonemes is installed; espeak-ng aside."""
    return language in PHONEMISED or (language in LANGUAGES and importlib.util.find_spec("misaki") is not None)


class Synthesiser:
    """Speaks sentences; ``model`` is Kokoro's ONNX file, ``voices`` what :func:`voices_file` gives.

    Calls must not overlap.

    Only the nine languages of Kokoro's voices sound native; the others have a foreign accent.

    Raises:
        SynthesisError: espeak-ng is not installed, or the model cannot be loaded.
    """

    def __init__(self, model: Path, voices: Path, *, threads: int = 1) -> None:
        self._espeak = Espeak()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._voices: dict[str, Style] = dict(np.load(voices))
        except Exception as error:  # the runtime's own classes, which it does not export
            raise SynthesisError(f"{model} cannot be loaded for speech synthesis: {error}") from error
        self._readers: dict[str, Any] = {}

    def speak(self, text: str, language: str, voice: Voice, speed: float = 1.0) -> Samples:
        """The sentence as mono float32 at 16 kHz with a peak of 0.5, without silence around it.

        ``speed`` is 0.5 to 2, 1 as the voice was recorded.

        Raises:
            SynthesisError: an unknown language or voice, or a text with nothing to say.
        """
        style = self._style(voice)
        known = _vocabulary()
        tokens = [known[sign] for sign in self._phonemes(text, language) if sign in known][:MOST_PHONEMES]
        if not tokens:
            raise SynthesisError("a text cannot be spoken: there is nothing to say in it")
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1],  # a voice has one style for each length
            "speed": np.array([speed], np.float32),
        }
        (sound,) = self._session.run(None, feed)
        return trimmed(np.asarray(soxr.resample(np.ravel(sound), RATE, SAMPLE_RATE), np.float32))

    def _phonemes(self, text: str, language: str) -> str:
        if language not in LANGUAGES:
            raise SynthesisError(f"no voice speaks '{language}'; there are {', '.join(LANGUAGES)}")
        if language not in PHONEMISED:
            return str(self._reader(language)(text)[0])
        *parts, last = _PUNCTUATION.split(text)  # text, mark, text, mark, …: the marks are phonemes of the model, too
        voice = DIALECTS.get(language, language)
        spoken = [
            f"{self._espeak.phonemes(words, voice)}{mark.translate(_WRITTEN_AS)} "
            for words, mark in [*zip(parts[::2], parts[1::2], strict=True), (last, "")]
            if words.strip()
        ]
        return "".join(spoken).strip()

    def _reader(self, language: str) -> Any:
        if language not in self._readers:
            module = _extra(f"misaki.{language}")
            self._readers[language] = module.JAG2P(version="pyopenjtalk") if language == _OPEN_JTALK else module.ZHG2P()
        return self._readers[language]

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
