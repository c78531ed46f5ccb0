"""Whisper's weights as whisper.cpp reads them, out of CTranslate2's: so that both recognise with the same ones.

The layout (whisper.cpp's ``convert-pt-to-ggml.py``), little-endian: magic, sizes, the filters of the mel spectrum,
the tokens' bytes, then tensors with their dimensions in reverse order, matrices in float16.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer

from banksman_edge.asr import token_bytes
from banksman_shared.models.ctranslate2_file import CTranslate2Weights, read_weights

_MAGIC = 0x67676D6C
_FLOAT16 = 1
_KEPT_EXACT = ("positional_embedding", "conv1.bias", "conv2.bias")

Tensor = npt.NDArray[Any]


def write_ggml(model: Path, out: BinaryIO) -> None:
    """Write the model of a CTranslate2 folder in whisper.cpp's form.

    Raises:
        ModelError: the folder has no weights that can be read.
    """
    weights = read_weights(model / "model.bin")
    mels = weights["encoder/conv1/weight"].shape[1]
    out.write(struct.pack("<I11i", _MAGIC, *_sizes(weights), mels, _FLOAT16))
    filters = np.asarray(FeatureExtractor(feature_size=mels).mel_filters, np.float32)
    out.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    count = tokenizer.get_vocab()["<|endoftext|>"]
    out.write(struct.pack("<i", count))
    out.writelines(struct.pack("<I", len(piece)) + piece for piece in token_bytes(tokenizer, count))
    for name, tensor in _tensors(weights):
        _write(out, name, tensor)


def _sizes(weights: CTranslate2Weights) -> list[int]:
    vocabulary, width = weights["decoder/embeddings/weight"].shape
    sides = []
    for side in ("encoder", "decoder"):
        context = weights[f"{side}/position_encodings/encodings"].shape[0]
        sides += [context, width, int(weights[f"{side}/num_heads"]), _layers(weights, side)]
    return [vocabulary, *sides]


def _layers(weights: CTranslate2Weights, side: str) -> int:
    return sum(name.startswith(f"{side}/layer_") and name.endswith("ffn/linear_0/bias") for name in weights.tensors)


def _tensors(weights: CTranslate2Weights) -> Iterator[tuple[str, Tensor]]:
    for number in (1, 2):
        yield f"encoder.conv{number}.weight", weights.floats(f"encoder/conv{number}/weight")
        yield f"encoder.conv{number}.bias", weights.floats(f"encoder/conv{number}/bias")[:, None]
    yield "decoder.token_embedding.weight", weights.floats("decoder/embeddings/weight")
    for side, last in (("encoder", "ln_post"), ("decoder", "ln")):
        yield f"{side}.positional_embedding", weights.floats(f"{side}/position_encodings/encodings")
        yield from _norm(weights, f"{side}/layer_norm", f"{side}.{last}")
        for layer in range(_layers(weights, side)):
            yield from _layer(weights, f"{side}/layer_{layer}", f"{side}.blocks.{layer}")


def _layer(weights: CTranslate2Weights, theirs: str, ours: str) -> Iterator[tuple[str, Tensor]]:
    own = f"{theirs}/self_attention"
    yield from _norm(weights, f"{own}/layer_norm", f"{ours}.attn_ln")
    yield from _split(weights, f"{own}/linear_0", [f"{ours}.attn.{part}" for part in ("query", "key", "value")])
    yield from _split(weights, f"{own}/linear_1", [f"{ours}.attn.out"])
    if ours.startswith("decoder"):
        cross = f"{theirs}/attention"
        yield from _norm(weights, f"{cross}/layer_norm", f"{ours}.cross_attn_ln")
        yield from _split(weights, f"{cross}/linear_0", [f"{ours}.cross_attn.query"])
        yield from _split(weights, f"{cross}/linear_1", [f"{ours}.cross_attn.{part}" for part in ("key", "value")])
        yield from _split(weights, f"{cross}/linear_2", [f"{ours}.cross_attn.out"])
    yield from _norm(weights, f"{theirs}/ffn/layer_norm", f"{ours}.mlp_ln")
    yield from _split(weights, f"{theirs}/ffn/linear_0", [f"{ours}.mlp.0"])
    yield from _split(weights, f"{theirs}/ffn/linear_1", [f"{ours}.mlp.2"])


def _norm(weights: CTranslate2Weights, theirs: str, ours: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{ours}.weight", weights.floats(f"{theirs}/gamma")
    yield f"{ours}.bias", weights.floats(f"{theirs}/beta")


def _split(weights: CTranslate2Weights, theirs: str, ours: list[str]) -> Iterator[tuple[str, Tensor]]:
    """One matrix that CTranslate2 keeps, as those it was fused of; keys have no bias."""
    matrices = np.split(weights.floats(f"{theirs}/weight"), len(ours))
    biases = np.split(weights.floats(f"{theirs}/bias"), len(ours))
    for name, matrix, bias in zip(ours, matrices, biases, strict=True):
        yield f"{name}.weight", matrix
        if not name.endswith("key"):
            yield f"{name}.bias", bias


def _write(out: BinaryIO, name: str, tensor: Tensor) -> None:
    exact = tensor.ndim < 2 or name.endswith(_KEPT_EXACT)
    data = np.ascontiguousarray(tensor, np.float32 if exact else np.float16)
    encoded = name.encode()
    out.write(struct.pack("<3i", data.ndim, len(encoded), 0 if exact else _FLOAT16))
    out.write(struct.pack(f"<{data.ndim}i", *reversed(data.shape)) + encoded + data.tobytes())
