"""From the tables that stay on the site to checked :class:`Rules`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from banksman_shared.errors import Fault
from banksman_shared.site.document import SiteDocument
from banksman_shared.site.rules import (
    DEFAULT_ROLE,
    Grant,
    LeavingRules,
    Offline,
    Operator,
    PolicyTable,
    Rules,
    Thresholds,
    Trust,
    Zone,
)
from banksman_shared.text import fold

Members = Mapping[str, frozenset[str]]
"""What each reference means."""


def rules_faults(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    """What the tables about people contradict among themselves and in the rest of the site."""
    yield from _zone_faults(tables, fault)
    yield from _role_faults(tables, fault)
    yield from _operator_faults(tables, fault)
    yield from _leaving_faults(tables, fault)


def build_rules(tables: SiteDocument) -> Rules:
    """The rules of a site whose tables have no faults."""
    vehicles, places = _vehicles(tables), _places(tables)
    zones = {
        z.id: Zone(z.id, _all(z.places, places), z.people, {code: tuple(said) for code, said in z.names.items()})
        for z in tables.zones
    }
    places = {**places, **{f"zone:{zone.id}": zone.places for zone in zones.values()}}
    roles = {
        key: tuple(
            Grant(
                frozenset(grant.actions) if grant.actions else None,
                _all(grant.vehicles, vehicles) if grant.vehicles else None,
                _all(grant.places, places) if grant.places else None,
            )
            for grant in role.allow
        )
        for key, role in tables.roles.items()
    }
    trust = tables.access.trust
    given = tables.policy.model_dump(exclude_none=True)
    rows: dict[str, Any] = {k: Thresholds(**row) if isinstance(row, dict) else row for k, row in given.items()}
    given_days, given_age = tables.audit.keep_days, tables.loads.age_s
    kept = {"keep_days": given_days, "loads_age_s": given_age}
    return Rules(
        zones=zones,
        roles=roles or None,
        operators={o.id: Operator(o.id, tuple(o.roles), tuple(o.devices), o.pin) for o in tables.operators},
        trust=Trust("device" in trust, "operator" in trust),
        policy=PolicyTable(**rows),
        leaving=_leaving(tables),
        **{key: value for key, value in kept.items() if value is not None},
    )


def _leaving(tables: SiteDocument) -> LeavingRules:
    given: dict[str, Any] = tables.escalation.model_dump(exclude_none=True)
    if given.get("offline") is Offline.LOCAL:
        given.setdefault("local", "start")
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return LeavingRules(**made)


def _all(references: Sequence[str], members: Members) -> frozenset[str]:
    return frozenset().union(*(members[reference] for reference in references))


def _vehicles(tables: SiteDocument) -> dict[str, frozenset[str]]:
    found = {v.id: frozenset({v.id}) for v in tables.vehicles}
    for kind in tables.vehicle_kinds:
        found[f"kind:{kind}"] = frozenset(v.id for v in tables.vehicles if v.kind == kind)
    return found | {f"group:{g.id}": frozenset(g.vehicles) for g in tables.groups}


def _places(tables: SiteDocument) -> dict[str, frozenset[str]]:
    found = {p.id: frozenset({p.id}) for p in tables.places}
    return found | {f"kind:{k}": frozenset(p.id for p in tables.places if p.kind == k) for k in tables.place_kinds}


def _unknown(references: Sequence[str] | None, known: Mapping[str, Any]) -> Iterator[str]:
    return (reference for reference in references or () if reference not in known)


def _zone_faults(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    places = _places(tables)
    seen = set()
    for i, zone in enumerate(tables.zones):
        if zone.id in seen:
            yield fault(("zones", i, "id"), f"zones id '{zone.id}' stands twice", "give each its own")
        seen.add(zone.id)
        for reference in _unknown(zone.places, places):
            yield fault(
                ("zones", i, "places"),
                f"zone '{zone.id}' names '{reference}', which is no place",
                "use place ids, or kind:ID of a kind of places",
            )
        if zone.names and all(reference in places and not places[reference] for reference in zone.places):
            yield fault(("zones", i, "places"), f"zone '{zone.id}' can be said and has no place", "give it some")


def _role_faults(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    vehicles = _vehicles(tables)
    places = {**_places(tables), **{f"zone:{zone.id}": None for zone in tables.zones}}
    if tables.roles and DEFAULT_ROLE not in tables.roles:
        yield fault(
            ("roles", next(iter(tables.roles)), "allow"),
            f"role '{DEFAULT_ROLE}' is missing: what somebody unknown may do, besides stopping",
            f"add [roles.{DEFAULT_ROLE}]; empty, it allows nothing",
        )
    for key, role in tables.roles.items():
        for i, grant in enumerate(role.allow):
            at = ("roles", key, "allow", i)
            for reference in _unknown(grant.vehicles, vehicles):
                yield fault(
                    (*at, "vehicles"),
                    f"role '{key}' names '{reference}', which is no vehicle",
                    "use vehicle ids, kind:ID or group:ID",
                )
            for reference in _unknown(grant.places, places):
                yield fault(
                    (*at, "places"),
                    f"role '{key}' names '{reference}', which is no place",
                    "use place ids, kind:ID or zone:ID",
                )


def _leaving_faults(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    table = tables.escalation
    for key in ("customers", "goods", "sensitive", "sensitive_loads"):
        for words in getattr(table, key) or ():
            if not fold(words):
                what = f"'{words}' has no letters or digits"
                yield fault(("escalation", key), what, "use words that can be said or written")
    if table.offline is Offline.LOCAL and table.local == "off":
        what = "offline is 'local', and local is 'off'"
        yield fault(("escalation", "local"), what, 'leave local out, or give "start" or a URL')
    if table.cloud is False and table.offline is Offline.QUEUE:
        what = "offline is 'queue', and with cloud = false there is nothing to wait for"
        yield fault(("escalation", "offline"), what, "use 'local' or 'refuse'")


def _operator_faults(tables: SiteDocument, fault: Any) -> Iterator[Fault]:
    ids: set[str] = set()
    owners: dict[str, str] = {}
    for i, operator in enumerate(tables.operators):
        if operator.id in ids:
            yield fault(("operators", i, "id"), f"operators id '{operator.id}' stands twice", "give each their own")
        ids.add(operator.id)
        for role in _unknown(operator.roles, tables.roles):
            yield fault(
                ("operators", i, "roles"),
                f"operator '{operator.id}' has role '{role}', which is not defined",
                f"add [roles.{role}] or use one of {sorted(tables.roles)}",
            )
        for device in operator.devices:
            owner = owners.setdefault(device, operator.id)
            if owner != operator.id:
                yield fault(
                    ("operators", i, "devices"),
                    f"device '{device}' belongs to both '{owner}' and '{operator.id}'",
                    "a device that several share needs PINs",
                )
