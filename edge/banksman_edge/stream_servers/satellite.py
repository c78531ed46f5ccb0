"""The other side of Wyoming: fetches the sound of a satellite, which is a microphone that waits to be asked.

As Home Assistant does it: connect, ``run-satellite``; the satellite streams, after its wake word if it has one; we
tell it when somebody speaks, and what was said, upon which it waits for its wake word again. Replies go to its
loudspeaker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, async_write_event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.pipeline import RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.vad import VoiceStarted, VoiceStopped

from banksman_edge.audio import SAMPLE_RATE, Samples, pcm16
from banksman_edge.errors import AudioError
from banksman_edge.log_redaction import log_failure
from banksman_edge.stream_servers.backoff import Backoff
from banksman_edge.stream_servers.host import StreamHost
from banksman_edge.stream_servers.real_time_pace import RealTimePace
from banksman_edge.stream_servers.wyoming_sound import ChunkFeeder
from banksman_edge.stream_servers.wyoming_wire import MAX_LINE, part, read_event
from banksman_edge.streams import LONGEST, Endpoint, Final, NothingHeard, SpeechStarted, StreamEvent, Wearer
from banksman_edge.turns import ReplyEvent
from banksman_shared.clock import SystemClock
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

ANSWER_S = 10.0
PING_S = 10.0
SILENT_S = 30.0
"""A satellite that does not even answer a ping for so long is gone."""
FIRST_RETRY_S, LAST_RETRY_S = 1.0, 30.0
PATIENCE_S = 15.0
"""Whoever woke the satellite and says nothing for so long has changed their mind."""
NO_TEXT = "stt-no-text-recognized"
"""Home Assistant's code for it."""


