"""``banksman models``: what is here, bring it, check it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from banksman_shared.errors import ModelError
from banksman_shared.models.assembly import Progress
from banksman_shared.models.catalogue import CatalogueModel
from banksman_shared.models.defaults import DEFAULT_MODELS
from banksman_shared.models.store import ModelState, ModelStore
from banksman_shared.screen import screen

_STYLE = {ModelState.READY: "green", ModelState.PACKAGED: "yellow", ModelState.ABSENT: "dim"}


@click.group()
def models() -> None:
    """List, fetch and verify the speech and language models.

    \b
    Examples:
      banksman models list
      banksman models fetch
      banksman models fetch whisper-base smollm2-135m
      banksman models verify
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_models(as_json: bool) -> None:
    """The models: name, kind, size, licence, state, digest and place.

    'ready' is in the cache and verified, 'packaged' is installed as packages and assembled at first use, and
    'absent' needs its packages.

    \b
    Examples:
      banksman models list
      banksman models list --json
    """
    store = ModelStore()
    if as_json:
        rows = [_row(store, model) for model in store.catalogue.values()]
        click.echo(json.dumps(rows, indent=2))
    else:
        screen().print(_table(store))


@models.command()
@click.argument("names", nargs=-1)
def fetch(names: tuple[str, ...]) -> None:
    """Make models ready: those given, or the default ones.

    NAMES are names of the list or hub ids; files that are ready are left alone.

    \b
    Examples:
      banksman models fetch
      banksman models fetch whisper-base
      banksman models fetch Systran/faster-whisper-small
    """
    store = ModelStore()
    with _bars() as bars:
        for name in names or DEFAULT_MODELS:
            with _bar(bars, name) as progress:
                path = store.path(name, progress)
            bars.console.print(f"[green]ready[/]  {name}  {escape(str(path))}", soft_wrap=True, highlight=False)


@models.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Compute the digests of cached models anew: of those given, or of all that are there.

    Exit status 1 means that a file is damaged or a given model is not there; 'fetch' mends it.

    \b
    Examples:
      banksman models verify
      banksman models verify qwen2.5-coder-1.5b
    """
    store = ModelStore()
    chosen = [_known(store, name) for name in names] or [m for m in store.catalogue.values() if store.cached(m)]
    damaged = list(_verified(store, chosen))
    if not chosen:
        click.echo("no model is in the cache; 'banksman models fetch' brings the default ones")
    if damaged:
        raise ModelError(f"damaged or missing: {', '.join(damaged)}; mend them with: banksman models fetch NAME")


def _verified(store: ModelStore, chosen: Iterable[CatalogueModel]) -> Iterator[str]:
    """Say of each model what it is like, and yield those that are not good."""
    with _bars() as bars:
        for model in chosen:
            there = store.cached(model)
            with _bar(bars, model.name) as progress:
                wrong = store.verify(model, progress) if there else ()
            verdict = "[red]damaged[/]" if wrong else "[green]good[/]   " if there else "[red]missing[/]"
            bars.console.print(f"{verdict}  {model.name}  {' '.join(wrong)}".rstrip(), highlight=False)
            if wrong or not there:
                yield f"{model.name} ({', '.join(wrong) or 'not in the cache'})"


def _known(store: ModelStore, name: str) -> CatalogueModel:
    model = store.catalogue.get(name)
    if model is None:
        raise click.BadParameter(f"no model '{name}'; there are {', '.join(store.catalogue)}", param_hint="NAMES")
    return model


def _row(store: ModelStore, model: CatalogueModel) -> dict[str, object]:
    return {
        "name": model.name,
        "title": model.title,
        "kind": model.kind,
        "size": model.size,
        "licence": model.licence,
        "state": store.state(model),
        "sha256": {file.name: file.sha256 for file in model.files},
        "path": str(store.place(model)),
        "packages": model.packages,
        "install": model.install,
    }


def _table(store: ModelStore) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "kind", "size", "licence", "state", "sha256", "place"):
        table.add_column(
            column, justify="right" if column == "size" else "left", overflow="fold", no_wrap=column != "place"
        )
    for model in store.catalogue.values():
        state = store.state(model)
        table.add_row(
            model.name,
            model.kind,
            f"{model.size / 1e6:,.0f} MB",
            model.licence,
            f"[{_STYLE[state]}]{state}[/]",
            model.files[0].sha256[:12],
            escape(model.install if state is ModelState.ABSENT else str(store.place(model))),
        )
    return table


def _bars() -> Bars:
    console = Console()
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def _bar(bars: Bars, name: str) -> Iterator[Progress]:
    """A bar that is shown while something is done for ``name``."""
    task = bars.add_task(name, total=None)

    def progress(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)

    try:
        yield progress
    finally:
        bars.remove_task(task)
