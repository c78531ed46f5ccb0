"""Errors of the fleet.

BanksmanError
└── FleetError      the fleet cannot do what was asked; nothing was sent for it
"""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.fleet.model import Code, Problem
from banksman_shared.errors import BanksmanError


class FleetError(BanksmanError):
    """Refused at once. ``str(error)`` is the first problem's sentence, ``problems`` has all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems[0].sentence)

    @property
    def code(self) -> Code:
        """Why, for machines: the first problem's code."""
        return self.problems[0].code

    @property
    def retryable(self) -> bool:  # type: ignore[override]  # the base's plain default, answered per problem here
        """Whether waiting can help."""
        return all(problem.code.passing for problem in self.problems)
