"""Threads for what nobody shall wait for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from banksman_edge.log_redaction import log_failure

log = logging.getLogger(__name__)


class Background:
    """Safe to call from any thread. ``name``: of its threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._threads: list[threading.Thread] = []

    def begin(self, work: Callable[..., None], *arguments: object, **named: object) -> None:
        """Do it on a thread of its own. That it failed is logged, but for its words."""

        def run() -> None:
            try:
                work(*arguments, **named)
            except Exception as error:  # noqa: BLE001  see above
                log_failure(log, f"something in the background ({self._name}) failed", error)

        thread = threading.Thread(target=run, name=self._name, daemon=True)
        self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
        thread.start()

    def settle(self, within_s: float) -> None:
        """Wait a while for all that was begun."""
        ends = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
