"""What a site's tables must agree on among themselves and with the layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from banksman_shared.actions import Action
from banksman_shared.errors import Fault
from banksman_shared.site.document import LineIndex, Path, SiteDocument
from banksman_shared.site.model import Layout
from banksman_shared.site.rules_build import rules_faults
from banksman_shared.text import fold

TAKEN = frozenset(map(str, Action))
"""What no action of a site's own can be called."""


def cross_check(tables: SiteDocument, layout: Layout | None, lines: LineIndex) -> list[Fault]:
    """All contradictions and missing references, in the order of the file."""

    def fault(path: Path, what: str, remedy: str) -> Fault:
        return Fault(f"site.toml:{lines.line(path)}", what, remedy)

    found = [
        *_languages(tables, fault),
        *_doubles(tables, fault),
        *_vehicles(tables, fault),
        *_places(tables, layout, fault),
        *_groups(tables, fault),
        *_meanings(tables, fault),
        *rules_faults(tables, fault),
        *_own_phrases(tables, fault),
        *_own_actions(tables, fault),
    ]
    if layout is not None:
        found += _reachable(tables, layout, fault)
    return found


def _languages(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    spoken = tables.site.languages
    for language in sorted({x for x in spoken if spoken.count(x) > 1}):
        yield fault(("site", "languages"), f"language '{language}' stands twice", "list it once")
    for path, names in _all_names(tables):
        for language in names:
            if language not in spoken:
                yield fault(
                    (*path, "names"),
                    f"names in '{language}', which is not among the site's languages {spoken}",
                    "add the language to [site] or remove the names",
                )


def _own_phrases(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    """Phrases for actions that nobody could say, or that are a name already."""
    spoken = tables.site.languages
    names = {(language, fold(phrase)): meaning for _, meaning, language, phrase in _phrases(tables)}
    for language, actions in tables.phrases.items():
        if language not in spoken:
            what = f"phrases in '{language}', which is not among the site's languages {spoken}"
            yield fault(("phrases", language), what, "add the language to [site] or remove the phrases")
        for action, phrase in _pairs({str(key): said for key, said in actions.items()}):
            at = ("phrases", language, action)
            if not fold(phrase):
                yield fault(at, f"the phrase '{phrase}' has no letters or digits", "use words that can be spoken")
            elif meaning := names.get((language, fold(phrase))):
                what = f"'{phrase}' ({language}) means both {action} and {' '.join(meaning)}"
                yield fault(at, what, "use another phrase, or rename the other")


def _own_actions(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    """Actions that are there already, and examples that nobody could say."""
    for action, table in tables.actions.items():
        if action in TAKEN:
            remedy = "give it another id; words of your own for it go under [phrases]"
            yield fault(("actions", action), f"there is an action '{action}' already", remedy)
        for language in (*table.names, *table.examples):
            if language not in tables.site.languages:
                what = f"'{action}' in '{language}', which is not among the site's languages {tables.site.languages}"
                yield fault(("actions", action), what, "add the language to [site] or remove it here")
        for language, said in _pairs(table.examples):
            if not fold(said):
                what = f"the example '{said}' ({language}) has no letters or digits"
                yield fault(("actions", action, "examples"), what, "use words that can be spoken")


def _doubles(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    columns: list[tuple[str, str, list[Any]]] = [
        ("vehicles", "id", [v.id for v in tables.vehicles]),
        ("vehicles", "serial_number", [(v.manufacturer, v.serial_number) for v in tables.vehicles]),
        ("places", "id", [p.id for p in tables.places]),
        ("groups", "id", [g.id for g in tables.groups]),
    ]
    for table, key, values in columns:
        seen = set()
        for index, value in enumerate(values):
            if value in seen:
                text = "/".join(value) if isinstance(value, tuple) else value
                yield fault((table, index, key), f"{table} {key} '{text}' stands twice", "give each its own")
            seen.add(value)


def _vehicles(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    places = {p.id for p in tables.places}
    for i, v in enumerate(tables.vehicles):
        if v.kind not in tables.vehicle_kinds:
            yield fault(
                ("vehicles", i, "kind"),
                f"vehicle '{v.id}' has kind '{v.kind}', which is not defined",
                f"add [vehicle_kinds.{v.kind}] or use one of {sorted(tables.vehicle_kinds)}",
            )
        if v.home not in places:
            yield fault(
                ("vehicles", i, "home"),
                f"vehicle '{v.id}' has home '{v.home}', which is not a place",
                "name the id of a place",
            )
        if v.number is None and not v.names:
            yield fault(("vehicles", i), f"vehicle '{v.id}' cannot be named aloud", "give it a number or names")


def _places(tables: SiteDocument, layout: Layout | None, fault: Any) -> Iterator[Fault]:
    for i, p in enumerate(tables.places):
        at = ("places", i)
        if p.kind is not None and p.kind not in tables.place_kinds:
            yield fault(
                (*at, "kind"),
                f"place '{p.id}' has kind '{p.kind}', which is not defined",
                f"add [place_kinds.{p.kind}] or use one of {sorted(tables.place_kinds)}",
            )
        if (p.station is None) == (p.node is None):
            yield fault(at, f"place '{p.id}' needs either a station or a node", "give exactly one of the two")
        elif layout is not None and p.station is not None and p.station not in layout.stations:
            yield fault((*at, "station"), f"the layout has no station '{p.station}'", "name a stationId of the layout")
        elif layout is not None and p.node is not None and p.node not in layout.nodes:
            yield fault((*at, "node"), f"the layout has no node '{p.node}'", "name a nodeId of the layout")
        if (p.kind is None or p.number is None) and not p.names:
            yield fault(at, f"place '{p.id}' cannot be named aloud", "give it kind and number, or names")


def _groups(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    known = {v.id for v in tables.vehicles}
    for i, g in enumerate(tables.groups):
        for vehicle in g.vehicles:
            if vehicle not in known:
                yield fault(
                    ("groups", i, "vehicles"),
                    f"group '{g.id}' names '{vehicle}', which is no vehicle",
                    "use vehicle ids",
                )


def _all_names(tables: SiteDocument) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Sequence[str]]]]:
    for key, kind in tables.vehicle_kinds.items():
        yield ("vehicle_kinds", key), kind.names
    for key, place_kind in tables.place_kinds.items():
        yield ("place_kinds", key), place_kind.names
    for i, v in enumerate(tables.vehicles):
        yield ("vehicles", i), v.names
    for i, p in enumerate(tables.places):
        yield ("places", i), p.names
    for i, g in enumerate(tables.groups):
        yield ("groups", i), g.names
    for i, z in enumerate(tables.zones):
        yield ("zones", i), z.names


def _meanings(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    """A name, or a kind's name with a number, that would mean two things in one language."""
    seen: dict[tuple[str, str], tuple[str, ...]] = {}
    for path, meaning, language, phrase in _phrases(tables):
        key = (language, fold(phrase))
        if not key[1]:
            yield fault(path, f"the name '{phrase}' has no letters or digits", "use words that can be spoken")
            continue
        first = seen.setdefault(key, meaning)
        if first != meaning:
            yield fault(
                path,
                f"'{phrase}' ({language}) means both {' '.join(first)} and {' '.join(meaning)}",
                "rename one of them",
            )


def _phrases(tables: SiteDocument) -> Iterator[tuple[Path, tuple[str, str], str, str]]:
    """Path in the document, meaning, language and phrase, for everything that can be said of the site."""
    kinds: list[tuple[str, Mapping[str, Any], Sequence[Any]]] = [
        ("vehicle", tables.vehicle_kinds, tables.vehicles),
        ("place", tables.place_kinds, tables.places),
    ]
    for what, defined, _ in kinds:
        for key, kind in defined.items():
            for language, name in _pairs(kind.names):
                yield (f"{what}_kinds", key, "names"), (f"{what} kind", key), language, name
    for what, defined, items in kinds:
        for i, item in enumerate(items):
            kind = defined.get(item.kind)
            for language, name in _pairs(kind.names if kind and item.number is not None else {}):
                yield (f"{what}s", i, "number"), (what, item.id), language, f"{name} {item.number}"
            for language, name in _pairs(item.names):
                yield (f"{what}s", i, "names"), (what, item.id), language, name
    for i, group in enumerate(tables.groups):
        for language, name in _pairs(group.names):
            yield ("groups", i, "names"), ("group", group.id), language, name
    for i, zone in enumerate(tables.zones):
        for language, name in _pairs(zone.names):
            yield ("zones", i, "names"), ("zone", zone.id), language, name


def _pairs(names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    return ((language, name) for language, words in names.items() for name in words)


def _reachable(tables: SiteDocument, layout: Layout, fault: Any) -> Iterator[Fault]:
    """Places that no edge leads to cannot be served; a site with a single place needs no edge."""
    touched = {end for edge in layout.edges.values() for end in (edge.start, edge.end)}
    for i, p in enumerate(tables.places):
        node = p.node or next(iter(layout.stations.get(p.station or "", ())), None)
        if node in layout.nodes and node not in touched and len(tables.places) > 1:
            yield fault(("places", i), f"no edge of the layout leads to place '{p.id}'", "connect its node")
