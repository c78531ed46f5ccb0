"""How long and how fast a language model is taught."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """``rate`` is the highest learning rate, after ``warm_up`` steps; ``minutes``: it ends by then, whatever is left
    of the ``steps``, with the rate falling to nothing in time. ``blend``: how far it goes at last from the adapter that
    was there to the one that was trained, 0 to 1 (Wortsman et al., Robust fine-tuning of zero-shot models, 2022)."""

    steps: int = 2000
    minutes: float = 30.0
    size: int = 16
    rate: float = 8e-4
    warm_up: int = 30
    rank: int = 16
    seed: int = 0
    blend: float = 1.0
