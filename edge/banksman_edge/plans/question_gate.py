"""Who may put a question to an operator."""

from __future__ import annotations

import threading


class QuestionGate:
    """Which plan may ask: nobody is asked two things at once."""

    def __init__(self) -> None:
        self._holder: object = None
        self._lock = threading.Lock()

    def take(self, who: object) -> bool:
        """Whether it is ``who`` from now on."""
        with self._lock:
            self._holder = who if self._holder is None else self._holder
            return self._holder is who

    def leave(self, who: object) -> None:
        with self._lock:
            self._holder = None if self._holder is who else self._holder
