"""Peers for the tests of Wyoming, of the package's own client and server: one that asks, and a satellite."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any, Self

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info
from wyoming.info import Satellite as SatelliteInfo
from wyoming.ping import Ping
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.server import AsyncEventHandler

PATIENCE_S = 60


def pcm(samples: Any, rate: int = 16000, width: int = 2, channels: int = 1) -> bytes:
    if rate != 16000:
        samples = np.interp(
            np.arange(int(len(samples) * rate / 16000)) * 16000 / rate, np.arange(len(samples)), samples
        )
    scaled = np.round(np.clip(samples, -1, 1) * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}")
    return np.repeat(scaled[:, None], channels, axis=1).tobytes()


def speaking(samples: Any, rate: int = 16000, width: int = 2, channels: int = 1) -> list[Event]:
    """What a client sends of a sound."""
    data, size = pcm(samples, rate, width, channels), 2048 * width * channels
    chunks = [AudioChunk(rate, width, channels, data[at : at + size]).event() for at in range(0, len(data), size)]
    return [AudioStart(rate, width, channels).event(), *chunks, AudioStop().event()]


def ask(port: int, *events: Event, answers: int = 1) -> list[Event]:
    """Send events on one connection and wait for so many."""

    async def talk() -> list[Event]:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            for event in events:
                await client.write_event(event)
            return [await asyncio.wait_for(client.read_event(), PATIENCE_S) or Event("gone") for _ in range(answers)]

    return asyncio.run(talk())


class Headset:
    """A satellite that streams a sound each time it is asked to run, as wyoming-satellite does after its wake word."""

    def __init__(self, sound: Any, *, dies_after: int | None = None, odd: list[Event] | None = None) -> None:
        self.sound, self.dies_after = sound, dies_after
        self.odd = odd or []
        """What it says instead of what it should, one at each connection."""
        self.received: list[Event] = []
        self.runs = 0
        self.got = threading.Condition()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._ready, self._closing = threading.Event(), asyncio.Event()
        self._handler: _SatelliteHandler | None = None

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._greet, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._closing.wait()
        server.close()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.sleep(0.05)  # in which the transports close

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._handler = _SatelliteHandler(self, reader, writer)
        with suppress(ConnectionError):  # who hangs up while it streams
            await self._handler.run()

    def send(self, event: Event) -> None:
        assert self._handler
        asyncio.run_coroutine_threadsafe(self._handler.write_event(event), self._loop).result(PATIENCE_S)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def wait(self, *kinds: str) -> list[str]:
        with self.got:
            assert self.got.wait_for(lambda: set(kinds) <= {e.type for e in self.received}, PATIENCE_S), self.received
            return [event.type for event in self.received]


class _SatelliteHandler(AsyncEventHandler):
    def __init__(self, headset: Headset, *streams: Any) -> None:
        super().__init__(*streams)
        self._headset = headset

    async def handle_event(self, event: Event) -> bool:
        with self._headset.got:
            self._headset.received.append(event)
            self._headset.got.notify_all()
        answering = "info" if Describe.is_type(event.type) else "audio-chunk" if event.type == "run-satellite" else ""
        if self._headset.odd and self._headset.odd[0].type == answering:
            await self.write_event(self._headset.odd.pop(0))
        elif Describe.is_type(event.type):
            satellite = SatelliteInfo("yard", Attribution("us", "here"), True, "a headset", "1")
            await self.write_event(Info(satellite=satellite).event())
        elif event.type == "run-satellite":
            self._headset.runs += 1
            await self.write_event(RunPipeline(PipelineStage.ASR, PipelineStage.TTS).event())
            for number, part in enumerate(speaking(self._headset.sound)[1:-1]):
                if number == self._headset.dies_after:
                    self._headset.dies_after = None
                    return False
                await self.write_event(part)
        elif Ping.is_type(event.type):
            await self.write_event(Event("pong", event.data))
        return True
