"""Whisper's decoder run over trees of tokens, on ONNX Runtime (see :mod:`decoder_graph`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from banksman_edge.asr.decoder_graph import (
    EMBEDDINGS,
    HIDDEN,
    by_layer,
    heads_of,
    layers_of,
    memory_graph,
    tree_graph,
    vocabulary_graph,
)
from banksman_edge.errors import RecogniserError
from banksman_shared.models.ctranslate2_file import read_weights

BEST = 48
"""How many continuations of each token are looked at; chosen by hand."""
SPIN_US = "100"
"""Microseconds that a thread spins for: 20 gained nothing in 40 orders, no limit within an order no more than this."""
_FORBIDDEN = np.float32(-1e9)
_NOWHERE = -1
_NONE = np.zeros(0, np.int64)

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Inputs = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Continuations:
    """What may follow each of N tokens: ``tokens`` and log-probabilities ``scores``, (N, BEST), likeliest first.
    ``nodes``: the N tokens' places in the tree."""

    nodes: range
    tokens: Indices
    scores: Floats


class TreeDecoder:
    """The decoder of a Whisper model, loaded. Not to be called from two threads at once.

    ``end``: the end-of-text token; neither those after it, which are no text, nor the ``suppressed`` are written.
    """

    def __init__(self, model: Path, suppressed: Iterable[int], end: int, *, threads: int = 0) -> None:
        weights = read_weights(model / "model.bin")
        self._embeddings = np.array(weights.floats(EMBEDDINGS), np.float16)
        self.tokens, width = self._embeddings.shape
        never = sorted({*suppressed, *range(end + 1, self.tokens)})
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin while they wait for the next operation begin it sooner, a tenth of an order; for longer, or
        # after it, they keep the encoder's and other sessions' from working.
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPIN_US)
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.log_severity_level = 3
        # Every call has other sizes: the arena would keep memory for all that ever came, gigabytes within an hour.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        try:
            self._memory, self._tree, self._vocabulary = (
                onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
                for graph in (memory_graph(weights), tree_graph(weights), vocabulary_graph(weights, never, BEST))
            )
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"the decoder of {model} cannot be built: {error}") from error
        layers, heads = layers_of(weights), heads_of(weights)
        self._memory_names, self._past_names = by_layer("memory", layers), by_layer("past", layers)
        self._next_names = by_layer("next", layers)
        self._empty = np.zeros((1, heads, 0, width // heads), np.float32)

    def listen(self, encoded: Floats) -> Tree:
        """An empty tree over one sound. ``encoded``: the encoder's output, (frames, width)."""
        memory = self._memory.run(self._memory_names, {"encoded": encoded})
        past = dict.fromkeys(self._past_names, self._empty)
        return Tree(self, dict(zip(self._memory_names, memory, strict=True)), past)

    def hidden(self, inputs: Inputs, tokens: Sequence[int]) -> Floats:
        """What the decoder makes of tokens, (N, d)."""
        hidden: Floats = self._tree.run([HIDDEN], inputs | self._embedded(tokens))[0][0]
        return hidden

    def grow(self, inputs: Inputs, tokens: Sequence[int]) -> tuple[Floats, dict[str, Floats]]:
        """The same, and the past of what follows."""
        hidden, *past = self._tree.run([HIDDEN, *self._next_names], inputs | self._embedded(tokens))
        return hidden[0], dict(zip(self._past_names, past, strict=True))

    def follow(self, outputs: list[str], hidden: Floats, rows: Indices = _NONE, columns: Indices = _NONE) -> list[Any]:
        """Outputs of the vocabulary for what :meth:`hidden` gave; ``rows`` and ``columns``: after which which token."""
        return list(self._vocabulary.run(outputs, {HIDDEN: hidden, "rows": rows, "columns": columns}))

    def follow_near(self, hidden: Floats, near: Indices) -> Floats:
        """The log-probabilities of some tokens among themselves, (N, tokens)."""
        logits = hidden @ self._embeddings[near].astype(np.float32).T
        most = logits.max(axis=1, keepdims=True)
        scores: Floats = logits - (most + np.log(np.exp(logits - most).sum(axis=1, keepdims=True)))
        return scores

    def _embedded(self, tokens: Sequence[int]) -> Inputs:
        return {"embedded": self._embeddings[list(tokens)].astype(np.float32)[None]}


class Tree:
    """Token sequences with common beginnings, each computed once. Nodes are numbered as they are added."""

    def __init__(self, decoder: TreeDecoder, memory: dict[str, Floats], past: dict[str, Floats]) -> None:
        self._decoder, self._memory, self._past = decoder, memory, past
        self._paths: list[tuple[int, ...]] = []
        self._tokens: list[int] = []
        self._children: dict[tuple[int, int], int] = {}
        self._follow: dict[int, tuple[Indices, Floats]] = {}

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
        nodes = range(first, len(self._paths))
        self._children |= zip(zip(parents, tokens, strict=True), nodes, strict=True)
        self._follow |= {node: (best[row], scores[row]) for row, node in enumerate(nodes)}
        return Continuations(nodes, best, scores)

    def scores(self, parent: int, texts: Sequence[Sequence[int]], *, near: bool = False) -> list[list[float]]:
        """The log-probabilities, in nats, of each token of sequences after a node; what the tree has already is not
        computed again, and common beginnings once. The tree stays as it is.

        ``near``: among the tokens alone that were likely anywhere in the tree, or are asked for. That took three fifths
        of the time in 80 orders, and gave a changed stretch 0.3 nats too much on average, 4.9 at most.
        """
        batch = _Batch(len(self._paths))
        known: list[list[float]] = []
        edges: list[list[int]] = []
        for text in texts:
            node, scores = self._known(parent, text)
            known.append(scores)
            edges.append([])
            row = -1
            for before, token in pairwise([self._tokens[node], *text[len(scores) :]]):
                path = self._paths[node][:-1] if row < 0 else batch.paths[row]
                row = batch.row((row, before if row >= 0 else node), before, path)
                edges[-1].append(batch.edge(row, token))
        if not batch.edges:
            return known
        rows, columns = np.array(list(batch.edges)).T
        hidden = self._decoder.hidden(self._inputs(batch.paths), batch.tokens)
        computed: Floats
        if near:
            among = np.unique([*columns, *self._likely()])
            computed = self._decoder.follow_near(hidden, among)[rows, np.searchsorted(among, columns)]
        else:
            computed = self._decoder.follow(["edge_scores"], hidden, rows, columns)[0]
        return [scores + computed[own].tolist() for scores, own in zip(known, edges, strict=True)]

    def _likely(self) -> Indices:
        """The tokens that were likely to follow any of the nodes."""
        return np.unique([best for best, _ in self._follow.values()])

    def _known(self, parent: int, text: Sequence[int]) -> tuple[int, list[float]]:
        """How far a text is in the tree: the last node, and the log-probabilities of the tokens up to it."""
        node, known = parent, list[float]()
        for token in text:
            child = self._children.get((node, token))
            best, scores = self._follow[node]
            place = np.flatnonzero(best == token)
            if child is None or not len(place):
                break
            node = child
            known.append(float(scores[place[0]]))
        return node, known

    def _add(self, parents: Sequence[int], tokens: Sequence[int], outputs: list[str]) -> list[Any]:
        for parent, token in zip(parents, tokens, strict=True):
            path = self._paths[parent] if parent >= 0 else ()
            self._paths.append((*path, len(self._paths)))
            self._tokens.append(token)
        hidden, self._past = self._decoder.grow(self._inputs(self._paths[-len(tokens) :]), tokens)
        return self._decoder.follow(outputs, hidden)

    def _inputs(self, paths: Sequence[tuple[int, ...]]) -> Inputs:
        """Where new tokens stand, each of which follows the nodes of its path, itself the last; and what was before."""
        mask = np.full((len(paths), paths[-1][-1] + 1), _FORBIDDEN)
        for row, path in enumerate(paths):
            mask[row, list(path)] = 0
        return {
            "positions": np.array([len(path) - 1 for path in paths], np.int64),
            "mask": mask[None, None],
            **self._past,
            **self._memory,
        }


class _Batch:
    """Tokens that are computed together without becoming nodes; ``first``: the number of the tree's nodes.

    A row is known by the row before it and its token, or, where it repeats a node of the tree, by -1 and the node.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._rows: dict[tuple[int, int], int] = {}
        self.tokens: list[int] = []
        self.paths: list[tuple[int, ...]] = []
        self.edges: dict[tuple[int, int], int] = {}
        """From a row to a token after it; numbered."""

    def row(self, key: tuple[int, int], token: int, before: tuple[int, ...]) -> int:
        """The row of ``token`` after the path ``before``, made where there is none yet."""
        row = self._rows.setdefault(key, len(self.tokens))
        if row == len(self.tokens):
            self.tokens.append(token)
            self.paths.append((*before, self._first + row))
        return row

    def edge(self, row: int, token: int) -> int:
        return self.edges.setdefault((row, token), len(self.edges))
