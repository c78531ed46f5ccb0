"""The websocket server with a real client: what it is told, and how it takes what is wrong."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from stream_world import in_a_room, quiet, spoken
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from banksman_edge import Agent, AudioError, Sound, Transcript, Verdict
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"
PATIENCE_S = 60


class Ears:
    """Hears the same order in every sound."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(ORDER, "en", 0.95)


@pytest.fixture
def agent(site: Site, fleet: FleetDouble, heard: Recorder) -> Iterator[Agent]:
    with agent_of(site, fleet, heard, recogniser=Ears()) as agent:
        yield agent


@pytest.fixture
def server(agent: Agent) -> Iterator[WebsocketServer]:
    with StreamService() as service:
        server = WebsocketServer(agent, "127.0.0.1", 0)
        service.open(server)
        yield server


Client = Callable[..., ClientConnection]


@pytest.fixture
def client(server: WebsocketServer) -> Iterator[Client]:
    """Connects and says hello."""
    with ExitStack() as opened:

        def greet(device: str = "headset-1", **hello: Any) -> ClientConnection:
            connection = opened.enter_context(connect(f"ws://127.0.0.1:{server.port}", open_timeout=PATIENCE_S))
            connection.send(json.dumps({"type": "hello", "device": device, **hello}))
            return connection

        yield greet


