"""Wyoming, with the package's own client and server as peers: as a service for Home Assistant, and fetching the sound
of a satellite."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from stream_world import in_a_room, quiet, spoken
from voice_world import NoStops, ToneSpeaker
from websockets.sync.client import connect
from wyoming.asr import Transcribe
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming_world import PATIENCE_S, Headset, ask, speaking

from banksman_edge import Agent, RecogniserError, Sound, Transcript, Verdict, WhisperRecogniser
from banksman_edge.stream_servers import wyoming_wire
from banksman_edge.stream_servers.backoff import Backoff
from banksman_edge.stream_servers.satellite import Satellite
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_edge.stream_servers.wyoming_server import WyomingServer
from banksman_edge.stream_servers.wyoming_sound import ChunkFeeder
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"


class Ears:
    """Hears the same order in every sound, unless told to fail."""

    failure: RecogniserError | None = None
    text = ORDER

    def __init__(self) -> None:
        self.sounds: list[Sound] = []

    def transcribe(self, sound: Sound) -> Transcript:
        self.sounds.append(sound)
        if self.failure:
            raise self.failure
        return Transcript(self.text, "en", 0.95)


@pytest.fixture
def shared_parts() -> Ears:
    return Ears()


@pytest.fixture
def agent(site: Site, fleet: FleetDouble, heard: Recorder, shared_parts: Ears) -> Iterator[Agent]:
    with agent_of(site, fleet, heard, recogniser=shared_parts) as agent:
        yield agent


@pytest.fixture
def service() -> Iterator[StreamService]:
    with StreamService() as service:
        yield service


@pytest.fixture
def server(agent: Agent, service: StreamService) -> WyomingServer:
    server = WyomingServer(agent, "127.0.0.1", 0)
    service.open(server)
    return server


@pytest.fixture(scope="module")
def order(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-callsign"])


def test_it_describes_itself(server: WyomingServer, site: Site) -> None:
    (answer,) = ask(server.port, Describe().event())
    (program,) = Info.from_event(answer).asr
    assert (program.name, program.installed) == ("banksman", True)
    assert program.models[0].languages == list(site.languages)


@pytest.mark.parametrize(("rate", "width", "channels"), [(16000, 2, 1), (48000, 2, 2), (8000, 2, 1), (44100, 4, 1)])
def test_what_is_said_is_written_down_and_done(
    server: WyomingServer, order: Any, fleet: FleetDouble, shared_parts: Ears, rate: int, width: int, channels: int
) -> None:
    sound = in_a_room(quiet(0.5), order, quiet(0.5))
    (answer,) = ask(server.port, Transcribe(language="en").event(), *speaking(sound, rate, width, channels))
    assert (answer.type, answer.data["text"], answer.data["language"]) == ("transcript", ORDER, "en")
    assert len(order) / 16000 < shared_parts.sounds[-1].seconds < len(order) / 16000 + 1.5
    for _ in range(1000):
        if fleet.orders:
            break
        threading.Event().wait(0.02)
    assert len(fleet.given(1)) == 1


def test_who_only_wants_to_know_what_was_said_moves_nothing(
    agent: Agent, service: StreamService, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    server = WyomingServer(agent, "127.0.0.1", 0, obeyed=False)
    service.open(server)
    (answer,) = ask(server.port, *speaking(in_a_room(order, quiet(0.5))))
    assert answer.data["text"] == ORDER
    agent.say("where is forklift one")
    assert len(heard.of("utterance")) == 1
    assert fleet.orders == []


def test_silence_is_an_empty_transcript(server: WyomingServer) -> None:
    (answer,) = ask(server.port, *speaking(quiet(2)))
    assert (answer.type, answer.data["text"]) == ("transcript", "")


def test_several_utterances_on_one_connection(server: WyomingServer, order: Any) -> None:
    sound = in_a_room(order, quiet(0.3))
    answers = ask(server.port, *speaking(sound), Ping("x").event(), *speaking(sound), answers=3)
    assert [answer.type for answer in answers] == ["transcript", "pong", "transcript"]
    assert answers[1].data["text"] == "x"


def test_more_than_whisper_s_window_comes_as_one_transcript(server: WyomingServer, order: Any) -> None:
    (answer,) = ask(server.port, *speaking(np.concatenate([in_a_room(order, quiet(0.2))] * 16)))
    assert answer.data["text"] == f"{ORDER} {ORDER}"


def chunk(rate: Any = 16000, width: Any = 2, channels: Any = 1, payload: bytes = bytes(640)) -> Event:
    return Event("audio-chunk", {"rate": rate, "width": width, "channels": channels}, payload)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (chunk(rate=0), "0 Hz"),
        (chunk(rate=-16000), "-16000 Hz"),
        (chunk(channels=-1), "PCM of -1 channels is not read"),
        (chunk(rate=10**9), "a sound of 1000000000 Hz is not heard"),
        (chunk(width=7), "PCM of 7 bytes a sample is not read"),
        (chunk(channels=0), "PCM of 0 channels is not read"),
        (chunk(payload=b"abc"), "a chunk of 3 bytes is no whole number of samples"),
        (chunk(rate="16000"), "needs 'rate', 'width' and 'channels', which are whole numbers"),
        (chunk(rate=None), "which are whole numbers"),
        (chunk(width=True), "which are whole numbers"),
        (chunk(channels=[1]), "which are whole numbers"),
        (chunk(rate="fast"), "needs 'rate', 'width' and 'channels'"),
        (Event("audio-chunk", {}, b"ab"), "needs 'rate', 'width' and 'channels'"),
    ],
)
def test_broken_sound_is_one_error_and_the_next_utterance_works(
    server: WyomingServer, order: Any, broken: Event, reason: str
) -> None:
    start, *rest = speaking(in_a_room(order, quiet(0.3)))
    error, transcript = ask(server.port, start, broken, broken, *rest, start, *rest, answers=2)
    assert error.type == "error"
    assert reason in error.data["text"]
    assert (transcript.type, transcript.data["text"]) == ("transcript", ORDER)


@pytest.mark.parametrize(
    ("rate", "width", "channels"), [(8000, 1, 1), (44100, 2, 2), (48000, 4, 2), (22050, 3, 1), (48000, 2, 1)]
)
def test_sound_of_other_formats_is_heard(
    server: WyomingServer, order: Any, rate: int, width: int, channels: int
) -> None:
    sound = in_a_room(order, quiet(0.3))
    at = np.arange(0, len(sound), 16000 / rate)
    wide = np.repeat(np.interp(at, np.arange(len(sound)), sound), channels)
    numbers = np.round(wide * (2 ** (8 * width - 1) - 1)).astype("<i4")
    data = (numbers + 128).astype("u1") if width == 1 else numbers.view("u1").reshape(-1, 4)[:, :width]
    payload, size = data.tobytes(), rate // 10 * width * channels
    blocks = [chunk(rate, width, channels, payload[i : i + size]) for i in range(0, len(payload), size)]
    (answer,) = ask(server.port, *blocks, Event("audio-stop", {}))
    assert (answer.type, answer.data.get("text")) == ("transcript", ORDER)


def test_a_stop_without_sound_is_one_error_and_the_next_utterance_works(server: WyomingServer, order: Any) -> None:
    stop = Event("audio-stop", {})
    error, transcript = ask(server.port, stop, *speaking(in_a_room(order, quiet(0.3))), answers=2)
    assert (error.type, "send audio-start and audio-chunk first" in error.data["text"]) == ("error", True)
    assert transcript.data["text"] == ORDER


def test_an_empty_line_does_not_end_a_connection(server: WyomingServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
        connection.sendall(b'\n \r\n{"type": "ping", "data": {"text": "still there"}}\n')
        assert b'"pong"' in connection.recv(4096)


def test_recognition_that_fails_is_one_error(server: WyomingServer, order: Any, shared_parts: Ears) -> None:
    shared_parts.failure = RecogniserError("the model is broken")
    (error,) = ask(server.port, *speaking(in_a_room(order, quiet(0.3))))
    assert (error.type, error.data["text"]) == ("error", "the model is broken")


def raw(port: int, data: bytes) -> bytes:
    """Everything that the server says to these bytes before it hangs up."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "not a Wyoming event"),
        (b'{"type": "audio-chunk", "payload_length": 999999999999}\n', "999999999999 bytes of payload is not taken"),
        (b'{"type": "x", "data_length": 70000}\n', "70000 bytes of data is not taken"),
        (b'{"type": "x", "payload_length": -1}\n', "-1 bytes of payload"),
        (b'{"type": 5}\n', "not a Wyoming event"),
        (b"x" * 200_000, "not a Wyoming event"),
    ],
)
def test_what_is_no_wyoming_gets_one_error_and_no_memory(
    server: WyomingServer, order: Any, data: bytes, reason: str
) -> None:
    answer = raw(server.port, data)
    text = json.loads(answer[answer.index(b"\n") + 1 :])["text"]
    assert reason in text
    assert ask(server.port, *speaking(in_a_room(order, quiet(0.3))))[0].data["text"] == ORDER


