"""The websocket server: 16 kHz PCM in, events and spoken replies out (docs/streams.md).

A client says hello in JSON, then sends 16-bit little-endian mono PCM in binary messages of any length. What happens
in its stream, and what the agent does about it, comes back as JSON, each message with its ``type``; the sound of
replies comes as binary messages of the same PCM.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from functools import partial
from typing import Literal

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import AudioError
from banksman_edge.operators import LOCKED_S, LogIn
from banksman_edge.stream_servers.client_sound import ClientSound
from banksman_edge.stream_servers.host import StreamHost
from banksman_edge.stream_servers.outgoing import Outgoing
from banksman_edge.streams import AudioStream, Wearer
from banksman_edge.turns import EVENT_NAMES, Event, UtteranceEvent
from banksman_edge.utterance import Session
from banksman_shared.errors import BanksmanError

MAX_MESSAGE = 1 << 16
"""Bytes: two seconds of sound."""
MAX_CLIENTS = 64
REMEMBERED = 1000
HELLO_S = 10.0
POLICY, TRY_LATER = 1008, 1013
"""Close codes of RFC 6455 and its registry."""


class Hello(msgspec.Struct, frozen=True, tag="hello", tag_field="type", forbid_unknown_fields=True):
    """The first message. ``device``: which headset this is; ``operator``, with their ``pin``: who wears it.

    ``playback``: replies are wanted as sound; the duplex is full where the headset cancels the echo of its loudspeaker.
    """

    device: str
    operator: str | None = None
    pin: str | None = None
    language: str | None = None
    push_to_talk: bool = False
    rate: int = SAMPLE_RATE
    playback: Literal["half_duplex", "full_duplex"] | None = None


class Press(msgspec.Struct, frozen=True, tag="press", tag_field="type"):
    """Push-to-talk: the operator begins to speak."""


class Release(msgspec.Struct, frozen=True, tag="release", tag_field="type"):
    """Push-to-talk: the utterance is over. An open microphone may say so as well."""


class WebsocketServer:
    """Serves headsets of an agent; a :class:`Door`. Pages of browsers are not let in, since any page could ask."""

    def __init__(self, agent: StreamHost, host: str, port: int) -> None:
        self._agent, self._host, self._wanted_port = agent, host, port
        self._server: Server | None = None
        self._clients: dict[str, _Client] = {}
        self._asked: OrderedDict[str, _Client] = OrderedDict()
        for name in EVENT_NAMES:
            agent.on(name, self._route)

    @property
    def port(self) -> int:
        """Where it listens."""
        return next(iter(self._server.sockets)).getsockname()[1] if self._server else self._wanted_port

    async def open(self) -> None:
        """See :class:`Door`."""
        try:
            self._server = await serve(
                self._serve, self._host, self._wanted_port, max_size=MAX_MESSAGE, compression=None, origins=[None]
            )
        except OSError as error:
            where = f"{self._host}:{self._wanted_port}"
            raise AudioError(f"the websocket server cannot listen on {where}: {error.strerror}") from error

    async def close(self) -> None:
        """See :class:`Door`."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        """One client from hello to goodbye. One clear error is all that a mistake costs it."""
        client = _Client(self._agent, connection)
        try:
            hello = await client.greet()
            if len(self._clients) >= MAX_CLIENTS and hello.device not in self._clients:
                await client.refuse(f"{MAX_CLIENTS} headsets are connected already", TRY_LATER)
                return
            if before := self._clients.get(hello.device):  # its connection may have died without a word
                await before.refuse("this device has connected anew", POLICY)
            if hello.device not in self._clients and not self._agent.headsets.names.claims(hello.device):
                raise AudioError(f"another microphone or satellite is called '{hello.device}'; take another name")
            self._clients[hello.device], client.device = client, hello.device
            await client.listen(hello)
        except BanksmanError as error:
            # What the client goes on sending is taken meanwhile, or it would never get to read why.
            passing_over = asyncio.create_task(_pass_over(connection))
            await client.refuse(str(error), POLICY)
            passing_over.cancel()
        except ConnectionClosed:
            pass
        finally:
            client.close()
            if client.device and self._clients.get(client.device) is client:
                del self._clients[client.device]
                self._agent.headsets.names.release(client.device)

    def _route(self, event: Event) -> None:
        """The agent's events, on its thread, to the client that they are about."""
        if isinstance(event, UtteranceEvent) and event.device and (client := self._clients.get(event.device)):
            self._asked[event.id] = client
            if len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)
        if asker := self._asked.get(event.id):
            asker.post(event.name, event.document())


