"""Whisper's text decoder as an ONNX graph that takes a tree of tokens in one pass.

CTranslate2 generates text and scores given text, one sequence at a time, and lets nobody look at or change what
it would write next. To weigh hundreds of readings of one sound, which share most of their tokens, the decoder is
rebuilt here from the same weights: all tokens of a tree are rows of one matrix, and a mask says which of them
each one follows (tree attention: Miao et al., SpecInfer, arXiv 2305.09781). A step of a few tokens is bound by
reading the weights, so they become 8 bits with a scale for each 64 (ONNX Runtime's MatMulNBits).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from banksman_shared.models.ctranslate2_file import CTranslate2Weights, Tensor

OPSET = 20
_EPSILON = 1e-5
TREE_OUTPUTS = ("best_scores", "best_scores_1", "edge_scores", "logits", "keys", "values")
_CONTRIBUTED = "com.microsoft"
_BLOCK = 64
_ZERO = 128
"""MatMulNBits holds signed weights as unsigned bytes around this."""


def layers_of(weights: CTranslate2Weights) -> int:
    """The number of the decoder's layers."""
    return sum(name.startswith("decoder/layer_") and name.endswith("ffn/linear_0/bias") for name in weights.tensors)


def heads_of(weights: CTranslate2Weights) -> int:
    """The number of the decoder's attention heads."""
    return int(weights["decoder/num_heads"])


def memory_graph(weights: CTranslate2Weights) -> onnx.ModelProto:
    """From the encoder's output (T, d) to what the decoder attends to: keys (L, H, e, T), values (L, H, T, e)."""
    graph = _Graph(weights)
    keys, values = [], []
    for layer in range(layers_of(weights)):
        key, value = graph.split(graph.linear("encoded", f"decoder/layer_{layer}/attention/linear_1"), 2)
        keys.append(graph.op("Unsqueeze", [graph.heads(key, (1, 2, 0)), graph.ints("first", [0])]))
        values.append(graph.op("Unsqueeze", [graph.heads(value, (1, 0, 2)), graph.ints("first", [0])]))
    graph.op("Concat", keys, output="keys", axis=0)
    graph.op("Concat", values, output="values", axis=0)
    return graph.model({"encoded": [None, graph.width]}, {}, ["keys", "values"])


def tree_graph(weights: CTranslate2Weights, suppressed: Sequence[int], best: int) -> onnx.ModelProto:
    """One pass over N tokens after P earlier ones.

    Inputs: ``tokens`` (N), ``positions`` (N), ``mask`` (N, P + N) added to the attention, ``past_keys`` and
    ``past_values`` (L, H, P, e), ``memory_keys`` and ``memory_values`` of :func:`memory_graph`; ``rows``, ``columns``
    (E): after which of the N which token. Outputs: ``edge_scores`` (E), the log-probabilities of these;
    ``best_scores``, ``best_scores_1`` (N, ``best``): what is likeliest to follow each token, as log-probabilities
    and tokens, the ``suppressed`` left out; ``logits`` (N, V) with nothing left out; ``keys``, ``values`` (L, H, N, e).
    """
    graph = _Graph(weights)
    x = graph.op(
        "Add",
        [
            graph.rows_of("decoder/embeddings/weight", "tokens"),
            graph.rows_of("decoder/position_encodings/encodings", "positions"),
        ],
    )
    keys, values = [], []
    for layer in range(layers_of(weights)):
        x, key, value = graph.decoder_layer(x, layer)
        keys.append(key)
        values.append(value)
    x = graph.norm(x, "decoder/layer_norm")
    logits = graph.product(x, "decoder/embeddings/weight", output="logits")
    allowed = graph.op("Add", [logits, graph.forbidding(suppressed)])
    scores = graph.op("LogSoftmax", [allowed], axis=-1)
    graph.op("TopK", [scores, graph.ints("best", [best])], output="best_scores", outputs=2, axis=-1)
    last = graph.ints("last", [-1])
    edges = graph.op("Concat", [graph.op("Unsqueeze", [name, last]) for name in ("rows", "columns")], axis=1)
    graph.op("GatherND", [scores, edges], output="edge_scores")
    graph.op("Concat", keys, output="keys", axis=0)
    graph.op("Concat", values, output="values", axis=0)
    heads, size, layers = graph.head_count, graph.head_size, layers_of(weights)
    floats: dict[str, list[int | None]] = {
        "mask": [None, None],
        "past_keys": [layers, heads, None, size],
        "past_values": [layers, heads, None, size],
        "memory_keys": [layers, heads, size, None],
        "memory_values": [layers, heads, None, size],
    }
    integers: dict[str, list[int | None]] = {name: [None] for name in ("tokens", "positions", "rows", "columns")}
    return graph.model(floats, integers, [*TREE_OUTPUTS])


