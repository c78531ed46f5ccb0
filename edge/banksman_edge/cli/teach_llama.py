"""``banksman teach llama``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from banksman_edge.cli.bar import bar
from banksman_shared.screen import screen

if TYPE_CHECKING:
    from banksman_edge.lab.teach.llama.evaluate import Report

_folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_base = click.option(
    "--base", default="qwen2.5-coder-0.5b", show_default=True, help="A GGUF of a Llama or Qwen2: name, path or hub id."
)
_TOLD = 20
"""Own sentences that were left out, told one by one."""
_threads = click.option("--threads", type=click.IntRange(1), default=2, show_default=True)


@click.group()
def llama() -> None:
    """Teach a small Llama what is said to vehicles, of any site.

    \b
    Example, with one's own corrected sentences (train takes half an hour on two cores):
      banksman teach llama prepare lesson --own corrected.jsonl --site my-site
      banksman teach llama train lesson
      banksman teach llama evaluate lesson
      banksman teach llama export lesson my-llama
      banksman edge run --site my-site --llama my-llama
    """


@llama.command()
@_folder
@click.option("--languages", help="Such as en,es.  [default: all that there are sentences of]")
@click.option("--sentences", type=click.IntRange(1), default=4500, show_default=True, help="A language, to train on.")
@click.option("--tests", type=click.IntRange(1), default=150, show_default=True, help="A language, to test with.")
@click.option(
    "--own",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sentences with what they meant, as for 'banksman eval'; a tenth of those that differ is only tested with.",
)
@click.option(
    "--site",
    "site_dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Whose sentences those are.",
)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
def prepare(folder: Path, languages: str | None, site_dir: Path | None, **options: Any) -> None:
    """Write the sentences to teach with into DIR.

    \b
    Example:
      banksman teach llama prepare lesson --own corrected.jsonl --site my-site
    """
    from banksman_edge.audit import printable  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.teach.llama.prepare import OFFERED, Wishes, prepare_folder  # noqa: PLC0415

    chosen = tuple(languages.split(",")) if languages else OFFERED
    wishes = Wishes(options["sentences"], options["tests"], chosen, options["own"], site_dir)
    with bar("sentences") as progress:
        made = prepare_folder(folder, wishes, processes=options["processes"], progress=progress)
    if options["own"]:
        click.echo(f"{made.own} of {made.own + len(made.left_out)} own sentences kept", err=True)
    for one in made.left_out[:_TOLD]:
        click.echo(f"left out: {printable(one.id)}: {printable(one.why)}", err=True)
    if len(made.left_out) > _TOLD:
        click.echo(f"left out: {len(made.left_out) - _TOLD} more", err=True)
    click.echo(f"{made.examples} sentences in {folder}; next: banksman teach llama train {folder}")


@llama.command()
@_folder
@_base
@click.option("--steps", type=click.IntRange(1), default=2000, show_default=True, help="Of 16 sentences each.")
@click.option(
    "--minutes", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, help="At most so long."
)
@click.option(
    "--rank",
    type=click.IntRange(1),
    default=16,
    show_default=True,
    help="Of the factors; the adapter's size goes by it.",
)
@click.option(
    "--blend",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="How far to go at last from the adapter that was there to the one trained.",
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@_threads
def train(folder: Path, base: str, device: str, threads: int, **schedule: Any) -> None:
    """Train on what was prepared in DIR, from the adapter that is there or from nothing.

    \b
    Example:
      banksman teach llama train lesson
    """
    from banksman_edge.lab.teach.llama.run import run_training  # noqa: PLC0415
    from banksman_edge.lab.teach.llama.schedule import Schedule  # noqa: PLC0415

    with bar("steps") as progress:
        out = run_training(folder, base, Schedule(**schedule), device=device, threads=threads, progress=progress)
    click.echo(f"{out}; next: banksman teach llama evaluate {folder}")


@llama.command("average")
@_folder
@click.argument("others", metavar="ADAPTER...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def average_adapters(folder: Path, others: tuple[Path, ...]) -> None:
    """Make the adapter in DIR the mean of itself and earlier ones of the same line of training.

    \b
    Example:
      banksman teach llama average lesson earlier/adapter.gguf
    """
    from banksman_edge.lab.teach.llama.adapter_file import average  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.teach.llama.export import note_average  # noqa: PLC0415
    from banksman_shared.models.taught import ADAPTER  # noqa: PLC0415

    average([folder / ADAPTER, *others], folder / ADAPTER)
    note_average(folder, others)
    click.echo(f"{folder / ADAPTER}; next: banksman teach llama evaluate {folder}")


@llama.command()
@_folder
@_base
@_threads
def evaluate(folder: Path, base: str, threads: int) -> None:
    """Compare what was trained in DIR with the model that was never taught, on sites and phrases new to both.

    \b
    Example:
      banksman teach llama evaluate lesson
    """
    from banksman_edge.lab.teach.llama.gate import objections  # noqa: PLC0415
    from banksman_edge.lab.teach.llama.run import run_evaluation  # noqa: PLC0415

    with bar("sentences") as progress:
        report = run_evaluation(folder, base, threads=threads, progress=progress)
    screen().print(_table(report))
    for objection in objections(report):
        click.echo(f"not good enough: {objection}", err=True)


@llama.command()
@_folder
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@_base
def export(folder: Path, out: Path, base: str) -> None:
    """Write what was trained and evaluated in DIR as a folder OUT, with its card.

    Refused if it is worse than the model that was never taught. Its card names the languages in which it is better.

    \b
    Example:
      banksman teach llama export lesson my-llama
    """
    from banksman_edge.lab.teach.llama.run import run_export  # noqa: PLC0415

    with bar("sentences of others") as progress:
        card = run_export(folder, base, out, progress)
    languages = ", ".join(card["languages"])
    click.echo(f"{out}, for {languages}; next: banksman edge run --site SITE --llama {out}")


def _table(report: Report) -> Table:
    from banksman_edge.lab.teach.llama.calibrate import calibration_of  # noqa: PLC0415  --help must be quick

    table = Table(
        "", "sentences", "exact", "false orders", "of those asked both", "taught", "untaught", "ms", "ms untaught"
    )
    calibration = calibration_of(report)
    for group, scores in report.items():
        taught, both, other = scores["taught"], scores["compared"], scores["untaught"]
        row = [
            str(taught.sentences),
            f"{100 * taught.share:.1f} %",
            str(taught.false_orders(calibration)),
            str(both.sentences),
        ]
        row += [f"{100 * score.share:.1f} %" for score in (both, other)]
        row += [f"{1e3 * score.seconds / max(1, score.sentences):.0f}" for score in (taught, other)]
        table.add_row(group, *row)
    return table
