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
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import load_site
from banksman_shared.vda5050 import Connection, ConnectionState, Topics, decode


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
        heard.append(decode(Connection, payload).connection_state)
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


def test_without_a_broker_it_fails_with_one_sentence(yard_folder: Path) -> None:
    with run("--site", str(yard_folder), "--mqtt", f"mqtt://127.0.0.1:{free_port()}") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("banksman: no MQTT broker answers at 127.0.0.1:")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--mqtt", "mqtt://127.0.0.1", "--vda-version", "3.0.0"], "2.1.0"),
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


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"]])
def test_help_has_an_example(command: list[str]) -> None:
    assert "Example:\n    banksman sim run" in CliRunner().invoke(sim, command).output
