"""What a taught language model must not be worse at before it may be used, and in which languages it may be."""

from __future__ import annotations

import math

from banksman_edge.lab.teach.llama.calibrate import calibration_of
from banksman_edge.lab.teach.llama.evaluate import TAUGHT, UNTAUGHT, Report, Score, total

LEAST = 0.5
"""Exact lines among sentences with words and phrases that were never taught; below, a language was not learnt. The
model that was never taught gets about a half of them."""
SURE = 1.64
"""Standard errors of a difference that one in twenty exceeds by chance."""
FALSE_SPARE = 0.02
"""False orders, as a share of all sentences, that may come on top of the untaught model's share of those it was asked
about."""


def good_languages(report: Report) -> list[str]:
    """Those in which the taught model is not less exact than the untaught one, and learnt at all."""
    return sorted(
        group
        for group, scores in report.items()
        if "/" not in group and not _worse(scores["compared"], scores[UNTAUGHT]) and scores["taught"].share >= LEAST
    )


def _worse(ours: Score, other: Score) -> bool:
    """Whether fewer sentences are read right by more than chance explains: the untaught model is asked about few."""
    share = (ours.exact + other.exact) / max(1, ours.sentences + other.sentences)
    error = math.sqrt(share * (1 - share) * (1 / max(1, ours.sentences) + 1 / max(1, other.sentences)))
    return other.share - ours.share > SURE * error


def objections(report: Report) -> list[str]:
    """Why the taught model may not be used, in sentences; empty if it may."""
    found = []
    languages = good_languages(report)
    if not languages:
        found.append("in no language is it better than the model that was never taught")
    other = total(report, UNTAUGHT, languages)
    ours = total(report, TAUGHT, languages)
    false, untaught = ours.false_orders(calibration_of(report)), other.false_orders()
    if false / max(1, ours.sentences) > untaught / max(1, other.sentences) + FALSE_SPARE:
        found.append(
            f"{false} of {ours.sentences} sentences lead to orders that nobody gave, instead of {untaught} of "
            f"{other.sentences}"
        )
    for group in report:
        if "/" in group and report[group]["compared"].share < report[group][UNTAUGHT].share:
            before, after = report[group][UNTAUGHT], report[group]["compared"]
            found.append(f"{group}: {after.exact} of {after.sentences} right instead of {before.exact}")
    return found
