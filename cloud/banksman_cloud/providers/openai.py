"""OpenAI's models, and whatever speaks their chat protocol at ``OPENAI_BASE_URL``."""

from __future__ import annotations

from typing import Any, cast

import openai

from banksman_cloud.errors import ProviderError, ProviderRefusedError, ProviderTruncatedError
from banksman_cloud.providers.base import Answer
from banksman_cloud.providers.hosted import ANSWER_TOKENS, Hosted, idempotent
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.schema import goals_schema
from banksman_shared.clock import Clock


class OpenAIProvider(Hosted):
    """Chat completions with a strict JSON Schema."""

    title, vendor = "OpenAI", "openai"

    def __init__(self, model: str, clock: Clock, client: openai.OpenAI | None = None) -> None:
        super().__init__(model, clock)
        self._client = client

    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """
        try:
            self._client = self._client or openai.OpenAI(max_retries=0)
        except openai.OpenAIError as error:
            raise ProviderError(f"OpenAI cannot be used: {error}") from error

    def _call(self, prompt: GoalPrompt, left: float, key: str) -> Answer:
        if self._client is None:
            raise self._not_ready()
        schema = {"name": "goals", "strict": True, "schema": goals_schema(prompt.site, prompt.types)}
        try:
            completion = self._client.chat.completions.create(
                model=self.model,
                messages=cast("Any", [{"role": "system", "content": SYSTEM}, *messages(prompt, brief=False)]),
                response_format=cast("Any", {"type": "json_schema", "json_schema": schema}),
                max_completion_tokens=ANSWER_TOKENS,
                timeout=left,
                extra_headers=idempotent(key),
            )
        except openai.APITimeoutError as error:
            raise self._late(left) from error
        except openai.APIConnectionError as error:
            raise self._unreachable(error) from error
        except openai.APIStatusError as error:
            raise self._status(error.status_code, error.response.headers) from error
        except (openai.OpenAIError, ValueError) as error:
            raise self._unreadable(error) from error
        usage = getattr(completion, "usage", None)
        return Answer(
            _content(completion), getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0
        )


def _content(completion: Any) -> str:
    """The text of an answer that is whole. What a server that only resembles OpenAI's sends may be anything."""
    choices = getattr(completion, "choices", None)
    if not choices:
        raise ProviderError("OpenAI's answer holds no choice; check OPENAI_BASE_URL")
    choice = choices[0]
    if choice.finish_reason == "length":
        raise ProviderTruncatedError("OpenAI's answer broke off at its length limit; ask for less at a time")
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ProviderRefusedError("OpenAI declined the request; say it in other words")
    if not choice.message.content:
        raise ProviderError("OpenAI's answer is empty; ask again")
    return str(choice.message.content)
