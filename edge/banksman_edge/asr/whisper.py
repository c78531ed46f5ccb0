"""Whisper through faster-whisper and CTranslate2, cut down to what a spoken order needs.

Whisper pads each clip to 30 s. The published weights lose nothing with 10 s of context and take a fraction
of the time; less harms them (measured, see docs/architecture.md). One encoder pass serves both the choice
of language, among the site's only, and the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from banksman_edge.asr.transcript import Hypothesis, Transcript
from banksman_edge.audio.sound import SAMPLE_RATE, Samples, Sound
from banksman_edge.audio.vad import VoiceActivity
from banksman_edge.errors import RecogniserError

CONTEXT_S = 10.0
WINDOW_S = 28.0
"""Longer speech is cut into windows of at most this; Whisper's own limit is 30 s."""
FRAMES_PER_S = 100
BEAM = 5
MAX_TOKENS_PER_S = 16
"""Speech has 3 to 8 tokens a second; a decoder that writes more is repeating itself."""
RIVAL_LANGUAGE = 0.3
"""A second language this close to the first (ratio of probabilities) is decoded too."""
MAX_NO_SPEECH = 0.85
MIN_CONFIDENCE = 0.25
_REPEATED = re.compile(r"(.{2,}?)\1{4,}")


class WhisperRecogniser:
    """Recognises orders with one loaded model; calls must not overlap.

    ``device`` "auto" takes a CUDA GPU where CTranslate2 has one (float16), else the CPU (int8).
    """

    def __init__(self, model: Path, languages: Sequence[str], *, device: str = "auto", threads: int = 0) -> None:
        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        try:
            self._model = WhisperModel(
                str(model),
                device=device,
                compute_type="int8" if device == "cpu" else "float16",
                cpu_threads=threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise RecogniserError(f"Whisper model {model} cannot be loaded: {error}") from error
        known = self._model.supported_languages
        self._languages = tuple(code for code in languages if code in known)
        if not self._languages:
            raise RecogniserError(f"this Whisper knows none of the site's languages {list(languages)}")
        self._tokenizers = {code: self._tokenizer(code) for code in self._languages}
        self._activity = VoiceActivity()

    def _tokenizer(self, language: str) -> Tokenizer:
        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)

    def warm_up(self) -> None:
        """Run once on silence, so that the first order does not pay for what is set up on first use."""
        self._decode(np.zeros(SAMPLE_RATE, np.float32))

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise one utterance; see :class:`Recogniser`."""
        silence = Transcript("", self._languages[0], 0.0)
        speech = self._activity.segments(sound)
        if not speech:
            return silence
        try:
            parts = [self._decode(sound.between(*window).samples) for window in _windows(speech)]
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"recognition failed: {error}") from error
        heard = [part for part in parts if part]
        if not heard:
            return silence
        if len(heard) == 1:
            best, *others = heard[0]
            return Transcript(best.text, best.language, best.confidence, tuple(others))
        text = " ".join(part[0].text for part in heard)
        return Transcript(text, heard[0][0].language, min(part[0].confidence for part in heard))

    def _decode(self, samples: Samples) -> list[Hypothesis]:
        seconds = max(CONTEXT_S, len(samples) / SAMPLE_RATE + 0.5)
        padded = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        padded[: len(samples)] = samples
        features = self._model.feature_extractor(padded)[:, : int(seconds * FRAMES_PER_S)]
        encoded = self._model.encode(features)
        found = [
            hypothesis
            for language, weight in self._likely_languages(encoded)
            for hypothesis in self._generate(encoded, language, weight, len(samples) / SAMPLE_RATE)
        ]
        found.sort(key=lambda h: -h.confidence)
        return found

    def _likely_languages(self, encoded: ctranslate2.StorageView) -> list[tuple[str, float]]:
        """The site's language that was most likely spoken, and a close rival; with weights, the first 1."""
        if len(self._languages) == 1:
            return [(self._languages[0], 1.0)]
        ranked = self._model.model.detect_language(encoded)[0]
        ours = [(token[2:-2], p) for token, p in ranked if token[2:-2] in self._languages]
        top = max(ours[0][1], 1e-9)
        return [(code, p / top) for code, p in ours[:2] if p / top >= RIVAL_LANGUAGE]

    def _generate(
        self, encoded: ctranslate2.StorageView, language: str, weight: float, seconds: float
    ) -> list[Hypothesis]:
        tokenizer = self._tokenizers[language]
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True)
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=BEAM,
            num_hypotheses=BEAM,
            max_length=len(prompt) + 8 + int(seconds * MAX_TOKENS_PER_S),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
        )[0]
        found: dict[str, Hypothesis] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            text = tokenizer.decode(tokens).strip()
            confidence = math.exp(score) * weight**0.25
            unsure = result.no_speech_prob > MAX_NO_SPEECH and math.exp(score) < 0.5
            if text and not unsure and math.exp(score) >= MIN_CONFIDENCE and not _REPEATED.search(text):
                found.setdefault(text, Hypothesis(text, language, confidence))
        return list(found.values())


def _windows(speech: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Group stretches of speech into windows that Whisper can take, cutting in silence where there is any."""
    limit = int(WINDOW_S * SAMPLE_RATE)
    windows: list[tuple[int, int]] = []
    for start, end in speech:
        if windows and end - windows[-1][0] <= limit:
            windows[-1] = (windows[-1][0], end)
            continue
        windows += [(at, min(at + limit, end)) for at in range(start, end, limit)]
    return windows
