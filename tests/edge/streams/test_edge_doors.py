"""The doors of ``banksman edge run`` by its options: sockets, and a microphone that goes away, comes back, or was never
there."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from portaudio_double import PATIENCE_S, PortAudio
from stream_world import in_a_room, quiet, spoken
from websockets.sync.client import connect
from wyoming_world import Headset, ask, pcm, speaking

from banksman_edge import Agent, Sound, Transcript, Verdict
from banksman_shared.broker import free_port
from banksman_shared.cli import main
from banksman_shared.site import Site

TWINS_S = 4.0
"""What is said later than this is said anew, though these sounds come faster than they were spoken."""
ORDER = "forklift three, go to dock two"


class Ears:
    """Hears the same order in every sound."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(ORDER, "en", 0.95)


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    double = PortAudio()
    monkeypatch.setitem(sys.modules, "sounddevice", double)  # type: ignore[arg-type]
    monkeypatch.setattr("banksman_edge.audio.microphone.SILENT_S", 0.2)
    monkeypatch.setattr("banksman_edge.stream_servers.local_microphone.FIRST_RETRY_S", 0.02)
    return double


@pytest.fixture
def agent(site: Site, fleet: FleetDouble, heard: Recorder, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """What the command runs; loading the models is tested elsewhere."""
    agent = agent_of(site, fleet, heard, recogniser=Ears())
    monkeypatch.setattr(Agent, "build", lambda *_, **__: agent)
    return agent


def edge_run(*options: object) -> int:
    """``banksman edge run`` in this process, until it is interrupted; its exit code."""
    sys.argv = ["banksman", "edge", "run", "--mqtt", "mqtt://127.0.0.1", *map(str, options)]
    try:
        main()
    except SystemExit as leave:
        return int(leave.code or 0)
    return 0


def meanwhile(script: Any) -> threading.Thread:
    """Run a script beside the command, and interrupt that when it is over."""

    def play() -> None:
        try:
            script()
        finally:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=play)
    thread.start()
    return thread


@pytest.fixture
def order(speech: dict[str, Sound]) -> Any:
    return in_a_room(quiet(1), spoken(speech["en-callsign"]), quiet(2))


