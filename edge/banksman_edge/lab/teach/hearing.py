"""A Whisper model run as the product runs it, for the teacher's own text and for evaluation."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import TeachingError

FRAMES_PER_S = 100
MAX_TOKENS_PER_S = 16
"""As the recogniser has it: a decoder that writes more is repeating itself."""
Features = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Context:
    """How much sound the encoder gets: the clip and ``margin`` seconds of silence, at least ``least`` seconds."""

    least: float
    margin: float = 0.5

    def pad(self, samples: Samples) -> Samples:
        """The samples with silence after them."""
        count = int(max(self.least, len(samples) / SAMPLE_RATE + self.margin) * SAMPLE_RATE)
        return np.pad(samples, (0, max(0, count - len(samples))))


FULL = Context(30.0)
PUBLISHED = Context(10.0)
"""What the published weights take without harm."""
TAUGHT = Context(1.5)


def context_of(model: Path) -> Context:
    """The context that a model folder was made for, which the recogniser gives it too."""
    try:
        config = json.loads((model / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TeachingError(f"Whisper model {model} has no config.json that can be read: {error}") from error
    return Context(config.get("context_s", PUBLISHED.least), config.get("padding_s", PUBLISHED.margin))


@dataclass(frozen=True, slots=True)
class Heard:
    """``language`` is what the model would have chosen among those asked for, whatever the text was written in."""

    text: str
    language: str
    tokens: tuple[int, ...]
    seconds: float
    runaway: bool


class Hearing:
    """One loaded model, int8, deterministic for a number of threads."""

    def __init__(self, model: Path, *, threads: int = 2) -> None:
        try:
            self.model = WhisperModel(
                str(model), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise TeachingError(f"Whisper model {model} cannot be loaded: {error}") from error
        self._tokenizers: dict[str, Tokenizer] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.model.supported_languages)

    @property
    def no_speech(self) -> int:
        """The token that stands for no speech, under either of the names it goes by."""
        ids = (self.model.hf_tokenizer.token_to_id(name) for name in ("<|nospeech|>", "<|nocaptions|>"))
        return next(int(token) for token in ids if token is not None)

    def features(self, samples: Samples) -> Features:
        """The log-mel spectrogram (80, 100 frames a second) of what the encoder is to hear."""
        found = self.model.feature_extractor(samples)[:, : len(samples) * FRAMES_PER_S // SAMPLE_RATE]
        return np.asarray(found, np.float32)

    def encode(self, samples: Samples) -> Any:
        return self.model.encode(self.features(samples))

    def prompt(self, language: str) -> list[int]:
        """The tokens before the text: start, language, task, no timestamps."""
        return list(self.model.get_prompt(self._tokenizer(language), [], without_timestamps=True))

    def tokens(self, text: str, language: str) -> list[int]:
        """A text's tokens; Whisper begins a text with a space where the script has spaces."""
        spaced = text if language in ("zh", "ja") else f" {text}"
        return [int(token) for token in self._tokenizer(language).encode(spaced)]

    def likely(self, encoded: Any, among: tuple[str, ...] = ()) -> str:
        """The language that was most likely spoken."""
        ranked = self.model.model.detect_language(encoded)[0]
        return next(str(token[2:-2]) for token, _ in ranked if not among or token[2:-2] in among)

    def hear(
        self, samples: Samples, context: Context, language: str = "", among: tuple[str, ...] = (), beam: int = 1
    ) -> Heard:
        """What the model writes; without ``language``, in the one it chooses ``among``."""
        start = time.perf_counter()
        encoded = self.encode(context.pad(samples))
        chosen = self.likely(encoded, among)
        tokens, runaway = self.write(encoded, language or chosen, len(samples) / SAMPLE_RATE, beam)
        seconds = time.perf_counter() - start
        return Heard(self.text(tokens, language or chosen), chosen, tokens, seconds, runaway)

    def write(self, encoded: Any, language: str, seconds: float, beam: int = 1) -> tuple[tuple[int, ...], bool]:
        """The tokens of the text, without the prompt, and whether they ran away; ``seconds`` is the sound's length."""
        limit = 8 + int(seconds * MAX_TOKENS_PER_S)
        # CTranslate2 writes at most half of what it is allowed, as Whisper's own decoder does.
        result = self.model.model.generate(
            encoded, [self.prompt(language)], beam_size=beam, max_length=2 * limit, suppress_blank=True
        )[0]
        tokens = tuple(result.sequences_ids[0])
        return tokens, len(tokens) >= limit

    def text(self, tokens: tuple[int, ...], language: str) -> str:
        return str(self._tokenizer(language).decode(tokens)).strip()

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self.model.hf_tokenizer, multilingual=True, task="transcribe", language=language
            )
        return self._tokenizers[language]
