"""``banksman doctor``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site


@click.command("doctor")
@site_option
def doctor(site_dir: Path) -> None:
    """What this machine can do for a site, and what to do about what is missing.

    Exits 1 if something is missing that the edge agent cannot do without.

    \b
    Example:
      banksman doctor --site my-site
    """
    from banksman_edge.app import Health, examine  # noqa: PLC0415  --help must not load the models' libraries

    colours = {Health.GOOD: "green", Health.OPTIONAL: "yellow", Health.MISSING: "red"}
    findings = examine(load_site(site_dir).languages)
    table = Table("", "", "found", "what to do")
    for finding in findings:
        health = f"[{colours[finding.health]}]{finding.health}[/]"
        table.add_row(finding.what, health, escape(finding.found), escape(finding.remedy))
    screen().print(table)
    if any(finding.health is Health.MISSING for finding in findings):
        sys.exit(1)
