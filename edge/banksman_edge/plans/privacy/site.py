"""A site's document without its names: what a planner needs, and nothing else of what the site's files hold.

It is made anew from the checked site, so what somebody wrote into a file, and is not read there, cannot leave with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from banksman_edge.plans.privacy.pseudonyms import Ids, Pseudonyms
from banksman_shared.site import Edge, Kind, Node, Place, Site, Vehicle

_ANY_KIND = "*"
"""Whose speed limit it is where a road has one for everybody; no kind of the site, so that the road stays open."""

Document = dict[str, Any]


def hidden_document(names: Pseudonyms) -> Document:
    """The site as :func:`banksman_shared.site.parse_site` reads it."""
    site, leaving = names.site, names.site.rules.leaving
    return {
        "site": {"id": leaving.known_as or site.id, "name": names.name, "languages": list(site.languages)},
        "vehicle_kinds": dict(_kinds(names, names.vehicle_kinds, site.vehicle_kinds)),
        "vehicles": [_vehicle(names, vehicle) for vehicle in site.vehicles.values()],
        "place_kinds": dict(_kinds(names, names.place_kinds, site.place_kinds)),
        "places": [_place(names, place) for place in site.places.values()],
        "groups": [
            {
                "id": names.groups.known[group.id],
                "vehicles": [names.vehicles.known[vehicle] for vehicle in group.vehicles],
                "names": _spoken(group.names, names.groups.known[group.id]),
            }
            for group in site.groups.values()
        ],
        "zones": [
            {
                "id": names.zones.known[zone.id],
                "places": [names.places.known[place] for place in sorted(zone.places)],
                "names": _spoken(zone.names, names.zones.known[zone.id]),
            }
            for zone in names.named_zones()
        ],
        "layout_document": {"layouts": [_layout(names, site)]},
    }


def _kinds(names: Pseudonyms, ids: Ids, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Document]]:
    """Their names stay, but for names of somebody in them."""
    for kind in kinds.values():
        spoken = {
            code: list(dict.fromkeys(names.words(word).sent for word in words)) for code, words in kind.names.items()
        }
        yield names.of(ids, kind.id), {"names": spoken}


def _vehicle(names: Pseudonyms, vehicle: Vehicle) -> Document:
    stand_in = names.vehicles.known[vehicle.id]
    return {
        "id": stand_in,
        "kind": names.of(names.vehicle_kinds, vehicle.kind),
        "manufacturer": "x",
        "serial_number": stand_in,
        "home": names.places.known[vehicle.home],
        **_called(vehicle, stand_in),
    }


def _place(names: Pseudonyms, place: Place) -> Document:
    stand_in = names.places.known[place.id]
    served = {"node": names.nodes.known[place.node]}
    if place.station is not None:
        served = {"station": names.stations.known[place.station]}
    kind = {} if place.kind is None else {"kind": names.of(names.place_kinds, place.kind)}
    return {"id": stand_in, **kind, **served, **_called(place, stand_in)}


def _called(thing: Vehicle | Place, stand_in: str) -> Document:
    """Its number, which stays, and its stand-in wherever it has names."""
    number = {} if thing.number is None else {"number": thing.number}
    return number | ({"names": _spoken(thing.names, stand_in)} if thing.names else {})


def _spoken(names: Mapping[str, tuple[str, ...]], stand_in: str) -> dict[str, list[str]]:
    return {code: [stand_in] for code, words in names.items() if words}


def _layout(names: Pseudonyms, site: Site) -> Document:
    chargers = {place.node for place in site.chargers()}
    return {
        "layoutId": names.name,
        "nodes": [_node(names, node, charger=node.id in chargers) for node in site.layout.nodes.values()],
        "edges": [_edge(names, edge) for edge in site.layout.edges.values()],
        "stations": [
            {
                "stationId": names.stations.known[station],
                "interactionNodeIds": [names.nodes.known[node] for node in nodes],
            }
            for station, nodes in site.layout.stations.items()
        ],
    }


def _node(names: Pseudonyms, node: Node, *, charger: bool) -> Document:
    actions: list[Document] = [{"actionType": "startCharging"}] if charger else []
    actions += [
        {
            "actionType": f"handle{number}",
            "actionParameters": [{"key": "loadType", "value": names.of(names.types, load_type)}],
        }
        for number, load_type in enumerate(sorted(node.load_types), 1)
    ]
    return {
        "nodeId": names.nodes.known[node.id],
        "mapId": names.maps.known[node.map_id],
        "nodePosition": {"x": node.x, "y": node.y},
        "vehicleTypeNodeProperties": [{"vehicleTypeId": _ANY_KIND, "actions": actions}] if actions else [],
    }


def _edge(names: Pseudonyms, edge: Edge) -> Document:
    speed = {} if edge.max_speed is None else {"maxSpeed": edge.max_speed}
    rules: list[Document] = [
        {
            "vehicleTypeId": names.of(names.vehicle_kinds, kind),
            "loadRestriction": {"loaded": kind not in edge.never_loaded, "unloaded": kind not in edge.never_empty},
            **speed,
        }
        for kind in sorted(edge.kinds)
    ]
    return {
        "edgeId": names.edges.known[edge.id],
        "startNodeId": names.nodes.known[edge.start],
        "endNodeId": names.nodes.known[edge.end],
        "vehicleTypeEdgeProperties": rules or ([{"vehicleTypeId": _ANY_KIND, **speed}] if speed else []),
    }
