"""A broker for machines that have none configured: mosquitto if installed, else one from a wheel.

Both listen on loopback only. For a site, run and secure a broker of your own and give its URL.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from banksman_shared.errors import BrokerError

LOOPBACK = "127.0.0.1"
MAX_PAYLOAD = 64 * 1024 * 1024
"""Bytes; ten minutes of speech as FLAC in base64 take about 14 million."""

Flavour = Literal["mosquitto", "iotcore"]


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A broker that can be connected to. ``flavour`` is "configured", "mosquitto" or "iotcore"."""

    url: str
    flavour: str


class _Process(Protocol):
    def stop(self) -> None: ...


def free_port() -> int:
    """A TCP port on loopback that nobody uses at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    """Without this, a broker that cannot listen would be mistaken for the one that already does."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise BrokerError(f"port {port} on {LOOPBACK} cannot be used ({error.strerror}); choose another") from error


def find_mosquitto() -> str | None:
    """The mosquitto executable; Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def available_flavour() -> Flavour:
    """The kind of broker that :func:`broker` would start here."""
    return "mosquitto" if find_mosquitto() else "iotcore"


@contextmanager
def broker(
    url: str | None = None, *, port: int | None = None, flavour: Flavour | None = None
) -> Iterator[RunningBroker]:
    """The configured broker, or one started for as long as the context lasts.

    Raises:
        BrokerError: none could be started.
    """
    if url:
        yield RunningBroker(url, "configured")
        return
    port = port or free_port()
    _require_free(port)
    flavour = flavour or available_flavour()
    process: _Process = _Mosquitto(port) if flavour == "mosquitto" else _Iotcore(port)
    try:
        yield RunningBroker(f"mqtt://{LOOPBACK}:{port}", flavour)
    finally:
        process.stop()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise BrokerError(f"mosquitto did not start on {LOOPBACK}:{port}")


class _Mosquitto:
    def __init__(self, port: int) -> None:
        executable = find_mosquitto()
        if executable is None:
            raise BrokerError("mosquitto is not installed; install it or leave the choice to Banksman")
        self._folder = tempfile.TemporaryDirectory(prefix="banksman-mosquitto-")
        config = Path(self._folder.name) / "mosquitto.conf"
        config.write_text(
            f"listener {port} {LOOPBACK}\nallow_anonymous true\nset_tcp_nodelay true\n"
            f"max_queued_messages 100000\nmessage_size_limit {MAX_PAYLOAD}\n",
            encoding="ascii",
        )
        self._process = subprocess.Popen(  # noqa: S603  the path comes from PATH, the arguments from us
            [executable, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_open(port, self._process)
        except BrokerError:
            self._folder.cleanup()
            raise

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class _Iotcore:
    def __init__(self, port: int) -> None:
        try:
            from iotcore import Broker  # noqa: PLC0415  an extra
        except ImportError as error:
            raise BrokerError(
                "no broker here: give a URL, install mosquitto, or pip install 'banksman[broker]'"
            ) from error
        self._broker = Broker(port=port, listen=LOOPBACK, max_payload_size=MAX_PAYLOAD)
        try:
            self._broker.start()
        except (OSError, RuntimeError) as error:
            raise BrokerError(f"the embedded broker did not start on {LOOPBACK}:{port}: {error}") from error

    def stop(self) -> None:
        self._broker.stop()
