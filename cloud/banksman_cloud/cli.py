"""``banksman planner``."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from typing import get_args

import click

from banksman_cloud.settings import ProviderName, Settings


@click.group()
def planner() -> None:
    """The cloud planner: goals that need planning become checked plans.

    \b
    Example:
      banksman planner serve --port 8080
    """


@planner.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--provider", type=click.Choice(get_args(ProviderName)), help="Whose language model understands.")
@click.option("--model", help="Its name; for 'local' a model of 'banksman models list' or a GGUF file.")
def serve(host: str, port: int, provider: str | None, model: str | None) -> None:
    """Serve plans until interrupted.

    Tokens come from BANKSMAN_PLANNER_TOKEN; without it one is made for this run and printed. The model is
    Anthropic's or OpenAI's where ANTHROPIC_API_KEY or OPENAI_API_KEY is set, else one on this machine.

    \b
    Example:
      BANKSMAN_PLANNER_TOKEN=secret banksman planner serve --provider local --port 8080
    """
    import uvicorn  # noqa: PLC0415  --help must not wait for the service

    from banksman_cloud.app import create_app  # noqa: PLC0415

    environment = _environment(provider, model)
    settings = Settings.from_environment(environment)
    listener = _listen(host, port)
    if settings.tokens[0] not in os.environ.get("BANKSMAN_PLANNER_TOKEN", ""):
        click.echo(f"BANKSMAN_PLANNER_TOKEN={settings.tokens[0]}")
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Planner with {settings.provider} {settings.model} at http://{shown}:{listener.getsockname()[1]}")
    config = uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


def _environment(provider: str | None, model: str | None) -> Mapping[str, str]:
    """The process' environment with what the command line says, and a token in any case."""
    environment = dict(os.environ)
    if not environment.get("BANKSMAN_PLANNER_TOKEN", "").strip(" ,"):
        environment["BANKSMAN_PLANNER_TOKEN"] = secrets.token_urlsafe(24)
    if provider:
        environment["BANKSMAN_PLANNER_PROVIDER"] = provider
    if model:
        environment["BANKSMAN_PLANNER_MODEL"] = model
    return environment


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # who reads the address may connect at once
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --port"
        ) from error
    return listener
