"""A Wyoming service for Home Assistant and everything else that speaks Wyoming: speech to text, and text to speech.

A client sends ``transcribe``, ``audio-start``, ``audio-chunk`` … and ``audio-stop``, and gets a ``transcript``. With
``obeyed``, what was said is carried out as well. ``synthesize`` is answered with sound.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from importlib.metadata import version

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, async_write_event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

from banksman_edge.errors import AudioError
from banksman_edge.log_redaction import log_failure
from banksman_edge.stream_servers.host import StreamHost
from banksman_edge.stream_servers.wyoming_sound import ChunkFeeder
from banksman_edge.stream_servers.wyoming_voice import synthesized, voice_programs
from banksman_edge.stream_servers.wyoming_wire import MAX_LINE, part, read_event
from banksman_edge.streams import Endpoint, Final, Nothing, NothingHeard, StreamEvent, Wearer
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

MAX_CLIENTS = 64
MAX_UTTERANCE_S = 120.0
ANSWER_S = 60.0
_ATTRIBUTION = Attribution("Banksman", "")
_WHISPER = Attribution("OpenAI", "https://github.com/openai/whisper")


class WyomingServer:
    """Serves an agent's ears; a :class:`Door`. ``obeyed``: orders are carried out, not only written down."""

    def __init__(self, agent: StreamHost, host: str, port: int, *, obeyed: bool = True) -> None:
        self._agent, self._host, self._wanted_port, self._obeyed = agent, host, port, obeyed
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else self._wanted_port

    async def open(self) -> None:
        """See :class:`Door`."""
        try:
            self._server = await asyncio.start_server(self._greet, self._host, self._wanted_port, limit=MAX_LINE)
        except OSError as error:
            where = f"{self._host}:{self._wanted_port}"
            raise AudioError(f"the Wyoming server cannot listen on {where}: {error.strerror}") from error

    async def close(self) -> None:
        """See :class:`Door`."""
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  for the type checker; asyncio runs this as a task
        self._tasks.add(task)
        try:
            if len(self._tasks) > MAX_CLIENTS:
                await async_write_event(Error(f"{MAX_CLIENTS} clients are connected already").event(), writer)
            else:
                await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the peer or we are going; there is nobody to tell
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client. What is wrong with one utterance is told, and the next one works; only a peer that does not
        speak Wyoming is let go."""
        dialogue = _Dialogue(self._agent, writer.get_extra_info("peername")[0], obeyed=self._obeyed)
        try:
            while event := await read_event(reader):
                try:
                    answers = await dialogue.answer(event)
                except BanksmanError as error:
                    dialogue.drop()
                    answers = [Error(str(error)).event()]
                except Exception as error:  # noqa: BLE001  the peer must not be left without a word
                    log_failure(log, f"what a Wyoming client sent ({event.type[:40]!r}) was not foreseen", error)
                    dialogue.drop()
                    answers = [Error(f"an internal error ({type(error).__name__}); see the agent's log").event()]
                for answer in answers:
                    await async_write_event(answer, writer)
        except AudioError as error:
            await async_write_event(Error(str(error)).event(), writer)
            await part(reader, writer)
        finally:
            dialogue.close()


class _Dialogue:
    """What has been said on one connection.

    Clients do not say who they are. Some connect for each utterance, so a peer is known again by its host; who speaks
    while another of the same host is connected is another device.
    """

    def __init__(self, agent: StreamHost, host: str, *, obeyed: bool) -> None:
        self._agent, self._host, self._obeyed = agent, host, obeyed
        self._device: str | None = None
        self._language: str | None = None
        self._hearing: _Hearing | None = None
        self._refused = False
        """The rest of an utterance that was answered with an error is passed over."""

    async def answer(self, event: Event) -> list[Event]:
        """What to say to an event.

        Raises:
            BanksmanError: it cannot be heard; the text says why.
        """
        if Describe.is_type(event.type):
            return [(await self._info()).event()]
        if Ping.is_type(event.type):
            return [Pong(event.data.get("text")).event()]
        if Synthesize.is_type(event.type):
            return await synthesized(self._agent.headsets, event, self._language or self._agent.site.languages[0])
        if Transcribe.is_type(event.type):
            language = event.data.get("language")
            self._language = language if isinstance(language, str) else None
        elif AudioStart.is_type(event.type):
            self.drop()
            self._refused = False
            self._hearing = self._begin()
        elif AudioChunk.is_type(event.type):
            self._feed(event)
        elif AudioStop.is_type(event.type):
            return await self._finish()
        return []

    async def _finish(self) -> list[Event]:
        """The answer to an utterance; none if it was refused already.

        Raises:
            AudioError: there was none.
        """
        refused, self._refused = self._refused, False
        hearing, self._hearing = self._hearing, None
        if hearing:
            return [await hearing.finish()]
        if refused:
            return []
        raise AudioError("audio-stop, and no sound before it; send audio-start and audio-chunk first")

    def _feed(self, event: Event) -> None:
        if self._refused:
            return
        self._hearing = self._hearing or self._begin()
        try:
            self._hearing.feed(event)
        except BanksmanError:
            self._refused = True
            raise

    def drop(self) -> None:
        """What is being said comes to nothing."""
        if self._hearing:
            self._hearing.stream.close()
            self._hearing = None

    def close(self) -> None:
        """The connection is gone, and its name is free for the next one."""
        self.drop()
        if self._device:
            self._agent.headsets.names.release(self._device)
            self._device = None

    def _begin(self) -> _Hearing:
        if self._device is None:
            self._device = self._agent.headsets.names.claim(f"wyoming {self._host}")
        return _Hearing(self._agent, self._device, Wearer(language=self._language), obeyed=self._obeyed)

    async def _info(self) -> Info:
        number, languages = version("banksman"), list(self._agent.site.languages)
        model = AsrModel("whisper", _WHISPER, True, "Whisper with the site's words", number, languages)
        does = "Hears orders and carries them out" if self._obeyed else "Hears orders"
        voices = await voice_programs(self._agent.headsets, self._agent.site.languages)
        return Info(asr=[AsrProgram("banksman", _ATTRIBUTION, True, does, number, [model])], tts=voices)


class _Hearing:
    """One utterance, from audio-start to audio-stop. One that is longer than Whisper's window comes in several."""

    def __init__(self, agent: StreamHost, device: str, wearer: Wearer, *, obeyed: bool) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._lock = threading.Lock()
        self._finals: list[Final] = []
        self._failure = ""
        self._waiting, self._seconds, self._released = 0, 0.0, False
        self.stream = agent.headsets.open(device, wearer, push_to_talk=True, obeyed=obeyed, listener=self._hear)
        self._feeder = ChunkFeeder(self.stream)
        self.stream.press()

    def feed(self, event: Event) -> None:
        """The next chunk.

        Raises:
            AudioError: it cannot be read, or there were too many.
        """
        self._seconds += self._feeder.feed(event)
        if self._seconds > MAX_UTTERANCE_S:
            raise AudioError(f"an utterance of more than {MAX_UTTERANCE_S:.0f} s is not heard; say it in parts")

    async def finish(self) -> Event:
        """The utterance is over: its transcript, empty if nobody said anything."""
        self._feeder.flush()
        self.stream.release()
        with self._lock:
            self._released = True
            if not self._waiting:
                self._over.set()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._over.wait()
        except TimeoutError:
            self._failure = f"there was no transcript within {ANSWER_S:.0f} s; say it again later"
        self.stream.close()
        if self._failure:
            return Error(self._failure).event()
        language = self._finals[0].transcript.language if self._finals else None
        return Transcript(" ".join(final.transcript.text for final in self._finals), language=language).event()

    def _hear(self, event: StreamEvent) -> None:
        """On the recogniser's thread, or ours."""
        with self._lock:
            match event:
                case Endpoint():
                    self._waiting += 1
                case Final():
                    self._waiting -= 1
                    self._finals.append(event)
                case NothingHeard(reason=Nothing.NO_WORDS | Nothing.FAILED | Nothing.HOLES):
                    self._waiting -= 1
                    self._failure = self._failure if event.reason is Nothing.NO_WORDS else event.detail
            if self._released and not self._waiting:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    self._loop.call_soon_threadsafe(self._over.set)
