"""Google's Gemini models."""

from __future__ import annotations

from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

from banksman_cloud.errors import ProviderError, ProviderRefusedError, ProviderTruncatedError
from banksman_cloud.providers.base import Answer
from banksman_cloud.providers.hosted import ANSWER_TOKENS, Hosted, idempotent
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.schema import goals_schema
from banksman_shared.clock import Clock

_ROLES = {"user": "user", "assistant": "model"}
_BROKE_OFF = frozenset({"MAX_TOKENS"})
_REFUSED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "MODEL_ARMOR"})


class GeminiProvider(Hosted):
    """Generated content with a JSON Schema. ``base_url`` other than Google's is for tests and proxies."""

    title, vendor = "Gemini", "google"

    def __init__(self, model: str, clock: Clock, *, api_key: str | None = None, base_url: str | None = None) -> None:
        super().__init__(model, clock)
        self._api_key, self._base_url = api_key, base_url
        self._client: genai.Client | None = None

    def load(self) -> None:
        """See that there is a key.

        Raises:
            ProviderError: there is none.
        """
        options = types.HttpOptions(
            base_url=self._base_url,
            httpx_client=httpx2.Client(),  # of whichever library it would find, its errors are to be told
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        try:
            self._client = genai.Client(api_key=self._api_key, vertexai=False, http_options=options)
        except ValueError as error:
            raise ProviderError("Gemini cannot be used: there is no key; set GEMINI_API_KEY") from error

    def _call(self, prompt: GoalPrompt, left: float, key: str) -> Answer:
        if self._client is None:
            raise self._not_ready()
        config = types.GenerateContentConfig(
            system_instruction=SYSTEM,
            response_mime_type="application/json",
            response_json_schema=goals_schema(prompt.site, prompt.types),
            max_output_tokens=ANSWER_TOKENS,
            http_options=types.HttpOptions(timeout=max(1, int(left * 1000)), headers=idempotent(key)),
        )
        contents: list[Any] = [
            types.Content(role=_ROLES[turn["role"]], parts=[types.Part(text=turn["content"])])
            for turn in messages(prompt, brief=False)
        ]
        try:
            answer = self._client.models.generate_content(model=self.model, contents=contents, config=config)
        except httpx2.TimeoutException as error:
            raise self._late(left) from error
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        except errors.APIError as error:
            raise self._status(error.code or 0, getattr(error.response, "headers", {})) from error
        except (ValueError, TypeError, KeyError, AttributeError, httpx2.HTTPError) as error:
            raise self._unreadable(error) from error
        usage = answer.usage_metadata
        thought = (usage.thoughts_token_count or 0) if usage else 0
        written = (usage.candidates_token_count or 0) if usage else 0
        return Answer(_content(answer), (usage.prompt_token_count or 0) if usage else 0, written + thought)


def _content(answer: types.GenerateContentResponse) -> str:
    """The text of an answer that is whole."""
    if answer.prompt_feedback is not None and answer.prompt_feedback.block_reason is not None:
        raise ProviderRefusedError("Gemini declined the request; say it in other words")
    if not answer.candidates:
        raise ProviderError("Gemini's answer holds no candidate; ask again")
    candidate = answer.candidates[0]
    reason = candidate.finish_reason.name if candidate.finish_reason else ""
    if reason in _BROKE_OFF:
        raise ProviderTruncatedError("Gemini's answer broke off at its length limit; ask for less at a time")
    if reason in _REFUSED:
        raise ProviderRefusedError("Gemini declined the request; say it in other words")
    parts = candidate.content.parts if candidate.content else None
    text = "".join(part.text for part in parts or () if part.text and not part.thought)
    if not text:
        raise ProviderError("Gemini's answer is empty; ask again")
    return text
