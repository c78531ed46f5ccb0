"""``banksman bench``: measurements of what is made of written sentences."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

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
    threads_option,
    write_report,
)
from banksman_edge.cli.options import llama_option
from banksman_edge.lab.bench import tables
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site

LLAMAS = ("qwen2.5-coder-0.5b-taught", "qwen2.5-coder-1.5b")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--llama", show_default="plain orders alone", help="Also with this model, as for banksman eval.")
@click.option("--threads", type=click.IntRange(1, 256), help="CPU threads for the model.")
@click.option("--show", multiple=True, metavar="PART", help="Print what went wrong in this part.")
@click.option("--reliability", type=FILE, help="Draw how true the confidence is here, part by part (SVG).")
@json_option
def sentences(
    folder: Path, llama: str | None, threads: int | None, show: tuple[str, ...], **files: Path | None
) -> None:
    """Exact commands out of written sentences, by language and part, on every site in FOLDER.

    A part is a manifest beside a site.toml; manifests of the same name count together. Those of a part that is held
    out are not printed, unless you ask for them.

    \b
    Example:
      banksman bench sentences tests/data/eval --show natural
    """
    from banksman_edge.app import load_understanding  # noqa: PLC0415
    from banksman_edge.lab.bench import sentences as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench.certainty import reliability_of  # noqa: PLC0415
    from banksman_edge.lab.bench.reliability_plot import draw  # noqa: PLC0415
    from banksman_edge.understanding import Pipeline  # noqa: PLC0415

    grounds, found = measured.grounds(folder), []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=sum(ground.n for ground in grounds))
        for ground in grounds:
            site = ground.site
            reader = load_understanding(site, llama, threads=threads) if llama else Pipeline(site)
            found.append(measured.measure(ground, reader, lambda: progress.advance(task)))
    rows = measured.merge(found)
    summary = measured.summarise_parts(rows)
    documents = [row.document() | {"part": part} for part, own in rows.items() for row in own]
    write_report(files["report"], {"summary": summary, "rows": documents})
    for row in (row for part in show for row in rows.get(part, []) if row.ok is False):
        click.echo(f"{row.case.id}: {row.heard} → {row.decision} {row.command}, not {row.case.expect}", err=True)
    screen().print(tables.sentences_table(summary))
    if plot := files["reliability"]:
        save(plot, draw({name: reliability_of(own) for name, own in rows.items()}))
        screen().print(tables.certainty_table(summary))


@click.command()
@manifest_argument
@site_option
@click.option("--llama", multiple=True, default=LLAMAS, show_default=True, help="One after another.")
@threads_option
@limit_option
@json_option
def understanding(manifest: Path, site_dir: Path, llama: tuple[str, ...], **options: Any) -> None:
    """Plain orders alone, with each language model, and one naive call of the large one, on written sentences.

    \b
    Example:
      banksman bench understanding tests/data/paraphrases/cargo.jsonl --site tests/data/commands/cargo
    """
    from banksman_edge.lab.bench import understanding as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.evaluation import read_manifest  # noqa: PLC0415

    site = load_site(site_dir)
    cases = evenly([case for case in read_manifest(manifest) if case.text and not case.audio], options["limit"])
    summary, rows = {}, []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading models", total=len(cases) * (2 + len(llama)))
        for contender in measured.contenders(site, llama, options["threads"]):
            progress.update(task, description=contender.name)
            made = measured.measure(contender, site, cases, lambda: progress.advance(task))
            summary[contender.name] = measured.summary(contender, made)
            rows += [row.document() | {"by": contender.name} for row in made]
    write_report(options["report"], {"summary": summary, "rows": rows})
    screen().print(tables.understanding_table(summary))


@click.command()
@click.argument("manifests", type=EXISTING, nargs=-1, required=True)
@llama_option
@click.option(
    "--every", type=click.IntRange(1), default=1, show_default=True, help="Only every so manyth line of each."
)
@click.option("--plain-only", is_flag=True, help="Leave the language model out, which takes most of the time.")
@threads_option
@json_option
def restraint(
    manifests: tuple[Path, ...], llama: str | None, every: int, plain_only: bool, threads: int, report: Path | None
) -> None:
    """What sentences lead to that must move nothing: talk, reports, quotes, injections, orders without the right.

    Each line of MANIFESTS names its site: see docs/evaluation.md. Exits 1 if something was done unasked.

    \b
    Example:
      banksman bench restraint tests/data/danger/written.jsonl --plain-only
    """
    from banksman_edge.app import load_reader  # noqa: PLC0415
    from banksman_edge.lab.bench import restraint as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.understanding import Pipeline  # noqa: PLC0415

    sentences = [sentence for manifest in manifests for sentence in measured.read_sentences(manifest)[::every]]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading the models", total=len(sentences))
        reader = None if plain_only else load_reader(llama, threads=threads)
        progress.update(task, description="reading")
        results = measured.measure(sentences, lambda site: Pipeline(site, reader), lambda: progress.advance(task))
    summary = measured.summarise(results)
    write_report(report, {"summary": summary, "rows": [result.document() for result in results]})
    for result in results:
        if not result.right:
            row = result.document()
            click.echo(f"{row['id']}: {row['text']!r} → {row['decision']} {row['command']} ({row['reason']})", err=True)
    screen().print(tables.restraint_table(summary))
    if summary["unasked_actions"]:
        raise SystemExit(1)


@click.command()
@click.argument("sets", type=EXISTING, default="tests/data/sets.toml")
@llama_option
@click.option("--plain-only", is_flag=True, help="Leave the language model out.")
@click.option(
    "--fast",
    type=click.Choice(["plain", "none"]),
    default="plain",
    show_default=True,
    help="What reads plain orders before the reader.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Only sets whose name has this in it.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Only every so manyth sentence.")
@click.option("--markdown", type=FILE, help="Write the table here, as docs/measured has it.")
@threads_option
@json_option
def scoreboard(sets: Path, llama: str | None, **options: Any) -> None:
    """Every set of written sentences that a file lists, in one table.

    \b
    Example:
      banksman bench scoreboard tests/data/sets.toml --json scoreboard.json
    """
    from datetime import UTC, datetime  # noqa: PLC0415  --help must be quick

    from banksman_edge.app import load_reader  # noqa: PLC0415
    from banksman_edge.lab.bench import scoreboard as measured  # noqa: PLC0415
    from banksman_edge.understanding import Part, Pipeline  # noqa: PLC0415

    only = options["only"]
    chosen = [one for one in measured.read_sets(sets) if not only or any(part in one.name for part in only)]
    found = [s for one in chosen for s in list(measured.sentences_of(one, sets.parent))[:: options["every"]]]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading the models", total=len(found))
        reader = None if options["plain_only"] else load_reader(llama, threads=options["threads"])
        without = frozenset() if options["fast"] == "plain" else frozenset({Part.PLAIN})
        progress.update(task, description="reading")
        results = measured.measure(
            found, lambda site: Pipeline(site, reader, without=without), lambda: progress.advance(task)
        )
    summary = measured.summary_of(results, chosen)
    write_report(options["report"], {"summary": summary, "rows": [result.document() for result in results]})
    table = measured.markdown(summary, f"Sentences, {datetime.now(UTC):%Y-%m-%d}")
    if options["markdown"]:
        save(options["markdown"], table)
    screen().print(tables.scoreboard_table(summary))


@click.command()
@click.argument("sets", type=EXISTING, default="tests/data/sets.toml")
@llama_option
@click.option("--only", multiple=True, metavar="NAME", help="Only sets whose name has this in it.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Only every so manyth sentence.")
@click.option("--markdown", type=FILE, help="Write the table here, as docs/measured has it.")
@threads_option
@json_option
def rent(sets: Path, llama: str | None, **options: Any) -> None:
    """What each part beside the reader is worth: exactness, restraint and milliseconds without it.

    By default on the sets that nobody looked at.

    \b
    Example:
      banksman bench rent tests/data/sets.toml --every 5
    """
    from banksman_edge.app import load_reader  # noqa: PLC0415
    from banksman_edge.lab.bench import ablation as measured  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.bench import scoreboard  # noqa: PLC0415

    only = options["only"]
    listed = scoreboard.read_sets(sets)
    chosen = [one for one in listed if (any(part in one.name for part in only) if only else not one.seen)]
    found = [s for one in chosen for s in list(scoreboard.sentences_of(one, sets.parent))[:: options["every"]]]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("loading the model", total=len(found) * measured.RUNS)
        reader = load_reader(llama, threads=options["threads"])
        progress.update(task, description="reading")
        rows = measured.measure(found, reader, lambda: progress.advance(task))
    write_report(options["report"], rows)
    table = measured.markdown(rows)
    if options["markdown"]:
        save(options["markdown"], table)
    click.echo(table)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@llama_option
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Only each so-manieth dialogue.")
@click.option("--speed-up", type=click.FloatRange(1), default=10.0, show_default=True, help="Of the vehicles.")
@click.option(
    "--pause", "pause_s", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between turns."
)
@click.option("--threads", type=click.IntRange(1, 256), help="CPU threads for the model.")
@click.option("--markdown", type=FILE, help="Write a page of it here.")
@json_option
def dialogues(
    folders: tuple[Path, ...], every: int, markdown: Path | None, report: Path | None, **settings: Any
) -> None:
    """Written dialogues held with a live agent and driving vehicles, turn by turn.

    A folder has a site, and a file for each language, dialogues/en.tsv, in the form that
    banksman_edge/lab/bench/dialogues.py tells. Exit status 1: something was done on an answer to nothing that was open.

    \b
    Example:
      banksman bench dialogues tests/data/fresh/dairy --json turns.json
    """
    import msgspec  # noqa: PLC0415  --help must be quick

    from banksman_edge.lab.bench import dialogues as held  # noqa: PLC0415

    console, terms = Console(stderr=True), held.Terms(**settings)
    files = [file for folder in folders for file in held.files_in(folder)]
    found = {file: held.read(file)[::every] for file in files}
    by_file: dict[str, list[held.Turn]] = {}
    with Progress(console=console, transient=True) as progress:
        for file, written in found.items():
            name = f"{file.parents[1].name}/{file.stem}"
            task = progress.add_task(name, total=len(written))
            by_file[name] = held.hold_all(file, written, terms, partial(progress.advance, task))
    turns = [turn for turns in by_file.values() for turn in turns]
    for turn in filter(held.is_faulty, turns):
        console.print(held.fault(turn), markup=False)
    summary = held.summary(turns)
    screen().print(
        f"{summary['right']:.1%} of {summary['turns']} turns right, {summary['whole']:.1%} of "
        f"{summary['dialogues']} dialogues whole; {summary['stale']} done on a stale answer, "
        f"{summary['unanswered']} without an answer",
        highlight=False,
    )
    if markdown:
        save(markdown, held.markdown(by_file, f"banksman bench dialogues {' '.join(map(str, folders))}"))
    write_report(report, {"summary": summary, "turns": [msgspec.to_builtins(turn) for turn in turns]})
    if summary["stale"]:
        raise SystemExit(1)
