"""``banksman operators``."""

from __future__ import annotations

import sys

import click


@click.group()
def operators() -> None:
    """The people of a site; what they may do stands in site.toml.

    \b
    Example:
      banksman operators pin
    """


@operators.command()
def pin() -> None:
    """Ask for a PIN and print the line for the operator's table in site.toml; only its hash is in it.

    The PIN can come through a pipe as well.

    \b
    Example:
      banksman operators pin
    """
    from banksman_edge.operators import hash_pin  # noqa: PLC0415  --help must be quick

    if sys.stdin.isatty():
        chosen = click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    click.echo(f'pin = "{hash_pin(chosen)}"')
