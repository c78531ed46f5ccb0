"""Write docs/cli.md: every command with its help, as the commands themselves print it.

    python scripts/write_cli_docs.py

tests/docs/test_docs.py fails when the file is not what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from banksman_shared.cli import banksman

TARGET = Path(__file__).resolve().parents[1] / "docs" / "cli.md"

HEAD = """# Command line

Every command with its `--help`. Exit status: 0 success, 1 the work failed, 2 bad usage, 130 interrupted. Errors are
one sentence on stderr. `banksman -v COMMAND` says more there, `-vv` everything.

This page is written by `python scripts/write_cli_docs.py`.
"""


def command_paths(command: click.Command = banksman, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command after ``banksman``, groups before their members."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from command_paths(member, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """What ``banksman PATH --help`` prints on 80 columns, without the spaces at line ends."""
    result = CliRunner().invoke(banksman, [*path, "--help"], prog_name="banksman", terminal_width=80)
    if result.exit_code:
        raise SystemExit(f"banksman {' '.join(path)} --help failed: {result.output}")
    return "\n".join(line.rstrip() for line in result.output.splitlines())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path in command_paths():
        words = " ".join(("banksman", *path))
        parts.append(f"{'###' if len(path) > 1 else '##'} {words}\n\n```\n{help_of(path)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
