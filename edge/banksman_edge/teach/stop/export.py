"""The head as files, with a card that says what it was taught."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from banksman_edge.asr.stop_head import CARD_FILE, WEIGHTS_FILE
from banksman_edge.teach.stop.features import WHISPER, WINDOW_S
from banksman_edge.teach.stop.lines import all_lines, families
from banksman_edge.teach.stop.training import Weights


def write_head(folder: Path, weights: Weights, threshold: float) -> Path:
    """Write head and card, half precision; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / WEIGHTS_FILE).open("wb") as file:
        halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in weights.items()}
        np.savez_compressed(file, **halves)
    card = {
        "whisper": WHISPER,
        "window_s": WINDOW_S,
        "threshold": threshold,
        "families": families(),
        "words": {code: lines.stop for code, lines in all_lines().items()},
    }
    (folder / CARD_FILE).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder
