"""CTranslate2 weights files: what is read comes out with the same bytes; what is damaged is refused."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from banksman_shared.errors import ModelError
from banksman_shared.models import CATALOGUE, ModelStore
from banksman_shared.models.ctranslate2_file import BFLOAT16, CTranslate2Weights, read_weights, write_weights

SMALL = CTranslate2Weights(
    "WhisperSpec",
    3,
    {"a/weight": np.arange(6, dtype=np.float16).reshape(2, 3), "a/heads": np.array(8, np.int16)},
    {"b/weight": "a/weight"},
)


def written(weights: CTranslate2Weights) -> bytes:
    out = io.BytesIO()
    write_weights(weights, out)
    return out.getvalue()


def test_weights_survive_the_way_to_a_file_and_back(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(written(SMALL))
    back = read_weights(path)
    assert (back.specification, back.revision, back.aliases) == ("WhisperSpec", 3, {"b/weight": "a/weight"})
    assert back["b/weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert back["a/heads"].shape == ()


@pytest.mark.models
def test_the_real_whisper_comes_out_with_its_digest() -> None:
    weights = read_weights(ModelStore().path("whisper-base") / "model.bin")
    assert hashlib.sha256(written(weights)).hexdigest() == CATALOGUE["whisper-base"].files[0].sha256


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"\7" + data[1:],
        lambda _: b"",
        lambda _: b"x" * 99,
    ],
)
def test_what_is_no_such_file_is_refused_in_one_sentence(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "model.bin"
    path.write_bytes(damage(written(SMALL)))
    with pytest.raises(ModelError, match="is not a CTranslate2 model"):
        read_weights(path)


def test_what_is_quantised_comes_back_as_the_numbers_that_it_stands_for() -> None:
    rows = np.array([[0.5, -1.0], [0.25, 0.125]], np.float32)
    scales = np.array([127.0, 508.0], np.float32)
    upper_halves = np.array([1.5, -2.0], np.float32).view(np.uint32) >> 16
    weights = CTranslate2Weights(
        "WhisperSpec",
        3,
        {
            "rows/weight": np.rint(rows * scales[:, None]).astype(np.int8),
            "rows/weight_scale": scales,
            "whole/weight": np.rint(rows * 1024).astype(np.int16),
            "whole/weight_scale": np.array(1024, np.float32),
            "halves": upper_halves.astype("<u2").view(BFLOAT16),
            "lost/weight": np.ones((2, 2), np.int8),
        },
        {"same/weight": "rows/weight"},
    )
    for name in ("rows/weight", "same/weight", "whole/weight"):
        np.testing.assert_allclose(weights.floats(name), rows, atol=0.005)
    assert weights.floats("halves").tolist() == [1.5, -2.0]
    with pytest.raises(ModelError, match="lost/weight is quantised in a way that is not known"):
        weights.floats("lost/weight")
    with pytest.raises(ModelError, match="has no encoder/conv1/weight"):
        weights.floats("encoder/conv1/weight")


def test_bfloat16_survives_the_way_to_a_file_and_back(tmp_path: Path) -> None:
    halves = np.array([[1, 2], [3, 4]], "<u2").view(BFLOAT16)
    path = tmp_path / "model.bin"
    path.write_bytes(written(CTranslate2Weights("WhisperSpec", 3, {"a": halves})))
    assert read_weights(path)["a"]["upper_half"].tolist() == [[1, 2], [3, 4]]
