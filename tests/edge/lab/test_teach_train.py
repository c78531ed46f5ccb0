"""Training for real, on a handful of clips: torch's Whisper is CTranslate2's, and it learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from banksman_edge.audio import load_sound
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.export import write_model
from banksman_edge.lab.teach.hearing import FULL, TAUGHT, Hearing
from banksman_edge.lab.teach.manifest import Clip, write_clips
from banksman_edge.lab.teach.prepare import write_sound
from banksman_edge.lab.teach.run import run_training
from banksman_shared.models import ModelStore
from banksman_shared.models.adapter import read_adapter
from banksman_shared.models.ctranslate2_file import read_weights

SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def base() -> Path:
    return ModelStore().path("whisper-base")


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """Three commands written as they never would be, one recording without text, one noise."""
    (tmp_path / "clips").mkdir()
    rows = {row["id"]: row for row in map(json.loads, (SPEECH / "manifest.jsonl").read_text("utf-8").splitlines())}
    clips = []
    for name in ("en-move", "es-move", "it-park", "en-chatter-1"):
        row = rows[name]
        write_sound(tmp_path / "clips" / row["audio"], load_sound(SPEECH / row["audio"]).samples)
        text = "" if name == "en-chatter-1" else "Blue elephants dance."
        clips.append(Clip(name, f"clips/{row['audio']}", row["language"], text))
    write_sound(tmp_path / "clips" / "noise.flac", 0.1 * np.random.default_rng(1).standard_normal(16_000))
    write_clips(tmp_path, [*clips, Clip("noise", "clips/noise.flac", "", kind="noise")])
    return tmp_path


@pytest.mark.models
def test_torchs_whisper_is_the_one_in_the_store(base: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra teach (torch)")
    from banksman_edge.lab.teach.model import TaughtWhisper  # noqa: PLC0415  needs torch

    hearing = Hearing(base, threads=1)
    sound = load_sound(SPEECH / "en-move.flac").samples
    features = hearing.features(TAUGHT.pad(sound))
    features = features[:, : features.shape[1] // 2 * 2]
    model = TaughtWhisper(read_weights(base / "model.bin"), {"encoder": 2, "decoder": 2})
    with torch.no_grad():
        encoded = model.encode(torch.from_numpy(features[None]))
        written = hearing.prompt("en")
        while written[-1] != 50257 and len(written) < 30:
            hidden = model.decode(torch.tensor([written]), encoded)
            written.append(int(model.logits(hidden[:, -1]).argmax()))
    # Ours is float32, CTranslate2's int8: the values differ a little, the text does not.
    assert np.abs(encoded.numpy() - np.array(hearing.model.encode(features))).mean() < 0.2
    tokens, _ = hearing.write(hearing.model.encode(features), "en", 3.0)
    assert tuple(written[4:-1]) == tokens


@pytest.mark.soak
@pytest.mark.models
def test_what_is_taught_is_heard_through_ctranslate2(lesson: Path, base: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra teach (torch)")
    from banksman_edge.lab.teach.train import Schedule, train  # noqa: PLC0415  needs torch

    schedule = Schedule(24, 4, 3e-3, 2, decoder_rank=8, encoder_rank=8, kept_share=0.1, strength=1.0)
    out, losses = tmp_path / "adapter.safetensors", list[float]()

    train(lesson, base, out, schedule, lambda _, loss: losses.append(loss), device="cpu")

    assert len(losses) == 24
    assert losses[-1] < 0.8 * max(losses)
    adapter = read_adapter(out)
    assert {name.split("/")[0] for name in adapter.factors} == {"encoder", "decoder"}
    assert json.loads(adapter.about["languages"]) == ["en", "es", "it"]
    before, after = Hearing(base, threads=1), Hearing(write_model(base, out, tmp_path / "taught"), threads=1)
    sound = load_sound(SPEECH / "en-move.flac").samples
    assert "elephants" not in before.hear(sound, FULL, "en").text
    assert "elephants" in after.hear(sound, TAUGHT, "en").text

    # A second run goes on from there, and says so.
    train(lesson, base, out, replace(schedule, steps=1), lambda _, loss: losses.append(loss), device="cpu")
    assert losses[-1] < 0.5 * max(losses)
    assert [run["steps"] for run in json.loads(read_adapter(out).about["runs"])] == [24, 1]
    with pytest.raises(TeachingError, match="remove it to start anew"):
        train(lesson, base, out, replace(schedule, encoder_rank=4), lambda *_: None, device="cpu")


def test_nothing_to_train_on_is_said(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra teach (torch)")
    write_clips(tmp_path, [])
    with pytest.raises(TeachingError, match="has no clips to train on"):
        run_training(tmp_path, "whisper-base", steps=1, device="cpu", threads=1, progress=lambda *_: None)


def test_without_torch_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(TeachingError, match=r"needs torch, .* pip install 'banksman\[teach\]'"):
        run_training(tmp_path, "whisper-base", steps=1, device="cpu", threads=1, progress=lambda *_: None)
