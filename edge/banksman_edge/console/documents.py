"""The site and its vehicles as the page and other clients get them: JSON, with names in the reader's language."""

from __future__ import annotations

from typing import Any

from banksman_edge.fleet import VehicleView
from banksman_edge.replies import Phrasebook
from banksman_shared.commands import EVERYBODY, to_document
from banksman_shared.site import Site


def site_document(site: Site, language: str) -> dict[str, Any]:
    """The site: what it is called, its map in metres, its places and vehicles, and what can be ordered."""
    nodes, phrases = site.layout.nodes, Phrasebook(site)
    kinds, groups = (f"kind:{kind}" for kind in site.vehicle_kinds), (f"group:{group}" for group in site.groups)
    return {
        "id": site.id,
        "name": site.name,
        "languages": list(site.languages),
        "operators": site.rules.roles is not None,
        "nodes": {node.id: [node.x, node.y, node.map_id] for node in nodes.values()},
        "edges": [[edge.start, edge.end] for edge in site.layout.edges.values()],
        "places": [
            {
                "id": place.id,
                "kind": place.kind,
                "name": site.label(place.id, language),
                "node": place.node,
                "charger": place.charger,
            }
            for place in site.places.values()
        ],
        "vehicles": [
            {
                "id": vehicle.id,
                "kind": vehicle.kind,
                "name": site.label(vehicle.id, language),
                "number": vehicle.number,
                "home": vehicle.home,
                "manufacturer": vehicle.address.manufacturer,
                "serial_number": vehicle.address.serial_number,
            }
            for vehicle in site.vehicles.values()
        ],
        "selectors": {selector: phrases.who((selector,), language) for selector in (EVERYBODY, *kinds, *groups)},
        "actions": [
            {"id": action.id, "name": (action.names.get(language) or (action.id,))[0], "at_place": action.at_place}
            for action in site.actions.values()
        ],
    }


def vehicle_document(view: VehicleView) -> dict[str, Any]:
    """A vehicle as it is now; see :class:`VehicleView` for the units. ``state`` is the word for it all."""
    return {
        "id": view.id,
        "state": state_of(view),
        "x": view.x,
        "y": view.y,
        "heading": view.heading,
        "map": view.map_id,
        "node": view.node,
        "base": list(view.base),
        "horizon": list(view.horizon),
        "speed": view.speed,
        "battery": view.battery,
        "charging": view.charging,
        "loaded": view.loaded,
        "driving": view.driving,
        "stopped": view.stopped,
        "halted": stands(view),
        "errors": list(view.errors),
        "job": view.job,
        "waiting": [{"job": job, "command": to_document([command])} for job, command in view.waiting],
        "done_in_s": view.done_in_s,
    }


def stands(view: VehicleView) -> bool:
    """Whether a vehicle that was stopped says itself that it stands: one that is not heard of does not."""
    heard = view.connected and view.reporting
    return heard and view.stopped and not view.driving and (view.paused or not view.works)


def state_of(view: VehicleView) -> str:
    """What a vehicle does, in a word: the first of these that holds."""
    told = (
        ("offline", not (view.connected and view.reporting)),
        ("emergency_stop", view.emergency_stop),
        ("fault", view.fatal or not view.initialised),
        ("stopped", view.stopped or view.paused),
        ("manual", not view.automatic),
        ("driving", view.driving),
        ("charging", view.charging),
        ("working", view.works),
    )
    return next((word for word, holds in told if holds), "idle")
