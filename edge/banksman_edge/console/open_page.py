"""One page that is open, on its websocket: what it says and chooses goes to the agent, what becomes of it comes back.

The messages are described in docs/console.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from banksman_edge.console.host import ConsoleHost
from banksman_edge.console.orders import not_stopped, orders, stop
from banksman_edge.console.visitors import Visitor, Visitors
from banksman_edge.dialogue import a_no, a_yes
from banksman_edge.errors import AudioError, ConsoleError
from banksman_edge.stream_servers import ClientSound, Outgoing
from banksman_edge.streams import Wearer
from banksman_edge.utterance import MAX_TEXT, Utterance
from banksman_shared.commands import Command
from banksman_shared.errors import BanksmanError

MOST_A_SECOND = 20
"""Messages of a page, but for sound and stops."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a page may call what it says: no other's, whose parts have a slash."""
PARTING_S = 1.0
"""The longest that parting from a page may take: one that does not read is let go all the same."""


class _Message(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Something that a page sends."""


class Hello(_Message, frozen=True, tag="hello"):
    """The first message. ``tab``: which page of this browser; ``language``: what is spoken there; ``hears``: sound
    follows while the button is held; ``speaks``: replies are wanted as sound."""

    tab: str = "0"
    language: str | None = None
    hears: bool = False
    speaks: bool = False


class Press(_Message, frozen=True, tag="press"):
    """The button to speak is held; sound follows as binary messages."""


class Release(_Message, frozen=True, tag="release"):
    """The button was let go."""


class Say(_Message, frozen=True, tag="say"):
    """Something was written."""

    text: str
    id: str | None = None


class Order(_Message, frozen=True, tag="order"):
    """Orders were chosen; ``command`` as in docs/commands.md."""

    command: Any
    id: str | None = None


class Answer(_Message, frozen=True, tag="answer"):
    """A yes or no to what the decision with this ``id`` asked."""

    id: str
    yes: bool


class Stop(_Message, frozen=True, tag="stop"):
    """These vehicles are to stop at once; by default all. It is answered with ``stopping`` and its ``n``."""

    vehicles: tuple[str, ...] = ("*",)
    n: int = 0


class Ping(_Message, frozen=True, tag="ping"):
    """Whether the connection still holds; it is answered with ``pong`` and its ``n``."""

    n: int = 0


_MESSAGES = Hello | Press | Release | Say | Order | Answer | Stop | Ping


class Page:
    """A page from its hello on. One clear error is all that a mistake costs it."""

    def __init__(self, agent: ConsoleHost, visitors: Visitors, visitor: Visitor, socket: WebSocket) -> None:
        self._agent, self._visitors, self._visitor, self._socket = agent, visitors, visitor, socket
        self._outgoing = Outgoing(self._send, self._give_up, WebSocketDisconnect, RuntimeError)
        self._reading = asyncio.current_task()
        self._sound: ClientSound | None = None
        self._budget, self._refilled = float(MOST_A_SECOND), asyncio.get_running_loop().time()
        self._language: str | None = None
        self._changed: dict[str, Any] = {}
        self._due = self._saw = False
        self.device = visitor.device
        self.post = self._outgoing.post

    async def _send(self, message: str | bytes) -> None:
        await (self._socket.send_text(message) if isinstance(message, str) else self._socket.send_bytes(message))

    def _give_up(self) -> None:
        if self._reading:
            self._reading.cancel()

    def greet(self, message: str) -> None:
        """Take the hello.

        Raises:
            BanksmanError: it is none.
        """
        hello = _read(message)
        if not isinstance(hello, Hello) or not (hello.tab.isascii() and hello.tab.isalnum() and len(hello.tab) <= 8):
            raise ConsoleError('the first message is no hello; send {"type": "hello", "tab": "1", "language": "en"}')
        self.device = f"{self._visitor.device}-{hello.tab}"
        self._language = hello.language if hello.language in self._agent.site.languages else None
        told: dict[str, Any] = {"device": self.device, "hears": False, "speaks": False, "trouble": ""}
        if hello.hears and self.sees:
            told |= self._open_sound(hello)
        session, self._saw = self._visitors.session(self._visitor), self.sees
        self.post("ready", told | {"operator": session.operator if session else None, "sees": self.sees})

    @property
    def sees(self) -> bool:
        """Whether whoever is there may see the site: where it has operators, only those do."""
        return self._agent.site.rules.roles is None or self._visitors.session(self._visitor) is not None

    def _open_sound(self, hello: Hello) -> dict[str, Any]:
        session = self._visitors.session(self._visitor)
        wearer = Wearer(session.operator if session else None, self._language, session)
        try:
            sound = ClientSound(self._agent.headsets, self.device, wearer, self._outgoing, push_to_talk=True)
        except BanksmanError as error:
            return {"trouble": str(error)}
        self._sound = sound
        return {"hears": True, "speaks": hello.speaks and sound.give_voice(half_duplex=False)}

    @property
    def ended(self) -> bool:
        """Whether whoever opened it has signed out, or somebody else has signed in since."""
        return self._visitors.of(self._visitor.token) is not self._visitor or (self._saw and not self.sees)

    def moved(self, vehicles: Sequence[Mapping[str, Any]], *, whole: bool = False) -> None:
        """Tell of vehicles that changed, on the page's loop. A page that reads slowly gets what is newest, and no queue
        of what was."""
        self._changed |= {vehicle["id"]: vehicle for vehicle in vehicles}
        if not self._due or whole:
            self._due = True
            self._outgoing.send(partial(self._fleet, whole=whole))

    def _fleet(self, *, whole: bool) -> str:
        changed, self._changed, self._due = list(self._changed.values()), {}, False
        return msgspec.json.encode({"type": "fleet", "whole": whole, "vehicles": changed}).decode()

    async def listen(self) -> None:
        """Take what the page sends until it goes.

        Raises:
            ConsoleError: whoever it was has signed out.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (sound := message.get("bytes")) is not None and self._sound:
                self._hear(self._sound, sound)
            elif sound is not None:
                self.post("error", {"message": "this page has not said that sound follows; say hello anew"})
            else:
                await self._take(message.get("text") or "")  # a stop counts even from a page that signed out
            if self.ended:
                raise ConsoleError("you have signed out; load the page again")

    def _hear(self, client: ClientSound, sound: bytes) -> None:
        """Sound that comes too fast costs what was being said, and no connection: a stop may follow on it."""
        try:
            client.hear(sound)
        except AudioError as error:
            self.post("error", {"message": str(error)})
            client.stream.lost()

    async def _take(self, text: str) -> None:
        try:
            message = _read(text)
            if isinstance(message, Stop):
                await self._stop(message)
            elif isinstance(message, Ping):
                self.post("pong", {"n": message.n})
            elif not self.sees:
                raise ConsoleError("sign in first; only a stop needs no name")
            elif self._within_budget():
                self._obey(message)
        except BanksmanError as error:
            self.post("error", {"message": str(error)})

    async def _stop(self, message: Stop) -> None:
        """Stop those that the site has; off the loop, on which all pages wait."""
        command, strange = stop(self._agent.site, message.vehicles)
        await asyncio.to_thread(self._submit, None, commands=(command,))
        self.post("stopping", {"n": message.n, "vehicles": command.vehicles})
        if strange:
            raise ConsoleError(not_stopped(strange))

    def _within_budget(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._budget = min(float(MOST_A_SECOND), self._budget + (now - self._refilled) * MOST_A_SECOND)
        self._refilled = now
        if self._budget < 1:
            self.post("error", {"message": f"more than {MOST_A_SECOND} messages a second; some were dropped"})
            return False
        self._budget -= 1
        return True

    def _obey(self, message: _Message) -> None:
        match message:
            case Press() if self._sound:
                self._sound.stream.press()
            case Release() if self._sound:
                self._sound.stream.release()
            case Press() | Release():
                self.post("error", {"message": "this agent does not hear this page; write instead"})
            case Say(text, key):
                if len(text) > MAX_TEXT or not text.strip():
                    raise ConsoleError(f"a text has 1 to {MAX_TEXT} characters")
                self._submit(key, text)
            case Order(command, key):
                self._submit(key, commands=orders(self._agent.site, command))
            case Answer(key, yes):
                language = self._language or self._agent.site.languages[0]
                self._submit(None, a_yes(language) if yes else a_no(language), answers=key)
            case Hello():
                raise ConsoleError("this page has said hello already")

    def _submit(self, key: str | None, text: str = "", commands: tuple[Command, ...] = (), answers: str = "") -> None:
        if key is not None and not _ID.fullmatch(key):
            raise ConsoleError("an 'id' has 1 to 64 letters, digits, - and _")
        self._agent.submit(
            Utterance(
                text,
                device=self.device,
                language=self._language,
                session=self._visitors.session(self._visitor),
                commands=commands,
                answers=answers,
                id=key or uuid.uuid4().hex,
            )
        )

    async def refuse(self, reason: str, code: int = 1008) -> None:
        """Tell the page why it is parted from."""
        self.close()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(PARTING_S):
                await self._socket.send_text(msgspec.json.encode({"type": "error", "message": reason}).decode())
                await self._socket.close(code, reason.encode()[:120].decode(errors="ignore"))

    def close(self) -> None:
        """The page is gone; what was being said is no order."""
        self._outgoing.close()
        if self._sound:
            self._sound.close()
        self._sound = None


def _read(text: str) -> _Message:
    try:
        message: _Message = msgspec.json.decode(text, type=_MESSAGES)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConsoleError(f"a message was not understood: {error}; see docs/console.md") from error
    return message
