"""Whispers of other kinds and shapes than the packaged ones, as CTranslate2 files."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec

from banksman_shared.models.ctranslate2_file import BFLOAT16, CTranslate2Weights, Tensor, read_weights, write_weights

BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
PROJECTION = "decoder/projection/weight"
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


def of_turbo_s_shape(base: Path, out: Path) -> Path:
    """A small model of random weights in the proportions of large-v3-turbo: 128 mel bands, eight times as many layers
    in the encoder as in the decoder, and one language more."""
    random, width, layers = np.random.default_rng(7), 128, {"encoder": 8, "decoder": 1}
    tensors: dict[str, Tensor] = {}
    for name, tensor in read_weights(base / "model.bin").tensors.items():
        side, scope, *_ = name.split("/")
        if scope == "layer_0":
            for layer in range(layers[side]):
                tensors[name.replace(scope, f"layer_{layer}")] = _random(name, tensor, width, random)
        elif not scope.removeprefix("layer_").isdigit():
            tensors[name] = _random(name, tensor, width, random)
    tensors |= {f"{side}/num_heads": np.array(width // 64, np.int16) for side in layers}
    tensors["encoder/conv1/weight"] = random.normal(0, 0.1, (width, 128, 3)).astype(np.float16)
    tensors["decoder/embeddings/weight"] = random.normal(0, 0.5, (51866, width)).astype(np.float16)
    written(CTranslate2Weights("WhisperSpec", 3, tensors, {PROJECTION: "decoder/embeddings/weight"}), base, out)
    _speak_cantonese(out)
    (out / "preprocessor_config.json").write_text(json.dumps({"feature_size": 128}))
    return out


def _random(name: str, tensor: Tensor, width: int, random: np.random.Generator) -> Tensor:
    """Numbers for a tensor of base, whose width is 512; scalars stay what they are."""
    if not tensor.ndim:
        return tensor
    shape = tuple(size * width // 512 if size % 512 == 0 else size for size in tensor.shape)
    return (random.normal(0, 0.15, shape) + name.endswith("gamma")).astype(np.float16)


def _speak_cantonese(model: Path) -> None:
    def moved(token: int) -> int:
        return token + (token > SUNDANESE)

    tokenizer = json.loads((model / "tokenizer.json").read_text("utf-8"))
    added = [token | {"id": moved(token["id"])} for token in tokenizer["added_tokens"]]
    at = next(n for n, token in enumerate(added) if token["id"] == SUNDANESE)
    added.insert(at + 1, added[at] | {"id": SUNDANESE + 1, "content": "<|yue|>"})
    tokenizer |= {"added_tokens": added, "post_processor": None}
    (model / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    words = (model / "vocabulary.txt").read_text("utf-8").split("\n")
    words.insert(SUNDANESE + 1, "<|yue|>")
    (model / "vocabulary.txt").write_text("\n".join(words), "utf-8")
    config = json.loads((model / "config.json").read_text("utf-8"))
    config |= {key: [moved(token) for token in config[key]] for key in ("suppress_ids", "suppress_ids_begin")}
    config |= {"lang_ids": [*config["lang_ids"], SUNDANESE + 1], "alignment_heads": [[0, 0]]}
    (model / "config.json").write_text(json.dumps(config), "utf-8")


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
