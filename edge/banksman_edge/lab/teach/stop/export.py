"""The head as files, with a card that says what it was taught."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from banksman_edge.asr import CARD_FILE, WEIGHTS_FILE, load_card, load_networks
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.stop.features import WHISPER, WINDOW_S
from banksman_edge.lab.teach.stop.lines import all_lines, families
from banksman_edge.lab.teach.stop.training import Weights

MATRIX, BIAS = "out.weight", "out.bias"
THRESHOLD = 0.5
"""Of three looks in a row, see :mod:`banksman_edge.streams.stop_evidence`."""


def load_beside(folder: Path) -> list[Weights]:
    """The networks of a head that others are to judge beside; of families that they were not taught they say NaN.

    Raises:
        TeachingError: that head listens to something else than those that are taught here.
        RecogniserError: it is no head.
    """
    card = load_card(folder)
    if (card.whisper, card.window_s) != (WHISPER, WINDOW_S):
        raise TeachingError(f"the head in {folder} listens to another encoder; teach without it")
    return [_for_families(weights, card.families) for weights in load_networks(folder)]


def _for_families(weights: Weights, taught: Sequence[str]) -> Weights:
    """The network with the outputs of all families of today."""
    wanted = families()
    matrix = np.zeros((len(wanted), weights[MATRIX].shape[1]), np.float32)
    bias = np.full(len(wanted), np.nan, np.float32)
    for at, family in enumerate(wanted):
        if family in taught:
            matrix[at], bias[at] = (weights[name][taught.index(family)] for name in (MATRIX, BIAS))
    return {**weights, MATRIX: matrix, BIAS: bias}


def leaning(weights: Weights, lean: float) -> Weights:
    """The network with so much added to the log-odds of all stop words."""
    return {**weights, BIAS: weights[BIAS] + np.float32(lean)}


def silent_about(weights: Weights, known: Collection[str]) -> Weights:
    """The network with NaN for these families of words, so that others decide about them."""
    bias = [np.nan if family in known else value for family, value in zip(families(), weights[BIAS], strict=True)]
    return {**weights, BIAS: np.array(bias, np.float32)}


def write_head(folder: Path, networks: Sequence[Weights]) -> Path:
    """Write the networks of a head, half precision, and its card; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / WEIGHTS_FILE).open("wb") as file:
        halves: dict[str, Any] = {
            f"{number}/{name}": array.astype(np.float16)
            for number, weights in enumerate(networks)
            for name, array in weights.items()
        }
        np.savez_compressed(file, **halves)
    card = {
        "whisper": WHISPER,
        "window_s": WINDOW_S,
        "threshold": THRESHOLD,
        "families": families(),
        "words": {code: lines.stop for code, lines in all_lines().items()},
    }
    (folder / CARD_FILE).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder
