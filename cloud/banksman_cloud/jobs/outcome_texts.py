"""What an operator is told of a request of which no plan came, in their language, and what is said of it besides to
whoever runs the planner."""

from __future__ import annotations

from banksman_cloud.errors import (
    BudgetError,
    DeadlinePassedError,
    GoalsError,
    InfeasibleError,
    ProviderRefusedError,
    ProviderTruncatedError,
    ProviderUnavailableError,
    TooLargeError,
    UnclearError,
)
from banksman_cloud.phrases import Phrases

_KEYS: tuple[tuple[type[Exception], str], ...] = (
    (BudgetError, "no_budget"),
    (DeadlinePassedError, "no_time"),
    (ProviderRefusedError, "not_goals"),
    (ProviderTruncatedError, "too_much"),
    (ProviderUnavailableError, "model_away"),
    (TooLargeError, "too_much"),
)


def told(language: str, error: Exception) -> tuple[str, tuple[str, ...]]:
    """A plan's ``explanation`` and ``faults``, where it failed by ``error``. Faults of ours say where they are in the
    log."""
    match error:
        case UnclearError() | InfeasibleError():
            return str(error), ()
        case GoalsError():
            return str(error), error.faults
    key = next((key for kind, key in _KEYS if isinstance(error, kind)), "own_fault")
    return Phrases(language).say(key), (str(error),)
