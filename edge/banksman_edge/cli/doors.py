"""Where an agent's sound comes from and goes to, as options of the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from banksman_edge.app import Agent

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    port: int


def address_of(value: str) -> Address:
    """A host and a port as they are written.

    Raises:
        click.BadParameter: it is none.
    """
    wrong = click.BadParameter(f"'{value}' is no HOST:PORT, such as 127.0.0.1:10300.")
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if not host or not port:
        raise wrong
    return Address(host, port)


def _device(value: str) -> str | int:
    """PortAudio's name of a device, or its number."""
    return int(value) if value.isdecimal() else value


@dataclass(frozen=True, slots=True)
class Doors:
    """What to listen to."""

    mic: bool
    mic_device: str | int | None
    websocket: Address | None
    wyoming: Address | None
    transcribe: Address | None
    satellites: tuple[Address, ...]
    full_duplex: bool
    """Microphone and satellites cancel the echo of their loudspeakers."""

    @property
    def sockets(self) -> bool:
        """Whether sound may come from elsewhere than the microphone."""
        return bool(self.websocket or self.wyoming or self.transcribe or self.satellites)


def door_options(function: Command) -> Command:
    """``--mic``, ``--mic-device``, ``--websocket``, ``--wyoming``, ``--transcribe``, ``--satellite``,
    ``--full-duplex``; the function gets ``doors``."""

    @functools.wraps(function)
    def with_doors(**values: Any) -> Any:
        doors = Doors(**{field.name: values.pop(field.name) for field in fields(Doors)})
        return function(doors=doors, **values)

    decorated: Command = with_doors
    address = functools.partial(click.option, type=address_of, metavar="HOST:PORT")
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
        click.option(
            "--mic-device",
            type=_device,
            metavar="DEVICE",
            help="Listen to this one: its name, or its number in 'python -m sounddevice'.  [default: the system's]",
        ),
        click.option("--mic", is_flag=True, help="Listen to the microphone, too."),
    ):
        decorated = option(decorated)
    return decorated


@contextmanager
def open_doors(agent: Agent, doors: Doors, tell: Callable[[str], None]) -> Iterator[None]:
    """Let the agent hear all of these meanwhile. ``tell`` is called where the microphone is lost, and where it is back.

    Raises:
        AudioError: one of them cannot be opened.
    """
    from banksman_edge.stream_servers import Satellite, StreamService, WebsocketServer, WyomingServer  # noqa: PLC0415

    with StreamService() as service:
        if doors.websocket:
            service.open(WebsocketServer(agent, doors.websocket.host, doors.websocket.port))
        if doors.wyoming:
            service.open(WyomingServer(agent, doors.wyoming.host, doors.wyoming.port))
        if doors.transcribe:
            service.open(WyomingServer(agent, doors.transcribe.host, doors.transcribe.port, obeyed=False))
        for satellite in doors.satellites:
            service.open(Satellite(agent, satellite.host, satellite.port, half_duplex=not doors.full_duplex))
        with _listening(agent, doors, tell) if doors.mic or doors.mic_device is not None else nullcontext():
            yield


@contextmanager
def _listening(agent: Agent, doors: Doors, tell: Callable[[str], None]) -> Iterator[None]:
    from banksman_edge.audio import Microphone  # noqa: PLC0415
    from banksman_edge.stream_servers import hear_locally  # noqa: PLC0415

    microphone, half_duplex = Microphone(doors.mic_device), not doors.full_duplex
    with hear_locally(agent.headsets, microphone, tell, half_duplex=half_duplex, alone=not doors.sockets):
        yield
