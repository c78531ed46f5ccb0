"""What every language model behind the planner is: a request and a site in, goals out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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

    def goals(self, prompt: GoalPrompt, deadline: float, unwanted: threading.Event) -> str | Goals:
        """Goals, or the JSON of goals, still unchecked. ``deadline``: clock time in seconds since the epoch;
        ``unwanted``: set when nobody waits for the answer any more, so that no more work goes into it.

        Raises:
            ProviderError: no answer, in time or at all.
        """
        ...


WANTED = threading.Event()
"""Of an answer that is wanted however long it takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hosted model wrote, and the tokens it counted; 0 where it did not say."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


@runtime_checkable
class HostedProvider(GoalProvider, Protocol):
    """A model that somebody else runs, and charges for."""

    vendor: str
    """Its name where prices are listed."""
    model: str
    most_tokens: int
    """The longest answer that it is let give."""

    def ask(self, prompt: GoalPrompt, deadline: float, key: str) -> Answer:
        """One call, not repeated. ``key``: the same for the same question of the same plan.

        Raises:
            ProviderError: as above.
        """
        ...
