"""When the rest of a plan is planned anew once more."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.errors import PlannerError

AGAIN_S = 20.0
"""Seconds until a planner that could not be reached is asked again."""
AWAY_S = 600.0
"""So long it is; then what is left of the plan is driven as it is."""


@dataclass(slots=True)
class Retry:
    """``at``: when, None if not. All by the seconds of the plan."""

    at: float | None = None
    _away_since: float | None = None

    def is_due(self, now_s: float) -> bool:
        return self.at is not None and now_s >= self.at

    def failed(self, error: PlannerError, now_s: float) -> None:
        """The planner was asked in vain."""
        self._away_since = now_s if self._away_since is None else self._away_since
        if error.retryable and now_s - self._away_since < AWAY_S:
            self.at = now_s + AGAIN_S

    def answered(self) -> None:
        """The planner is there."""
        self._away_since = None
