"""Whisper models of other types and shapes than the packaged ones: heard right, or refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from whisper_world import quantised

from banksman_edge import Sound, WhisperRecogniser
from banksman_shared.errors import ModelError
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


@pytest.mark.parametrize(
    ("config", "lack"),
    [({}, "suppress_ids"), ({"suppress_ids": [1]}, "suppress_ids_begin"), ({"suppress_ids": "all"}, "suppress_ids")],
)
def test_a_model_whose_config_lacks_something_is_refused_in_one_sentence(
    base: Path, tmp_path: Path, config: object, lack: str
) -> None:
    for path in base.iterdir():
        if path.name == "config.json":
            (tmp_path / path.name).write_text(json.dumps(config))
        else:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(ModelError, match=rf"{tmp_path}.*config\.json.*{lack}.*convert"):
        WhisperRecogniser(tmp_path, ["en"], threads=1)
