"""What every language model behind the planner is: a request and a site in, goals out."""

from __future__ import annotations

from typing import Protocol

from banksman_cloud.providers.prompt import GoalPrompt
from banksman_shared.plans import Goals


class GoalProvider(Protocol):
    """A language model that understands requests. Called from several threads."""

    @property
    def name(self) -> str:
        """Provider and model, for logs and ``/readyz``."""
        ...

    def load(self) -> None:
        """Make ready, once, before the first request. May take seconds.

        Raises:
            BanksmanError: it can never work as configured.
        """
        ...

    def goals(self, prompt: GoalPrompt, deadline: float) -> str | Goals:
        """Goals, or the JSON of goals, still unchecked. ``deadline``: clock time in seconds since the epoch.

        Raises:
            ProviderError: no answer, in time or at all.
        """
        ...
