"""Whisper's text decoder as an ONNX graph that takes a tree of tokens in one pass.

CTranslate2 generates text and scores given text, one sequence at a time, and lets nobody look at or change what
it would write next. To weigh hundreds of readings of one sound, which share most of their tokens, the decoder is
rebuilt here from the same weights: all tokens of a tree are rows of one matrix, and a mask says which of them
each one follows (tree attention: Miao et al., SpecInfer, arXiv 2305.09781). A step of a few tokens is bound by
reading the weights, so they become 8 bits with a scale for each 256 (ONNX Runtime's MatMulNBits).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from banksman_shared.models.ctranslate2_file import CTranslate2Weights, Tensor

OPSET = 20
_EPSILON = 1e-5
HIDDEN = "hidden"
BEST_TOKENS = "best_scores_1"
VOCABULARY_OUTPUTS = ("best_scores", BEST_TOKENS, "edge_scores", "logits")
EMBEDDINGS = "decoder/embeddings/weight"
_CONTRIBUTED = "com.microsoft"
_BLOCK = 256
"""Weights to a scale, at most. With 64, a step of five tokens took a sixth longer, and of 320 orders as many
were heard right."""
_ZERO = 128
"""MatMulNBits holds signed weights as unsigned bytes around this."""


def layers_of(weights: CTranslate2Weights) -> int:
    """The number of the decoder's layers."""
    names = (*weights.tensors, *weights.aliases)  # what equals another layer's is stored once
    return sum(name.startswith("decoder/layer_") and name.endswith("ffn/linear_0/bias") for name in names)


def heads_of(weights: CTranslate2Weights) -> int:
    """The number of the decoder's attention heads."""
    return int(weights["decoder/num_heads"])


def by_layer(kind: str, layers: int) -> list[str]:
    """The names of the keys and values of all layers. Each is an input or output by itself: taking them out of one
    big tensor copies all of it, which took a tenth of a step."""
    return [f"{kind}_{part}_{layer}" for layer in range(layers) for part in ("keys", "values")]


def memory_graph(weights: CTranslate2Weights) -> onnx.ModelProto:
    """From the encoder's output (T, d) to what the decoder attends to: for each layer ``memory_keys_…`` and
    ``memory_values_…``, (1, H, T, e)."""
    graph = _Graph(weights)
    layers = range(layers_of(weights))
    for layer in layers:
        key, value = graph.split(graph.linear("encoded", f"decoder/layer_{layer}/attention/linear_1"), 2)
        graph.heads(key, output=f"memory_keys_{layer}")
        graph.heads(value, output=f"memory_values_{layer}")
    return graph.model({"encoded": [None, graph.width]}, {}, by_layer("memory", len(layers)))


def tree_graph(weights: CTranslate2Weights) -> onnx.ModelProto:
    """One pass over N tokens after P earlier ones.

    Inputs: ``embedded`` (1, N, d), the tokens' rows of ``EMBEDDINGS``; ``positions`` (N); ``mask`` (1, 1, N, P + N)
    added to the attention; for each layer ``past_keys_…``, ``past_values_…`` (1, H, P, e), and what
    :func:`memory_graph` gives.
    Outputs: ``hidden`` (1, N, d), for :func:`vocabulary_graph`; ``next_keys_…``, ``next_values_…`` (1, H, P + N, e),
    the past of what comes next.
    """
    graph = _Graph(weights)
    layers = layers_of(weights)
    x = graph.op("Add", ["embedded", graph.rows_of("decoder/position_encodings/encodings", "positions")])
    for layer in range(layers):
        x = graph.decoder_layer(x, layer)
    graph.norm(x, "decoder/layer_norm", output=HIDDEN)
    heads, size = graph.head_count, graph.head_size
    floats: dict[str, list[int | None]] = {"embedded": [1, None, graph.width], "mask": [1, 1, None, None]}
    floats |= {name: [1, heads, None, size] for kind in ("past", "memory") for name in by_layer(kind, layers)}
    return graph.model(floats, {"positions": [None]}, [HIDDEN, *by_layer("next", layers)])


def vocabulary_graph(weights: CTranslate2Weights, suppressed: Sequence[int], best: int) -> onnx.ModelProto:
    """From ``hidden`` (N, d) to what follows each of the N tokens; ``rows``, ``columns`` (E): after which which token.

    Outputs: ``edge_scores`` (E), the log-probabilities of these; ``best_scores``, ``best_scores_1`` (N, ``best``): what
    is likeliest to follow each token, as log-probabilities and tokens, the ``suppressed`` left out; ``logits`` (N, V)
    with nothing left out.
    """
    graph = _Graph(weights)
    logits = graph.product(HIDDEN, EMBEDDINGS, output="logits")
    allowed = graph.op("Add", [logits, graph.forbidding(suppressed)])
    scores = graph.op("LogSoftmax", [allowed], axis=-1)
    graph.op("TopK", [scores, graph.ints("best", [best])], output="best_scores", outputs=2, axis=-1)
    last = graph.ints("last", [-1])
    edges = graph.op("Concat", [graph.op("Unsqueeze", [name, last]) for name in ("rows", "columns")], axis=1)
    graph.op("GatherND", [scores, edges], output="edge_scores")
    return graph.model({HIDDEN: [None, graph.width]}, {"rows": [None], "columns": [None]}, VOCABULARY_OUTPUTS)


