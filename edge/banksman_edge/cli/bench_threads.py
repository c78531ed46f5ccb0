"""``banksman bench threads``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from banksman_edge.cli.options import whisper_option
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site


@click.command("threads")
@site_option
@whisper_option
def fastest_threads(site_dir: Path, whisper: str | None) -> None:
    """How many CPU threads recognise fastest on this machine, and keep it.

    From then on recognition uses as many, unless it is told otherwise; before, as many as there are cores. Let the
    machine be as busy as it will be.

    \b
    Example:
      banksman bench threads --site my-site
    """
    from banksman_edge.app import load_recogniser  # noqa: PLC0415
    from banksman_edge.asr import keep_thread_count, measure_threads  # noqa: PLC0415  heavy
    from banksman_edge.audio import load_sound  # noqa: PLC0415
    from banksman_shared.models import default_whisper  # noqa: PLC0415

    site = load_site(site_dir)
    model = whisper or default_whisper(site.languages)
    clips = sorted(Path(str(files("banksman_edge") / "data" / "demo")).glob("*.flac"))
    table = Table("threads", "an order", "times one thread", title=f"banksman bench threads, {model}")
    with Console(stderr=True).status("measuring …") as status:
        timings = measure_threads(
            lambda count: load_recogniser(site, model, threads=count),
            [load_sound(str(clip)) for clip in clips],
            lambda timing: status.update(f"measured with {timing.threads} threads: {timing.ms:.0f} ms"),
        )
    for timing in timings:
        table.add_row(str(timing.threads), f"{timing.ms:.0f} ms", f"{timings[0].ms / timing.ms:.2f}")
    best = min(timings, key=lambda timing: timing.ms)
    screen().print(table)
    click.echo(f"{best.threads} threads are kept in {keep_thread_count(model, best.threads)}")
