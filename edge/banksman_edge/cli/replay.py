"""``banksman replay``: recorded utterances against the code and models of today."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from banksman_edge.cli.options import llama_option, threads_option, whisper_option
from banksman_shared.screen import screen


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--text-only", is_flag=True, help="Do not hear the sounds again.")
@whisper_option
@llama_option
@threads_option
def replay(folder: Path, whisper: str | None, llama: str | None, threads: int | None, *, text_only: bool) -> None:
    """Play utterances back that 'banksman edge run --record FOLDER' has recorded, on the site where that was.

    Each is read again after what had been said before it, and its sound is heard again. Exits 1 if anything differs.

    \b
    Example:
      banksman replay recordings
    """
    from banksman_edge.app import load_recogniser, load_understanding  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.replay import played_back, recorded_site  # noqa: PLC0415

    site = recorded_site(folder)
    table = Table("utterance", "heard", "understood")
    count = differing = 0
    with Console(stderr=True).status("loading the models") as status:
        understanding = load_understanding(site, llama, threads=threads)
        hears = not text_only and any(folder.glob("*.flac"))
        recogniser = load_recogniser(site, whisper, threads=threads) if hears else None
        for one in played_back(folder, understanding, recogniser):
            count, differing = count + 1, differing + one.differs
            status.update(f"{count} played back, {differing} differ")
            heard = _change(one.heard_then, one.heard_then if one.heard_now is None else one.heard_now)
            table.add_row(one.id, heard, _change(_written(one.then), _written(one.now)))
    screen().print(table)
    click.echo(f"{count} utterances, {differing} of them otherwise than recorded")
    sys.exit(1 if differing else 0)


def _written(parse: dict[str, Any]) -> str:
    return json.dumps(parse, ensure_ascii=False)


def _change(then: str, now: str) -> Text:
    return Text(then) if then == now else Text.assemble((then, "strike dim"), "\n", (now, "bold"))
