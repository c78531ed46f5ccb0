"""Fits the recogniser's confidence to what came of development data, and shows how true it is on the other half."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_edge import logistic_regression as logistic
from banksman_edge.asr import FEATURES, Calibration, Signals, Transcript, features
from banksman_edge.lab.bench.commands import WRITTEN
from banksman_shared.commands import NOTHING, to_document
from banksman_shared.errors import BanksmanError

RIDGE = 0.002
"""Penalty on squared weights, per example: with fewer than a thousand examples it keeps them from growing wild."""
BINS = 10

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A heard utterance. ``right``: it was an order, and what was heard means what was said; ``group``: what must not
    be on both sides of the split."""

    transcript: Transcript
    right: bool
    group: str


def read_examples(paths: Sequence[Path], step: str) -> list[Example]:
    """The utterances with words in reports of ``bench commands`` (of one ``step``) and ``bench chatter``.

    An order that understanding does not get from its very words says nothing about hearing and is left out.

    Raises:
        BanksmanError: a file is no such report, or nothing of the step is in it.
    """
    examples: list[Example] = []
    for path in paths:
        try:
            rows = json.loads(path.read_text("utf-8"))["rows"]
            written = {row["id"]: row["command"] for row in rows if row.get("step") == WRITTEN}
            examples += [_example(row, written) for row in rows if row["heard"] and _counts(row, written, step)]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BanksmanError(f"{path} is no report of banksman bench commands or chatter: {error}") from error
    if len({example.right for example in examples}) < 2:
        raise BanksmanError(f"the reports hold nothing to tell orders from talk by (step: {step})")
    return examples


def _counts(row: dict[str, Any], written: dict[str, Any], step: str) -> bool:
    return "step" not in row or (row["step"] == step and written[row["id"]] != to_document([NOTHING]))


def _example(row: dict[str, Any], written: dict[str, Any]) -> Example:
    signals = dict(row["signals"])
    fit = signals.pop("fit")
    transcript = Transcript(row["heard"], row["language"], row["confidence"], signals=Signals(**signals), fit=fit)
    ordered = "step" in row
    right = ordered and row["command"] == written[row["id"]]
    return Example(transcript, right, row["text"] if ordered else row["source"])


def halves(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """One half to fit on and one to look at, by group."""
    sides: tuple[list[Example], list[Example]] = ([], [])
    for example in examples:
        sides[zlib.crc32(example.group.encode()) % 2].append(example)
    return sides


def fit(examples: Sequence[Example]) -> Calibration:
    """The likeliest logistic model with a ridge penalty.

    Orders and talk weigh as much as there are of them: how much talk there is for each order on a site is for its
    policy to know.
    """
    x = np.array([[features(e.transcript)[name] for name in FEATURES] for e in examples])
    y = np.array([e.right for e in examples], np.float64)
    beta = logistic.fit(x, y, RIDGE)
    usual = x[y == 1].mean(axis=0)
    return Calibration(
        round(float(beta[0]), 4),
        {name: round(float(w), 4) for name, w in zip(FEATURES, beta[1:], strict=True)},
        {name: round(float(u), 4) for name, u in zip(FEATURES, usual, strict=True)},
    )


@dataclass(frozen=True, slots=True)
class Reliability:
    """Mean probability, share that was right, and number of examples in each of BINS equal parts of 0 to 1."""

    said: Floats
    was: Floats
    count: npt.NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: how far apart the two are, averaged over examples."""
        return float(np.sum(self.count * np.abs(self.said - self.was)) / max(1, self.count.sum()))


def reliability(calibration: Calibration, examples: Sequence[Example]) -> Reliability:
    return binned([calibration.probability(e.transcript) for e in examples], [e.right for e in examples])


def binned(said: Sequence[float], right: Sequence[bool]) -> Reliability:
    """Probabilities that were said, and whether what they were said of was right."""
    p, y = np.array(said, np.float64), np.array(right, np.float64)
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    safe = np.maximum(count, 1)
    return Reliability(
        np.bincount(place, p, BINS) / safe, np.bincount(place, y, BINS) / safe, np.asarray(count, np.int64)
    )


def figures(calibration: Calibration, examples: Sequence[Example]) -> dict[str, Any]:
    """How well the probability tells orders that were heard right from all else: area under the ROC curve, Brier
    score, expected calibration error, and what a threshold lets through."""
    p = np.array([calibration.probability(e.transcript) for e in examples])
    right = np.array([e.right for e in examples])
    wins = (p[right][:, None] > p[~right][None, :]).mean() + 0.5 * (p[right][:, None] == p[~right][None, :]).mean()
    return {
        "n": len(examples),
        "right": int(right.sum()),
        "roc_auc": round(float(wins), 4),
        "brier": round(float(np.square(p - right).mean()), 4),
        "expected_calibration_error": round(reliability(calibration, examples).error, 4),
        "thresholds": {
            f"{t:.2f}": {
                "orders_kept": round(float((p[right] >= t).mean()), 4),
                "others_let_through": round(float((p[~right] >= t).mean()), 4),
            }
            for t in (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
        },
    }


def document(calibration: Calibration, command: str, about: dict[str, Any]) -> str:
    """The file that :func:`banksman_edge.asr.confidence.read_calibration` reads."""
    fields = {"command": command, "bias": calibration.bias, "weights": calibration.weights, "usual": calibration.usual}
    return json.dumps(fields | about, indent=1, ensure_ascii=False) + "\n"