@pytest.mark.usefixtures("agent")
def test_a_microphone_that_goes_away_is_told_once_waited_for_and_heard_again(
    portaudio: PortAudio,
    order: Any,
    fleet: FleetDouble,
    heard: Recorder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", [])

    def script() -> None:
        portaudio.await_running(1, 1)
        portaudio.record(quiet(0.1))
        portaudio.await_running(0, 1)  # it sends nothing any more
        portaudio.failure = "Error querying device -1"
        portaudio.await_tries(portaudio.tries + 5)
        portaudio.failure = ""
        portaudio.await_running(1, 2)
        portaudio.record(quiet(0.1))
        room = itertools.cycle(quiet(2)[:16384].reshape(-1, 512))
        for block in itertools.chain(order[: len(order) // 512 * 512].reshape(-1, 512), room):
            portaudio.record(block)
            if heard.of("decision"):
                return
            time.sleep(0.01)

    playing = meanwhile(script)
    assert edge_run("--mic") == 0
    playing.join(PATIENCE_S)
    err = [line for line in capsys.readouterr().err.splitlines() if line.startswith("banksman:")]
    lost = "banksman: the microphone has sent nothing for 0 s; is it plugged in?; it is tried again, and "
    assert [line for line in err if line.startswith(lost)] == err[:1]
    assert err[1:2] == ["banksman: the microphone is back"]
    assert [e.device for e in heard.of("utterance")] == ["microphone"]
    assert len(fleet.given(1)) == 1
    assert portaudio.scans >= 5
    assert portaudio.running == 0


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize(
    ("device", "chosen"), [(["--mic"], None), (["--mic-device", "7"], 7), (["--mic-device", "Jabra"], "Jabra")]
)
def test_the_microphone_can_be_chosen(
    portaudio: PortAudio, device: list[str], chosen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])

    def script() -> None:
        portaudio.await_running(1, 1)
        portaudio.record(quiet(0.1))

    playing = meanwhile(script)
    assert edge_run(*device) == 0
    playing.join(PATIENCE_S)
    assert portaudio.opened[0]["device"] == chosen


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("broken", [{"failure": "Invalid device"}, {"start_failure": "Device unavailable"}, {}])
def test_a_microphone_alone_that_cannot_be_opened_at_the_start_ends_the_agent_with_one_error(
    portaudio: PortAudio,
    broken: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    portaudio.failure, portaudio.start_failure = broken.get("failure", ""), broken.get("start_failure", "")
    assert edge_run("--mic") == 1
    err = [line for line in capsys.readouterr().err.splitlines() if "microphone" in line]
    reason = next(iter(broken.values()), "has sent nothing")
    assert len(err) == 1, err
    assert err[0].startswith("banksman: the microphone")
    assert reason in err[0]
    assert portaudio.running == 0


@pytest.mark.usefixtures("agent")
def test_beside_another_door_a_microphone_that_cannot_be_opened_is_waited_for(
    portaudio: PortAudio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    portaudio.failure = "Invalid device"

    def script() -> None:
        portaudio.await_tries(4)
        portaudio.failure = ""
        portaudio.await_running(1, 1)
        portaudio.record(np.zeros(512, np.float32))

    playing = meanwhile(script)
    assert edge_run("--mic", "--websocket", f"127.0.0.1:{free_port()}") == 0
    playing.join(PATIENCE_S)
    err = [line for line in capsys.readouterr().err.splitlines() if "microphone" in line]
    assert err[0].startswith("banksman: the microphone cannot be opened: Invalid device; it is tried again")


@pytest.mark.usefixtures("agent")
def test_a_driver_that_fails_as_nobody_foresaw_does_not_take_the_agent_down(
    portaudio: PortAudio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])

    def script() -> None:
        portaudio.await_running(1, 1)
        portaudio.record(quiet(0.1))
        portaudio.await_running(0, 1)
        portaudio.odd = RuntimeError("what nobody foresaw")
        portaudio.await_tries(portaudio.tries + 2)
        portaudio.odd = None
        portaudio.await_running(1, 2)

    playing = meanwhile(script)
    assert edge_run("--mic") == 0
    playing.join(PATIENCE_S)
    assert "Traceback" not in capsys.readouterr().err


# Sockets


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    monkeypatch.setattr(sys, "argv", [])
    return {door: free_port() for door in ("websocket", "wyoming", "transcribe")}


def test_all_sockets_are_opened_and_heard_at_once(
    agent: Agent, ports: dict[str, int], order: Any, fleet: FleetDouble, heard: Recorder
) -> None:
    told: dict[str, Any] = {}

    def script() -> None:
        satellite.wait("transcript")
        heard.until(lambda _e: len(heard.of("decision")) == 1)
        time.sleep(TWINS_S)
        told["wyoming"] = ask(ports["wyoming"], *speaking(order))[0].data["text"]
        heard.until(lambda _e: len(heard.of("decision")) == 2)
        told["transcribe"] = ask(ports["transcribe"], *speaking(order))[0].data["text"]
        time.sleep(TWINS_S)
        with connect(f"ws://127.0.0.1:{ports['websocket']}", open_timeout=PATIENCE_S) as headset:
            headset.send(json.dumps({"type": "hello", "device": "headset-1", "push_to_talk": True}))
            headset.send(json.dumps({"type": "press"}))
            for at in range(0, len(order), 16000):
                headset.send(pcm(order[at : at + 16000]))
            headset.send(json.dumps({"type": "release"}))
            while (message := json.loads(headset.recv(PATIENCE_S)))["type"] != "decision":
                pass
            told["websocket"] = message["decision"]

    with Headset(order) as satellite:
        playing = meanwhile(script)
        doors = [f"--{door}=127.0.0.1:{port}" for door, port in ports.items()]
        assert edge_run(*doors, "--satellite", f"127.0.0.1:{satellite.port}", "--full-duplex") == 0
        playing.join(PATIENCE_S)
    assert told == {"wyoming": ORDER, "transcribe": ORDER, "websocket": "accept"}
    assert [(e.verdict, e.reason) for e in heard.of("decision")] == [(Verdict.ACCEPT, "a plain order")] * 3
    assert [e.device for e in heard.of("utterance")] == ["yard", "wyoming 127.0.0.1", "headset-1"]
    assert len(fleet.given(3)) == 3  # what is only to be written down is not carried out


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("door", ["websocket", "wyoming", "transcribe"])
def test_a_port_that_is_taken_ends_the_agent_with_one_error(
    ports: dict[str, int], door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", ports[door])):
        assert edge_run(f"--{door}", f"127.0.0.1:{ports[door]}") == 1
    (error,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("banksman:")]
    assert f"cannot listen on 127.0.0.1:{ports[door]}" in error


@pytest.mark.parametrize("door", ["websocket", "wyoming", "transcribe", "satellite"])
@pytest.mark.parametrize("address", ["8765", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:99999", ":10300"])
@pytest.mark.usefixtures("ports")
def test_what_is_no_address_is_bad_usage(door: str, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert edge_run(f"--{door}", address) == 2
    assert f"'{address}' is no HOST:PORT, such as 127.0.0.1:10300." in capsys.readouterr().err
