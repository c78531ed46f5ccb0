"""What a client of a websocket is told: JSON with a ``type``, and the sound of replies; from any thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from banksman_edge.audio import Samples, pcm16
from banksman_edge.turns import ReplyEvent

MAX_UNSENT = 256
"""Messages a client may be behind; one that reads none is let go."""


class Outgoing:
    """The messages to one client, in order; a :class:`Playback`. Made on the loop that sends them.

    ``send``: sends one message; ``give_up``: ends the connection of a client that does not read; ``gone``: what
    ``send`` raises where the client has gone.
    """

    def __init__(
        self,
        send: Callable[[str | bytes], Awaitable[None]],
        give_up: Callable[[], None],
        *gone: type[Exception],
    ) -> None:
        self._send_one, self._give_up, self._gone = send, give_up, gone
        self._loop = asyncio.get_running_loop()
        self._unsent: asyncio.Queue[str | bytes | Callable[[], str]] = asyncio.Queue(MAX_UNSENT)
        self._sender = self._loop.create_task(self._send_all())
        self._closed = False

    def post(self, kind: str, document: dict[str, Any]) -> None:
        """Send something soon; from any thread."""
        self.send(msgspec.json.encode({"type": kind, **document}).decode())

    def begin(self, reply: ReplyEvent) -> None:
        """See :class:`Playback`."""
        self.post("speech", {"id": reply.id, "text": reply.text, "language": reply.language})

    def play(self, frame: Samples) -> None:
        """See :class:`Playback`."""
        self.send(pcm16(frame))

    def end(self, reply: ReplyEvent, *, cut: bool) -> None:
        """See :class:`Playback`."""
        self.post("speech_end", {"id": reply.id, "cut": cut})

    def send(self, message: str | bytes | Callable[[], str]) -> None:
        """Send a message soon, or what is made of it when its turn has come; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever was to be told
            self._loop.call_soon_threadsafe(partial(self._put, message))

    def _put(self, message: str | bytes | Callable[[], str]) -> None:
        if self._closed:
            return
        if self._unsent.full():
            self._closed = True
            self._give_up()
        else:
            self._unsent.put_nowait(message)

    async def _send_all(self) -> None:
        with contextlib.suppress(*self._gone):
            while True:
                message = await self._unsent.get()
                await self._send_one(message() if callable(message) else message)

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True
        self._sender.cancel()
