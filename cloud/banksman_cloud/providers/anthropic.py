"""Anthropic's models."""

from __future__ import annotations

import json
from typing import Any, cast

import anthropic

from banksman_cloud.errors import ProviderError, ProviderRefusedError, ProviderTruncatedError
from banksman_cloud.providers.base import Answer
from banksman_cloud.providers.hosted import ANSWER_TOKENS, Hosted, idempotent
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.schema import goals_schema
from banksman_shared.clock import Clock

_TOOL = "set_goals"


class AnthropicProvider(Hosted):
    """Messages with one tool that has to be called."""

    title, vendor = "Anthropic", "anthropic"

    def __init__(self, model: str, clock: Clock, client: anthropic.Anthropic | None = None) -> None:
        super().__init__(model, clock)
        self._client = client

    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """
        try:
            self._client = self._client or anthropic.Anthropic(max_retries=0)
        except anthropic.AnthropicError as error:
            raise ProviderError(f"Anthropic cannot be used: {error}") from error

    def _call(self, prompt: GoalPrompt, left: float, key: str) -> Answer:
        if self._client is None:
            raise self._not_ready()
        tool = {
            "name": _TOOL,
            "description": "Hand in the goals.",
            "input_schema": goals_schema(prompt.site, prompt.types),
        }
        try:
            message = self._client.messages.create(
                model=self.model,
                system=SYSTEM,
                messages=cast("Any", messages(prompt, brief=False)),
                tools=cast("Any", [tool]),
                tool_choice={"type": "tool", "name": _TOOL},
                max_tokens=ANSWER_TOKENS,
                timeout=left,
                extra_headers=idempotent(key),
            )
        except anthropic.APITimeoutError as error:
            raise self._late(left) from error
        except anthropic.APIConnectionError as error:
            raise self._unreachable(error) from error
        except anthropic.APIStatusError as error:
            raise self._status(error.status_code, error.response.headers) from error
        except (anthropic.AnthropicError, ValueError, TypeError) as error:
            raise self._unreadable(error) from error
        usage = getattr(message, "usage", None)
        return Answer(
            _content(message), getattr(usage, "input_tokens", 0) or 0, getattr(usage, "output_tokens", 0) or 0
        )


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
