"""Whisper in torch, on the very tensors of the model store's CTranslate2 file, with low-rank factors to train.

The frozen weights keep their names of that file, and so do the factors (LoRA, Hu et al., arXiv 2106.09685): what
comes out of training needs no renaming to be merged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

from banksman_edge.errors import TeachingError
from banksman_shared.models.adapter import Adapter
from banksman_shared.models.ctranslate2_file import CTranslate2Weights

_LINEAR = ("self_attention/linear_0", "self_attention/linear_1", "ffn/linear_0", "ffn/linear_1")
_CROSS = ("attention/linear_0", "attention/linear_1", "attention/linear_2")


class TaughtWhisper(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """Whisper's encoder and decoder. ``rank`` of the factors by part ("encoder", "decoder"); 0 leaves it frozen."""

    def __init__(self, weights: CTranslate2Weights, rank: Mapping[str, int]) -> None:
        super().__init__()
        self.heads = {part: int(weights[f"{part}/num_heads"]) for part in ("encoder", "decoder")}
        self.layers = {part: _count_layers(weights.tensors, part) for part in ("encoder", "decoder")}
        self._frozen = {
            name: torch.from_numpy(np.array(tensor, np.float32))
            for name, tensor in weights.tensors.items()
            if tensor.dtype == np.float16
        }
        self.factors = nn.ParameterDict()
        for name in self.adapted(rank):
            out_size, in_size = self._frozen[f"{name}/weight"].shape
            size = rank[name.partition("/")[0]]
            down = torch.randn(size, in_size) / math.sqrt(in_size)
            self.factors[f"{name}/down"] = nn.Parameter(down)
            self.factors[f"{name}/up"] = nn.Parameter(torch.zeros(out_size, size))

    def adapted(self, rank: Mapping[str, int]) -> Iterator[str]:
        """The names of the matrices that get factors."""
        for part, layers in self.layers.items():
            if rank.get(part):
                kinds = _LINEAR if part == "encoder" else (*_LINEAR, *_CROSS)
                yield from (f"{part}/layer_{i}/{kind}" for i in range(layers) for kind in kinds)

    def start_from(self, adapter: Adapter) -> None:
        """Take an adapter's factors as the first ones.

        Raises:
            TeachingError: the adapter has other matrices or another rank.
        """
        own = dict(self.factors)
        for name, factors in adapter.factors.items():
            for side, values in (("up", factors.up), ("down", factors.down)):
                into = own.get(f"{name}/{side}")
                if into is None or into.shape != values.shape:
                    raise TeachingError(f"the adapter has another {name} than is trained now; remove it to start anew")
                into.data.copy_(torch.from_numpy(np.array(values, np.float32)))

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        self._frozen = {name: fn(tensor) for name, tensor in self._frozen.items()}
        return super()._apply(fn, recurse)

    def encode(self, mel: Tensor) -> Tensor:
        """Hidden states (batch, frames / 2, width) of a log-mel spectrogram (batch, 80, frames)."""
        hidden = nnf.gelu(nnf.conv1d(mel, *self._affine("encoder/conv1"), padding=1))
        hidden = nnf.gelu(nnf.conv1d(hidden, *self._affine("encoder/conv2"), stride=2, padding=1)).transpose(1, 2)
        hidden = hidden + self._frozen["encoder/position_encodings/encodings"][: hidden.shape[1]]
        for i in range(self.layers["encoder"]):
            layer = f"encoder/layer_{i}"
            hidden = hidden + self._self_attention(hidden, layer, causal=False)
            hidden = hidden + self._feed_forward(hidden, layer)
        return self._norm(hidden, "encoder/layer_norm")

    def decode(self, tokens: Tensor, encoded: Tensor) -> Tensor:
        """The last hidden states (batch, tokens, width)."""
        hidden = self._frozen["decoder/embeddings/weight"][tokens]
        hidden = hidden + self._frozen["decoder/position_encodings/encodings"][: tokens.shape[1]]
        for i in range(self.layers["decoder"]):
            layer = f"decoder/layer_{i}"
            hidden = hidden + self._self_attention(hidden, layer, causal=True)
            hidden = hidden + self._cross_attention(hidden, encoded, layer)
            hidden = hidden + self._feed_forward(hidden, layer)
        return self._norm(hidden, "decoder/layer_norm")

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of all tokens; the projection is the embedding."""
        return nnf.linear(hidden, self._frozen["decoder/embeddings/weight"])

    def _self_attention(self, hidden: Tensor, layer: str, *, causal: bool) -> Tensor:
        name = f"{layer}/self_attention"
        heads = self.heads[layer.partition("/")[0]]
        fused = self._linear(self._norm(hidden, f"{name}/layer_norm"), f"{name}/linear_0")
        query, key, value = (_split(part, heads) for part in fused.chunk(3, -1))
        mixed = nnf.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self._linear(_join(mixed), f"{name}/linear_1")

    def _cross_attention(self, hidden: Tensor, encoded: Tensor, layer: str) -> Tensor:
        name = f"{layer}/attention"
        heads = self.heads["decoder"]
        query = _split(self._linear(self._norm(hidden, f"{name}/layer_norm"), f"{name}/linear_0"), heads)
        key, value = (_split(part, heads) for part in self._linear(encoded, f"{name}/linear_1").chunk(2, -1))
        mixed = nnf.scaled_dot_product_attention(query, key, value)
        return self._linear(_join(mixed), f"{name}/linear_2")

    def _feed_forward(self, hidden: Tensor, layer: str) -> Tensor:
        name = f"{layer}/ffn"
        wide = nnf.gelu(self._linear(self._norm(hidden, f"{name}/layer_norm"), f"{name}/linear_0"))
        return self._linear(wide, f"{name}/linear_1")

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        out = nnf.linear(hidden, *self._affine(name))
        if f"{name}/up" in self.factors:
            out = out + nnf.linear(nnf.linear(hidden, self.factors[f"{name}/down"]), self.factors[f"{name}/up"])
        return out

    def _affine(self, name: str) -> tuple[Tensor, Tensor]:
        return self._frozen[f"{name}/weight"], self._frozen[f"{name}/bias"]

    def _norm(self, hidden: Tensor, name: str) -> Tensor:
        weight, bias = self._frozen[f"{name}/gamma"], self._frozen[f"{name}/beta"]
        return nnf.layer_norm(hidden, weight.shape, weight, bias)


def _count_layers(names: Mapping[str, Any], part: str) -> int:
    return len({name.split("/")[1] for name in names if name.startswith(f"{part}/layer_") and name.count("/") > 2})


def _split(hidden: Tensor, heads: int) -> Tensor:
    return hidden.unflatten(-1, (heads, -1)).transpose(1, 2)


def _join(hidden: Tensor) -> Tensor:
    return hidden.transpose(1, 2).flatten(2)


def pad(sequences: Sequence[Tensor], value: float = 0) -> Tensor:
    """One tensor of several, the shorter ones filled up at their end."""
    return nn.utils.rnn.pad_sequence(list(sequences), batch_first=True, padding_value=value)
