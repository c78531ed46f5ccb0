"""``banksman teach stop``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from banksman_shared.screen import screen

EPOCHS, NETWORKS, LEAN = 8, 3, 1.2

_folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.group("stop")
def stop() -> None:
    """Teach the stop spotter: a small head that hears stop words in what Whisper's encoder makes of the sound.

    \b
    Examples:
      banksman teach stop prepare stop-data
      banksman teach stop train stop-data
      banksman teach stop evaluate stop-data
    """


@stop.command()
@_folder
@click.option("--languages", metavar="CODES", default="", help="Such as en,es,de.  [default: all that are known]")
@click.option(
    "--scale", type=click.FloatRange(0.01, 10), default=1.0, show_default=True, help="Of the amount of speech."
)
@click.option(
    "--recordings",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSONL manifest of recorded people and noises, to teach from; may be given several times.",
)
@click.option(
    "--test-recordings",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Such a manifest that is kept for the evaluation.",
)
@click.option(
    "--talk",
    "talk_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines with language and text of further talk to speak; may be given several times.",
)
@click.option("--test-only", is_flag=True, help="Only what the evaluation needs, and nothing to teach from.")
def prepare(
    folder: Path,
    languages: str,
    scale: float,
    recordings: tuple[Path, ...],
    test_recordings: tuple[Path, ...],
    talk_files: tuple[Path, ...],
    test_only: bool,
) -> None:
    """Synthesise stop words, words that sound like them and talk into DIR. What is there already is kept.

    \b
    Examples:
      banksman teach stop prepare stop-data
      banksman teach stop prepare stop-data --talk tests/data/danger/written.jsonl
      banksman teach stop prepare stop-data --languages en,de --recordings our-people/manifest.jsonl
    """
    from banksman_edge.lab.teach.stop.clips import read_manifest, write_manifest  # noqa: PLC0415  loads what teaching needs
    from banksman_edge.lab.teach.stop.lines import all_lines, read_talk  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.prepare import add_people, plan_lines, synthesise  # noqa: PLC0415

    chosen = [code for code in languages.split(",") if code] or list(all_lines())
    lines = plan_lines(chosen, scale, test_only=test_only, talk=read_talk(talk_files))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("speaking", total=len(lines))
        synthesise(lines, folder, done=lambda: progress.advance(task))
    people = [clip for file in recordings for clip in add_people(file, folder)]
    people += [clip for file in test_recordings for clip in add_people(file, folder, test=True)]
    write_manifest(folder, [*read_manifest(folder), *people])
    click.echo(f"{folder}: {len(lines)} synthesised clips, {len(people)} recorded ones")


@stop.command()
@_folder
@click.option("--epochs", type=click.IntRange(1), default=EPOCHS, show_default=True)
@click.option("--networks", type=click.IntRange(1, 9), default=NETWORKS, show_default=True, help="That judge together.")
@click.option(
    "--talk-hours",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    help="Of talk to search for what is hard.",
)
@click.option(
    "--beside",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="A head whose networks judge together with the new ones.",
)
@click.option("--new-words", is_flag=True, help="The head of --beside alone judges the words that it knows.")
@click.option(
    "--lean", type=click.FloatRange(-10, 10), default=LEAN, show_default=True, help="Towards stops, in log-odds."
)
@click.option("--seed", type=int, default=0, show_default=True)
def train(folder: Path, beside: Path | None, talk_hours: float, *, new_words: bool, **options: Any) -> None:
    """Teach a head from the clips in DIR and write it to DIR/head.

    A first network, and those beside it, listen to talk; what sounds like stop words to them is taught to the others.
    On two busy cores a thousand clips take the encoder 80 s, an hour of talk nine minutes, and a network takes two.

    \b
    Example:
      banksman teach stop train stop-data
      banksman teach stop train stop-data --beside the-head-before
    """
    if new_words and beside is None:
        raise click.UsageError("--new-words needs --beside: the head that knows the others")
    from banksman_edge.asr import StopHead, load_card  # noqa: PLC0415  loads what teaching needs
    from banksman_edge.lab.teach.stop.clips import read_manifest  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.export import leaning, load_beside, silent_about, write_head  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.features import features_of  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.hard_negatives import with_hard_talk  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.training import train_head  # noqa: PLC0415

    def say(text: str) -> None:
        click.echo(text, err=True)

    epochs, seed = options["epochs"], options["seed"]
    known = load_beside(beside) if beside else []
    clips = read_manifest(folder)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("encoding", total=sum(not clip.test for clip in clips))
        features = features_of(folder, clips, seed=seed, done=lambda: progress.advance(task))
    if talk_hours:
        first = StopHead([train_head(features, epochs=epochs, seed=seed, report=say), *known])
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("listening to talk", total=talk_hours * 3600)
            features = with_hard_talk(
                features, first, folder, clips, hours=talk_hours, seed=seed, done=lambda s: progress.advance(task, s)
            )
    judged = load_card(beside).families if beside and new_words else ()
    taught = []
    for number in range(1, options["networks"] + 1):
        say(f"network {number} of {options['networks']}")
        network = train_head(features, epochs=epochs, seed=seed + number, report=say)
        taught.append(silent_about(leaning(network, options["lean"]), judged))
    click.echo(write_head(folder / "head", [*taught, *known]))


@stop.command()
@_folder
@click.option("--head", type=click.Path(file_okay=False, exists=True, path_type=Path), help="[default: DIR/head]")
@click.option("--languages", metavar="CODES", default="", help="Of the site it is tried for.  [default: all]")
@click.option("--json", "output", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures there.")
def evaluate(folder: Path, head: Path | None, languages: str, output: Path | None) -> None:
    """Count missed stop words by language and noise, and false alarms in talk, on the clips of DIR kept for testing.

    \b
    Example:
      banksman teach stop evaluate stop-data --languages en,es,de
    """
    import numpy as np  # noqa: PLC0415  loads what teaching needs

    from banksman_edge.asr import WhisperStopSpotter, bundled_card  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.clips import read_manifest  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.features import load_takes  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.lines import all_lines  # noqa: PLC0415
    from banksman_edge.lab.teach.stop.trial import try_out  # noqa: PLC0415
    from banksman_shared.models import ModelStore  # noqa: PLC0415

    spoken = [code for code in languages.split(",") if code] or list(all_lines())
    spotter = WhisperStopSpotter(ModelStore().path(bundled_card().whisper), spoken, head=head or folder / "head")
    takes = load_takes(folder, (clip for clip in read_manifest(folder) if clip.test and clip.language in spoken))
    figures = try_out(spotter, takes, spotter.threshold, np.random.default_rng(0)).document()
    if output:
        output.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    screen().print(_table(figures))
    click.echo(f"{figures['alarms_per_hour']} false alarms an hour in {figures['talk_hours']} h of talk")


def _table(figures: dict[str, Any]) -> Table:
    levels = list(next(iter(figures["missed"].values()), {}))
    table = Table(title="missed of said", box=None, pad_edge=False, header_style="bold")
    for column in ("language", *levels):
        table.add_column(column)
    for language, row in figures["missed"].items():
        table.add_row(language, *(f"{missed} of {said}" for missed, said in row.values()))
    return table
