"""``banksman demo``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from banksman_shared.ending import told_to_end


@click.command("demo")
@click.option("--mqtt", "mqtt_url", metavar="URL", help="A broker to use; without, one is started.")
@click.option("--speed-up", type=click.FloatRange(1, 50), default=8.0, show_default=True, help="Of the vehicles.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the final board here, too.")
@click.option("--stay", is_flag=True, help="Leave everything running at the end, and go on in the console.")
def demo(mqtt_url: str | None, speed_up: float, svg: Path | None, *, stay: bool) -> None:
    """The whole system on this machine, with recorded speech; ends by itself.

    Six simulated vehicles obey orders in several languages over a real broker. Exits 0 only if every vehicle
    ended where it was told.

    \b
    Example:
      banksman demo
    """
    from banksman_edge.demo import run_demo  # noqa: PLC0415  --help must not load the models' libraries

    # Where nobody watches, lines are not cut to the width of a screen.
    console = Console(record=svg is not None, width=None if sys.stdout.isatty() else 110)
    good = run_demo(mqtt_url, speed_up, console, _until_interrupted if stay else None)
    if svg:
        console.save_svg(str(svg), title="banksman demo")
    if not good:
        sys.exit(1)


def _until_interrupted() -> None:
    with told_to_end() as wait:
        wait()
