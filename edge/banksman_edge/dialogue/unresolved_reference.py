"""Why a reference cannot be resolved, and what is done instead: a question or a refusal, never a guess."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.fleet import Problem
from banksman_edge.policy import Judgement
from banksman_edge.turns import Verdict


class UnresolvedReference(Exception):  # noqa: N818  it is no error: it ends in a question
    """What is asked or refused instead of an order. ``choices``: what is offered; ``slot``: what an answer fills."""

    def __init__(self, judgement: Judgement, *, choices: Sequence[str] = (), slot: str = "") -> None:
        super().__init__(judgement.reason)
        self.judgement, self.choices, self.slot = judgement, tuple(choices), slot


def ask_which(choices: Sequence[str], reason: str, slot: str = "vehicles") -> UnresolvedReference:
    """Ask which of several is meant; with more than two, without naming them."""
    key = "which" if len(choices) == 2 else "which_vehicle"
    return UnresolvedReference(Judgement(Verdict.ASK, key, reason), choices=choices, slot=slot)


def ask_where(reason: str, *, origin: bool = False) -> UnresolvedReference:
    key = "where_from" if origin else "where_to"
    return UnresolvedReference(Judgement(Verdict.ASK, key, reason), slot="origin" if origin else "destination")


def impossible(problem: Problem) -> UnresolvedReference:
    """What is meant is clear, and cannot be."""
    return UnresolvedReference(Judgement(Verdict.REJECT, "not_possible", problem.sentence, problem))
