"""From a folder to a checked site, with all faults reported together."""

from __future__ import annotations

import copy
import json
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from banksman_shared.errors import Fault, SiteError
from banksman_shared.site.check import cross_check
from banksman_shared.site.document import LineIndex, SiteDocument
from banksman_shared.site.lif import read_layout
from banksman_shared.site.model import EarlyStop, Group, Kind, Layout, OwnAction, Place, Site, Vehicle
from banksman_shared.site.rules_build import build_rules
from banksman_shared.site.rules_document import PRIVATE, public_zones
from banksman_shared.vda5050 import VehicleAddress

SITE_FILE = "site.toml"


def bundled_site() -> Path:
    """The folder of the example site that comes with Banksman."""
    return Path(str(files("banksman_shared") / "data" / "warehouse"))


def load_site(folder: Path | str) -> Site:
    """Read and check a site folder.

    Raises:
        SiteError: with every fault found, each with its place and what to do.
    """
    folder = Path(folder)
    path = folder / SITE_FILE
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows writes a mark at the beginning
        document = tomllib.loads(text)
    except FileNotFoundError:
        fault = Fault(str(path), "no such file", f"a site is a folder with {SITE_FILE} in it")
        raise SiteError(str(folder), [fault]) from None
    except NotADirectoryError:
        fault = Fault(str(folder), "this is a file", f"give the folder that {SITE_FILE} is in")
        raise SiteError(str(folder), [fault]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SiteError(str(folder), [Fault(str(path), str(error), "mend the file; it is TOML in UTF-8")]) from error
    layout, faults = _read_layout_file(folder, document)
    return _assemble(document, layout, LineIndex(text), str(folder), faults)


def parse_site(document: Any) -> Site:
    """A site from ``Site.document``, as another process sent it.

    Raises:
        SiteError: the document is not a valid site.
    """
    if not isinstance(document, dict) or not isinstance(document.get("layout_document"), dict):
        fault = Fault("site", "not a site document", "send site.toml as JSON with the layout as 'layout_document'")
        raise SiteError("(request)", [fault])
    tables = {key: value for key, value in document.items() if key != "layout_document"}
    return _assemble(tables, document["layout_document"], LineIndex(""), "(request)", [])


def _read_layout_file(folder: Path, document: dict[str, Any]) -> tuple[Any, list[Fault]]:
    site = document.get("site")
    name = site.get("layout", "layout.lif.json") if isinstance(site, dict) else "layout.lif.json"
    path = folder / str(name)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig")), []
    except FileNotFoundError:
        return None, [Fault(str(path), "no such file", "put the layout there or mend 'layout' in [site]")]
    except (OSError, ValueError) as error:
        return None, [Fault(str(path), f"not readable as JSON: {error}", "export the layout again as VDMA LIF 1.0.0")]


def _assemble(
    document: dict[str, Any], layout_document: Any, lines: LineIndex, folder: str, faults: list[Fault]
) -> Site:
    layout: Layout | None = None
    if layout_document is not None:
        layout, layout_faults = read_layout(layout_document, "layout")
        faults += layout_faults
    try:
        tables = SiteDocument.model_validate(document)
    except ValidationError as error:
        faults += [_form_fault(problem, lines) for problem in error.errors()]
        try:
            # An unknown key hides nothing else: what the rest contradicts is reported with it.
            tables = SiteDocument.model_validate(_without_unknown(document, error))
        except ValidationError:
            raise SiteError(folder, faults) from error
    faults += cross_check(tables, layout, lines)
    if faults or layout is None:
        raise SiteError(folder, faults)
    public = {key: value for key, value in document.items() if key not in PRIVATE}
    if zones := public_zones(tables.zones):
        public["zones"] = zones
    return _build(tables, layout, {**public, "layout_document": layout_document})


def _without_unknown(document: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """A copy of the document without the keys that the error calls unknown."""
    known = copy.deepcopy(document)
    for problem in error.errors():
        if problem["type"] == "extra_forbidden":
            *path, key = problem["loc"]
            table: Any = known
            for step in path:
                table = table[step]
            del table[key]
    return known


def _form_fault(problem: Any, lines: LineIndex) -> Fault:
    path = problem["loc"]
    key = ".".join(map(str, path))
    where = f"{SITE_FILE}:{lines.line(path)}"
    if problem["type"] == "extra_forbidden":
        return Fault(where, f"key '{key}' is not known to this version", "remove it or correct its spelling")
    if problem["type"] == "missing":
        return Fault(where, f"'{key}' is missing", "add it")
    return Fault(where, f"'{key}': {problem['msg']}", "correct the value")


def _build(tables: SiteDocument, layout: Layout, document: dict[str, Any]) -> Site:
    kinds = {i: Kind(i, _names(k.names)) for i, k in tables.vehicle_kinds.items()}
    layout = _name_kinds(layout, {k.vehicle_type_id or i: i for i, k in tables.vehicle_kinds.items()})
    places = {p.id: _place(p, layout) for p in tables.places}
    vehicles = {
        v.id: Vehicle(v.id, v.kind, v.number, _names(v.names), VehicleAddress(v.manufacturer, v.serial_number), v.home)
        for v in tables.vehicles
    }
    return Site(
        id=tables.site.id,
        name=tables.site.name,
        languages=tuple(tables.site.languages),
        vehicle_kinds=kinds,
        place_kinds={i: Kind(i, _names(k.names)) for i, k in tables.place_kinds.items()},
        vehicles=vehicles,
        places=places,
        groups={g.id: Group(g.id, tuple(g.vehicles), _names(g.names)) for g in tables.groups},
        layout=layout,
        early_stop=EarlyStop(tables.stop.early),
        rules=build_rules(tables),
        phrases={i: {str(action): tuple(p) for action, p in said.items()} for i, said in tables.phrases.items()},
        actions={
            i: OwnAction(i, _names(a.names), a.type or i, a.place, a.parameters, _names(a.examples))
            for i, a in tables.actions.items()
        },
        document=document,
    )


def _names(names: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(words) for language, words in names.items()}


def _place(table: Any, layout: Layout) -> Place:
    node = table.node or layout.stations[table.station][0]
    load_types = layout.nodes[node].load_types
    return Place(
        id=table.id,
        kind=table.kind,
        number=table.number,
        names=_names(table.names),
        node=node,
        station=table.station,
        charger=_charges(table, node, layout),
        height=layout.heights.get(table.station) if table.station else None,
        load_type=next(iter(load_types)) if len(load_types) == 1 else None,
    )


def _charges(table: Any, node: str, layout: Layout) -> bool:
    """Whether vehicles can charge there: the layout says so, or, in a layout that names no such action, the id."""
    if any("startCharging" in each.actions for each in layout.nodes.values()):
        return "startCharging" in layout.nodes[node].actions
    return "charg" in (table.kind or table.id).casefold()


def _name_kinds(layout: Layout, kind_of_type: dict[str, str]) -> Layout:
    """Edges limited to vehicle types that are kinds of this site are limited to those kinds; types that the
    site does not know say nothing about it, so an edge that lists only those stays open."""

    def kinds(types: frozenset[str]) -> frozenset[str]:
        return frozenset(kind_of_type[t] for t in types if t in kind_of_type)

    edges = {
        i: replace(e, kinds=kinds(e.kinds), never_loaded=kinds(e.never_loaded), never_empty=kinds(e.never_empty))
        for i, e in layout.edges.items()
    }
    return replace(layout, edges=edges)
