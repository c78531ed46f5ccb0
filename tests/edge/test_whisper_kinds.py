"""Whisper models of other types and shapes than the packaged ones: heard right, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from whisper_world import quantised

from banksman_edge import Sound, WhisperRecogniser
from banksman_shared.models import ModelStore

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def base() -> Path:
    return ModelStore().path("whisper-base")


@pytest.fixture(scope="module")
def published(base: Path, speech: dict[str, Sound]) -> dict[str, str]:
    """What the packaged float16 weights hear."""
    heard = WhisperRecogniser(base, ["en", "es"], threads=1)
    return {clip: heard.transcribe(speech[clip]).text for clip in ("en-move", "es-transport")}


@pytest.mark.parametrize("kind", ["int8", "int8_float16", "int16", "bfloat16"])
def test_a_quantised_model_hears_what_its_original_hears(
    base: Path, published: dict[str, str], speech: dict[str, Sound], tmp_path: Path, kind: str
) -> None:
    heard = WhisperRecogniser(quantised(base, kind, tmp_path / kind), ["en", "es"], threads=1)
    assert {clip: heard.transcribe(speech[clip]).text for clip in published} == published
