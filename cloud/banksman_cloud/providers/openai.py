"""OpenAI's models, and whatever speaks their chat protocol at ``OPENAI_BASE_URL``."""

from __future__ import annotations

from typing import Any, cast

import openai

from banksman_cloud.errors import ProviderError, ProviderRefusedError, ProviderTruncatedError, ProviderUnavailableError
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.schema import goals_schema
from banksman_shared.clock import Clock

ANSWER_TOKENS = 8192


class OpenAIProvider:
    """Chat completions with a strict JSON Schema. The SDK never resends: a plan is asked for once."""

    def __init__(self, model: str, clock: Clock, client: openai.OpenAI | None = None) -> None:
        self.name = f"openai {model}"
        self._model, self._clock, self._client = model, clock, client

    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """
        try:
            self._client = self._client or openai.OpenAI(max_retries=0)
        except openai.OpenAIError as error:
            raise ProviderError(f"OpenAI cannot be used: {error}") from error

    def goals(self, prompt: GoalPrompt, deadline: float) -> str:
        """One call, given up at ``deadline``.

        Raises:
            ProviderError: see :mod:`banksman_cloud.errors`.
        """
        if self._client is None:
            raise ProviderUnavailableError("the OpenAI client is not ready yet; ask again when /readyz says ready")
        left = deadline - self._clock.time()
        if left <= 0:
            raise ProviderUnavailableError("no time is left to ask OpenAI; allow more")
        schema = {"name": "goals", "strict": True, "schema": goals_schema(prompt.site, prompt.types)}
        try:
            completion = self._client.chat.completions.create(
                model=self._model,
                messages=cast("Any", [{"role": "system", "content": SYSTEM}, *messages(prompt, brief=False)]),
                response_format=cast("Any", {"type": "json_schema", "json_schema": schema}),
                max_completion_tokens=ANSWER_TOKENS,
                timeout=left,
            )
        except openai.APITimeoutError as error:
            raise ProviderUnavailableError(f"OpenAI did not answer within {left:.0f} s; ask again later") from error
        except openai.APIConnectionError as error:
            raise ProviderUnavailableError(
                f"OpenAI cannot be reached: {error.__cause__ or error}; ask again"
            ) from error
        except openai.APIStatusError as error:
            raise _status(error) from error
        except (openai.OpenAIError, ValueError) as error:
            raise ProviderError(f"OpenAI's answer cannot be read: {error}; ask again") from error
        return _content(completion)


def _status(error: openai.APIStatusError) -> ProviderError:
    if error.status_code == 429 or error.status_code >= 500:
        return ProviderUnavailableError(f"OpenAI answered {error.status_code}; ask again later")
    return ProviderError(f"OpenAI answered {error.status_code}; check key, model and address: {error.message}")


def _content(completion: Any) -> str:
    """The text of an answer that is whole. What a server that only resembles OpenAI's sends may be anything."""
    choices = getattr(completion, "choices", None)
    if not choices:
        raise ProviderError("OpenAI's answer holds no choice; check OPENAI_BASE_URL")
    choice = choices[0]
    if choice.finish_reason == "length":
        raise ProviderTruncatedError("OpenAI's answer broke off at its length limit; ask for less at a time")
    if choice.message.refusal or choice.finish_reason == "content_filter":
        why = choice.message.refusal or "content filter"
        raise ProviderRefusedError(f"OpenAI declined the request: {why}; say it in other words")
    if not choice.message.content:
        raise ProviderError("OpenAI's answer is empty; ask again")
    return str(choice.message.content)