def test_a_socket_that_dies_in_the_middle_of_a_word_moves_nothing(
    server: WyomingServer, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    ask(server.port, *speaking(in_a_room(order))[:-1], answers=0)
    assert ask(server.port, *speaking(in_a_room(order, quiet(0.3))))[0].data["text"] == ORDER
    heard.until(lambda e: e.name == "decision")
    assert len(heard.of("utterance")) == len(fleet.given()) == 1


def test_real_speech_through_the_real_recogniser(
    recogniser: WhisperRecogniser, site: Site, fleet: FleetDouble, heard: Recorder, speech: dict[str, Sound]
) -> None:
    with agent_of(site, fleet, heard, recogniser=recogniser) as agent, StreamService() as service:
        server = WyomingServer(agent, "127.0.0.1", 0)
        service.open(server)
        (answer,) = ask(server.port, *speaking(speech["es-stop"].samples, 48000, 2, 2))
        assert "paren" in answer.data["text"].casefold()
        assert answer.data["language"] == "es"
        assert heard.until(lambda e: e.name == "decision").verdict is Verdict.ACCEPT


# Who is who


@contextmanager
def clients(port: int, count: int) -> Iterator[list[Client]]:
    """So many connections from one host at once."""
    with ExitStack() as opened:
        yield [opened.enter_context(closing(Client(port))) for _ in range(count)]


class Client:
    """One connection that stays open; its own event loop, so that tests may take turns."""

    def __init__(self, port: int) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncTcpClient("127.0.0.1", port)
        self._runner.run(self._client.connect())

    def send(self, *events: Event) -> None:
        async def write() -> None:
            for event in events:
                await self._client.write_event(event)

        self._runner.run(write())

    def answer(self) -> Event:
        async def read() -> Event:
            return await asyncio.wait_for(self._client.read_event(), PATIENCE_S) or Event("gone")

        return self._runner.run(read())

    def close(self) -> None:
        self._runner.run(self._client.disconnect())
        self._runner.close()


def test_the_same_words_on_two_connections_of_one_host_act_once(
    server: WyomingServer, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    start, *chunks, stop = speaking(in_a_room(quiet(0.5), order, quiet(0.5)))
    with clients(server.port, 2) as (one, two):
        one.send(start)
        two.send(start)
        for chunk in chunks:
            one.send(chunk)
            two.send(chunk)
        one.send(stop)
        two.send(stop)
        assert [client.answer().data["text"] for client in (one, two)] == [ORDER, ORDER]
        heard.until(lambda _e: len(heard.of("decision")) == 2)
    assert sorted(e.verdict for e in heard.of("decision")) == [Verdict.ACCEPT, Verdict.REJECT]
    assert [e.reason for e in heard.of("decision") if "which count once" in e.reason]
    assert len(fleet.given(1)) == 1


def test_a_yes_on_one_connection_does_not_answer_the_question_on_another(
    server: WyomingServer, speech: dict[str, Sound], fleet: FleetDouble, heard: Recorder, shared_parts: Ears
) -> None:
    told: list[str] = []
    voices = iter(("en-callsign", "pt-move", "en-stop", "es-stop"))

    def say(client: Client, text: str) -> Verdict:
        shared_parts.text = text
        sound = in_a_room(quiet(0.2), spoken(speech[next(voices)]), quiet(0.2))
        time.sleep(len(sound) / 16000)  # in which it is said: what was said before a question is no answer to it
        client.send(*speaking(sound))
        assert client.answer().data["text"] == text
        told.append(text)
        heard.until(lambda _e: len(heard.of("decision")) == len(told))
        return Verdict(heard.of("decision")[-1].verdict)

    with clients(server.port, 1) as (two,):
        assert say(two, "forklift three, go to dock two") is Verdict.ACCEPT
        with clients(server.port, 1) as (one,):
            assert say(one, "everybody park") is Verdict.CONFIRM
        with clients(server.port, 1) as (again,):  # whoever connects for each utterance is known again
            assert say(two, "yes") is not Verdict.ACCEPT
            assert len(fleet.given(1)) == 1
            assert say(again, "yes") is Verdict.ACCEPT
    first, second, *_ = [e.device for e in heard.of("utterance")]
    assert [e.device for e in heard.of("utterance")] == [first, second, first, second]
    assert len(fleet.given(2)) == 2


# Satellites


def test_a_satellite_is_heard_and_told_what_it_said(
    agent: Agent, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    with Headset(in_a_room(quiet(1), order, quiet(2))) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        assert heard.until(lambda e: e.name == "decision").verdict is Verdict.ACCEPT
        kinds = headset.wait("transcript")
        telling = [kind for kind in kinds if kind != "ping"]
        assert telling == ["describe", "run-satellite", "voice-started", "voice-stopped", "transcript"]
        assert next(e for e in headset.received if e.type == "transcript").data["text"] == ORDER
    assert heard.of("utterance")[0].device == "yard"
    assert len(fleet.given(1)) == 1


def test_a_satellite_that_is_lost_in_the_middle_of_a_word_is_found_again_and_nothing_is_done_twice(
    agent: Agent, order: Any, fleet: FleetDouble, heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.FIRST_RETRY_S", 0.05)
    with Headset(in_a_room(quiet(1), order, quiet(2)), dies_after=15) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        heard.until(lambda e: e.name == "decision")
        headset.wait("transcript")
    assert headset.runs == 2
    assert len(fleet.given()) == len(heard.of("utterance")) == 1


def test_a_satellite_in_which_nothing_was_said_waits_for_its_wake_word_again(
    agent: Agent, fleet: FleetDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.PATIENCE_S", 0.1)
    with Headset(quiet(1)) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        headset.wait("error")
        error = next(e for e in headset.received if e.type == "error")
        assert error.data["code"] == "stt-no-text-recognized"
    assert fleet.orders == []


def test_a_satellite_that_is_not_there_yet_is_waited_for(
    agent: Agent, order: Any, heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.FIRST_RETRY_S", 0.05)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    with StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", port))
        headset = Headset(in_a_room(quiet(1), order, quiet(2)))
        headset.port = port
        with headset:
            assert heard.until(lambda e: e.name == "decision").verdict is Verdict.ACCEPT


def test_a_satellite_says_the_reply(agent: Agent, order: Any, fleet: FleetDouble, heard: Recorder) -> None:
    agent.headsets.spot_stops(NoStops())
    agent.headsets.speak_with(ToneSpeaker(0.5))
    with Headset(in_a_room(quiet(1), order, quiet(2))) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        headset.wait("transcript", "audio-start", "audio-stop")
        sound = [e for e in headset.received if e.type == "audio-chunk"]
        assert {(e.data["rate"], e.data["width"], e.data["channels"]) for e in sound} == {(16000, 2, 1)}
        assert sum(len(e.payload or b"") for e in sound) == 2 * 2 * int(0.65 * 16000)
    assert len(fleet.given(1)) == 1


def test_a_wake_word_cuts_the_reply_that_a_satellite_is_saying(
    agent: Agent, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    agent.headsets.spot_stops(NoStops())
    agent.headsets.speak_with(ToneSpeaker(30.0))
    with Headset(in_a_room(quiet(1), order, quiet(2))) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        headset.wait("audio-start", "audio-chunk")
        headset.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS).event())
        headset.wait("audio-stop")
        assert sum(len(e.payload or b"") for e in headset.received if e.type == "audio-chunk") < 2 * 16000 * 10


def test_two_satellites_of_one_name_are_two_devices_and_each_is_answered_itself(
    agent: Agent, order: Any, fleet: FleetDouble, heard: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    agent.headsets.spot_stops(NoStops())
    agent.headsets.speak_with(ToneSpeaker(0.1))
    with Headset(quiet(0.1)) as one, Headset(quiet(0.1)) as two, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", one.port))
        one.wait("run-satellite")
        service.open(Satellite(agent, "127.0.0.1", two.port))
        two.wait("run-satellite")
        for part in speaking(in_a_room(quiet(1), order, quiet(2))):
            one.send(part)
            two.send(part)
        heard.until(lambda _e: len(heard.of("decision")) == 2)
        (done,) = [e.id for e in heard.of("decision") if e.verdict is Verdict.ACCEPT]
        (asker,) = [e.device for e in heard.of("utterance") if e.id == done]
        (one if asker == "yard" else two).wait("transcript", "audio-stop")  # of twins, only what is done is answered
        assert "audio-start" not in (two if asker == "yard" else one).wait("transcript")
    assert {e.device for e in heard.of("utterance")} == {"yard", f"yard at 127.0.0.1:{two.port}"}
    assert sorted(e.verdict for e in heard.of("decision")) == [Verdict.ACCEPT, Verdict.REJECT]
    assert len(fleet.given(1)) == 1
    assert len([r for r in caplog.records if "calls itself 'yard' like another device" in r.message]) == 1


def test_a_satellite_keeps_its_name_while_it_is_lost(
    agent: Agent, order: Any, heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.FIRST_RETRY_S", 0.05)
    lost = Headset(in_a_room(quiet(1), order, quiet(2)), dies_after=1)
    with lost, Headset(quiet(0.1)) as other, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", lost.port))
        lost.wait("run-satellite")
        service.open(Satellite(agent, "127.0.0.1", other.port))
        other.wait("run-satellite")
        assert heard.until(lambda e: e.name == "utterance").device == "yard"
    assert lost.runs == 2


def test_a_headset_does_not_get_the_name_of_a_satellite(agent: Agent, order: Any) -> None:
    def greet(port: int) -> dict[str, Any]:
        with connect(f"ws://127.0.0.1:{port}", open_timeout=PATIENCE_S) as headset:
            headset.send(json.dumps({"type": "hello", "device": "yard"}))
            answer: dict[str, Any] = json.loads(headset.recv(PATIENCE_S))
            return answer

    with Headset(quiet(0.1)) as satellite, StreamService() as service:
        websocket = WebsocketServer(agent, "127.0.0.1", 0)
        service.open(websocket)
        assert [greet(websocket.port)["type"] for _ in range(2)] == ["ready", "ready"]
        service.open(Satellite(agent, "127.0.0.1", satellite.port))
        satellite.wait("run-satellite")
        assert greet(websocket.port)["message"].startswith("another microphone or satellite is called 'yard'")


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (Event("info", {"satellite": "yard"}), "its 'info' has no 'satellite' with a 'name'"),
        (Event("info", {"satellite": {"name": ["yard"]}}), "its 'info' has no 'satellite' with a 'name'"),
        (Event("info", {"satellite": {"name": "yard\nstop"}}), "its 'info' has no 'satellite' with a 'name'"),
        (chunk(rate="16000"), "which are whole numbers"),
        (chunk(rate=10**9), "a sound of 1000000000 Hz is not heard"),
        (chunk(payload=b"abc"), "no whole number of samples"),
    ],
)
def test_an_odd_event_of_a_satellite_is_told_once_and_it_is_found_again(
    agent: Agent,
    order: Any,
    heard: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    odd: Event,
    reason: str,
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.FIRST_RETRY_S", 0.02)
    with Headset(in_a_room(quiet(1), order, quiet(2)), odd=[odd] * 3) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        assert heard.until(lambda e: e.name == "decision").verdict is Verdict.ACCEPT
        told = [e.data["text"] for e in headset.received if e.type == "error"]
    assert headset.odd == []
    assert len([r for r in caplog.records if reason in r.getMessage() and r.levelname == "WARNING"]) == 1
    if odd.type == "audio-chunk":
        assert [reason in text for text in told] == [True] * 3


def test_a_satellite_that_does_what_nobody_foresaw_is_told_of_and_found_again(
    agent: Agent, order: Any, heard: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("banksman_edge.stream_servers.satellite.FIRST_RETRY_S", 0.02)
    read, failures = wyoming_wire.read_event, [RuntimeError("odd"), RecogniserError("the agent is deaf")]

    async def misread(reader: asyncio.StreamReader) -> Event | None:
        if failures:
            raise failures.pop(0)
        return await read(reader)

    monkeypatch.setattr("banksman_edge.stream_servers.satellite.read_event", misread)
    with Headset(in_a_room(quiet(1), order, quiet(2))) as headset, StreamService() as service:
        service.open(Satellite(agent, "127.0.0.1", headset.port))
        assert heard.until(lambda e: e.name == "decision").verdict is Verdict.ACCEPT
    said = [r.getMessage() for r in caplog.records if "is lost" in r.getMessage()]
    assert ["it did something odd (RuntimeError)" in said[0], "the agent is deaf" in said[1]] == [True, True]


def test_a_client_that_does_what_nobody_foresaw_gets_one_error_and_is_heard_again(
    server: WyomingServer, order: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    feed, failures = ChunkFeeder.feed, [RuntimeError("odd")]

    def fail(self: ChunkFeeder, event: Event) -> float:
        if failures:
            raise failures.pop()
        return feed(self, event)

    monkeypatch.setattr(ChunkFeeder, "feed", fail)
    start, *rest = speaking(in_a_room(order, quiet(0.3)))
    error, *_, transcript = ask(server.port, start, rest[0], start, *rest, answers=2)
    assert (error.type, error.data["text"]) == ("error", "an internal error (RuntimeError); see the agent's log")
    assert (transcript.type, transcript.data["text"]) == ("transcript", ORDER)
    assert "was not foreseen" in caplog.text


def test_what_fails_at_once_is_tried_ever_less_often_and_what_held_for_a_while_soon() -> None:
    clock = ManualClock()
    backoff = Backoff(1.0, 30.0, clock)
    waits = []
    for _ in range(7):
        backoff.up()  # it can be connected to, and fails on its first sound
        waits.append(backoff.down())
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    clock.advance(100)
    assert backoff.down() == 30
    backoff.up()
    clock.advance(30)
    assert [backoff.down(), backoff.down()] == [1, 2]
