"""``banksman bench stop``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from banksman_edge.cli.bench_common import EXISTING, json_option, seed_option, write_report
from banksman_edge.cli.options import stop_head_option
from banksman_edge.lab.bench import tables
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site


@click.command("stop")
@click.argument("words", type=EXISTING, nargs=-1)
@site_option
@click.option("--languages", metavar="CODES", default="", help="Such as en,es,ar.  [default: those of the site]")
@click.option(
    "--robots", type=click.IntRange(0), default=2, show_default=True, help="So many espeak-ng voices say each word."
)
@click.option(
    "--talk",
    type=EXISTING,
    help="Count alarms in this talk, as for bench chatter, and in noise. Each word is said after talk, too.",
)
@click.option(
    "--clips",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/chatter"),
    show_default=True,
    help="The recordings of the talk, as scripts/make_chatter.py makes them.",
)
@click.option("--about", help="The site of the talk, by default the site folder's name.")
@click.option("--hours", type=click.FloatRange(0), default=1.0, show_default=True, help="Of conversation.")
@click.option("--noise-hours", type=click.FloatRange(0), default=0.5, show_default=True, help="Of noise alone.")
@stop_head_option
@seed_option
@json_option
def stop_words(words: tuple[Path, ...], site_dir: Path, languages: str, talk: Path | None, **options: Any) -> None:
    """Stop words that the spotter misses, by language and noise, and its alarms when nobody says one.

    WORDS are manifests of recordings: JSON lines with audio, language, and text or transcript. What is no stop word of
    the languages is left out. All goes through a stream, as a headset's sound does.

    \b
    Example:
      banksman bench stop tests/data/stop/manifest.jsonl --talk tests/data/chatter/talk.jsonl --about cargo
    """
    from banksman_edge.app import load_stop_spotter  # noqa: PLC0415
    from banksman_edge.lab.bench import chatter, stops  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.alarms import Alarms, watch  # noqa: PLC0415
    from banksman_edge.lab.bench.conversation import read_talk, scenes  # noqa: PLC0415

    site = load_site(site_dir)
    codes = tuple(filter(None, languages.split(","))) or site.languages
    said = [word for manifest in words for word in stops.recorded(manifest, codes)]
    if options["robots"]:
        said += stops.robots(codes, options["robots"])
    parts: list[chatter.Part] = []
    clips = dict[str, list[Path]]()
    if talk:
        acts = scenes(read_talk(talk), options["clips"], options["about"] or site_dir.resolve().name)
        parts = chatter.parts(acts, options["hours"], options["noise_hours"], options["seed"])
        for act in acts:
            clips.setdefault(act.language, []).extend(act.clips)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        trials_of = (len(stops.LEVELS_DB) + (word.language in clips) for word in said)
        task = progress.add_task("loading the spotter", total=sum(trials_of))
        spotter = load_stop_spotter(replace(site, languages=codes), options["stop_head"])
        progress.update(task, description="stop words")
        trials = stops.try_words(spotter, said, options["seed"], lambda: progress.advance(task), clips)
        alarms = dict[str, Alarms]()
        for part in parts:
            progress.update(task, description=part.name, total=3600 * part.hours, completed=0)
            alarms[part.name] = watch(spotter, part.pieces(), lambda seconds: progress.advance(task, seconds))
    figures = stops.summarise(trials) | {"alarms": {name: counted.document() for name, counted in alarms.items()}}
    found = [alarm.document() | {"part": name} for name, counted in alarms.items() for alarm in counted.found]
    write_report(options["report"], figures | {"words": [trial.document() for trial in trials], "found": found})
    for alarm in found:
        click.echo(f"{alarm['part']}, {alarm['source']} {alarm['at_s']} ({alarm['language']})", err=True)
    screen().print(tables.stops_table(figures))
    for name, counted in figures["alarms"].items():
        click.echo(f"{name}: {counted['alarms']} alarms in {counted['hours']} h, {counted['per_hour']} an hour")
