"""``banksman sim run`` as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from banksman_firmware_sim.cli import sim
from banksman_shared.broker import RunningBroker, free_port
from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import load_site
from banksman_shared.vda5050 import Connection, ConnectionState, Topics, codec_for

CODEC = codec_for("2.1.0")


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from banksman_shared.cli import main; main()", "sim", "run", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_run_announces_itself_once_and_ends_with_a_goodbye(
    ending: signal.Signals, yard_folder: Path, mqtt_broker: RunningBroker
) -> None:
    address = load_site(yard_folder).vehicles["lift"].address
    heard, gone = list[ConnectionState](), threading.Event()

    def hear(_topic: str, payload: bytes) -> None:
        heard.append(CODEC.decode(Connection, payload).connection_state)
        if heard[-1] is ConnectionState.OFFLINE:
            gone.set()

    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(Topics().of(address, "connection"), hear, qos=1)
        with run("--site", str(yard_folder), "--mqtt", mqtt_broker.url, "--speed-up", "4") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"2 vehicles on {mqtt_broker.url}, Ctrl-C ends\n"
            process.send_signal(ending)
            assert process.wait(30) == 0
        assert gone.wait(30)
    assert heard[0] is ConnectionState.ONLINE
    assert heard[-1] is ConnectionState.OFFLINE


def test_signals_mean_afterwards_what_they_meant_before(yard_folder: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    command = ["run", "--site", str(yard_folder), "--mqtt", f"mqtt://127.0.0.1:{free_port()}"]
    assert isinstance(CliRunner().invoke(sim, command).exception, BrokerError)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_without_a_broker_it_fails_with_one_sentence(yard_folder: Path) -> None:
    with run("--site", str(yard_folder), "--mqtt", f"mqtt://127.0.0.1:{free_port()}") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("banksman: no MQTT broker answers at 127.0.0.1:")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--mqtt", "mqtt://127.0.0.1", "--vda-version", "1.1.0"], "--vda-version"),
        (["--mqtt", "mqtt://127.0.0.1", "--vda-version", "2.1.0", "--profile", "vda-5050-lib"], "speaks 2.0.0"),
        (["--mqtt", "mqtt://127.0.0.1", "--state-interval", "0"], "--state-interval"),
        (["--mqtt", "mqtt://127.0.0.1", "--faults", "no-such-file.yaml"], "--faults"),
        (["--mqtt", "mqtt://127.0.0.1", "--picture", "run.png"], "pictures are SVG; name the file run.svg"),
        (["--mqtt", "http://127.0.0.1"], "must look like mqtt://"),
        (["--mqtt", "mqtt://127.0.0.1", "--speed-up", "0"], "--speed-up"),
        (["--mqtt", "mqtt://127.0.0.1", "--vehicles", "0"], "--vehicles"),
        (["--mqtt", "mqtt://127.0.0.1", "--profile", "lax"], "--profile"),
        ([], "--mqtt"),
    ],
)
def test_bad_usage_is_refused_before_anything_starts(arguments: list[str], reason: str) -> None:
    outcome = CliRunner().invoke(sim, ["run", *arguments])
    assert outcome.exit_code == 2
    assert reason in outcome.output


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["fault", "--help"]])
def test_help_has_an_example(command: list[str]) -> None:
    assert (
        f"Examples:\n    banksman sim {command[0].replace('--help', 'run')}" in CliRunner().invoke(sim, command).output
    )


def test_a_run_by_a_schedule_draws_its_picture(yard_folder: Path, mqtt_broker: RunningBroker) -> None:
    schedule, picture = yard_folder / "day.yaml", yard_folder / "run.svg"
    schedule.write_text("faults: [{at: 1, vehicles: lift, kind: network-away, for: 2}]", encoding="utf-8")
    address = load_site(yard_folder).vehicles["lift"].address
    codec, back = codec_for("3.0.0"), threading.Event()
    heard: list[ConnectionState] = []

    def hear(_topic: str, payload: bytes) -> None:
        heard.append(codec.decode(Connection, payload).connection_state)
        if heard[-2:] == [ConnectionState.CONNECTIONBROKEN, ConnectionState.ONLINE]:
            back.set()

    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(codec.topics.of(address, "connection"), hear, qos=1)
        options = ("--vda-version", "3.0.0", "--faults", str(schedule), "--picture", str(picture), "--seed", "7")
        with run("--site", str(yard_folder), "--mqtt", mqtt_broker.url, *options) as process:
            assert back.wait(30)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
    assert (process.returncode, out.splitlines()[-1]) == (0, str(picture))
    assert "network-away: lift, 0:01" in picture.read_text(encoding="utf-8")


def test_a_schedule_that_is_wrong_is_one_sentence(yard_folder: Path, mqtt_broker: RunningBroker) -> None:
    schedule = yard_folder / "day.yaml"
    schedule.write_text("faults:\n  - {at: 1, kind: flood}", encoding="utf-8")
    with run("--mqtt", mqtt_broker.url, "--faults", str(schedule)) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("banksman: day.yaml, line 2, fault 1: the kind 'flood' is not known")
    assert len(err.splitlines()) == 1
