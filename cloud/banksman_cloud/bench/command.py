"""``banksman planner bench``."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from banksman_cloud.bench import report as reports
from banksman_cloud.bench.cases import Case, Cases, CasesError, read_cases
from banksman_cloud.bench.outcomes import Ending
from banksman_cloud.bench.run import Result, ScriptedProvider, ask, serving
from banksman_cloud.database import Database
from banksman_cloud.providers import Cost, entries
from banksman_cloud.settings import Settings


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which requests, and whether their own goals are the answers."""

    scripted: bool = False
    half: str | None = None
    limit: int | None = None
    only: frozenset[str] = frozenset()
    """Their ids; empty: all."""

    def of(self, cases: Cases) -> list[Case]:
        """
        Raises:
            CasesError: there is no such request.
        """
        if unknown := self.only - {case.id for case in cases.cases}:
            raise CasesError(f"there is no request {', '.join(sorted(unknown))}; ids are those of the file of requests")
        halves = [case for case in cases.cases if self.half in (None, case.half)]
        chosen = [case for case in halves if not self.only or case.id in self.only][: self.limit]
        if not chosen:
            raise CasesError(f"no request is of the set '{self.half}' and all that was asked for besides")
        return chosen


def run(folder: Path, chosen: Chosen, environment: Mapping[str, str], report: Path | None) -> None:
    """Ask, judge, print, and keep what there is after every request.

    Raises:
        BanksmanError: the folder, the settings or the model cannot be used.
        ClickException: a plan was proposed that cannot be driven, or the report cannot be written.
    """
    cases = read_cases(folder)
    asked = chosen.of(cases)
    part = "" if len(asked) == len(cases.cases) else f"-{len(asked)}-of-{len(cases.cases)}"
    settings = Settings.from_environment(environment)
    provider = ScriptedProvider(asked) if chosen.scripted else None
    name, model = ("scripted", "goals") if chosen.scripted else (settings.provider, settings.model)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as passing, Progress(console=Console(stderr=True), transient=True) as progress:
        settings = replace(settings, database=f"sqlite:///{Path(passing) / 'planner.sqlite'}")
        task = progress.add_task("loading the model", total=len(asked))
        with serving(settings, provider) as client:
            progress.update(task, description=f"{name} {model}")
            for result in ask(client, cases, asked, settings.timeout_s):
                results.append(result)
                made = reports.document(name, model, results, _spent(settings.database))
                kept = _keep(made, report or folder / "results" / _file_name(made, part))
                _tell(progress, result)
                progress.advance(task)
    Console().print(reports.table(made["summary"]))
    click.echo(f"kept in {kept}")
    if broken := made["summary"][Ending.BROKEN_PLAN]:
        raise click.ClickException(f"{broken} plans cannot be driven: a fault of the planner; report it")


def _tell(progress: Progress, result: Result) -> None:
    if result.verdict.ending is not Ending.RIGHT:
        sentence = f"{result.case.id}: {result.verdict.ending}: {'; '.join(result.verdict.faults)}"
        progress.console.print(sentence, markup=False, highlight=False)


def _spent(database: str) -> dict[str, Cost]:
    base = Database(database, reading=True)
    try:
        return reports.costs(entries(base, None, None))
    finally:
        base.close()


def _file_name(made: Mapping[str, str], part: str) -> str:
    model = re.sub(r"[^\w.-]+", "-", Path(made["model"]).name)
    return f"{made['date']}-{made['provider']}-{model}{part}.json"


def _keep(made: Mapping[str, object], path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    return path
