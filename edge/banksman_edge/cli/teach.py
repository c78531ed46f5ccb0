"""``banksman teach``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from banksman_edge.cli.bar import bar
from banksman_edge.cli.teach_llama import llama
from banksman_edge.cli.teach_stop import stop
from banksman_shared.screen import screen

if TYPE_CHECKING:
    from banksman_edge.lab.teach.evaluate import Report

BASE = "whisper-base"

_folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_recordings = click.Path(exists=True, dir_okay=False, path_type=Path)
_base = click.option("--base", default=BASE, show_default=True, help="A CTranslate2 Whisper: name, path or hub id.")
_threads = click.option("--threads", type=click.IntRange(1), default=2, show_default=True)


@click.group()
def teach() -> None:
    """Teach the models what is said here; needs 'banksman[teach]'.

    \b
    Example:
      banksman teach whisper --help
    """


@teach.group()
def whisper() -> None:
    """Teach Whisper to hear commands, in a fraction of the time.

    \b
    Example, for one's own names and recordings (prepare takes about a second a sentence, train half an hour):
      banksman teach whisper prepare lesson --site my-site --recordings corrected.jsonl
      banksman teach whisper train lesson
      banksman teach whisper evaluate lesson
      banksman teach whisper export lesson my-whisper
      banksman edge run --site my-site --whisper my-whisper
    """


@whisper.command()
@_folder
@click.option(
    "--site", "site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Its names too."
)
@click.option("--languages", help="Such as en,es,hi.  [default: the site's, or all]")
@click.option("--sentences", type=click.IntRange(1), default=180, show_default=True, help="A language, to train on.")
@click.option("--tests", type=click.IntRange(0), default=20, show_default=True, help="A language, to test with.")
@click.option(
    "--phrases",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="The share of sentences made of Llama's phrases, where the names of a site are invented.",
)
@click.option(
    "--recordings", multiple=True, type=_recordings, help="As for 'banksman eval'; without text, to be heard as before."
)
@click.option("--test-recordings", multiple=True, type=_recordings, help="Likewise, only to test with.")
@click.option("--noise", multiple=True, type=_recordings, help="Sound files to mix in; every third only for tests.")
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
def prepare(folder: Path, site_dir: Path | None, languages: str | None, **options: Any) -> None:
    """Make the sounds to teach with in DIR; goes on where it was interrupted.

    \b
    Example:
      banksman teach whisper prepare lesson --site my-site --recordings corrected.jsonl
    """
    from banksman_edge.lab.teach.prepare import Amount, Wishes, prepare_folder  # noqa: PLC0415  --help must be quick

    wishes = Wishes(
        Amount(options["sentences"], options["tests"], options["phrases"]),
        tuple(languages.split(",")) if languages else (),
        site_dir,
        options["recordings"],
        options["test_recordings"],
        options["noise"],
    )
    with bar("sounds") as progress:
        made = prepare_folder(folder, wishes, processes=options["processes"], progress=progress)
    click.echo(f"{made} clips in {folder}; next: banksman teach whisper train {folder}")


@whisper.command()
@_folder
@_base
@click.option("--steps", type=click.IntRange(1), default=600, show_default=True, help="Of 16 clips each.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@_threads
def train(folder: Path, base: str, steps: int, device: str, threads: int) -> None:
    """Train on what was prepared in DIR, from the adapter that is there or from nothing.

    \b
    Example:
      banksman teach whisper train lesson
    """
    from banksman_edge.lab.teach.run import run_training  # noqa: PLC0415

    with bar("steps") as progress:
        out = run_training(folder, base, steps=steps, device=device, threads=threads, progress=progress)
    click.echo(f"{out}; next: banksman teach whisper evaluate {folder}")


@whisper.command()
@_folder
@_base
@_threads
def evaluate(folder: Path, base: str, threads: int) -> None:
    """Compare what was trained in DIR with the published weights, on voices and sentences it has never heard.

    \b
    Example:
      banksman teach whisper evaluate lesson
    """
    from banksman_edge.lab.teach.gate import objections  # noqa: PLC0415
    from banksman_edge.lab.teach.run import run_evaluation  # noqa: PLC0415

    with bar("clips") as progress:
        report = run_evaluation(folder, base, threads=threads, progress=progress)
    screen().print(_table(report))
    for objection in objections(report):
        click.echo(f"not good enough: {objection}", err=True)


@whisper.command()
@_folder
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@_base
def export(folder: Path, out: Path, base: str) -> None:
    """Write what was trained and evaluated in DIR as a model folder OUT, with its adapter and its card.

    Refused if the weights are worse on recorded people or on languages left out.

    \b
    Example:
      banksman teach whisper export lesson my-whisper
    """
    from banksman_edge.lab.teach.run import run_export  # noqa: PLC0415

    card = run_export(folder, base, out)
    click.echo(f"{out}, weights {card['model']['sha256'][:12]}…; next: banksman edge run --site SITE --whisper {out}")


teach.add_command(stop)
teach.add_command(llama)


def _table(report: Report) -> Table:
    table = Table("", "clips", "errors before", "after", "exact before", "after", "ms before", "after")
    for group in sorted(report):
        before, after = report[group]["published"], report[group]["taught"]
        row = [f"{before.error_rate:.3f}", f"{after.error_rate:.3f}", str(before.exact), str(after.exact)]
        times = [f"{1e3 * score.seconds / max(1, score.clips):.0f}" for score in (before, after)]
        table.add_row(group, str(before.clips), *row, *times)
    return table
