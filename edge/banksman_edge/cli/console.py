"""The console of an agent, as options of the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from banksman_edge.cli.doors import Address, address_of

if TYPE_CHECKING:
    from banksman_edge.app import Agent
    from banksman_edge.console import ConsoleSettings

Command = Callable[..., Any]
_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


def _where(value: str) -> Address:
    """A port of this machine alone, or HOST:PORT."""
    return Address("127.0.0.1", int(value)) if value.isdecimal() else address_of(value)


def console_options(function: Command) -> Command:
    """``--console``, ``--console-origin``, ``--console-certificate``, ``--console-key``; the function gets ``console``,
    None where there is to be none."""

    @functools.wraps(function)
    def with_console(
        console: Address | None,
        console_origins: tuple[str, ...],
        console_certificate: Path | None,
        console_key: Path | None,
        **values: Any,
    ) -> Any:
        if (console_certificate is None) != (console_key is None):
            raise click.UsageError("--console-certificate and --console-key belong together.")
        settings = None
        if console:
            from banksman_edge.console import ConsoleSettings  # noqa: PLC0415  --help must be quick

            settings = ConsoleSettings(console.host, console.port, console_origins, console_certificate, console_key)
        return function(console=settings, **values)

    decorated: Command = with_console
    for option in (
        click.option("--console-key", type=_PEM, help="The private key of the console's certificate."),
        click.option(
            "--console-certificate",
            type=_PEM,
            help="Serve the console by TLS. Browsers of other machines give their microphone to no page without it.",
        ),
        click.option(
            "--console-origin",
            "console_origins",
            multiple=True,
            metavar="URL",
            help="Another address by which browsers reach the console, such as https://console.site.example.",
        ),
        click.option(
            "--console", type=_where, metavar="[HOST:]PORT", help="Serve the console: a page to speak, see and approve."
        ),
    ):
        decorated = option(decorated)
    return decorated


@contextmanager
def open_console(agent: Agent, settings: ConsoleSettings | None, tell: Callable[[str], None]) -> Iterator[None]:
    """Serve the console meanwhile, if there is to be one; ``tell`` is called with where it is.

    Raises:
        ConsoleError: it cannot listen there.
    """
    if settings is None:
        yield
        return
    from banksman_edge.console import ConsoleServer  # noqa: PLC0415

    with ConsoleServer(agent, settings) as server:
        tell(f"the console is at {server.url}")
        yield
