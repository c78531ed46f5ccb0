"""Logistic regression, for probabilities that are to be true."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

STEPS = 60
_FAR = 30.0
"""Beyond this a logit is as good as certain, and its exponential no use."""

Floats = npt.NDArray[np.float64]


def probability(logit: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + math.exp(-max(-_FAR, min(_FAR, logit))))


def logit(probability: float) -> float:
    """The log odds of a probability, within bounds."""
    if probability <= 0:
        return -_FAR
    if probability >= 1:
        return _FAR
    return max(-_FAR, min(_FAR, math.log(probability / (1 - probability))))


def fit(features: Floats, right: Floats, ridge: float) -> Floats:
    """The likeliest coefficients, of a constant and of each column of ``features`` (examples, features), for ``right``
    (0 or 1 each), by Newton's method. ``ridge``: penalty on squared coefficients but the constant's, per example."""
    design = np.column_stack([np.ones(len(features)), features])
    penalty = np.diag([0.0, *[ridge] * features.shape[1]])
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (right - p) / len(right) - penalty @ beta
        curvature = (design * (p * (1 - p))[:, None]).T @ design / len(right) + penalty + 1e-9 * np.eye(len(beta))
        beta += np.linalg.solve(curvature, gradient)
    return beta
