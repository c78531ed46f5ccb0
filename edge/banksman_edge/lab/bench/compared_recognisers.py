"""What is compared: ours, and faster-whisper as its users call it, on the same weights, device and threads."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel

from banksman_edge.asr import Recogniser, gpus, load_whisper
from banksman_edge.audio import Sound
from banksman_edge.lab.bench.ggml import write_ggml

OURS, DEFAULTS, BEST = "banksman", "transcribe, defaults", "transcribe, best settings"
WHISPER_CPP = "whisper.cpp"


@dataclass(frozen=True, slots=True)
class Contender:
    """``hear`` takes a sound from its last sample to a text and its language, nothing kept from earlier ones."""

    name: str
    hear: Callable[[Sound], tuple[str, str]]


def device() -> str:
    """ "cuda" where CTranslate2 has a GPU, else "cpu"."""
    return "cuda" if gpus() else "cpu"


def contenders(recogniser: Recogniser, model: Path, languages: Sequence[str], threads: int) -> list[Contender]:
    """Ours, ``WhisperModel.transcribe`` with its defaults, and with the settings that suit short orders best.

    The other two compute in the type and on the device that ours does; their own default, float32 on a CPU, is slower.

    Raises:
        RecogniserError: the folder is no model that faster-whisper can load.
    """
    whisper = load_whisper(model, threads=threads).whisper
    return [
        Contender(OURS, lambda sound: _ours(recogniser, sound)),
        Contender(DEFAULTS, lambda sound: _text(whisper.transcribe(sound.samples))),
        Contender(BEST, lambda sound: _at_its_best(whisper, languages, sound)),
    ]


def whisper_cpp(model: Path, folder: Path, threads: int) -> Contender | None:
    """whisper.cpp on the same weights, in float16 and greedy as it comes, where ``pywhispercpp`` is installed.

    ``folder``: where the weights are written in its form.
    """
    try:
        binding = importlib.import_module("pywhispercpp.model")
    except ImportError:
        return None
    weights = folder / "whisper.ggml"
    with weights.open("wb") as out:
        write_ggml(model, out)
    settings = {"n_threads": threads, "print_progress": False, "redirect_whispercpp_logs_to": None}
    whisper = binding.Model(str(weights), **settings)

    def hear(sound: Sound) -> tuple[str, str]:
        # It says nowhere which language it took.
        return " ".join(s.text.strip() for s in whisper.transcribe(sound.samples, language="auto")), ""

    return Contender(WHISPER_CPP, hear)


def _ours(recogniser: Recogniser, sound: Sound) -> tuple[str, str]:
    transcript = recogniser.transcribe(sound)
    return transcript.text, transcript.language


def _at_its_best(whisper: WhisperModel, languages: Sequence[str], sound: Sound) -> tuple[str, str]:
    """Greedy, no timestamps, silence cut off, nothing tried twice; the language is the likeliest of the site's."""
    every = whisper.detect_language(sound.samples)[2]
    language = max((pair for pair in every if pair[0] in languages), key=lambda pair: pair[1])[0]
    found = whisper.transcribe(
        sound.samples,
        language=language,
        beam_size=1,
        best_of=1,
        temperature=0.0,
        without_timestamps=True,
        condition_on_previous_text=False,
        vad_filter=True,
    )
    return _text(found)


def _text(found: Any) -> tuple[str, str]:
    segments, info = found
    return " ".join(segment.text.strip() for segment in segments), str(info.language)
