"""Anthropic's models."""

from __future__ import annotations

import json
from typing import Any, cast

import anthropic

from banksman_cloud.errors import ProviderError, ProviderRefusedError, ProviderTruncatedError, ProviderUnavailableError
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.schema import goals_schema
from banksman_shared.clock import Clock

ANSWER_TOKENS = 8192
_TOOL = "set_goals"


class AnthropicProvider:
    """Messages with one tool that has to be called. The SDK never resends: a plan is asked for once."""

    def __init__(self, model: str, clock: Clock, client: anthropic.Anthropic | None = None) -> None:
        self.name = f"anthropic {model}"
        self._model, self._clock, self._client = model, clock, client

    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """
        try:
            self._client = self._client or anthropic.Anthropic(max_retries=0)
        except anthropic.AnthropicError as error:
            raise ProviderError(f"Anthropic cannot be used: {error}") from error

    def goals(self, prompt: GoalPrompt, deadline: float) -> str:
        """One call, given up at ``deadline``.

        Raises:
            ProviderError: see :mod:`banksman_cloud.errors`.
        """
        if self._client is None:
            raise ProviderUnavailableError("the Anthropic client is not ready yet; ask again when /readyz says ready")
        left = deadline - self._clock.time()
        if left <= 0:
            raise ProviderUnavailableError("no time is left to ask Anthropic; allow more")
        tool = {
            "name": _TOOL,
            "description": "Hand in the goals.",
            "input_schema": goals_schema(prompt.site, prompt.types),
        }
        try:
            message = self._client.messages.create(
                model=self._model,
                system=SYSTEM,
                messages=cast("Any", messages(prompt, brief=False)),
                tools=cast("Any", [tool]),
                tool_choice={"type": "tool", "name": _TOOL},
                max_tokens=ANSWER_TOKENS,
                timeout=left,
            )
        except anthropic.APITimeoutError as error:
            raise ProviderUnavailableError(f"Anthropic did not answer within {left:.0f} s; ask again later") from error
        except anthropic.APIConnectionError as error:
            raise ProviderUnavailableError(
                f"Anthropic cannot be reached: {error.__cause__ or error}; ask again"
            ) from error
        except anthropic.APIStatusError as error:
            raise _status(error) from error
        except (anthropic.AnthropicError, ValueError, TypeError) as error:
            raise ProviderError(f"Anthropic's answer cannot be read: {error}; ask again") from error
        return _content(message)


def _status(error: anthropic.APIStatusError) -> ProviderError:
    if error.status_code == 429 or error.status_code >= 500:
        return ProviderUnavailableError(f"Anthropic answered {error.status_code}; ask again later")
    return ProviderError(f"Anthropic answered {error.status_code}; check key and model: {error.message}")


def _content(message: Any) -> str:
    """The tool's input of an answer that is whole."""
    reason = getattr(message, "stop_reason", None)
    if reason in ("max_tokens", "model_context_window_exceeded"):
        raise ProviderTruncatedError("Anthropic's answer broke off at its length limit; ask for less at a time")
    if reason == "refusal":
        raise ProviderRefusedError("Anthropic declined the request; say it in other words")
    for block in getattr(message, "content", None) or ():
        if getattr(block, "type", None) == "tool_use":
            return json.dumps(block.input)
    raise ProviderError("Anthropic's answer holds no goals; ask again")
