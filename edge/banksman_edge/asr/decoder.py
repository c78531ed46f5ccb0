"""Whisper's decoder run over trees of tokens, on ONNX Runtime (see :mod:`decoder_graph`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from banksman_edge.asr.decoder_graph import heads_of, layers_of, memory_graph, tree_graph
from banksman_edge.errors import RecogniserError
from banksman_shared.models.ctranslate2_file import read_weights

BEST = 48
"""How many continuations of each token are looked at; chosen by hand."""
_FORBIDDEN = np.float32(-1e9)
_NOWHERE = -1
_NONE = np.zeros(0, np.int64)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Continuations:
    """What may follow each of N tokens: ``tokens`` and log-probabilities ``scores``, (N, BEST), likeliest first.
    ``nodes``: the N tokens' places in the tree."""

    nodes: range
    tokens: npt.NDArray[np.int64]
    scores: Floats


class TreeDecoder:
    """The decoder of a Whisper model, loaded. Not to be called from two threads at once.

    ``end``: the end-of-text token; neither those after it, which are no text, nor the ``suppressed`` are written.
    """

    def __init__(self, model: Path, suppressed: Iterable[int], end: int, *, threads: int = 0) -> None:
        weights = read_weights(model / "model.bin")
        self.tokens = len(weights["decoder/embeddings/weight"])
        never = sorted({*suppressed, *range(end + 1, self.tokens)})
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Every call has other sizes: the arena would keep memory for all that ever came, gigabytes within an hour.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        try:
            self._memory, self._tree = (
                onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
                for graph in (memory_graph(weights), tree_graph(weights, never, BEST))
            )
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"the decoder of {model} cannot be built: {error}") from error
        self.layers, self.heads = layers_of(weights), heads_of(weights)

    def listen(self, encoded: Floats) -> Tree:
        """An empty tree over one sound. ``encoded``: the encoder's output, (frames, width)."""
        keys, values = self._memory.run(None, {"encoded": encoded})
        return Tree(self, keys, values)

    def run(self, outputs: list[str], inputs: dict[str, npt.NDArray[Any]]) -> list[Any]:
        return list(self._tree.run(outputs, inputs))


class Tree:
    """Token sequences with common beginnings, each computed once. Nodes are numbered as they are added."""

    def __init__(self, decoder: TreeDecoder, memory_keys: Floats, memory_values: Floats) -> None:
        self._decoder = decoder
        self._memory = {"memory_keys": memory_keys, "memory_values": memory_values}
        empty = np.zeros((decoder.layers, decoder.heads, 0, memory_values.shape[-1]), np.float32)
        self._keys, self._values = empty, empty
        self._paths: list[tuple[int, ...]] = []
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._paths)

    def start(self, token: int) -> Floats:
        """Put in the first token; returns the logits (V) of what may follow, with nothing suppressed."""
        logits: list[Floats] = self._add([_NOWHERE], [token], ["logits"])
        first: Floats = logits[0][0]
        return first

    def extend(self, parents: Sequence[int], tokens: Sequence[int]) -> Continuations:
        """Add ``tokens``, each after its parent; nodes are numbered as they are added, so a parent may be new."""
        first = len(self._paths)
        scores, best = self._add(parents, tokens, ["best_scores", "best_scores_1"])
        return Continuations(range(first, len(self._paths)), best, scores)

    def scores(self, parent: int, texts: Sequence[Sequence[int]]) -> list[float]:
        """The log-probabilities, in nats, of token sequences after a node; common beginnings are computed once.
        The tree stays as it is."""
        before = self._paths[parent][:-1]
        tokens, paths = [self._tokens[parent]], [(*before, len(self._paths))]
        child_of: dict[tuple[int, int], int] = {}
        edges: dict[tuple[int, int], int] = {}
        edges_of: list[list[int]] = []
        for text in texts:
            at, own = 0, []
            for token in text:
                own.append(edges.setdefault((at, token), len(edges)))
                child = child_of.setdefault((at, token), len(tokens))
                if child == len(tokens):
                    tokens.append(token)
                    paths.append((*paths[at], len(self._paths) + child))
                at = child
            edges_of.append(own)
        inputs = self._inputs(paths, tokens)
        inputs |= {"rows": np.array([row for row, _ in edges]), "columns": np.array([column for _, column in edges])}
        scores: Floats = self._decoder.run(["edge_scores"], inputs)[0]
        return [float(scores[own].sum()) for own in edges_of]

    def _add(self, parents: Sequence[int], tokens: Sequence[int], outputs: list[str]) -> list[Any]:
        for parent, token in zip(parents, tokens, strict=True):
            path = self._paths[parent] if parent >= 0 else ()
            self._paths.append((*path, len(self._paths)))
            self._tokens.append(token)
        inputs = self._inputs(self._paths[-len(tokens) :], tokens)
        *results, keys, values = self._decoder.run([*outputs, "keys", "values"], inputs)
        self._keys = np.concatenate([self._keys, keys], axis=2)
        self._values = np.concatenate([self._values, values], axis=2)
        return results

    def _inputs(self, paths: Sequence[tuple[int, ...]], tokens: Sequence[int]) -> dict[str, npt.NDArray[Any]]:
        """What the decoder wants for new tokens, each of which follows the nodes of its path, itself the last."""
        mask = np.full((len(tokens), self._keys.shape[2] + len(tokens)), _FORBIDDEN)
        for row, path in enumerate(paths):
            mask[row, list(path)] = 0
        return {
            "tokens": np.array(tokens, np.int64),
            "positions": np.array([len(path) - 1 for path in paths], np.int64),
            "mask": mask,
            "past_keys": self._keys,
            "past_values": self._values,
            "rows": _NONE,
            "columns": _NONE,
            **self._memory,
        }
