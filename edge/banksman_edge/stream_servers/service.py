"""One event loop, on a thread of its own, for all sockets that bring sound."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Protocol, Self

OPENING_S = 30.0
CLOSING_S = 10.0


class Door(Protocol):
    """Where sound comes in: a server, or a client that fetches it."""

    async def open(self) -> None:
        """Begin, on the running loop.

        Raises:
            AudioError: the address cannot be had.
        """
        ...

    async def close(self) -> None:
        """End; utterances under way come to nothing."""
        ...


class StreamService:
    """Holds doors open for as long as the context lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="streams", daemon=True)
        self._doors: list[Door] = []

    def open(self, door: Door) -> None:
        """Open a door and keep it.

        Raises:
            AudioError: it cannot be opened; the text says why.
        """
        self._run(door.open(), OPENING_S)
        self._doors.append(door)

    def _run(self, work: Coroutine[Any, Any, None], timeout_s: float) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._doors:
            self._run(self._doors.pop().close(), CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSING_S)
        self._loop.close()