class _Graph:
    """Nodes and initialisers under construction."""

    def __init__(self, weights: CTranslate2Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self.width = int(weights[EMBEDDINGS].shape[1])
        self.head_count = heads_of(weights)
        self.head_size = self.width // self.head_count

    def op(self, kind: str, inputs: list[str], *, output: str = "", outputs: int = 1, **attributes: Any) -> str:
        names = [output or f"{kind}_{len(self._nodes)}"]
        names += [f"{names[0]}_{i}" for i in range(1, outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def constant(self, name: str) -> str:
        return self._keep(name, self._weights.floats(name))

    def rows_of(self, name: str, indices: str) -> str:
        stored = self._keep(f"{name}/rows", self._weights.floats(name).astype(np.float16))
        return self.op("Cast", [self.op("Gather", [stored, indices])], to=TensorProto.FLOAT)

    def forbidding(self, tokens: Sequence[int]) -> str:
        bias = np.zeros(len(self._weights[EMBEDDINGS]), np.float32)
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
        weight = self._weights.floats(name)
        rows, columns = weight.shape
        size = math.gcd(columns, _BLOCK)
        blocks = weight.reshape(rows, columns // size, size)
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
            block_size=size,
            accuracy_level=4,
        )

    def norm(self, x: str, name: str, *, output: str = "") -> str:
        inputs = [x, self.constant(f"{name}/gamma"), self.constant(f"{name}/beta")]
        return self.op("LayerNormalization", inputs, output=output, axis=-1, epsilon=_EPSILON)

    def split(self, x: str, count: int) -> list[str]:
        first = self.op("Split", [x], outputs=count, axis=-1, num_outputs=count)
        return [first, *(f"{first}_{i}" for i in range(1, count))]

    def heads(self, x: str, *, output: str) -> str:
        """(T, d) as (1, H, T, e)."""
        by_head = self.op("Reshape", [x, self.ints("by_head", [1, -1, self.head_count, self.head_size])])
        return self.op("Transpose", [by_head], output=output, perm=[0, 2, 1, 3])

    def attend(
        self, queries: str, keys: str, values: str, *, mask: str = "", past: Sequence[str] = (), new: Sequence[str] = ()
    ) -> str:
        """The mixed values (1, N, d). ``mask`` is added to the scores; ``past``: keys and values of earlier tokens;
        ``new``: what to call all keys and values, these and those of ``past``, as outputs."""
        mixed = f"MultiHeadAttention_{len(self._nodes)}"
        bias, padding = "", ""
        inputs = [queries, keys, values] + ([bias, padding, mask, *past] if mask or past else [])
        node = helper.make_node(
            "MultiHeadAttention", inputs, [mixed, *new], domain=_CONTRIBUTED, num_heads=self.head_count
        )
        self._nodes.append(node)
        return mixed

    def decoder_layer(self, x: str, layer: int) -> str:
        """The layer's output; its keys and values for those that follow are outputs of the graph."""
        scope = f"decoder/layer_{layer}"
        normed = self.norm(x, f"{scope}/self_attention/layer_norm")
        own = self.split(self.linear(normed, f"{scope}/self_attention/linear_0"), 3)
        past, following = ((f"{when}_keys_{layer}", f"{when}_values_{layer}") for when in ("past", "next"))
        attended = self.attend(*own, mask="mask", past=past, new=following)
        x = self.op("Add", [x, self.linear(attended, f"{scope}/self_attention/linear_1")])
        query = self.linear(self.norm(x, f"{scope}/attention/layer_norm"), f"{scope}/attention/linear_0")
        attended = self.attend(query, f"memory_keys_{layer}", f"memory_values_{layer}")
        x = self.op("Add", [x, self.linear(attended, f"{scope}/attention/linear_2")])
        normed = self.norm(x, f"{scope}/ffn/layer_norm")
        inner = self.op("Gelu", [self.linear(normed, f"{scope}/ffn/linear_0")])
        return self.op("Add", [x, self.linear(inner, f"{scope}/ffn/linear_1")])

    def model(
        self, floats: dict[str, list[int | None]], integers: dict[str, list[int | None]], outputs: Sequence[str]
    ) -> onnx.ModelProto:
        inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in floats.items()]
        inputs += [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n, shape in integers.items()]
        results = [
            helper.make_tensor_value_info(n, TensorProto.INT64 if n == BEST_TOKENS else TensorProto.FLOAT, None)
            for n in outputs
        ]
        graph = helper.make_graph(self._nodes, "whisper_decoder", inputs, results, list(self._constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_CONTRIBUTED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)
