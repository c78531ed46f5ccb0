"""A quantized model on this machine, through llama.cpp; what it may write is set by a grammar."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from banksman_cloud.errors import ProviderError, ProviderTruncatedError, ProviderUnavailableError
from banksman_cloud.providers.abort import LOOK_S, Brake
from banksman_cloud.providers.heard import evident, left_out
from banksman_cloud.providers.parts import parts
from banksman_cloud.providers.prompt import EXAMPLES, SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.sayable import sayable
from banksman_cloud.providers.schema import goals_grammar
from banksman_shared.clock import Clock
from banksman_shared.errors import ModelError
from banksman_shared.models.gguf import load_gguf
from banksman_shared.plans import Goals

CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 1024
_LATE = "the local model did not finish by the deadline; allow it more time"


class LocalProvider:
    """One model, one request at a time. llama.cpp keeps the keys and values of the longest common beginning of
    this prompt and the last, so task, examples and site are read once."""

    def __init__(self, name: str, find: Callable[[], Path], clock: Clock) -> None:
        self.name = f"local {name}"
        self._find, self._clock = find, clock
        self._llama: Any = None
        self._lock, self._brake = threading.Lock(), Brake()

    def load(self) -> None:
        """Find the file and read it into memory.

        Raises:
            ModelError: it is missing or not a model.
        """
        path = self._find()
        try:
            with self._lock:
                self._llama = load_gguf(path, n_ctx=CONTEXT_TOKENS, n_threads=os.cpu_count(), seed=0, verbose=False)
                self._brake.fit(self._llama)
                self._read_examples()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path} cannot be loaded as a GGUF model: {error}; fetch it again") from error

    def _read_examples(self) -> None:
        """So that already the first request finds them in the cache."""
        turns = [{"role": "system", "content": SYSTEM}, *EXAMPLES]
        self._llama.create_chat_completion(turns, temperature=0.0, max_tokens=1)

    def goals(self, prompt: GoalPrompt, deadline: float, unwanted: threading.Event) -> str | Goals:
        """Greedy decoding within the grammar of the site; what nothing in the request speaks for is left out.

        Raises:
            ProviderUnavailableError: not loaded, or not done by ``deadline``, or not wanted any more.
            ProviderTruncatedError: the request is too long, or the answer is.
            ProviderError: llama.cpp failed.
        """

        def given_up() -> bool:
            return unwanted.is_set() or self._clock.time() > deadline

        while not self._lock.acquire(timeout=LOOK_S):
            if given_up():
                raise ProviderUnavailableError("the local model was busy until the deadline; ask again")
        try:
            if self._llama is None:
                raise ProviderUnavailableError("the local model is not loaded yet; ask again when /readyz says ready")
            return self._understood(prompt, given_up)
        finally:
            self._lock.release()

    def _understood(self, prompt: GoalPrompt, given_up: Callable[[], bool]) -> str | Goals:
        """What of the answer the request speaks for. The model goes through it part by part; where it leaves something
        out, once more with all of it at once. Then nobody but the asker can tell what that is about."""
        read = prompt.figures()
        if read and (vague := tuple(figure.words for figure in read.found if not figure.readings)):
            return Goals(goals=(), unclear=vague)
        made = self._evident(prompt, self._generate(prompt, given_up, closely=True))
        if not isinstance(made, Goals):
            return made
        if lost := left_out(prompt, made):
            again = self._evident(prompt, self._generate(prompt, given_up, closely=False))
            if isinstance(again, Goals) and len(left := left_out(prompt, again)) < len(lost):
                made, lost = again, left
        return made.model_copy(update={"unclear": (*made.unclear, *lost)})

    @staticmethod
    def _evident(prompt: GoalPrompt, answer: str) -> str | Goals:
        try:
            made = Goals.model_validate_json(answer)
        except ValidationError:
            return answer  # whoever asked checks it and can say what is wrong
        return evident(prompt, made)

    def _generate(self, prompt: GoalPrompt, given_up: Callable[[], bool], *, closely: bool) -> str:
        from llama_cpp import LlamaGrammar  # noqa: PLC0415

        said = sayable(prompt)
        form = goals_grammar(prompt.site, prompt.request, parts(prompt, said) if closely else [(prompt.request, said)])
        grammar = LlamaGrammar.from_string(form, verbose=False)
        turns = [{"role": "system", "content": SYSTEM}, *messages(prompt, brief=True)]
        try:
            with self._brake.pulled_when(given_up):
                stream = self._llama.create_chat_completion(
                    turns, grammar=grammar, temperature=0.0, max_tokens=ANSWER_TOKENS, stream=True
                )
                return self._collect(stream, given_up)
        except RuntimeError as error:  # llama-cpp-python's word for what the brake does
            if given_up():
                raise ProviderUnavailableError(_LATE) from error
            raise ProviderError(f"the local model failed: {error}; ask again") from error
        except ValueError as error:  # llama-cpp-python's word for a prompt longer than the context
            raise ProviderTruncatedError(f"site and request are too long for the local model: {error}") from error

    @staticmethod
    def _collect(stream: Any, given_up: Callable[[], bool]) -> str:
        parts: list[str] = []
        for chunk in stream:
            if given_up():
                raise ProviderUnavailableError(_LATE)
            choice = chunk["choices"][0]
            parts.append(choice["delta"].get("content") or "")
            if choice["finish_reason"] == "length":
                raise ProviderTruncatedError("the local model's answer grew too long; ask for less at a time")
        return "".join(parts)
