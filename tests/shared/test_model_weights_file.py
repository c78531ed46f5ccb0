"""CTranslate2 weights files: what is read comes out with the same bytes; what is damaged is refused."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from banksman_shared.errors import ModelError
from banksman_shared.models import CATALOGUE, ModelStore
from banksman_shared.models.ctranslate2_file import CTranslate2Weights, read_weights, write_weights

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
