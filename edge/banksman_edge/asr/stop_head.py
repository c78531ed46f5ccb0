"""The small networks that hear stop words in what Whisper's encoder makes of a second of sound.

A linear layer brings the encoder's output down, two residual convolutions look at its neighbourhood, pooling by
attention and by maximum sums it up, and each family of stop words ("stop" in all its languages, "para"/"pare"/"paren",
…) has an output of its own. Some 70,000 weights: small enough to be computed with numpy in a millisecond. A head is a
few such networks that were taught apart.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from banksman_edge.asr.stop_encoder import POOLED, Array
from banksman_edge.errors import RecogniserError

WEIGHTS_FILE, CARD_FILE = "head.npz", "card.json"
EVERYWHERE = "stop"
CONVOLUTIONS = ("c1", "c2")

Weights = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class StopCard:
    """What a head was taught. ``words``: language → family → the words; ``families`` in the order of the outputs."""

    whisper: str
    window_s: float
    threshold: float
    families: tuple[str, ...]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    def families_of(self, languages: tuple[str, ...]) -> frozenset[str]:
        """Families of which a word belongs to one of the languages; "stop" is understood everywhere."""
        return frozenset({EVERYWHERE, *(family for code in languages for family in self.words.get(code, {}))})

    def words_of(self, families: frozenset[str]) -> frozenset[str]:
        """The words of some families in all languages."""
        own = (words for several in self.words.values() for family, words in several.items() if family in families)
        return frozenset(chain.from_iterable(own))


def pooled(encoded: Array) -> Array:
    """The steps that networks see: shape (windows, steps × POOLED, width) to (windows, steps, width)."""
    count, steps, width = encoded.shape
    return np.asarray(encoded.reshape(count, steps // POOLED, POOLED, width).mean(axis=2), np.float32)


class StopHead:
    """From the encoder's output to a probability for each family: what several networks say on average, in log-odds.
    They agree about stop words, and take different other sounds for them. Of a family that a network was not taught it
    says NaN, which does not count."""

    def __init__(self, networks: Sequence[Weights]) -> None:
        self._networks = [_Network(weights) for weights in networks]

    def __call__(self, encoded: Array) -> Array:
        """``encoded``: shape (windows, steps × POOLED, width). Returns shape (windows, families)."""
        steps = pooled(encoded)
        return _sigmoid(np.nanmean([network(steps) for network in self._networks], axis=0))


class _Network:
    def __init__(self, weights: Weights) -> None:
        self._weights = {name: np.asarray(array, np.float32) for name, array in weights.items()}

    def __call__(self, encoded: Array) -> Array:
        """Log-odds of each family, (windows, families). ``encoded``: as :func:`pooled` gives it."""
        w = self._weights
        x = _silu(np.asarray((encoded - w["mean"]) @ w["a.weight"].T + w["a.bias"], np.float32)) + w["pos"]
        for name in CONVOLUTIONS:
            x = x + _silu(_convolve(x, w[f"{name}.weight"]) + w[f"{name}.bias"])
        attention = np.exp(x @ w["att.weight"].T + w["att.bias"])
        attention /= attention.sum(axis=1, keepdims=True)
        summary = np.concatenate([(attention * x).sum(axis=1), x.max(axis=1)], axis=1)
        return np.asarray(summary @ w["out.weight"].T + w["out.bias"], np.float32)


def load_networks(folder: Path) -> list[Weights]:
    """The weights of a head's networks: arrays named by the network's number and their own name, "0/out.bias".

    Raises:
        RecogniserError: the file is missing or is something else.
    """
    networks: dict[str, dict[str, npt.NDArray[Any]]] = {}
    try:
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as weights:
            for name in weights.files:
                number, own = name.split("/")
                networks.setdefault(number, {})[own] = weights[name]
    except (OSError, ValueError, TypeError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        raise _unusable(folder, error) from error
    if not networks:
        raise _unusable(folder, "it has no network")
    return list(networks.values())


def load_card(folder: Path) -> StopCard:
    """What a head was taught.

    Raises:
        RecogniserError: the card is missing or is something else.
    """
    try:
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        words = {code: {f: tuple(w) for f, w in families.items()} for code, families in card["words"].items()}
        return StopCard(card["whisper"], card["window_s"], card["threshold"], tuple(card["families"]), words)
    except (OSError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise _unusable(folder, error) from error


def load_head(folder: Path) -> tuple[StopHead, StopCard]:
    """Read a head and its card.

    Raises:
        RecogniserError: one of the files is missing or is something else.
    """
    networks, card = load_networks(folder), load_card(folder)
    try:
        return StopHead(networks), card
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: Exception | str) -> RecogniserError:
    return RecogniserError(
        f"{folder} holds no usable stop spotter ({error}); install Banksman again, or teach yours anew"
    )


def _convolve(x: Array, kernel: Array) -> Array:
    """Along the time axis, as long as before. ``x``: (windows, steps, channels); ``kernel``: (out, in, width)."""
    width = kernel.shape[2]
    padded = np.pad(x, ((0, 0), (width // 2, width // 2), (0, 0)))
    return np.asarray(sum(padded[:, i : i + x.shape[1]] @ kernel[:, :, i].T for i in range(width)), np.float32)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def _silu(x: Array) -> Array:
    return x * _sigmoid(x)
