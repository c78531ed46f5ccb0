"""``banksman doctor``."""

from __future__ import annotations

import sys

import click
from rich.markup import escape
from rich.table import Table

from banksman_shared.screen import screen


@click.command("doctor")
def doctor() -> None:
    """What this machine can do, and what to do about what is missing.

    Exits 1 if something is missing that the edge agent cannot do without.

    \b
    Example:
      banksman doctor
    """
    from banksman_edge.checkup import Health, examine  # noqa: PLC0415  --help must not load the models' libraries

    colours = {Health.GOOD: "green", Health.OPTIONAL: "yellow", Health.MISSING: "red"}
    findings = examine()
    table = Table("", "", "found", "what to do")
    for finding in findings:
        health = f"[{colours[finding.health]}]{finding.health}[/]"
        table.add_row(finding.what, health, escape(finding.found), escape(finding.remedy))
    screen().print(table)
    if any(finding.health is Health.MISSING for finding in findings):
        sys.exit(1)
