"""One page that is open, on its websocket: what it says and chooses goes to the agent, what becomes of it comes back.

The messages are described in docs/console.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from banksman_edge.audio import SAMPLE_RATE, PcmReader
from banksman_edge.console.host import ConsoleHost
from banksman_edge.console.orders import orders
from banksman_edge.console.visitors import Visitor, Visitors
from banksman_edge.dialogue import a_no, a_yes
from banksman_edge.errors import AudioError, ConsoleError
from banksman_edge.stream_servers import Outgoing, RealTimePace
from banksman_edge.streams import AudioStream, ReplySpeech, Wearer
from banksman_edge.turns import DecisionEvent, Event, PlanEvent, Verdict
from banksman_edge.utterance import MAX_TEXT, Utterance
from banksman_shared.clock import SystemClock
from banksman_shared.commands import Command
from banksman_shared.errors import BanksmanError
from banksman_shared.plans import PlanState

MOST_A_SECOND = 20
"""Messages of a page, but for sound and stops."""
MOST_ID = 64
"""Characters of the id that a page gives to what it says."""


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
    """These vehicles are to stop at once; by default all."""

    vehicles: tuple[str, ...] = ("*",)


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
        self._stream: AudioStream | None = None
        self._reply_speech: ReplySpeech | None = None
        self._sound, self._pace = PcmReader(SAMPLE_RATE, 2, 1), RealTimePace(SystemClock())
        self._budget, self._refilled = float(MOST_A_SECOND), asyncio.get_running_loop().time()
        self._question = ""
        self._language: str | None = None
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
            told |= self._open_stream(hello)
        session = self._visitors.session(self._visitor)
        self.post("ready", told | {"operator": session.operator if session else None, "sees": self.sees})

    @property
    def sees(self) -> bool:
        """Whether whoever is there may see the site: where it has operators, only those do."""
        return self._agent.site.rules.roles is None or self._visitors.session(self._visitor) is not None

    def _open_stream(self, hello: Hello) -> dict[str, Any]:
        session = self._visitors.session(self._visitor)
        wearer = Wearer(session.operator if session else None, self._language, session)
        try:
            stream = self._agent.headsets.open(
                self.device,
                wearer,
                push_to_talk=True,
                listener=lambda event: self.post(event.name, event.document()),
            )
        except BanksmanError as error:
            return {"trouble": str(error)}
        self._stream = stream
        if hello.speaks:
            self._reply_speech = self._agent.headsets.give_voice(stream, self._outgoing, half_duplex=False)
        return {"hears": True, "speaks": self._reply_speech is not None}

    def told(self, event: Event, document: Mapping[str, Any]) -> None:
        """Take an event of its own device."""
        if isinstance(event, DecisionEvent):
            self._question = event.id if event.verdict in (Verdict.ASK, Verdict.CONFIRM) else ""
        elif isinstance(event, PlanEvent) and (event.plan.state is PlanState.PROPOSED or self._question == event.id):
            self._question = event.id if event.plan.state is PlanState.PROPOSED else ""
        self.post(event.name, {**document, "mine": True})

    async def listen(self) -> None:
        """Take what the page sends until it goes.

        Raises:
            ConsoleError: whoever it was has signed out.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (sound := message.get("bytes")) is not None:
                self._hear(sound)
            else:
                await self._take(message.get("text") or "")  # a stop counts even from a page that signed out
            if self._visitors.of(self._visitor.token) is not self._visitor:
                raise ConsoleError("you have signed out; load the page again")

    def _hear(self, sound: bytes) -> None:
        if self._stream is None:
            self.post("error", {"message": "this page has not said that sound follows; say hello anew"})
            return
        try:
            self._pace.count(len(sound) / 2 / SAMPLE_RATE)
            self._stream.feed(self._sound.read(sound))
        except AudioError as error:
            self.post("error", {"message": str(error)})
            self._stream.lost()

    async def _take(self, text: str) -> None:
        try:
            message = _read(text)
            if isinstance(message, Stop):
                self._order({"action": "stop", "vehicles": list(message.vehicles)})
            elif isinstance(message, Ping):
                self.post("pong", {"n": message.n})
            elif not self.sees:
                raise ConsoleError("sign in first; only a stop needs no name")
            elif self._within_budget():
                await self._obey(message)
        except BanksmanError as error:
            self.post("error", {"message": str(error)})

    def _within_budget(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._budget = min(float(MOST_A_SECOND), self._budget + (now - self._refilled) * MOST_A_SECOND)
        self._refilled = now
        if self._budget < 1:
            self.post("error", {"message": f"more than {MOST_A_SECOND} messages a second; some were dropped"})
            return False
        self._budget -= 1
        return True

    async def _obey(self, message: _Message) -> None:
        match message:
            case Press() if self._stream:
                self._stream.press()
            case Release() if self._stream:
                self._stream.release()
            case Press() | Release():
                self.post("error", {"message": "this agent does not hear this page; write instead"})
            case Say(text, key):
                self._say(text, key)
            case Order(command, key):
                self._order(command, key)
            case Answer(key, yes):
                if not self._question or key != self._question:
                    raise ConsoleError("what was asked is not open any more; say it again")
                language = self._language or self._agent.site.languages[0]
                self._say(a_yes(language) if yes else a_no(language))
            case Hello():
                raise ConsoleError("this page has said hello already")

    def _say(self, text: str, key: str | None = None) -> None:
        if len(text) > MAX_TEXT or not text.strip():
            raise ConsoleError(f"a text has 1 to {MAX_TEXT} characters")
        self._submit(key, text)

    def _order(self, document: Any, key: str | None = None) -> None:
        self._submit(key, commands=orders(self._agent.site, document))

    def _submit(self, key: str | None, text: str = "", commands: tuple[Command, ...] = ()) -> None:
        if key is not None and not 0 < len(key) <= MOST_ID:
            raise ConsoleError(f"an 'id' has 1 to {MOST_ID} characters")
        self._agent.submit(
            Utterance(
                text,
                device=self.device,
                language=self._language,
                session=self._visitors.session(self._visitor),
                commands=commands,
                id=key or uuid.uuid4().hex,
            )
        )

    async def refuse(self, reason: str, code: int = 1008) -> None:
        """Tell the page why it is parted from."""
        self._outgoing.close()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.send_text(msgspec.json.encode({"type": "error", "message": reason}).decode())
            await self._socket.close(code, reason.encode()[:120].decode(errors="ignore"))

    def close(self) -> None:
        """The page is gone; what was being said is no order."""
        self._outgoing.close()
        if self._reply_speech:
            self._reply_speech.close()
        if self._stream:
            self._stream.close()


def _read(text: str) -> _Message:
    try:
        message: _Message = msgspec.json.decode(text, type=_MESSAGES)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConsoleError(f"a message was not understood: {error}; see docs/console.md") from error
    return message