@pytest.fixture(scope="module")
def order(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-callsign"])


def pcm(samples: Any) -> bytes:
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def say(connection: ClientConnection, samples: Any, block: int = 3200) -> None:
    data = pcm(samples)
    for at in range(0, len(data), block):
        connection.send(data[at : at + block])


def until(connection: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """What comes, up to the first message of a type."""
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != kind:
        seen.append(json.loads(connection.recv(timeout=PATIENCE_S)))
    return seen


def rest(connection: ClientConnection) -> list[dict[str, Any]]:
    """What still comes before the server hangs up."""
    seen = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            seen.append(json.loads(connection.recv(timeout=PATIENCE_S)))
    return seen


def test_an_order_into_an_open_microphone_is_done_and_all_is_told(
    client: Client, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    connection = client(operator="ann", language="en")
    say(connection, in_a_room(quiet(1), order, quiet(2)))
    seen = until(connection, "reply")
    kinds = [message["type"] for message in seen]
    stream = ["ready", "speech_started", "endpoint", "final"]
    assert [kind for kind in kinds if kind in stream] == stream
    assert [kind for kind in kinds if kind not in (*stream, "partial")] == [
        "utterance",
        "transcript",
        "decision",
        "reply",
    ]
    final = next(message for message in seen if message["type"] == "final")
    assert (final["text"], final["language"]) == (ORDER, "en")
    decision = next(message for message in seen if message["type"] == "decision")
    assert decision["command"] == {"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}
    assert heard.of("utterance")[0].operator == "ann"
    assert len(fleet.given(1)) == 1


def test_push_to_talk_answers_after_the_release(client: Client, order: Any, fleet: FleetDouble) -> None:
    connection = client(push_to_talk=True)
    say(connection, in_a_room(order, quiet(1)))
    connection.send('{"type": "press"}')
    say(connection, in_a_room(order, quiet(1), order))
    connection.send('{"type": "release"}')
    kinds = [message["type"] for message in until(connection, "reply")]
    assert kinds.count("speech_started") == kinds.count("final") == 1
    assert len(fleet.given(1)) == 1


def test_each_headset_hears_of_its_own_words_only(client: Client, order: Any) -> None:
    one, two = client("one"), client("two")
    say(one, in_a_room(quiet(1), order, quiet(2)))
    until(one, "reply")
    two.send("nonsense")
    assert [message["type"] for message in until(two, "error")] == ["ready", "error"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("nonsense", "the first message is no hello"),
        ("{}", "the first message is no hello"),
        ('{"type": "hello"}', "missing required field `device`"),
        ('{"type": "hello", "device": "x", "colour": "red"}', "unknown field `colour`"),
        ('{"type": "hello", "device": ""}', "a device's name has 1 to 64 characters"),
        ('{"type": "hello", "device": "x", "rate": 48000}', "sound of 48000 Hz is not taken here; send 16000 Hz"),
        (b"\x00\xff\x00", "the first message is no hello"),
    ],
)
def test_a_wrong_hello_is_answered_with_one_error(server: WebsocketServer, message: Any, reason: str) -> None:
    with connect(f"ws://127.0.0.1:{server.port}") as connection:
        connection.send(message)
        answer = json.loads(connection.recv(timeout=PATIENCE_S))
        assert answer["type"] == "error"
        assert reason in answer["message"]
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


def test_an_order_in_the_middle_of_which_bytes_were_lost_is_not_carried_out(
    client: Client, order: Any, fleet: FleetDouble
) -> None:
    connection = client()
    until(connection, "ready")
    half = len(order) // 2
    say(connection, in_a_room(quiet(1), order[:half]))
    connection.send(b"abc")
    say(connection, in_a_room(order[half:], quiet(2)))
    told = until(connection, "nothing")
    assert (told[-1]["reason"], [e["trouble"] for e in told if e["type"] == "trouble"]) == ("holes", ["lost"])
    assert fleet.orders == []


def test_what_is_wrong_in_the_middle_costs_one_error_and_the_next_utterance_works(
    client: Client, order: Any, fleet: FleetDouble
) -> None:
    connection = client()
    wrong = [("no json", "was not understood"), ('{"type": "sing"}', "send 'press' or 'release'"), (b"abc", "3 bytes")]
    until(connection, "ready")
    for message, reason in wrong:
        connection.send(message)
        (error,) = until(connection, "error")
        assert reason in error["message"]
    say(connection, in_a_room(quiet(1), order, quiet(2)))
    assert until(connection, "decision")[-1]["decision"] == Verdict.ACCEPT
    assert len(fleet.given(1)) == 1


def test_what_says_nothing_and_keys_pressed_twice_do_no_harm(client: Client, order: Any, fleet: FleetDouble) -> None:
    connection = client(push_to_talk=True)
    until(connection, "ready")
    for odd in (b"", '{"type": "release"}', '{"type": "release"}', '{"type": "press"}', '{"type": "press"}'):
        connection.send(odd)
    say(connection, in_a_room(order, quiet(1)))
    connection.send('{"type": "release"}')
    connection.send('{"type": "release"}')
    seen = until(connection, "reply")
    assert [message for message in seen if message["type"] == "error"] == []
    assert len(fleet.given(1)) == 1


def test_dropped_frames_do_no_harm(client: Client, order: Any, fleet: FleetDouble) -> None:
    connection, data = client(), pcm(in_a_room(quiet(1), order, quiet(2)))
    for number, at in enumerate(range(0, len(data), 640)):
        if number % 7:
            connection.send(data[at : at + 640])
    assert until(connection, "decision")[-1]["decision"] == Verdict.ACCEPT


def test_a_socket_that_dies_in_the_middle_of_a_word_moves_nothing_and_its_headset_comes_back(
    client: Client, server: WebsocketServer, order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    dying = client()
    say(dying, in_a_room(quiet(1), order))
    until(dying, "speech_started")
    dying.socket.shutdown(socket.SHUT_RDWR)
    again = client()  # under the same name, perhaps before the server has noticed
    say(again, in_a_room(quiet(1), order, quiet(2)))
    until(again, "reply")
    assert len(fleet.given()) == len(heard.of("utterance")) == 1


def test_too_large_a_message_ends_the_connection_and_not_the_server(client: Client, order: Any) -> None:
    connection = client()
    connection.send(bytes(1 << 20))
    assert [message["type"] for message in rest(connection)] in ([], ["ready"])
    assert connection.close_code == 1009
    assert until(client("another"), "ready")


def test_sound_that_comes_faster_than_it_is_spoken_is_refused(client: Client) -> None:
    """As from a client whose microphone runs at 48 kHz, or that sends a file for ever."""
    connection = client()
    with contextlib.suppress(ConnectionClosed):
        for _ in range(200):
            connection.send(bytes(64000))
    seen = rest(connection)
    assert "sound comes faster than it can have been spoken" in seen[-1]["message"]
    assert connection.close_code == 1008


def test_a_page_in_a_browser_is_not_let_in(server: WebsocketServer) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://127.0.0.1:{server.port}", origin="http://evil.example").__enter__()  # type: ignore[arg-type]


def test_a_port_that_is_taken_is_said(agent: Agent, server: WebsocketServer) -> None:
    with (
        StreamService() as service,
        pytest.raises(AudioError, match=f"the websocket server cannot listen on 127.0.0.1:{server.port}: "),
    ):
        service.open(WebsocketServer(agent, "127.0.0.1", server.port))
