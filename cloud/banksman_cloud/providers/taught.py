"""A small model on this machine that was taught to read requests (:mod:`banksman_cloud.reading`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from banksman_cloud.errors import ProviderError, ProviderTruncatedError, ProviderUnavailableError
from banksman_cloud.providers.abort import LOOK_S
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.reading import goals_of, grammar_of, named_in, tagged
from banksman_shared.clock import Clock
from banksman_shared.errors import LanguageModelError, ModelError
from banksman_shared.models.engine import Engine
from banksman_shared.models.taught import load_taught
from banksman_shared.plans import Goals


class TaughtProvider:
    """The model of a folder that ``banksman teach llama export`` wrote; one request at a time, which takes a second or
    two. ``path`` gives the file of its base."""

    def __init__(self, folder: Path, path: Callable[[str], Path], clock: Clock) -> None:
        self.name = f"local {folder.name}"
        self._folder, self._path, self._clock = folder, path, clock
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Read it into memory.

        Raises:
            ModelError: it is missing or not a model.
        """
        try:
            self._engine, _ = load_taught(self._folder, self._path)
        except LanguageModelError as error:
            raise ModelError(str(error)) from error

    def goals(self, prompt: GoalPrompt, deadline: float, unwanted: threading.Event) -> str | Goals:
        """The goals of the likeliest line; what the line leaves over is unclear.

        Raises:
            ProviderUnavailableError: not loaded, or busy until ``deadline``, or not wanted any more.
            ProviderTruncatedError: the request is too long.
            ProviderError: the model failed, or what it wrote is no line.
        """
        while not self._lock.acquire(timeout=LOOK_S):
            if unwanted.is_set() or self._clock.time() > deadline:
                raise ProviderUnavailableError("the local model was busy until the deadline; ask again")
        try:
            if self._engine is None:
                raise ProviderUnavailableError("the local model is not loaded yet; ask again when /readyz says ready")
            return self._read(self._engine, prompt)
        finally:
            self._lock.release()

    @staticmethod
    def _read(engine: Engine, prompt: GoalPrompt) -> Goals:
        mentions = prompt.mentions or named_in(prompt.site, prompt.request)
        request = tagged(prompt.site, prompt.request, prompt.language, mentions, prompt.types, prompt.now)
        asked = engine.prompt(request.text)
        if not engine.fits(asked):
            raise ProviderTruncatedError("the request is too long for the local model; ask for less at a time")
        try:
            line = engine.answer(asked, grammar_of(request)).line
            return goals_of(line, request, prompt.site)
        except LanguageModelError as error:
            raise ProviderError(f"the local model failed: {error}; ask again") from error
        except ValueError as error:  # pydantic's, too: a line that no goals can mean
            raise ProviderError(
                f"the local model wrote what cannot be meant: {error}; say it in other words"
            ) from error
