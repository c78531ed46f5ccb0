"""Whispers of other kinds and shapes than the packaged ones, as CTranslate2 files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec

from banksman_shared.models.ctranslate2_file import BFLOAT16, CTranslate2Weights, Tensor, read_weights, write_weights

BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
SUNDANESE = 50357
"""The last language of models up to large-v2; large-v3 and turbo put Cantonese behind it and move the rest."""


def quantised(model: Path, kind: str, out: Path) -> Path:
    """``model`` in another type ("int8", "int8_float16", "int16"), by CTranslate2's own converter; "bfloat16", which
    that cannot write without torch, by hand."""
    weights = read_weights(model / "model.bin")
    if kind == "bfloat16":
        halved = {name: _halved(tensor) for name, tensor in weights.tensors.items()}
        return written(replace(weights, tensors=halved), model, out)
    layers = {side: _layers(weights, side) for side in ("encoder", "decoder")}
    heads = {side: int(weights[f"{side}/num_heads"]) for side in layers}
    spec = WhisperSpec(layers["encoder"], heads["encoder"], layers["decoder"], heads["decoder"])
    for name in (*weights.tensors, *weights.aliases):
        _put(spec, name, np.array(weights[name]))
    spec.register_vocabulary((model / "vocabulary.txt").read_text("utf-8").split("\n")[: len(_embeddings(weights))])
    spec.validate()
    spec.optimize(quantization=kind)
    out.mkdir()
    spec.save(str(out))
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(model / name, out / name)
    return out


def written(weights: CTranslate2Weights, beside: Path, out: Path) -> Path:
    """A model's folder with these weights and what else is in the folder ``beside``."""
    out.mkdir()
    with (out / "model.bin").open("wb") as file:
        write_weights(weights, file)
    for name in BESIDE:
        shutil.copyfile(beside / name, out / name)
    return out


def _halved(tensor: Tensor) -> Tensor:
    """Floats as bfloat16, rounded to the nearest."""
    if tensor.dtype != np.float16:
        return tensor
    bits = tensor.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").view(BFLOAT16)


def _put(spec: Any, name: str, value: Tensor) -> None:
    *scopes, last = name.split("/")
    for scope in scopes:
        of_list, _, number = scope.rpartition("_")
        spec = getattr(spec, scope) if hasattr(spec, scope) else getattr(spec, of_list)[int(number)]
    setattr(spec, last, value)


def _layers(weights: CTranslate2Weights, side: str) -> int:
    return sum(name.startswith(f"{side}/layer_") and name.endswith("ffn/linear_0/bias") for name in weights.tensors)


def _embeddings(weights: CTranslate2Weights) -> Tensor:
    return weights["decoder/embeddings/weight"]
