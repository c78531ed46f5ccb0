"""``banksman eval``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from banksman_edge.cli.options import llama_option, threads_option, whisper_option
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site


@click.command("eval")
@click.argument("manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@site_option
@click.option("--json", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write summary and rows here.")
@whisper_option
@llama_option
@threads_option
def evaluate(
    manifest: Path, site_dir: Path, report: Path | None, whisper: str | None, llama: str, threads: int | None
) -> None:
    """Accuracy and latency on your own recordings or sentences.

    \b
    Example:
      banksman eval recordings/manifest.jsonl --site my-site --json report.json
    """
    from banksman_edge.app import load_recogniser, load_understanding  # noqa: PLC0415  --help must be quick
    from banksman_edge.lab.evaluation import Evaluation, read_manifest, summarise, write_report  # noqa: PLC0415
    from banksman_edge.policy import Policy  # noqa: PLC0415

    site, cases, console = load_site(site_dir), read_manifest(manifest), Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("loading models", total=None)
        sounds = any(case.audio for case in cases)
        recogniser = load_recogniser(site, whisper, threads=threads) if sounds else None
        understanding = load_understanding(site, llama, threads=threads)
        progress.update(task, description="evaluating", total=len(cases), completed=0)
        rows = Evaluation(understanding, recogniser, Policy.of(site)).run(cases, lambda: progress.advance(task))
    if report:
        write_report(rows, report)
    summary = summarise(rows)
    for row in rows:
        if row.ok is False or row.error:
            expected = f", expected {row.case.expect}" if row.ok is False else ""
            told = row.error or f"{row.decision} {row.command}{expected}"
            click.echo(f"{row.case.id}: {row.heard!r} → {told}", err=True)
    screen().print(_table(summary))


def _table(summary: dict[str, Any]) -> Table:
    table = Table("", "n", "exact", title="banksman eval")
    for code, part in summary["by_language"].items():
        table.add_row(code, str(part["n"]), _percent(part["exact"]))
    table.add_section()
    table.add_row("all", str(summary["n"]), _percent(summary["exact"]))
    table.add_row("false actions", str(summary["false_actions"]), "")
    table.add_row("needless questions", str(summary["needless_questions"]), "")
    if summary["word_error_rate"] is not None:
        table.add_row("word error rate", "", _percent(summary["word_error_rate"]))
    table.add_section()
    for tier, count in summary["tiers"].items():
        table.add_row(f"by {tier}", str(count), "")
    for stage, values in summary["latency_ms"].items():
        table.add_row(f"{stage} p50 / p95", "", f"{values['p50']:.0f} / {values['p95']:.0f} ms")
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
