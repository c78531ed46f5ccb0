"""Replies as sound, to real peers: the headset that spoke hears them, and nobody else; they fall silent for whoever
speaks; a loudspeaker beside a microphone gives no orders."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from stream_world import in_a_room, quiet, spoken
from voice_world import NEEDS_ESPEAK, PATIENCE_S, NoStops, ToneSpeaker
from websockets.sync.client import ClientConnection, connect
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.tts import Synthesize, SynthesizeVoice

from banksman_edge import Agent, Sound, Transcript
from banksman_edge.audio.levels import Trouble
from banksman_edge.errors import SynthesisError
from banksman_edge.replies.reply_urgency import Urgency
from banksman_edge.stream_servers.local_voice import speak_locally
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_edge.stream_servers.wyoming_server import WyomingServer
from banksman_edge.tts import Espeak
from banksman_edge.turns.events import ReplyEvent
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"
BLOCK = 1024


class OrderEars:
    """Hears the same order in every sound."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(ORDER, "en", 0.95)


@pytest.fixture
def speaker() -> ToneSpeaker:
    return ToneSpeaker()


@pytest.fixture
def agent(site: Site, fleet: FleetDouble, heard: Recorder, speaker: ToneSpeaker) -> Iterator[Agent]:
    with agent_of(site, fleet, heard, recogniser=OrderEars()) as agent:
        agent.headsets.speak_with(speaker)
        yield agent


@pytest.fixture
def service() -> Iterator[StreamService]:
    with StreamService() as service:
        yield service


