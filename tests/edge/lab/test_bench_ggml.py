"""Whisper's weights in whisper.cpp's form, read back by the layout that its converter documents."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from banksman_edge.lab.bench.ggml import write_ggml
from banksman_shared.models import ModelStore
from banksman_shared.models.ctranslate2_file import read_weights

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def model() -> Path:
    return ModelStore().path("whisper-base")


@pytest.fixture(scope="module")
def written(model: Path) -> io.BytesIO:
    out = io.BytesIO()
    write_ggml(model, out)
    return out


def tensors(data: io.BytesIO) -> dict[str, np.ndarray]:
    """What follows the header: name → tensor."""
    data.seek(4 + 11 * 4)
    mels, bins = struct.unpack("<2i", data.read(8))
    data.seek(4 * mels * bins, io.SEEK_CUR)
    for _ in range(struct.unpack("<i", data.read(4))[0]):
        data.seek(struct.unpack("<I", data.read(4))[0], io.SEEK_CUR)
    found = {}
    while head := data.read(12):
        dimensions, length, half = struct.unpack("<3i", head)
        shape = struct.unpack(f"<{dimensions}i", data.read(4 * dimensions))[::-1]
        name = data.read(length).decode()
        kind = np.float16 if half else np.float32
        found[name] = np.frombuffer(data.read(int(np.prod(shape)) * np.dtype(kind).itemsize), kind).reshape(shape)
    return found


def test_header_holds_the_sizes_of_whisper_base(written: io.BytesIO) -> None:
    head = struct.unpack("<I11i", written.getvalue()[:48])
    assert head == (0x67676D6C, 51865, 1500, 512, 8, 6, 448, 512, 8, 6, 80, 1)


def test_every_tensor_is_there_once_and_nothing_is_left_over(written: io.BytesIO) -> None:
    found = tensors(written)
    assert len(found) == 245  # as whisper.cpp counts them for the base model
    assert found["encoder.positional_embedding"].dtype == np.float32
    assert found["encoder.conv1.bias"].shape == (512, 1)


def test_fused_matrices_come_apart_into_query_key_and_value(model: Path, written: io.BytesIO) -> None:
    found, weights = tensors(written), read_weights(model / "model.bin")
    parts = [found[f"decoder.blocks.2.attn.{part}.weight"] for part in ("query", "key", "value")]
    assert np.array_equal(np.vstack(parts), weights["decoder/layer_2/self_attention/linear_0/weight"])
    parts = [found[f"decoder.blocks.2.cross_attn.{part}.weight"] for part in ("key", "value")]
    assert np.array_equal(np.vstack(parts), weights["decoder/layer_2/attention/linear_1/weight"])
    assert "encoder.blocks.0.attn.key.bias" not in found