class _Graph:
    """Nodes and initialisers under construction."""

    def __init__(self, weights: CTranslate2Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self.width = int(weights["decoder/embeddings/weight"].shape[1])
        self.head_count = heads_of(weights)
        self.head_size = self.width // self.head_count

    def op(self, kind: str, inputs: list[str], *, output: str = "", outputs: int = 1, **attributes: Any) -> str:
        names = [output or f"{kind}_{len(self._nodes)}"]
        names += [f"{names[0]}_{i}" for i in range(1, outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def constant(self, name: str) -> str:
        return self._keep(name, self._weights[name].astype(np.float32))

    def rows_of(self, name: str, indices: str) -> str:
        stored = self._keep(f"{name}/rows", self._weights[name].astype(np.float16))
        return self.op("Cast", [self.op("Gather", [stored, indices])], to=TensorProto.FLOAT)

    def forbidding(self, tokens: Sequence[int]) -> str:
        bias = np.zeros(len(self._weights["decoder/embeddings/weight"]), np.float32)
        bias[list(tokens)] = -np.inf
        return self._keep("forbidding", bias)

    def ints(self, name: str, values: list[int]) -> str:
        return self._keep(name, np.array(values, np.int64))

    def _keep(self, name: str, tensor: Tensor) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(tensor, name)
        return name

    def linear(self, x: str, name: str) -> str:
        return self.op("Add", [self.product(x, f"{name}/weight"), self.constant(f"{name}/bias")])

    def product(self, x: str, name: str, *, output: str = "") -> str:
        """``x`` times the transposed weight (rows, columns), as 8-bit integers with a scale for each block."""
        weight = self._weights[name].astype(np.float32)
        rows, columns = weight.shape
        blocks = weight.reshape(rows, columns // _BLOCK, _BLOCK)
        scales = np.maximum(np.abs(blocks).max(axis=2) / 127, np.finfo(np.float32).tiny)
        packed = (np.rint(blocks / scales[:, :, None]) + _ZERO).astype(np.uint8)
        inputs = [x, self._keep(f"{name}/packed", packed), self._keep(f"{name}/scales", scales)]
        return self.op(
            "MatMulNBits",
            inputs,
            output=output,
            domain=_CONTRIBUTED,
            K=columns,
            N=rows,
            bits=8,
            block_size=_BLOCK,
            accuracy_level=4,
        )

    def norm(self, x: str, name: str) -> str:
        inputs = [x, self.constant(f"{name}/gamma"), self.constant(f"{name}/beta")]
        return self.op("LayerNormalization", inputs, axis=-1, epsilon=_EPSILON)

    def split(self, x: str, count: int) -> list[str]:
        first = self.op("Split", [x], outputs=count, axis=-1, num_outputs=count)
        return [first, *(f"{first}_{i}" for i in range(1, count))]

    def heads(self, x: str, order: tuple[int, int, int]) -> str:
        """(N, d) as (N, H, e), its axes in this order."""
        shape = self.ints("by_head", [-1, self.head_count, self.head_size])
        return self.op("Transpose", [self.op("Reshape", [x, shape])], perm=list(order))

    def attend(self, query: str, keys: str, values: str, mask: str = "") -> str:
        scores = self.op("MatMul", [query, keys])
        if mask:
            scores = self.op("Add", [scores, mask])
        mixed = self.op("MatMul", [self.op("Softmax", [scores], axis=-1), values])
        flat = self.op("Transpose", [mixed], perm=[1, 0, 2])
        return self.op("Reshape", [flat, self.ints("flat", [-1, self.width])])

    def query(self, x: str) -> str:
        scale = self._keep("scale", np.array(self.head_size**-0.5, np.float32))
        return self.heads(self.op("Mul", [x, scale]), (1, 0, 2))

    def layer_of(self, stacked: str, layer: int) -> str:
        return self.op("Gather", [stacked, self._keep(f"layer_{layer}", np.array(layer, np.int64))], axis=0)

    def decoder_layer(self, x: str, layer: int) -> tuple[str, str, str]:
        """The layer's output, and its keys and values (1, H, N, e) for those that follow."""
        scope = f"decoder/layer_{layer}"
        normed = self.norm(x, f"{scope}/self_attention/layer_norm")
        query, key, value = self.split(self.linear(normed, f"{scope}/self_attention/linear_0"), 3)
        own = [self.heads(part, (1, 0, 2)) for part in (key, value)]
        past = [self.layer_of(name, layer) for name in ("past_keys", "past_values")]
        keys, values = (self.op("Concat", [old, new], axis=1) for old, new in zip(past, own, strict=True))
        keys = self.op("Transpose", [keys], perm=[0, 2, 1])
        attended = self.attend(self.query(query), keys, values, "mask")
        x = self.op("Add", [x, self.linear(attended, f"{scope}/self_attention/linear_1")])
        normed = self.norm(x, f"{scope}/attention/layer_norm")
        query = self.query(self.linear(normed, f"{scope}/attention/linear_0"))
        keys, values = (self.layer_of(name, layer) for name in ("memory_keys", "memory_values"))
        x = self.op("Add", [x, self.linear(self.attend(query, keys, values), f"{scope}/attention/linear_2")])
        normed = self.norm(x, f"{scope}/ffn/layer_norm")
        inner = self.op("Gelu", [self.linear(normed, f"{scope}/ffn/linear_0")])
        x = self.op("Add", [x, self.linear(inner, f"{scope}/ffn/linear_1")])
        new_key, new_value = (self.op("Unsqueeze", [part, self.ints("first", [0])]) for part in own)
        return x, new_key, new_value

    def model(
        self, floats: dict[str, list[int | None]], integers: dict[str, list[int | None]], outputs: list[str]
    ) -> onnx.ModelProto:
        inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in floats.items()]
        inputs += [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n, shape in integers.items()]
        results = [
            helper.make_tensor_value_info(n, TensorProto.INT64 if n.endswith("_1") else TensorProto.FLOAT, None)
            for n in outputs
        ]
        graph = helper.make_graph(self._nodes, "whisper_decoder", inputs, results, list(self._constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_CONTRIBUTED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)
