"""``banksman doctor``."""

from __future__ import annotations

import json
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
@click.option(
    "--report", is_flag=True, help="As JSON for a bug report: versions and sizes, and nobody's words or names."
)
def doctor(site_dir: Path, *, report: bool) -> None:
    """What this machine can do for a site, and what to do about what is missing.

    Exits 1 if something is missing that the edge agent cannot do without.

    \b
    Example:
      banksman doctor --site my-site
      banksman doctor --site my-site --report > report.json
    """
    # --help must not load the models' libraries
    from banksman_edge.app import Health, bug_report, examine  # noqa: PLC0415

    colours = {Health.GOOD: "green", Health.OPTIONAL: "yellow", Health.MISSING: "red"}
    site = load_site(site_dir)
    findings = examine(site.languages)
    if report:
        click.echo(json.dumps(bug_report(site, findings), indent=1))
        return
    table = Table("", "", "found", "what to do")
    for finding in findings:
        health = f"[{colours[finding.health]}]{finding.health}[/]"
        table.add_row(finding.what, health, escape(finding.found), escape(finding.remedy))
    screen().print(table)
    if any(finding.health is Health.MISSING for finding in findings):
        sys.exit(1)
