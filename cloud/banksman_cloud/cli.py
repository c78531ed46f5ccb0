"""``banksman planner``."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click
import platformdirs

from banksman_cloud.settings import ProviderName, Settings

SCRIPTED = "scripted"
_GUESSABLE = 16
"""Characters below which a token is no secret."""


@click.group()
def planner() -> None:
    """The cloud planner: goals that need planning become checked plans.

    \b
    Example:
      banksman planner serve --port 8080
    """


@planner.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--provider", type=click.Choice(get_args(ProviderName)), help="Whose language model understands.")
@click.option("--model", help="Its name; for 'local' a model of 'banksman models list' or a GGUF file.")
def serve(host: str, port: int, provider: str | None, model: str | None) -> None:
    """Serve plans until interrupted.

    Tokens come from BANKSMAN_PLANNER_TOKEN, or see docs/planner.md; without any one is made for this run and printed.
    The model is Anthropic's, OpenAI's or Google's where ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY is set,
    else one on this machine. Plans outlive the process in BANKSMAN_PLANNER_DATABASE, by default a file for each port.

    \b
    Example:
      BANKSMAN_PLANNER_TOKEN=secret banksman planner serve --provider local --port 8080
    """
    import uvicorn  # noqa: PLC0415  --help must not wait for the service

    from banksman_cloud import tracing  # noqa: PLC0415
    from banksman_cloud.api import create_app  # noqa: PLC0415

    environment = _environment(provider, model, port)
    settings = Settings.from_environment(environment)
    tracing.export()
    app = create_app(settings)
    listener = _listen(host, port)
    if settings.tokens and settings.tokens[0] not in os.environ.get("BANKSMAN_PLANNER_TOKEN", ""):
        click.echo(f"BANKSMAN_PLANNER_TOKEN={settings.tokens[0]}")
    if any(len(token) < _GUESSABLE for token in settings.tokens):
        click.echo("a token this short can be guessed; make a longer one, e.g. with 'openssl rand -hex 24'", err=True)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Planner with {settings.provider} {settings.model} at http://{shown}:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=3))
    server.run(sockets=[listener])
    # A model that hangs in a thread would keep the process alive. All that matters is in the database by now.
    tracing.finish()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0 if server.started else 1)


@planner.command("calls")
@click.option("--database", envvar="BANKSMAN_PLANNER_DATABASE", required=True, help="As the service has it.")
@click.option("--site", help="Only those for this site.")
@click.option("--day", help="Only those of this day (UTC), as 2026-01-31.")
@click.option("--summary", is_flag=True, help="What hosted models cost in all, instead of each call.")
def calls(database: str, site: str | None, day: str | None, summary: bool) -> None:
    """Print what language models were asked and answered, a JSON document each. May run beside the service.

    Secrets, mail addresses and long numbers are blacked out. The output is what '--provider replay' reads.

    \b
    Example:
      banksman planner calls --database sqlite:///planner.sqlite --day 2026-01-31 > calls.jsonl
      banksman planner serve --provider replay --model calls.jsonl
    """
    from banksman_cloud.database import Database  # noqa: PLC0415
    from banksman_cloud.providers import entries, totals  # noqa: PLC0415

    base = Database(database, reading=True)
    try:
        found = totals(base, site, day) if summary else entries(base, site, day)
    finally:
        base.close()
    for entry in found:
        click.echo(json.dumps(entry, ensure_ascii=False))


@planner.command("bench")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--provider",
    type=click.Choice((*get_args(ProviderName), SCRIPTED)),
    help="Whose language model understands; 'scripted' answers with the goals written beside each request.",
)
@click.option("--model", help="Its name, as for 'serve'.")
@click.option("--set", "half", type=click.Choice(("tuning", "held-out")), help="Only this half.")
@click.option("--limit", type=click.IntRange(1), help="Only so many requests, always the same ones.")
@click.option("--only", metavar="ID", multiple=True, help="Only this request; may be given several times.")
@click.option(
    "--json", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it here, not to results/."
)
def bench(
    folder: Path,
    provider: str | None,
    model: str | None,
    half: str | None,
    limit: int | None,
    only: tuple[str, ...],
    report: Path | None,
) -> None:
    """Ask a planner of its own for all requests of a FOLDER, and judge by what the plans would do.

    Keys, budgets and times come from the environment as for 'serve'. What came of it is kept in FOLDER/results by
    date and model, and by how many were asked if not all. Exit 1 if a plan was proposed that cannot be driven.

    \b
    Example:
      banksman planner bench tests/data/requests --provider scripted
      ANTHROPIC_API_KEY=... banksman planner bench tests/data/requests --provider anthropic --model claude-sonnet-5-5
    """
    from banksman_cloud.bench import command  # noqa: PLC0415  --help must not wait for the service

    environment = dict(_environment(None if provider == SCRIPTED else provider, model, 0))
    command.run(folder, command.Chosen(provider == SCRIPTED, half, limit, frozenset(only)), environment, report)


@planner.command("lessons")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def lessons(folder: Path) -> None:
    """Write into FOLDER what the reader of requests is taught, for 'banksman teach llama train'.

    \b
    Example:
      banksman planner lessons requests
      banksman teach llama train requests --minutes 60
    """
    from banksman_cloud.lab import corpus  # noqa: PLC0415

    examples = [example for language in corpus.languages() for example in corpus.examples(language)]
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(example, ensure_ascii=False)}\n" for example in examples)
    (folder / "examples.jsonl").write_text(text, encoding="utf-8")
    click.echo(f"{len(examples)} requests in {folder}; next: banksman teach llama train {folder}")


@planner.command("evaluate")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--base", default="qwen2.5-coder-0.5b", show_default=True, help="What was taught: name, path or hub id.")
@click.option("--json", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write what was misread here.")
def evaluate(folder: Path, base: str, report: Path | None) -> None:
    """Ask the reader of requests in FOLDER about requests that it was never taught, and write its card.

    FOLDER is then a model: 'banksman planner serve --provider local --model FOLDER'.

    \b
    Example:
      banksman planner evaluate requests
    """
    from banksman_cloud.lab.evaluate import evaluate as ask  # noqa: PLC0415
    from banksman_cloud.lab.evaluate import write_card  # noqa: PLC0415
    from banksman_shared.errors import LanguageModelError  # noqa: PLC0415
    from banksman_shared.models import ModelStore  # noqa: PLC0415
    from banksman_shared.models.engine import Engine  # noqa: PLC0415
    from banksman_shared.models.taught import ADAPTER  # noqa: PLC0415

    if not (folder / ADAPTER).is_file():
        raise click.ClickException(f"{folder / ADAPTER} is missing; run 'banksman teach llama train {folder}' first")
    try:
        scores = ask(Engine(ModelStore().path(base), folder / ADAPTER))
    except LanguageModelError as error:
        raise click.ClickException(str(error)) from error
    write_card(folder, base, scores)
    for name, share in scores.table(scores.asked).items():
        click.echo(f"{name:12} {scores.asked[name]:5} {share:6.1%}")
    if report:
        wrong = [{"said": row.said, "text": row.text, "meant": row.line, "read": line} for row, line in scores.wrong]
        report.write_text(json.dumps(wrong, ensure_ascii=False, indent=1), encoding="utf-8")


@planner.command("cost")
@click.option("--database", envvar="BANKSMAN_PLANNER_DATABASE", required=True, help="As the service has it.")
@click.option(
    "--edge",
    type=(str, click.Path(dir_okay=False, path_type=Path)),
    multiple=True,
    metavar="SITE FILE",
    help="What the edge of a site recorded, written with 'banksman audit export'. May be repeated.",
)
@click.option("--edge-usd-per-day", type=click.FloatRange(0), help="What the box of an edge costs a day.")
@click.option("--json", "as_json", is_flag=True, help="A JSON document for each site and day.")
def cost(database: str, edge: tuple[tuple[str, Path], ...], edge_usd_per_day: float | None, as_json: bool) -> None:
    """Print what each day of each site cost, in the cloud and at the edge, from what was recorded.

    \b
    Example:
      banksman audit export edge.jsonl --site my-site
      banksman planner cost --database sqlite:///planner.sqlite --edge my-site edge.jsonl
    """
    from banksman_cloud.costs import costs, read_edge, sentences  # noqa: PLC0415
    from banksman_cloud.database import Database  # noqa: PLC0415

    days = {(site, day): made for site, path in edge for day, made in read_edge(path).items()}
    base = Database(database, reading=True)
    try:
        found = list(costs(base, days, edge_usd_per_day))
    finally:
        base.close()
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False) if as_json else "\n".join(sentences(one)))


@planner.command("draw")
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--site", "folder", type=click.Path(path_type=Path), help="The site; the bundled one by default.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; PLAN.svg by default.")
def draw(plan: Path, folder: Path | None, output: Path | None) -> None:
    """Draw a plan as SVG: which vehicle does what when, with its limits, and the ways on the map.

    PLAN is a file with what 'GET /v1/plans/{id}' answers, or a 'plan' event of the agent; '-' is standard input.

    \b
    Example:
      banksman planner draw plan.json --site my-site --output plan.svg
    """
    from pydantic import ValidationError  # noqa: PLC0415

    from banksman_shared.plan_picture import draw_plan  # noqa: PLC0415
    from banksman_shared.plans import Plan  # noqa: PLC0415
    from banksman_shared.site import bundled_site, load_site  # noqa: PLC0415

    site = load_site(folder or bundled_site())
    try:
        with click.open_file(str(plan), encoding="utf-8") as file:
            document = json.load(file)
        drawn = Plan.model_validate(document.get("plan", document) if isinstance(document, dict) else document)
    except (ValueError, ValidationError) as error:
        raise click.ClickException(f"{plan} is no plan; save what 'GET /v1/plans/{{id}}' answers") from error
    unknown = {step.vehicle for step in drawn.steps} - site.vehicles.keys()
    unknown |= {p for step in drawn.steps for p in (step.origin, step.destination) if p} - site.places.keys()
    if unknown or not drawn.steps:
        why = f"names {min(unknown)}, which the site does not have; name its --site" if unknown else "has no steps"
        raise click.ClickException(f"the plan {why}")
    target = output or Path("plan.svg" if str(plan) == "-" else f"{plan.stem}.svg")
    try:
        target.write_text(draw_plan(site, drawn.goals, drawn.steps), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror}; give another --output") from error
    click.echo(target)


def _environment(provider: str | None, model: str | None, port: int) -> Mapping[str, str]:
    """The process' environment with what the command line says, and a way in and a database in any case."""
    environment = dict(os.environ)
    others = ("BANKSMAN_PLANNER_KEYS", "BANKSMAN_PLANNER_JWT_KEY", "BANKSMAN_PLANNER_JWKS_URL")
    if not environment.get("BANKSMAN_PLANNER_TOKEN", "").strip(" ,") and not any(map(environment.get, others)):
        environment["BANKSMAN_PLANNER_TOKEN"] = secrets.token_urlsafe(24)
    if not environment.get("BANKSMAN_PLANNER_DATABASE") and port:  # nobody comes back to a port that was any
        folder = Path(platformdirs.user_state_path("banksman"))
        environment["BANKSMAN_PLANNER_DATABASE"] = f"sqlite:///{folder / f'planner-{port}.sqlite'}"
    if provider:
        environment["BANKSMAN_PLANNER_PROVIDER"] = provider
    if model:
        environment["BANKSMAN_PLANNER_MODEL"] = model
    return environment


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # who reads the address may connect at once
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --port"
        ) from error
    return listener
