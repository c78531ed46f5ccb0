"""The lock of a plan, and the news that wait for it: whoever brings news never waits, whoever takes the lock has them.

A plan is proven and written down under its lock, which may take seconds; the thread that brings news sends stops.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from banksman_edge.fleet import OrderEvent
from banksman_edge.log_redaction import log_failure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Of a step. ``at_s``: when it came, in seconds of the plan; ``loaded``: whether its vehicle had a load then."""

    event: OrderEvent
    at_s: float
    loaded: bool


class Inbox:
    """A lock that a thread may take more than once. ``take``: told of the news, in their order, before whoever takes
    the lock goes on."""

    def __init__(self, take: Callable[[News], None] = lambda _: None) -> None:
        self.take, self._lock, self._depth = take, threading.RLock(), 0
        self._news: deque[News] = deque()

    def put(self, news: News) -> None:
        """Leave news; they are taken in at once if nobody has the lock. Does not wait."""
        self._news.append(news)
        if self._lock.acquire(blocking=False):
            try:
                self._take_all()
            finally:
                self._lock.release()

    def ended(self) -> frozenset[str]:
        """The jobs that have ended by news that nobody has taken in yet. Does not wait."""
        return frozenset(news.event.job for news in self._news.copy() if news.event.status.ended)

    def __enter__(self) -> None:
        self._lock.acquire()
        self._take_all()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()

    def _take_all(self) -> None:
        while self._news and not self._depth:  # who has the lock already sees nothing change
            news = self._news.popleft()
            try:
                self.take(news)
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"the news of job {news.event.job} were lost on its plan", error)