@pytest.fixture(scope="module")
def order(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-callsign"])


@dataclass
class Worn:
    """A headset on a websocket, what it was told and what it played since the last :meth:`until`."""

    connection: ClientConnection
    told: list[dict[str, Any]] = field(default_factory=list)
    played: list[bytes] = field(default_factory=list)

    def speak(self, samples: Any) -> None:
        data = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        for at in range(0, len(data), BLOCK):
            self.connection.send(data[at : at + BLOCK])

    def until(self, kind: str) -> dict[str, Any]:
        """The next message of a type."""
        self.played.clear()
        while True:
            message = self.connection.recv(timeout=PATIENCE_S)
            if isinstance(message, bytes):
                self.played.append(message)
            else:
                self.told.append(json.loads(message))
                if self.told[-1]["type"] == kind:
                    return self.told[-1]

    def kinds(self) -> list[str]:
        """Of what was told, but that a machine that is busy with other tests did not keep up."""
        return [message["type"] for message in self.told if message.get("trouble") != Trouble.UNWATCHED]


class Wardrobe:
    def __init__(self, port: int, stack: ExitStack) -> None:
        self._port, self._stack = port, stack

    def wear(self, device: str = "headset-1", **hello: Any) -> Worn:
        connection = self._stack.enter_context(connect(f"ws://127.0.0.1:{self._port}", open_timeout=PATIENCE_S))
        connection.send(json.dumps({"type": "hello", "device": device, **hello}))
        worn = Worn(connection)
        worn.until("ready")
        return worn


@pytest.fixture
def wardrobe(agent: Agent, service: StreamService) -> Iterator[Wardrobe]:
    server = WebsocketServer(agent, "127.0.0.1", 0)
    service.open(server)
    with ExitStack() as stack:
        yield Wardrobe(server.port, stack)


def test_the_headset_that_spoke_hears_the_reply_and_no_other(
    wardrobe: Wardrobe, order: Any, speaker: ToneSpeaker
) -> None:
    one, other = wardrobe.wear("one", playback="full_duplex"), wardrobe.wear("other", playback="full_duplex")
    assert one.told[0]["voice"] is True
    one.speak(in_a_room(quiet(0.5), order, quiet(1)))
    begun = one.until("speech")
    assert begun == {"type": "speech", "id": begun["id"], "text": "Forklift 3: going to dock 2.", "language": "en"}
    assert one.until("speech_end") == {"type": "speech_end", "id": begun["id"], "cut": False}
    said = np.frombuffer(b"".join(one.played), "<i2")
    assert speaker.said == ["Forklift 3:", "going to dock 2."]
    assert np.abs(said).max() == pytest.approx(0.3 * 32767, abs=2)
    assert len(said) == 2 * int((speaker.seconds + 0.15) * 16000)
    assert max(map(len, one.played)) == 640
    other.connection.send("nonsense")
    other.until("error")
    assert other.kinds() == ["ready", "error"]
    assert other.played == []


def test_who_wants_text_gets_text(wardrobe: Wardrobe, order: Any, speaker: ToneSpeaker) -> None:
    worn = wardrobe.wear()
    assert worn.told[0]["voice"] is False
    worn.speak(in_a_room(quiet(0.5), order, quiet(1)))
    assert worn.until("reply")["text"] == "Forklift 3: going to dock 2."
    assert speaker.said == []


def test_a_reply_ends_when_its_operator_speaks_and_what_they_say_is_heard(
    wardrobe: Wardrobe, agent: Agent, order: Any, speaker: ToneSpeaker, fleet: FleetDouble
) -> None:
    speaker.seconds = 30.0
    worn = wardrobe.wear(playback="full_duplex")
    agent.headsets.reply(ReplyEvent("u", "A long story", "en", "headset-1"))
    worn.until("speech")
    worn.speak(in_a_room(quiet(0.2), order, quiet(1)))
    worn.until("speech_started")
    assert worn.until("speech_end")["cut"] is True
    assert len(worn.played) <= 2  # frames of 20 ms that were on their way
    worn.until("reply")
    assert len(fleet.orders) == 1


def test_a_loudspeaker_beside_a_microphone_gives_no_orders(
    wardrobe: Wardrobe, agent: Agent, order: Any, speaker: ToneSpeaker, fleet: FleetDouble, heard: Recorder
) -> None:
    speaker.seconds = 1.5
    agent.headsets.spot_stops(NoStops())
    worn = wardrobe.wear(playback="half_duplex")
    agent.headsets.reply(ReplyEvent("u", "Forklift 3", "en", "headset-1"))
    worn.until("speech")
    worn.speak(in_a_room(order))  # what the microphone hears of it
    assert worn.until("speech_end")["cut"] is False
    worn.speak(quiet(1))
    worn.connection.send("nonsense")
    worn.until("error")
    assert worn.kinds() == ["ready", "speech", "speech_end", "error"]
    assert (fleet.orders, heard.of("utterance")) == ([], [])
    while any(stream._echoed for stream in agent.headsets._streams):
        threading.Event().wait(0.01)  # the echo dies away
    worn.speak(in_a_room(quiet(1), order, quiet(1)))
    worn.until("reply")
    assert len(fleet.orders) == 1


def test_where_nobody_looks_for_stop_words_a_half_duplex_headset_without_a_button_gets_text(
    wardrobe: Wardrobe, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        worn = [wardrobe.wear(device, playback="half_duplex") for device in ("one", "two")]
    assert [one.told[0]["voice"] for one in worn] == [False, False]
    (record,) = caplog.records
    assert "replies on one are text only" in record.message
    assert wardrobe.wear("button", playback="half_duplex", push_to_talk=True).told[0]["voice"]
    assert wardrobe.wear("full", playback="full_duplex").told[0]["voice"]


def test_a_stop_word_over_a_reply_is_obeyed_and_the_reply_falls_silent(
    site: Site, fleet: FleetDouble, heard: Recorder, service: StreamService, speaker: ToneSpeaker, order: Any
) -> None:
    class Spotter:
        """Hears a stop in whatever is as loud as this."""

        window_s, hop_s, threshold = 0.5, 0.1, 0.5
        words = frozenset[str]()

        def probability(self, window: Any) -> float:
            return float(np.abs(window).max() > 0.9)

    speaker.seconds = 30.0
    with agent_of(site, fleet, heard, recogniser=OrderEars()) as agent, ExitStack() as stack:
        agent.headsets.spot_stops(Spotter())
        agent.headsets.speak_with(speaker)
        server = WebsocketServer(agent, "127.0.0.1", 0)
        service.open(server)
        worn = Wardrobe(server.port, stack).wear(playback="half_duplex")
        agent.headsets.reply(ReplyEvent("u", "A long story", "en", "headset-1"))
        worn.until("speech")
        worn.speak(in_a_room(5 * order[:8000], quiet(0.2)))
        assert worn.until("speech_end")["cut"] is True
        speaker.seconds = 0.1
        assert worn.until("speech")["text"] == "Holding all vehicles."
        assert {reply.urgency for reply in heard.of("reply")} == {Urgency.ALARM}
        assert len(fleet.orders) == 1


def test_speech_that_fails_leaves_the_text(wardrobe: Wardrobe, agent: Agent, speaker: ToneSpeaker) -> None:
    worn = wardrobe.wear(playback="full_duplex")
    agent.headsets.reply(ReplyEvent("u", "fail", "en", "headset-1"))
    agent.headsets.reply(ReplyEvent("v", "spoken", "en", "headset-1"))
    assert worn.until("speech")["id"] == "v"


def test_a_headset_that_connects_anew_hears_replies(wardrobe: Wardrobe, agent: Agent, speaker: ToneSpeaker) -> None:
    speaker.seconds = 30.0
    wardrobe.wear(playback="full_duplex")
    agent.headsets.reply(ReplyEvent("u", "A long story", "en", "headset-1"))
    again = wardrobe.wear(playback="full_duplex")
    agent.headsets.reply(ReplyEvent("v", "short", "en", "headset-1"))
    assert again.until("speech")["text"] == "short"


def test_a_playback_that_does_not_exist_is_refused(wardrobe: Wardrobe) -> None:
    with pytest.raises(Exception, match="the first message is no hello"):
        wardrobe.wear(playback="stereo")


@NEEDS_ESPEAK
def test_the_whole_way_with_espeak(wardrobe: Wardrobe, agent: Agent, order: Any) -> None:
    agent.headsets.speak_with(Espeak())
    worn = wardrobe.wear(playback="full_duplex", language="de")
    worn.speak(in_a_room(quiet(0.5), order, quiet(1)))
    worn.until("speech")
    worn.until("speech_end")
    seconds = sum(map(len, worn.played)) / 32000
    assert 1 < seconds < 5


def test_a_machine_without_a_loudspeaker_answers_its_microphone_in_text(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    stream = agent.headsets.open("microphone")
    with speak_locally(agent.headsets, stream, half_duplex=True) as reply_speech:
        assert reply_speech is None
    assert "replies to the microphone are text only: no microphone support" in caplog.text


def test_a_machine_with_a_loudspeaker_speaks_beside_its_microphone(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Output:
        PortAudioError = OSError

        def OutputStream(self, **options: Any) -> Any:  # noqa: N802  its name
            self.callback = options["callback"]
            return self

        def start(self) -> None:
            self.started = True

        def close(self) -> None:
            self.started = False

        def loudness(self) -> float:
            out = np.zeros((320, 1), np.float32)
            self.callback(out, 320, None, None)
            return float(np.abs(out).max())

    output = Output()
    monkeypatch.setitem(sys.modules, "sounddevice", output)  # type: ignore[arg-type]
    stream = agent.headsets.open("microphone")
    with speak_locally(agent.headsets, stream, half_duplex=True) as reply_speech:
        assert reply_speech is None  # and the loudspeaker is given back
    assert not output.started
    agent.headsets.spot_stops(NoStops())
    with speak_locally(agent.headsets, stream, half_duplex=True) as reply_speech:
        assert reply_speech
        assert output.started
        agent.headsets.reply(ReplyEvent("u", "done", "en", "microphone"))
        while output.loudness() < 0.2:
            threading.Event().wait(0.01)
    assert not output.started


# Wyoming


def ask(port: int, *events: Event, until: str) -> list[Event]:
    async def talk() -> list[Event]:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            for event in events:
                await client.write_event(event)
            answers = []
            while not answers or answers[-1].type != until:
                answers.append(await asyncio.wait_for(client.read_event(), PATIENCE_S) or Event(until))
            return answers

    return asyncio.run(talk())


@pytest.fixture
def wyoming(agent: Agent, service: StreamService) -> WyomingServer:
    server = WyomingServer(agent, "127.0.0.1", 0)
    service.open(server)
    return server


def test_wyoming_clients_are_told_of_the_voice_and_can_use_it(
    wyoming: WyomingServer, speaker: ToneSpeaker, site: Site
) -> None:
    (info,) = ask(wyoming.port, Describe().event(), until="info")
    (program,) = Info.from_event(info).tts
    assert program.voices[0].languages == list(site.languages)
    speaker.seconds = 0.2
    wanted = Synthesize("Forklift 3: done.", SynthesizeVoice(language="de-DE"))
    start, *chunks, _stop = ask(wyoming.port, wanted.event(), until="audio-stop")
    assert start.data == {"rate": 16000, "width": 2, "channels": 1, "timestamp": None}
    assert {chunk.type for chunk in chunks} == {"audio-chunk"}
    assert sum(len(chunk.payload or b"") for chunk in chunks) == 2 * 3200
    assert speaker.said == ["Forklift 3: done."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"text": ""}, "needs a 'text' of 1 to 1000 characters"),
        ({}, "needs a 'text'"),
        ({"text": "x" * 1001}, "needs a 'text'"),
        ({"text": "fail", "voice": ["odd"]}, "no voice today"),
        ({"text": "hello", "voice": {"language": "xx"}}, "no voice here speaks 'xx'"),
    ],
)
def test_what_cannot_be_synthesized_is_one_error_and_the_next_text_is_spoken(
    wyoming: WyomingServer, data: dict[str, Any], reason: str
) -> None:
    broken, good = Event("synthesize", data), Synthesize("good").event()
    error, start, *_ = ask(wyoming.port, broken, good, until="audio-stop")
    assert error.type == "error"
    assert reason in error.data["text"]
    assert start.type == "audio-start"


@NEEDS_ESPEAK
@pytest.mark.parametrize("language", ["de\0", "../../x", "-x", "x" * 5000])
def test_a_language_that_nobody_speaks_reaches_no_program(wyoming: WyomingServer, agent: Agent, language: str) -> None:
    agent.headsets.speak_with(Espeak())
    odd = Event("synthesize", {"text": "hello", "voice": {"language": language}})
    error, start, *_ = ask(wyoming.port, odd, Synthesize("good").event(), until="audio-stop")
    assert "no voice here speaks" in error.data["text"]
    assert len(error.data["text"]) < 100
    assert start.type == "audio-start"


def test_while_a_voice_is_asked_what_it_speaks_other_clients_are_answered(
    wyoming: WyomingServer, speaker: ToneSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow(_language: str) -> bool:
        asked.set()
        return go.wait(PATIENCE_S)

    monkeypatch.setattr(speaker, "speaks", slow)
    with ThreadPoolExecutor(2) as pool:
        describing = pool.submit(ask, wyoming.port, Describe().event(), until="info")
        assert asked.wait(PATIENCE_S)
        pinging = pool.submit(ask, wyoming.port, Ping("are you there").event(), until="pong")
        try:
            assert pinging.result(10)[0].data["text"] == "are you there"
            assert not describing.done()
        finally:
            go.set()
        assert len(Info.from_event(describing.result()[0]).tts) == 1


def test_a_voice_that_cannot_be_asked_is_none(
    wyoming: WyomingServer, speaker: ToneSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_language: str) -> bool:
        raise SynthesisError("espeak-ng did not end within 5 s and was ended")

    monkeypatch.setattr(speaker, "speaks", fail)
    (info,) = ask(wyoming.port, Describe().event(), until="info")
    assert Info.from_event(info).tts == []
    (error,) = ask(wyoming.port, Synthesize("x").event(), until="error")
    assert "did not end" in error.data["text"]


def test_without_a_voice_wyoming_clients_are_told_what_to_install(
    site: Site, fleet: FleetDouble, heard: Recorder, service: StreamService
) -> None:
    with agent_of(site, fleet, heard, recogniser=OrderEars()) as mute:
        server = WyomingServer(mute, "127.0.0.1", 0)
        service.open(server)
        (info,) = ask(server.port, Describe().event(), until="info")
        assert Info.from_event(info).tts == []
        (error,) = ask(server.port, Synthesize("x").event(), until="error")
        assert "install espeak-ng" in error.data["text"]
