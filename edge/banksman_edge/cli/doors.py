"""Where an agent's sound comes from and goes to, as options of the command line."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from banksman_edge.agent import Agent

Command = Callable[..., Any]
MICROPHONE = "microphone"
"""The device's name in events and logs."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    port: int


def _address(value: str) -> Address:
    wrong = click.BadParameter(f"'{value}' is no HOST:PORT, such as 127.0.0.1:10300.")
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if not host or not port:
        raise wrong
    return Address(host, port)


@dataclass(frozen=True, slots=True)
class Doors:
    """What to listen to."""

    mic: bool
    websocket: Address | None
    wyoming: Address | None
    transcribe: Address | None
    satellites: tuple[Address, ...]
    full_duplex: bool
    """Microphone and satellites cancel the echo of their loudspeakers."""


def door_options(function: Command) -> Command:
    """``--mic``, ``--websocket``, ``--wyoming``, ``--transcribe``, ``--satellite``, ``--full-duplex``; the function
    gets ``doors``."""

    @functools.wraps(function)
    def with_doors(**values: Any) -> Any:
        doors = Doors(**{field.name: values.pop(field.name) for field in fields(Doors)})
        return function(doors=doors, **values)

    decorated: Command = with_doors
    address = functools.partial(click.option, type=_address, metavar="HOST:PORT")
    for option in (
        click.option(
            "--full-duplex",
            is_flag=True,
            help="Microphone and satellites cancel echoes: speaking cuts a spoken reply.",
        ),
        address("--satellite", "satellites", multiple=True, help="Hear this Wyoming satellite, too; may be repeated."),
        address("--transcribe", help="Serve Wyoming clients that only want to know what was said."),
        address("--wyoming", help="Serve Wyoming clients; what is said is carried out."),
        address("--websocket", help="Serve headsets over websockets."),
        click.option("--mic", is_flag=True, help="Listen to the microphone, too."),
    ):
        decorated = option(decorated)
    return decorated


@contextmanager
def open_doors(agent: Agent, doors: Doors, fail: Callable[[str], None]) -> Iterator[None]:
    """Let the agent hear all of these meanwhile. ``fail`` is called where one that worked does so no more.

    Raises:
        AudioError: one of them cannot be opened.
    """
    from banksman_edge.streams.satellite import Satellite  # noqa: PLC0415  --help must not load the models' libraries
    from banksman_edge.streams.service import StreamService  # noqa: PLC0415
    from banksman_edge.streams.websocket import WebsocketServer  # noqa: PLC0415
    from banksman_edge.streams.wyoming_server import WyomingServer  # noqa: PLC0415

    with StreamService() as service:
        if doors.websocket:
            service.open(WebsocketServer(agent, doors.websocket.host, doors.websocket.port))
        if doors.wyoming:
            service.open(WyomingServer(agent, doors.wyoming.host, doors.wyoming.port))
        if doors.transcribe:
            service.open(WyomingServer(agent, doors.transcribe.host, doors.transcribe.port, obeyed=False))
        for satellite in doors.satellites:
            service.open(Satellite(agent, satellite.host, satellite.port, half_duplex=not doors.full_duplex))
        with _listening(agent, fail, half_duplex=not doors.full_duplex) if doors.mic else nullcontext():
            yield


@contextmanager
def _listening(agent: Agent, fail: Callable[[str], None], *, half_duplex: bool) -> Iterator[None]:
    from banksman_edge.audio import Microphone  # noqa: PLC0415
    from banksman_edge.errors import AudioError  # noqa: PLC0415
    from banksman_edge.streams.local_voice import speak_locally  # noqa: PLC0415

    microphone, stream = Microphone(), agent.headsets.open(MICROPHONE)

    def loop() -> None:
        try:
            for block in microphone.blocks():
                stream.feed(block)
        except AudioError as error:
            fail(str(error))

    with closing(microphone), speak_locally(agent.headsets, stream, half_duplex=half_duplex):
        threading.Thread(target=loop, name="microphone", daemon=True).start()
        yield
