"""``banksman bench``: measurements of the ears."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from banksman_edge.cli.bench_common import (
    EXISTING,
    FILE,
    evenly,
    json_option,
    limit_option,
    manifest_argument,
    save,
    seed_option,
    threads_option,
    write_report,
)
from banksman_edge.cli.bench_stop import stop_words
from banksman_edge.cli.bench_text import dialogues, rent, restraint, scoreboard, sentences, understanding
from banksman_edge.cli.bench_threads import fastest_threads
from banksman_edge.cli.options import llama_option, whisper_option
from banksman_edge.lab.bench import tables
from banksman_shared.errors import BanksmanError
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import EarlyStop, load_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from banksman_edge.lab.evaluation import Case

PUBLISHED = "whisper-base"


@click.group()
def bench() -> None:
    """How fast and how right the ears are, and how deaf to talk.

    \b
    Example:
      banksman bench speech tests/data/commands/hospital/manifest.jsonl --site tests/data/commands/hospital
    """


@bench.command()
@manifest_argument
@site_option
@whisper_option
@threads_option
@limit_option
@json_option
def speech(
    manifest: Path, site_dir: Path, whisper: str | None, threads: int, limit: int | None, report: Path | None
) -> None:
    """Latency and errors of ours and of WhisperModel.transcribe, side by side on the same recordings.

    whisper.cpp is there, too, where its binding is installed: pip install pywhispercpp.

    \b
    Example:
      banksman bench speech recordings/manifest.jsonl --site my-site --limit 80 --json speech.json
    """
    from banksman_edge.app import load_recogniser  # noqa: PLC0415
    from banksman_edge.lab.bench import speech as measured  # noqa: PLC0415
    from banksman_edge.lab.bench import speed_limits as floors  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.compared_recognisers import contenders, device, whisper_cpp  # noqa: PLC0415
    from banksman_shared.models import CATALOGUE, ModelStore, default_whisper  # noqa: PLC0415

    site, cases = load_site(site_dir), _sounding(manifest, limit)
    machine = measured.this_machine(threads)
    with Progress(console=Console(stderr=True), transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("loading models", total=None)
        whisper = whisper or default_whisper(site.languages)
        model = ModelStore().path(PUBLISHED if whisper in CATALOGUE else whisper)
        other_commanders = contenders(load_recogniser(site, whisper, threads=threads), model, site.languages, threads)
        if other := whisper_cpp(model, Path(folder), threads):
            other_commanders.append(other)
        progress.update(task, description="listening", total=len(cases), completed=0)
        rows = measured.compare(other_commanders, cases, lambda: progress.advance(task))
        progress.update(task, description="measuring the machine", total=None)
        floor = measured.floor(floors.measure(device(), threads), model, rows)
    summary = measured.summarise(rows)
    about = {"machine": machine, "model": whisper, "contenders": summary, "floor": floor}
    write_report(report, about | {"rows": [measured.document(row) for row in rows]})
    console = screen()
    console.print(tables.speech_table(summary, floor))
    console.print(tables.floor_sentence(floor))


@bench.command()
@manifest_argument
@site_option
@click.option(
    "--whisper", multiple=True, default=(PUBLISHED, "whisper-base-taught"), show_default=True, help="One after another."
)
@llama_option
@threads_option
@limit_option
@seed_option
@click.option("--clean-only", is_flag=True, help="Leave out the noise at 20, 10 and 5 dB.")
@json_option
def commands(manifest: Path, site_dir: Path, whisper: tuple[str, ...], llama: str, **options: Any) -> None:
    """Exact commands per language, clean and in noise: from the written words, then step by step of the recogniser.

    Each step with what understanding makes of it: plain orders, with the dialogue, with the language model; and with
    what is done after the decision.

    \b
    Example:
      banksman bench commands tests/data/commands/cargo/manifest.jsonl --site tests/data/commands/cargo
    """
    from banksman_edge.app import load_understanding  # noqa: PLC0415
    from banksman_edge.lab.bench import commands as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.hearing import Listener  # noqa: PLC0415
    from banksman_edge.lab.bench.recogniser_steps import steps  # noqa: PLC0415

    site, cases, threads = load_site(site_dir), _sounding(manifest, options["limit"]), options["threads"]
    cases = [case for case in cases if case.expect is not None]
    levels = (None,) if options["clean_only"] else (None, *measured.LEVELS_DB)
    ladder = list(steps(whisper))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading models", total=len(cases) * (1 + len(levels) * len(ladder)))
        understanding = load_understanding(site, llama, threads=threads)
        progress.update(task, description=measured.WRITTEN)
        reader = Listener(None, site, understanding)
        results = measured.measure_written(reader, cases, lambda: progress.advance(task))
        for step in ladder:
            listener = Listener(step.load(site, threads), site, understanding)
            for level in levels:
                progress.update(task, description=f"{step.name}, {f'{level} dB' if level else 'clean'}")
                seed = options["seed"]
                results += measured.measure(listener, step.name, cases, level, seed, lambda: progress.advance(task))
    summary = measured.summarise(results)
    write_report(options["report"], {"summary": summary, "rows": [result.document() for result in results]})
    screen().print(tables.commands_table(summary))


@bench.command()
@click.argument("talk", type=EXISTING)
@click.option(
    "--clips",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/chatter"),
    show_default=True,
    help="Its recordings, as scripts/make_chatter.py makes them.",
)
@site_option
@click.option("--recordings", type=EXISTING, help="Also these, of people who spoke to nobody (as for banksman eval).")
@click.option("--about", help="The site of the talk, by default the site folder's name.")
@click.option("--hours", type=click.FloatRange(0), default=1.0, show_default=True, help="Of conversation.")
@click.option("--noise-hours", type=click.FloatRange(0), default=0.5, show_default=True, help="Of noise alone.")
@whisper_option
@llama_option
@threads_option
@seed_option
@json_option
def chatter(talk: Path, clips: Path, site_dir: Path, whisper: str | None, llama: str, **options: Any) -> None:
    """What happens when nobody speaks to it: sentences alone, hours of conversation, hours of noise.

    Each is played to a stream of sound, as a headset's sound goes, and recognised and understood without delay. The
    site's stop spotter listens, too, unless the site has early stops off; its alarms are counted apart from false
    actions, by the language that is spoken.

    \b
    Example:
      banksman bench chatter tests/data/chatter/talk.jsonl --site tests/data/commands/cargo --hours 1
    """
    from banksman_edge.app import load_recogniser, load_stop_spotter, load_understanding  # noqa: PLC0415
    from banksman_edge.lab.bench import chatter as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.conversation import read_talk, scenes  # noqa: PLC0415
    from banksman_edge.lab.bench.hearing import Listener  # noqa: PLC0415
    from banksman_edge.streams import order_judge  # noqa: PLC0415

    site, threads = load_site(site_dir), options["threads"]
    spotter = None if site.early_stop is EarlyStop.OFF else load_stop_spotter(site)
    acts = scenes(read_talk(talk), clips, options["about"] or site_dir.resolve().name)
    parts = measured.parts(acts, options["hours"], options["noise_hours"], options["seed"])
    if options["recordings"]:
        parts.insert(0, measured.recordings(_sounding(options["recordings"], None)))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading models", total=3600 * sum(part.hours for part in parts))
        understanding = load_understanding(site, llama, threads=threads)
        recogniser = load_recogniser(site, whisper, threads=threads)
        listener = Listener(recogniser, site, understanding)

        def tell(seconds: float, happened: Sequence[object]) -> None:
            progress.advance(task, seconds)
            for one in happened:
                progress.console.print(str(one), highlight=False, markup=False, soft_wrap=True)

        heard, document = {}, dict[str, Any]()
        with closing(measured.Overhearing(recogniser, order_judge(understanding), listener, spotter)) as overhearing:
            for part in parts:
                progress.update(task, description=part.name)
                heard[part] = overhearing.listen(part, tell)
                document = measured.document(heard, alarms=spotter is not None)
                write_report(options["report"], document)
    screen().print(tables.chatter_table(document["summary"]))
    if spotter:
        screen().print(tables.alarms_table(document["summary"]))


@bench.command()
@click.argument("reports", type=EXISTING, nargs=-1, required=True)
@click.option(
    "--step", default="whisper-base-taught, with the site's words", show_default=True, help="Of bench commands."
)
@click.option("--out", type=FILE, required=True, help="Write the coefficients here.")
@click.option("--plot", type=FILE, help="Draw the reliability here (SVG).")
def confidence(reports: tuple[Path, ...], step: str, out: Path, plot: Path | None) -> None:
    """Fit the recogniser's confidence to what came of spoken commands and of talk.

    REPORTS are what `bench commands` and `bench chatter` wrote with --json. Half of the sentences are fitted on, and
    the figures are those of the other half.

    \b
    Example:
      banksman bench confidence commands.json chatter.json --out confidence.json --plot reliability.svg
    """
    from banksman_edge.lab.bench import calibration as fitted  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.reliability_plot import draw  # noqa: PLC0415

    seen, unseen = fitted.halves(fitted.read_examples(reports, step))
    model = fitted.fit(seen)
    figures = fitted.figures(model, unseen)
    names = " ".join(report.name for report in reports)
    command = f"banksman bench confidence {names} --step {step!r} --out {out.name}"
    save(out, fitted.document(model, command, {"fitted_on": len(seen), "held_out": figures}))
    if plot:
        save(plot, draw({"Held-out half": fitted.reliability(model, unseen)}))
    screen().print(tables.confidence_table(model.weights, figures))


def _sounding(manifest: Path, limit: int | None) -> list[Case]:
    from banksman_edge.lab.evaluation import read_manifest  # noqa: PLC0415  --help must be quick

    cases = [case for case in read_manifest(manifest) if case.audio]
    if not cases:
        raise BanksmanError(f"{manifest} has no line with 'audio'")
    return evenly(cases, limit)


for _command in (dialogues, sentences, understanding, restraint, scoreboard, rent, stop_words, fastest_threads):
    bench.add_command(_command)
