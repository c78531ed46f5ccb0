"""Every command explains itself, with an example."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from banksman_shared.cli import banksman

COMMANDS = sorted(entry.name for entry in entry_points(group="banksman.commands"))


def below(path: list[str]) -> Iterator[list[str]]:
    """A command's path and those of the commands in it."""
    yield path
    command: click.Command | None = banksman
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from below([*path, name])


def help_of(path: list[str]) -> str:
    result = CliRunner().invoke(banksman, [*path, "--help"], prog_name="banksman")
    assert result.exit_code == 0, result.output
    return result.output


def test_the_contracts_commands_are_there() -> None:
    assert set(COMMANDS) >= {"demo", "doctor", "edge", "eval", "models", "planner", "say", "sim", "site"}


def test_the_command_itself_lists_its_subcommands_with_an_example() -> None:
    text = help_of([])
    assert "Example" in text
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []
    assert "(needs " not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subcommands_help_has_an_example_of_itself(name: str) -> None:
    for path in below([name]):
        text = help_of(path)
        _, found, examples = text.partition("Example")
        assert found, f"banksman {' '.join(path)} --help has no example"
        assert " ".join(["banksman", *path]) in examples.partition("Options:")[0]


def test_the_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("banksman")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("banksman, version ")


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"], ["site", "no-such-command"]])
def test_bad_usage_exits_with_2_and_says_so_on_stderr(arguments: list[str]) -> None:
    command = Path(sys.executable).with_name("banksman")
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[-1] in done.stderr
