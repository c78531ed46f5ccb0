"""When the likeliest reading is read back, as another that is nearly as likely asks for something else."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.understanding.rivals import CLOSE
from banksman_shared.commands import Command

CONTESTED = 0.8
"""Confidence kept where what was heard may as well have been another order."""


def kept_beside(readings: Sequence[tuple[float, tuple[Command, ...]]]) -> float:
    """The share of the best reading's confidence that it keeps beside the others: less where one that is nearly as
    likely asks for something else.

    ``readings``: confidence and commands, the best first.
    """
    best, commands = readings[0]
    others = (set(said) for confidence, said in readings[1:] if confidence >= CLOSE * best)
    return 1.0 if all(said == set(commands) for said in others) else CONTESTED
