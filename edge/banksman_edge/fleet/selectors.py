"""Whom a reference means: an id, a group, a kind, those at a place, or everybody."""

from __future__ import annotations

from collections.abc import Mapping

from banksman_shared.commands import EVERYBODY
from banksman_shared.site import Site


def members_of(site: Site, reference: str, nodes: Mapping[str, str | None]) -> list[str]:
    """The vehicles that an id, ``*`` or a selector means now; ``nodes`` says where each vehicle is."""
    kind, _, name = reference.partition(":")
    if reference == EVERYBODY:
        return list(site.vehicles)
    if reference in site.vehicles:
        return [reference]
    if kind == "group" and name in site.groups:
        return list(site.groups[name].vehicles)
    if kind == "kind":
        return [v.id for v in site.vehicles.values() if v.kind == name]
    if kind == "at" and name in site.places:
        place = site.places[name]
        here = {place.node, *site.layout.stations.get(place.station or "", ())}
        return [vehicle for vehicle, node in nodes.items() if node in here]
    return []
