"""Answers as they were recorded: the same question gets the same answer, without network or cost."""

from __future__ import annotations

import json
from pathlib import Path

from banksman_cloud.errors import ProviderError
from banksman_cloud.providers.guard import prompt_digest
from banksman_cloud.providers.prompt import GoalPrompt


class ReplayProvider:
    """``path``: what ``banksman planner calls`` printed. Of several answers to one question the last counts."""

    def __init__(self, path: Path) -> None:
        self.name, self._path = f"replay {path.name}", path
        self._answers: dict[str, str] = {}

    def load(self) -> None:
        """Read the recording.

        Raises:
            ProviderError: it cannot be read.
        """
        try:
            rows = [json.loads(line) for line in self._path.read_text("utf-8").splitlines() if line.strip()]
            self._answers = {row["digest"]: row["answer"] for row in rows if row["answer"] is not None}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(
                f"{self._path} is no recording: {error!r}; make one with 'banksman planner calls'"
            ) from error

    def goals(self, prompt: GoalPrompt, *_: object) -> str:
        """See :class:`GoalProvider`."""
        answer = self._answers.get(prompt_digest(prompt))
        if answer is None:
            raise ProviderError("this question is not in the recording; record it with a model first")
        return answer
