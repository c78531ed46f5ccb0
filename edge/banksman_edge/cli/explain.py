"""``banksman explain``: how a sentence is understood, stage by stage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from banksman_edge.cli.options import llama_option, threads_option
from banksman_shared.options import site_option
from banksman_shared.screen import screen
from banksman_shared.site import load_site

if TYPE_CHECKING:
    from pathlib import Path

    from banksman_edge.understanding import Parse


@click.command()
@click.argument("text")
@site_option
@click.option("--language", help="The language that it is in.  [default: that which knows most of it]")
@llama_option
@threads_option
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def explain(
    text: str, site_dir: Path, language: str | None, llama: str | None, threads: int | None, *, as_json: bool
) -> None:
    """How a sentence is understood: names, stop, fast path, what the reader was asked and weighed, proof, decision.

    \b
    Example:
      banksman explain "forklift two, no wait, three to dock one" --site my-site
    """
    from banksman_edge.app import load_understanding  # noqa: PLC0415
    from banksman_edge.asr import Transcript  # noqa: PLC0415  --help must be quick
    from banksman_edge.policy import Policy  # noqa: PLC0415

    site = load_site(site_dir)
    if language and language not in site.languages:
        raise click.UsageError(f"{site.name} speaks {', '.join(site.languages)}, not '{language}'")
    with Console(stderr=True).status("loading the model"):
        understanding = load_understanding(site, llama, threads=threads)
    parse = understanding.parse(Transcript(text, language or "", 1.0))
    policy = Policy.of(site)
    judgement, row = policy.judge(parse, 1.0, None), policy.row_of(parse)
    document = _document(parse, str(judgement.verdict), judgement.reason, row)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        screen().print(_shown(document))


def _document(parse: Parse, verdict: str, reason: str, row: str) -> dict[str, Any]:
    from banksman_shared.commands import to_document  # noqa: PLC0415  --help must be quick

    trace = parse.trace.document() if parse.trace else {}
    return trace | {
        "language": parse.language,
        "command": to_document(parse.commands),
        "tier": str(parse.tier),
        "confidence": round(parse.confidence, 3),
        "decision": verdict,
        "policy_row": row,
        "reason": reason,
    }


def _shown(document: dict[str, Any]) -> Group:
    """The stages as a table, with the decisions of the reader below it."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    names = [
        f"{one['text']!r} is {' or '.join(one['ids']) or 'nothing of this site'}"
        + (f" ({one['likeness']:.2f} alike)" if one["likeness"] < 1 else "")
        for one in document.get("names", [])
    ]
    rows = [
        ("text", document.get("text", "")),
        ("language", document["language"]),
        ("names", "; ".join(names) or "none"),
        ("stop", document.get("stop") or "no"),
        ("fast path", json.dumps(document["plain"], ensure_ascii=False) if document.get("plain") else "no"),
    ]
    for asked in document.get("reader", []):
        rows.append(("reader asked", asked["asked"]))
        if "line" in asked:
            rows.append(("reader wrote", f"{asked['line']}  ({asked['probability']:.3f})"))
            rows += [("", _weighed(one)) for one in asked["decisions"]]
        else:
            rows.append(("reader failed", asked["error"]))
    rows += [
        ("left over", ", ".join(document.get("left_over", [])) or "nothing"),
        ("command", json.dumps(document["command"], ensure_ascii=False)),
        ("decision", f"{document['decision']} at {document['confidence']:.2f} (policy row {document['policy_row']})"),
        ("because", document["reason"]),
    ]
    for name, value in rows:
        table.add_row(name, Text(str(value)))
    return Group(table)


def _weighed(decision: dict[str, Any]) -> str:
    others = ", ".join(f"{text.strip() or 'end'} {share:.3f}" for text, share in decision["others"].items())
    return f"{decision['wrote'].strip() or 'end'} {decision['probability']:.3f}, not {others}"
