"""Whisper models of other types and shapes than the packaged ones: heard right, or refused in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from whisper_world import of_turbo_s_shape, quantised

from banksman_edge import Sound, WhisperRecogniser
from banksman_edge.asr.decoder import TreeDecoder
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


@pytest.fixture(scope="module")
def turbo(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return of_turbo_s_shape(base, tmp_path_factory.mktemp("models") / "turbo")


def test_a_model_of_another_shape_is_run_as_ctranslate2_runs_it(turbo: Path, speech: dict[str, Sound]) -> None:
    whisper = WhisperModel(str(turbo), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)
    tokenizer = Tokenizer(whisper.hf_tokenizer, multilingual=True, task="transcribe", language="yue")
    features = whisper.feature_extractor(speech["en-move"].samples)[:, :300]
    assert features.shape[0] == 128
    encoded = whisper.encode(features)
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    generated = whisper.model.generate(
        encoded, [prompt], beam_size=1, return_scores=True, suppress_tokens=[], suppress_blank=False, max_length=12
    )[0]
    text = generated.sequences_ids[0]
    assert len(set(text)) > 3
    tree = TreeDecoder(turbo, [], tokenizer.eot, threads=1).listen(np.array(encoded)[0])
    tree.start(tokenizer.sot)
    tree.extend([0, 1, 2], prompt[1:])
    scores = tree.scores(3, [text])[0]
    assert sum(scores) == pytest.approx(generated.scores[0] * len(text), abs=0.5)
    assert len(scores) == len(text)


@pytest.mark.parametrize("told", [True, False])
def test_the_number_of_mel_bands_is_that_of_the_weights(
    turbo: Path, speech: dict[str, Sound], tmp_path: Path, told: bool
) -> None:
    for path in turbo.iterdir():
        if told or path.name != "preprocessor_config.json":
            (tmp_path / path.name).symlink_to(path)
    recogniser = WhisperRecogniser(tmp_path, ["en", "zh"], threads=1)
    recogniser.warm_up()
    assert 0 <= recogniser.transcribe(speech["en-move"]).confidence <= 1


def test_a_whisper_is_found_by_its_size_where_the_hub_s_client_keeps_it(turbo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "hub" / "models--mobiuslabsgmbh--faster-whisper-large-v3-turbo"
    revision = "0" * 40
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text(revision)
    (kept / "snapshots").mkdir()
    (kept / "snapshots" / revision).symlink_to(turbo)
    program = """
from banksman_edge.app.build import load_recogniser
from banksman_shared.site import bundled_site, load_site
recogniser = load_recogniser(load_site(bundled_site()), "large-v3-turbo", threads=1)
print(recogniser.device, recogniser.compute_type)
"""
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.split()
