"""A Llama in torch, on the very tensors of a GGUF file, with low-rank factors to train.

The frozen weights keep their names and order of that file, and so do the factors (LoRA, Hu et al., arXiv 2106.09685):
what comes out of training is the adapter that llama.cpp loads, without renaming or turning anything. That the base is
quantised is trained with, not around (QLoRA, Dettmers et al., arXiv 2305.14314). Architectures: ``llama`` and
``qwen2``, which differ in biases and in which halves of a head are turned together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

from banksman_edge.errors import TeachingError

ADAPTED = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
ARCHITECTURES = ("llama", "qwen2")


class TaughtNetwork(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """``rank`` of the factors; ``precision`` of the frozen weights.

    Raises:
        TeachingError: the file is no model of a known architecture.
    """

    def __init__(self, path: Path, rank: int, precision: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.rank = rank
        try:
            reader = gguf.GGUFReader(path)
            field = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("tok")}
            self.architecture = str(field["general.architecture"])
            if self.architecture not in ARCHITECTURES:
                raise TeachingError(f"{path} is a '{self.architecture}'; only {', '.join(ARCHITECTURES)} can be taught")
            self._frozen = {tensor.name: _dequantised(tensor, precision) for tensor in reader.tensors}
            self._read(field)
        except (OSError, ValueError, KeyError) as error:
            raise TeachingError(f"{path} is no GGUF model that can be taught: {error}") from error
        self.factors = nn.ParameterDict()
        for name in (f"blk-{i}-{kind}" for i in range(self.layers) for kind in ADAPTED):
            out_size, in_size = self._frozen[f"{name.replace('-', '.')}.weight"].shape
            self.factors[f"{name}-a"] = nn.Parameter(torch.randn(rank, in_size) / math.sqrt(in_size))
            self.factors[f"{name}-b"] = nn.Parameter(torch.zeros(out_size, rank))

    def _read(self, field: Mapping[str, Any]) -> None:
        own = {name.removeprefix(f"{self.architecture}."): value for name, value in field.items()}
        self.layers, self.heads = int(own["block_count"]), int(own["attention.head_count"])
        self.shared_heads = int(own.get("attention.head_count_kv", self.heads))
        self.epsilon = float(own["attention.layer_norm_rms_epsilon"])
        size = int(own["embedding_length"]) // self.heads
        turns = float(own.get("rope.freq_base", 10_000.0)) ** (-torch.arange(0, size, 2).float() / size)
        if (longer := self._frozen.get("rope_freqs.weight")) is not None:  # Llama 3's long contexts
            turns = turns / longer.float()
        self._turns = turns

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        self._frozen = {name: fn(tensor) for name, tensor in self._frozen.items()}
        self._turns = fn(self._turns)
        return super()._apply(fn, recurse)

    def adapter(self) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
        """The factors by the names that llama.cpp knows them by."""
        return {
            f"{name[:-2].replace('-', '.')}.weight.lora_{name[-1]}": factor.detach().cpu().numpy().astype(np.float16)
            for name, factor in self.factors.items()
        }

    def start_from(self, adapter: Mapping[str, Any]) -> None:
        """Take the factors that :meth:`adapter` gave.

        Raises:
            TeachingError: they are of another model or rank.
        """
        self.blend(adapter, 0.0)

    def blend(self, adapter: Mapping[str, Any], share: float) -> None:
        """Come from these factors, which :meth:`adapter` gave, ``share`` (0 to 1) of the way to what they are now.

        Raises:
            TeachingError: they are of another model or rank.
        """
        for name, factor in self.factors.items():
            given = adapter.get(f"{name[:-2].replace('-', '.')}.weight.lora_{name[-1]}")
            before = None if given is None else torch.from_numpy(np.array(given, np.float32)).to(factor.device)
            if before is not None and (more := self.rank - before.shape[0 if name.endswith("a") else 1]) > 0:
                # Of a higher rank: what is added says nothing until it is trained.
                grown = factor.data.clone() if name.endswith("a") else torch.zeros_like(factor)
                (grown[: self.rank - more] if name.endswith("a") else grown[:, : self.rank - more]).copy_(before)
                before = grown
            if before is None or before.shape != factor.shape:
                raise TeachingError(
                    "the adapter is of another model or of a higher rank than is trained now; remove it to start anew"
                )
            factor.data.copy_(torch.lerp(before, factor.data, share))

    def forward(self, tokens: Tensor) -> Tensor:
        """The last hidden states (batch, tokens, width) of texts that are filled up at their ends."""
        hidden = self._frozen["token_embd.weight"][tokens]
        angles = torch.outer(torch.arange(tokens.shape[1], device=tokens.device).float(), self._turns)
        waves = (angles.cos().to(hidden.dtype), angles.sin().to(hidden.dtype))
        for i in range(self.layers):
            hidden = hidden + self._attention(self._norm(hidden, f"blk.{i}.attn_norm"), i, waves)
            hidden = hidden + self._feed_forward(self._norm(hidden, f"blk.{i}.ffn_norm"), i)
        return self._norm(hidden, "output_norm")

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of all tokens; without a projection of its own, it is the embedding."""
        return nnf.linear(hidden, self._frozen.get("output.weight", self._frozen["token_embd.weight"]))

    def _attention(self, hidden: Tensor, layer: int, waves: tuple[Tensor, Tensor]) -> Tensor:
        query, key, value = (
            self._linear(hidden, layer, f"attn_{name}").unflatten(-1, (heads, -1)).transpose(1, 2)
            for name, heads in (("q", self.heads), ("k", self.shared_heads), ("v", self.shared_heads))
        )
        query, key = self._turned(query, waves), self._turned(key, waves)
        mixed = nnf.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
        return self._linear(mixed.transpose(1, 2).flatten(2), layer, "attn_output")

    def _turned(self, heads: Tensor, waves: tuple[Tensor, Tensor]) -> Tensor:
        """Rotary positions: pairs of neighbours, or of the two halves."""
        cos, sin = waves
        if self.architecture == "llama":
            even, odd = heads[..., 0::2], heads[..., 1::2]
            return torch.stack((even * cos - odd * sin, odd * cos + even * sin), -1).flatten(-2)
        first, second = heads.chunk(2, -1)
        return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)

    def _feed_forward(self, hidden: Tensor, layer: int) -> Tensor:
        gate = nnf.silu(self._linear(hidden, layer, "ffn_gate"))
        return self._linear(gate * self._linear(hidden, layer, "ffn_up"), layer, "ffn_down")

    def _linear(self, hidden: Tensor, layer: int, kind: str) -> Tensor:
        name = f"blk.{layer}.{kind}"
        out = nnf.linear(hidden, self._frozen[f"{name}.weight"], self._frozen.get(f"{name}.bias"))
        down, up = (self.factors[f"blk-{layer}-{kind}-{side}"].to(hidden.dtype) for side in "ab")
        return out + nnf.linear(nnf.linear(hidden, down), up)

    def _norm(self, hidden: Tensor, name: str) -> Tensor:
        weight = self._frozen[f"{name}.weight"]
        return nnf.rms_norm(hidden, weight.shape, weight, self.epsilon)


def _dequantised(tensor: Any, precision: torch.dtype) -> Tensor:
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    return torch.from_numpy(np.array(values, np.float32)).to(precision)
