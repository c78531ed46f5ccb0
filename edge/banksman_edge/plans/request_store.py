"""Requests that are being planned, or whose plans wait for a yes, on the disk, a file each, for the next agent."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import ValidationError

from banksman_edge.plans.store import Kept, remove_halves, replace, stem
from banksman_edge.quarantine import ASIDE, prune, put_aside
from banksman_shared.clock import Clock, SystemClock

log = logging.getLogger(__name__)

FOLDER = "requests"


class KeptRequest(Kept):
    """All that is needed to ask again. ``deadline``, ``asked``: wall-clock seconds."""

    deadline: float | None = None
    asked: float


class RequestStore:
    """Those of one site, in the folder ``requests`` of its agent's state."""

    def __init__(self, state: Path, clock: Clock | None = None) -> None:
        self._folder, self._clock = state / FOLDER, clock or SystemClock()

    def keep(self, request: KeptRequest) -> None:
        """On the disk when this returns, if that can be."""
        try:
            replace(self._file(request.utterance), request.model_dump_json().encode())
        except OSError as error:
            log.warning("a request for a plan will not outlive a restart (%s): make room", error.strerror)

    def has(self, utterance_id: str) -> bool:
        """Whether it is on the disk."""
        return self._file(utterance_id).exists()

    def forget(self, utterance_id: str) -> None:
        """It has ended, and its end was told, or its plan is kept by itself."""
        try:
            self._file(utterance_id).unlink(missing_ok=True)
        except OSError as error:
            log.warning("a request for a plan has ended, and its file cannot be removed (%s)", error.strerror)

    def found(self) -> list[KeptRequest]:
        """What an earlier run has left, oldest first. What cannot be read is moved aside."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append(KeptRequest.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError, RecursionError):
                aside = put_aside(path, self._clock)
                log.error("a request for a plan cannot be read; its file is now %s", aside)  # noqa: TRY400  no words
        prune(self._folder, f"*.{ASIDE}-*")
        remove_halves(self._folder)
        return sorted(found, key=lambda request: request.asked)

    def _file(self, utterance_id: str) -> Path:
        return self._folder / f"{stem(utterance_id)}.json"