async def _pass_over(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for _message in connection:
            pass


class _Client:
    def __init__(self, agent: StreamHost, connection: ServerConnection) -> None:
        self._agent, self._connection = agent, connection
        self._outgoing = Outgoing(connection.send, connection.transport.abort, ConnectionClosed)
        self.post = self._outgoing.post
        self._sound: ClientSound | None = None
        self.device: str | None = None

    async def greet(self) -> Hello:
        """Wait for the hello.

        Raises:
            AudioError: something else came, or nothing.
        """
        try:
            async with asyncio.timeout(HELLO_S):
                message = await self._connection.recv()
            hello = msgspec.json.decode(message, type=Hello)
        except TimeoutError:
            raise AudioError(f'no hello within {HELLO_S:.0f} s; send {{"type": "hello", "device": "…"}}') from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AudioError(f'the first message is no hello: {error}; send {{"type": "hello", …}}') from error
        if not 0 < len(hello.device) <= 64:
            raise AudioError("a device's name has 1 to 64 characters")
        if hello.rate != SAMPLE_RATE:
            raise AudioError(f"sound of {hello.rate} Hz is not taken here; send {SAMPLE_RATE} Hz")
        return hello

    async def listen(self, hello: Hello) -> None:
        """Hear the client until it goes."""
        wearer = Wearer(hello.operator, hello.language, await self._log_in(hello))
        sound = self._sound = ClientSound(
            self._agent.headsets, hello.device, wearer, self._outgoing, push_to_talk=hello.push_to_talk
        )
        voice = hello.playback is not None and sound.give_voice(half_duplex=hello.playback == "half_duplex")
        self.post("ready", {"device": hello.device, "rate": SAMPLE_RATE, "voice": voice})
        async for message in self._connection:
            if isinstance(message, str):
                self._obey(sound.stream, message)
            else:
                sound.hear(message)

    async def _log_in(self, hello: Hello) -> Session | None:
        """For as long as this connection lasts; None without a PIN.

        Raises:
            AudioError: the PIN is not the operator's.
        """
        if hello.pin is None:
            return None
        tried = partial(self._agent.access.log_in, hello.operator or "", hello.pin, hello.device)
        outcome, session = await asyncio.to_thread(tried)
        if outcome is LogIn.WRONG:
            raise AudioError("this PIN is not the operator's; say hello again")
        if outcome is LogIn.LOCKED:
            raise AudioError(f"too many wrong PINs for this operator; wait {LOCKED_S / 60:.0f} minutes")
        return session

    def _obey(self, stream: AudioStream, message: str) -> None:
        try:
            control = msgspec.json.decode(message, type=Press | Release)
        except msgspec.DecodeError as error:
            self.post("error", {"message": f"a message was not understood: {error}; send 'press' or 'release'"})
            return
        stream.press() if isinstance(control, Press) else stream.release()

    async def refuse(self, reason: str, code: int) -> None:
        """Tell the client what was wrong, and part."""
        self._outgoing.close()
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(msgspec.json.encode({"type": "error", "message": reason}).decode())
        await self._connection.close(code, reason.encode()[:120].decode(errors="ignore"))

    def close(self) -> None:
        """The connection is gone; what was being said is no order."""
        self._outgoing.close()
        if self._sound:
            self._sound.close()
