"""What the commands of ``banksman bench`` share: options, and how reports are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from banksman_shared.errors import BanksmanError

if TYPE_CHECKING:
    from banksman_edge.lab.evaluation import Case

FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)

manifest_argument = click.argument("manifest", type=EXISTING)
json_option = click.option("--json", "report", type=FILE, help="Write all of it here.")
seed_option = click.option("--seed", default=0, show_default=True, help="The same seed gives the same noise and talk.")
limit_option = click.option("--limit", type=click.IntRange(1), help="Only so many lines, evenly out of all.")
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="all cores",
    help="CPU threads for everything that is compared.",
)


def evenly(cases: list[Case], limit: int | None) -> list[Case]:
    return cases[:: max(1, len(cases) // limit)][:limit] if limit else cases


def write_report(report: Path | None, document: dict[str, Any]) -> None:
    if report:
        save(report, json.dumps(document, ensure_ascii=False, indent=1))


def save(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BanksmanError(f"{path} cannot be written: {error}") from error
