"""How sure a taught model may be: what it said of its orders in the evaluation, against what they were."""

from __future__ import annotations

import numpy as np

from banksman_edge.lab.bench.calibration import binned
from banksman_edge.lab.teach.llama.evaluate import TAUGHT, Report, total
from banksman_edge.logistic_regression import Floats, fit, logit
from banksman_edge.understanding.reader.reader import calibrated
from banksman_shared.models.taught import AS_SAID, Calibration

RIDGE = 0.002
"""Penalty on the slope, per order; it keeps a model that made no mistake from becoming infinitely sure."""
FEWEST = 40
"""Orders below which nothing can be fitted."""

Orders = tuple[tuple[float, bool], ...]


def calibration_of(report: Report) -> Calibration:
    """Fitted to the orders of all languages and operators together, since what one language needs is little data."""
    return fitted(total(report, TAUGHT, list(report)).orders)


def fitted(orders: Orders) -> Calibration:
    """The likeliest constant and slope; as it was said, where there is too little to tell."""
    if len(orders) < FEWEST or len({right for _, right in orders}) < 2:
        return AS_SAID
    said: Floats = np.array([[logit(probability)] for probability, _ in orders])
    constant, slope = fit(said, np.array([right for _, right in orders], np.float64), RIDGE)
    return round(float(constant), 4), round(float(slope), 4)


def errors(orders: Orders) -> dict[str, float]:
    """Expected calibration error as it was said, and with what was fitted on the other half of the orders."""
    halves = orders[::2], orders[1::2]
    mended = [(calibrated(said, fitted(other)), right) for own, other in (halves, halves[::-1]) for said, right in own]
    return {"said": _error(orders), "calibrated": _error(mended)}


def _error(orders: list[tuple[float, bool]] | Orders) -> float:
    return round(binned([said for said, _ in orders], [right for _, right in orders]).error, 4)
