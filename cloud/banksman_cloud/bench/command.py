"""``banksman planner bench``."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from banksman_cloud.bench import report as reports
from banksman_cloud.bench.cases import CasesError, read_cases, sample
from banksman_cloud.bench.outcomes import Ending
from banksman_cloud.bench.run import Result, ScriptedProvider, ask_all, serving
from banksman_cloud.database import Database
from banksman_cloud.ledger import entries
from banksman_cloud.settings import Settings


def run(
    folder: Path,
    environment: Mapping[str, str],
    *,
    scripted: bool,
    half: str | None,
    limit: int | None,
    report: Path | None,
) -> None:
    """Ask, judge, print, and keep.

    Raises:
        BanksmanError: the folder, the settings or the model cannot be used.
        ClickException: a plan was proposed that cannot be driven, or the report cannot be written.
    """
    cases = read_cases(folder)
    chosen = sample([case for case in cases.cases if half in (None, case.half)], limit)
    if not chosen:
        raise CasesError(f"{folder} has no requests of the set '{half}'")
    settings = Settings.from_environment(environment)
    provider = ScriptedProvider(chosen) if scripted else None
    name, model = ("scripted", "goals") if scripted else (settings.provider, settings.model)
    with tempfile.TemporaryDirectory() as passing, Progress(console=Console(stderr=True), transient=True) as progress:
        settings = replace(settings, database=f"sqlite:///{Path(passing) / 'planner.sqlite'}")
        task = progress.add_task("loading the model", total=len(chosen))
        with serving(settings, provider) as client:
            progress.update(task, description=f"{name} {model}")

            def told(result: Result) -> None:
                progress.advance(task)
                if result.verdict.ending is not Ending.RIGHT:
                    told_of = "; ".join(result.verdict.faults)
                    progress.console.print(f"{result.case.id}: {result.verdict.ending}: {told_of}", markup=False)

            results = ask_all(client, cases, chosen, settings.timeout_s, told)
        base = Database(settings.database, reading=True)
        spent = reports.costs(entries(base, None, None))
        base.close()
    made = reports.document(name, model, results, spent)
    kept = _keep(made, report or folder / "results" / _file_name(made))
    Console().print(reports.table(made["summary"]))
    click.echo(f"kept in {kept}")
    if broken := made["summary"][Ending.BROKEN_PLAN]:
        raise click.ClickException(f"{broken} plans cannot be driven: a fault of the planner; report it")


def _file_name(made: Mapping[str, str]) -> str:
    model = re.sub(r"[^\w.-]+", "-", Path(made["model"]).name)
    return f"{made['date']}-{made['provider']}-{model}.json"


def _keep(made: Mapping[str, object], path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    return path
