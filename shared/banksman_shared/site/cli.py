"""``banksman site``: is it right, and what does it look like."""

from __future__ import annotations

from pathlib import Path

import click
import networkx as nx
from rich.markup import escape
from rich.table import Table

from banksman_shared.errors import BanksmanError
from banksman_shared.languages import unheard
from banksman_shared.screen import screen
from banksman_shared.site.draw import counted, draw_site
from banksman_shared.site.load import bundled_site, load_site
from banksman_shared.site.lookalikes import lookalikes
from banksman_shared.site.model import Site

_folder = click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path), default=bundled_site
)


@click.group()
def site() -> None:
    """Check a site folder, or draw it. Without DIR it is the bundled example.

    \b
    Examples:
      banksman site check my-site
      banksman site draw my-site --output my-site.svg
    """


@site.command()
@_folder
def check(folder: Path) -> None:
    """Report all that is wrong with the site in DIR; exit status 1 if anything is.

    A place that some vehicle cannot get to, or cannot leave, is a warning: a site under construction may have it.
    So is a language that the recogniser does not know, and a name with letters that only look like others.

    \b
    Examples:
      banksman site check
      banksman site check my-site
    """
    checked = load_site(folder)
    counts = (
        (checked.vehicles, "vehicle"),
        (checked.places, "place"),
        (checked.layout.nodes, "node"),
        (checked.layout.edges, "edge"),
        (checked.languages, "language"),
    )
    click.echo(f"{checked.id}: good. {', '.join(counted(len(things), word) for things, word in counts)}.")
    screen().print(_table(checked))
    deaf = [
        f"Whisper does not know the language {code!r}: what is said in it is taken for another; it can only be written"
        for code in unheard(checked.languages)
    ]
    for warning in (*_traps(checked), *deaf, *lookalikes(checked)):
        click.echo(f"warning: {warning}", err=True)


@site.command()
@_folder
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; SITE.svg by default.")
def draw(folder: Path, output: Path | None) -> None:
    """Draw the site in DIR as SVG: roads, one-way where arrows are, places, chargers and homes.

    \b
    Examples:
      banksman site draw
      banksman site draw my-site --output my-site.svg
    """
    checked = load_site(folder)
    target = output or Path(f"{checked.id}.svg")
    try:
        target.write_text(draw_site(checked), encoding="utf-8")
    except OSError as error:
        raise BanksmanError(f"cannot write {target}: {error.strerror}; give another --output") from error
    click.echo(target)


def _table(checked: Site) -> Table:
    """What there is of each kind, as people say it."""
    language = checked.languages[0]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, justify in (("kind", "left"), ("count", "right"), (f"called ({language})", "left"), ("ids", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    rows = [
        (kind.id, kind.names.get(language, ()), [v.id for v in checked.vehicles.values() if v.kind == kind.id])
        for kind in checked.vehicle_kinds.values()
    ]
    rows += [
        (kind.id, kind.names.get(language, ()), [p.id for p in checked.places.values() if p.kind == kind.id])
        for kind in checked.place_kinds.values()
    ]
    named = [place for place in checked.places.values() if place.kind is None]
    rows.append(("(named)", tuple(checked.label(place.id, language) for place in named), [place.id for place in named]))
    groups = list(checked.groups.values())
    rows.append(
        ("(group)", tuple(checked.label(group.id, language) for group in groups), [group.id for group in groups])
    )
    for kind_id, names, ids in rows:
        if ids:
            table.add_row(escape(kind_id), str(len(ids)), escape(", ".join(names)), escape(_span(ids)))
    return table


def _span(ids: list[str]) -> str:
    return ", ".join(ids) if len(ids) <= 4 else f"{ids[0]} … {ids[-1]}"


def _traps(checked: Site) -> list[str]:
    """Places that a kind of vehicle cannot reach from its homes, or from which it cannot get back."""
    found: list[str] = []
    for kind in checked.vehicle_kinds:
        homes = {checked.places[v.home].node for v in checked.vehicles.values() if v.kind == kind}
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(checked.layout.nodes)
        graph.add_edges_from((e.start, e.end) for e in checked.layout.edges.values() if not e.kinds or kind in e.kinds)
        for home in sorted(homes):
            there, back = nx.descendants(graph, home) | {home}, nx.ancestors(graph, home) | {home}
            for place in checked.places.values():
                if place.node not in there:
                    found.append(f"no {kind} can get from {home} to {place.id}; add an edge")
                elif place.node not in back:
                    found.append(f"no {kind} can get back from {place.id} to {home}; add an edge")
    return found