class Satellite:
    """Hears one satellite for as long as it is open, and connects anew when it is lost; a :class:`Door`.

    ``half_duplex``: its microphone hears its loudspeaker.
    """

    def __init__(self, agent: StreamHost, host: str, port: int, *, half_duplex: bool = True) -> None:
        self._agent, self._host, self._port, self._half_duplex = agent, host, port, half_duplex
        self._task: asyncio.Task[None] | None = None
        self._where = f"{host}:{port}"
        self._said: str | None = None
        """What it called itself last; ``_device`` is what it is called here, also while it is lost."""
        self._device = ""
        self._backoff = Backoff(FIRST_RETRY_S, LAST_RETRY_S, SystemClock())
        self._trouble = ""
        """Why it was lost last; the same reason again and again is told once."""

    async def open(self) -> None:
        """See :class:`Door`. A satellite that is not there yet is waited for."""
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """See :class:`Door`."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._device:
            self._agent.headsets.names.release(self._device)

    async def _keep(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ANSWER_S):
                    reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_LINE)
                try:
                    await self._session(reader, writer)
                finally:
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
            except (OSError, BanksmanError) as error:
                reason = str(error) or "it does not answer"
            except Exception as error:  # noqa: BLE001  one odd satellite must not be lost for good, nor in silence
                log_failure(log, f"what satellite {self._where} did was not foreseen", error)
                reason = f"it did something odd ({type(error).__name__})"
            wait_s = self._backoff.down()
            level = logging.INFO if reason == self._trouble else logging.WARNING
            log.log(level, "satellite %s is lost, trying again in %.0f s: %s", self._where, wait_s, reason)
            self._trouble = reason
            await asyncio.sleep(wait_s)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from the first word to the last.

        Raises:
            OSError, BanksmanError: it broke.
        """
        device = self._known_as(await self._name(reader, writer))
        talk = _Talk(self._agent, device, writer, half_duplex=self._half_duplex)
        pinging, wrong = asyncio.create_task(talk.ping()), False
        try:
            await async_write_event(RunSatellite().event(), writer)
            log.info("satellite %s at %s is heard", device, self._where)
            self._backoff.up()
            while event := await _next(reader, SILENT_S):
                talk.take(event)
                if self._backoff.steady:
                    self._trouble = ""
            raise AudioError("it has closed the connection")
        except BanksmanError as error:
            with contextlib.suppress(OSError):
                await async_write_event(Error(str(error)).event(), writer)
            wrong = True
            raise
        finally:
            pinging.cancel()
            talk.close()
            with contextlib.suppress(OSError):
                await async_write_event(PauseSatellite().event(), writer)
                if wrong:
                    await part(reader, writer)

    def _known_as(self, said: str) -> str:
        """What to call a satellite that calls itself so: that, unless another is called so already."""
        if said == self._said:
            return self._device
        names = self._agent.headsets.names
        if self._device:
            names.release(self._device)
        self._said, self._device = said, names.claim(said, f"{said[:40]} at {self._where}")
        if self._device != said:
            log.warning(
                "satellite %s calls itself '%s' like another device; here it is '%s', give it a name of its own",
                self._where, said, self._device,
            )  # fmt: skip
        return self._device

    async def _name(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        await async_write_event(Describe().event(), writer)
        while event := await _next(reader, ANSWER_S):
            if Info.is_type(event.type):
                satellite = event.data.get("satellite") or {}
                name = (satellite.get("name") or self._where) if isinstance(satellite, dict) else None
                if not isinstance(name, str) or not name.isprintable():
                    raise AudioError("its 'info' has no 'satellite' with a 'name'; is it a satellite?")
                return name[:LONGEST]
        raise AudioError("it has closed the connection without saying what it is")


async def _next(reader: asyncio.StreamReader, patience_s: float) -> Event | None:
    async with asyncio.timeout(patience_s):
        return await read_event(reader)


class _Talk:
    """What goes to and fro on one connection."""

    def __init__(self, agent: StreamHost, device: str, writer: asyncio.StreamWriter, *, half_duplex: bool) -> None:
        self._loop, self._writer = asyncio.get_running_loop(), writer
        self._stream = agent.headsets.open(device, Wearer(), listener=self._hear)
        self._feeder, self._pace = ChunkFeeder(self._stream), RealTimePace(SystemClock())
        self._impatience: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._reply_speech = agent.headsets.give_voice(self._stream, self, half_duplex=half_duplex)

    def take(self, event: Event) -> None:
        """What the satellite says.

        Raises:
            AudioError: its sound cannot be read.
        """
        if AudioChunk.is_type(event.type):
            self._pace.count(self._feeder.feed(event))
        elif AudioStop.is_type(event.type):
            self._feeder.flush()
            self._stream.release()
        elif RunPipeline.is_type(event.type):
            awake = event.data.get("start_stage") == "asr"
            self._be_patient(awake=awake)
            if awake and self._reply_speech:
                self._reply_speech.hush()  # the wake word is the operator's, too
        elif Ping.is_type(event.type):
            self._send(Pong(event.data.get("text")).event())

    async def ping(self) -> None:
        """See that the satellite is there, for ever."""
        with contextlib.suppress(OSError):  # whoever reads notices that the connection is gone
            while True:
                await async_write_event(Ping().event(), self._writer)
                await asyncio.sleep(PING_S)

    def close(self) -> None:
        """The satellite is gone; what was being said is no order."""
        self._be_patient(awake=False)
        if self._reply_speech:
            self._reply_speech.close()
        self._stream.close()

    def begin(self, reply: ReplyEvent) -> None:  # noqa: ARG002  satellites show no text
        """See :class:`Playback`."""
        self._send_soon(AudioStart(SAMPLE_RATE, 2, 1).event())

    def play(self, frame: Samples) -> None:
        """See :class:`Playback`."""
        self._send_soon(AudioChunk(SAMPLE_RATE, 2, 1, pcm16(frame)).event())

    def end(self, reply: ReplyEvent, *, cut: bool) -> None:  # noqa: ARG002  it has hardly more than it has played
        """See :class:`Playback`."""
        self._send_soon(AudioStop().event())

    def _send_soon(self, event: Event) -> None:
        """From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._send, event)

    def _be_patient(self, *, awake: bool) -> None:
        if self._impatience:
            self._impatience.cancel()
        give_up = Error("nobody said anything", NO_TEXT).event()
        self._impatience = self._loop.call_later(PATIENCE_S, self._send, give_up) if awake else None

    def _hear(self, event: StreamEvent) -> None:
        """On the recogniser's thread, or ours."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._tell, event)

    def _tell(self, event: StreamEvent) -> None:
        match event:
            case SpeechStarted():
                self._be_patient(awake=False)
                self._send(VoiceStarted(round(event.at * 1000)).event())
            case Endpoint():
                self._send(VoiceStopped(round(event.spoken * 1000)).event())
            case Final():
                self._send(Transcript(event.transcript.text, language=event.transcript.language).event())
            case NothingHeard():
                self._send(Error("nothing was understood", NO_TEXT).event())

    def _send(self, event: Event) -> None:
        task = self._loop.create_task(self._write(event))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _write(self, event: Event) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # whoever reads notices that the connection is gone, or ending
            await async_write_event(event, self._writer)
