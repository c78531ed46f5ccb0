"""What the providers of hosted models have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping

from banksman_cloud.errors import ProviderError, ProviderUnavailableError
from banksman_cloud.providers.base import Answer
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_shared.clock import Clock

ANSWER_TOKENS = 8192
_PATIENT_S = 20.0
"""A model that is well may take as long; one that was given less and did not answer has not failed."""


class Hosted(ABC):
    """A model behind its vendor's SDK, which never resends by itself. See :class:`HostedProvider`."""

    title: str
    """The vendor in sentences."""
    vendor: str
    most_tokens = ANSWER_TOKENS

    def __init__(self, model: str, clock: Clock) -> None:
        self.name, self.model, self._clock = f"{self.title.lower()} {model}", model, clock

    @abstractmethod
    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """

    @abstractmethod
    def _call(self, prompt: GoalPrompt, left: float, key: str) -> Answer:
        """One call of at most ``left`` seconds between two bytes."""

    def ask(self, prompt: GoalPrompt, deadline: float, key: str) -> Answer:
        """See :class:`HostedProvider`."""
        left = deadline - self._clock.time()
        if left <= 0:
            raise ProviderUnavailableError(
                f"no time is left to ask {self.title}; allow more", charged=False, its_doing=False
            )
        return self._call(prompt, left, key)

    def goals(self, prompt: GoalPrompt, deadline: float, _unwanted: threading.Event) -> str:
        """One call without a budget."""
        return self.ask(prompt, deadline, "").text

    def _not_ready(self) -> ProviderUnavailableError:
        return ProviderUnavailableError(
            f"the {self.title} client is not ready yet; ask again when /readyz says ready",
            charged=False,
            its_doing=False,
        )

    def _late(self, left: float) -> ProviderUnavailableError:
        return ProviderUnavailableError(
            f"{self.title} did not answer within {left:.0f} s; ask again later", its_doing=left >= _PATIENT_S
        )

    def _unreachable(self, error: BaseException) -> ProviderUnavailableError:
        return ProviderUnavailableError(f"{self.title} cannot be reached: {error.__cause__ or error}; ask again")

    def _unreadable(self, error: BaseException) -> ProviderError:
        return ProviderError(f"{self.title}'s answer cannot be read ({type(error).__name__}); ask again")

    def _status(self, status: int, headers: Mapping[str, str]) -> ProviderError:
        """What the vendor says beside the status is not repeated: it may quote keys."""
        if status in (408, 409, 425, 429) or status >= 500:
            return ProviderUnavailableError(
                f"{self.title} answered {status}; ask again later", _seconds(headers.get("retry-after")), charged=False
            )
        return ProviderError(f"{self.title} answered {status}; check key, model and address")


def idempotent(key: str) -> dict[str, str]:
    """The header by which a server that knows it sees a repeat."""
    return {"Idempotency-Key": key} if key else {}


def _seconds(text: str | None) -> float | None:
    """A ``Retry-After`` in seconds; its other form, a date, is not worth a second parser."""
    return float(text) if text and text.isdigit() else None
