"""The ``banksman`` command. Subcommands come from the packages that are installed, loaded when asked for."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import EntryPoint, entry_points, version

import click

from banksman_shared.errors import BanksmanError

_EXTRA_OF = {
    "banksman_edge": "edge",
    "banksman_cloud": "cloud",
    "banksman_firmware_sim": "sim",
    "banksman_shared": "edge",
}


class _Commands(click.Group):
    """A group whose members are entry points; a missing extra becomes a sentence, not a traceback."""

    @staticmethod
    def _entries() -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group="banksman.commands")}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's
        return sorted(self._entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries().get(cmd_name)
        if entry is None:
            return None
        try:
            command = entry.load()
        except ModuleNotFoundError as error:
            extra = _EXTRA_OF[entry.module.partition(".")[0]]
            ctx.fail(f"'{cmd_name}' needs {error.name}, which is not installed: pip install 'banksman[{extra}]'")
        assert isinstance(command, click.Command)  # noqa: S101  ours, by pyproject.toml
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        rows: list[tuple[str, str]] = []
        for name, entry in sorted(self._entries().items()):
            try:
                rows.append((name, entry.load().get_short_help_str(70)))
            except ModuleNotFoundError:
                rows.append((name, f"(needs banksman[{_EXTRA_OF[entry.module.partition('.')[0]]}])"))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("banksman"), prog_name="banksman")
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice for everything.")
def banksman(verbose: int) -> None:
    """Voice control for fleets of vehicles: spoken orders in, VDA 5050 out.

    \b
    Examples:
      banksman demo
      banksman edge --help
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Libraries log what goes over the wire, which is what people said.
    for package in {entry.module.partition(".")[0] for entry in entry_points(group="banksman.commands")}:
        logging.getLogger(package).setLevel(level)


def main() -> None:
    """Run the command line: exit 0 on success, 1 when the work failed, 2 on bad usage, or what a command says."""
    try:
        status = banksman(standalone_mode=False)  # Click returns what a command exits with
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BanksmanError as error:
        click.echo(f"banksman: {error}", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
