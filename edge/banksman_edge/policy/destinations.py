"""Where an order takes vehicles, said or not: homes, chargers, and where a load is handled on the spot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from banksman_edge.fleet import VehicleView, members_of
from banksman_shared.actions import Action
from banksman_shared.commands import ON_THE_SPOT, Command
from banksman_shared.site import Site


def vehicles_of(site: Site, views: Mapping[str, VehicleView], commands: Iterable[Command]) -> set[str]:
    """The vehicles that commands name, with those that their selectors mean now."""
    nodes = {vehicle: view.node for vehicle, view in views.items()}
    return {v for command in commands for named in command.vehicles for v in members_of(site, named, nodes)}


def leads_to(site: Site, views: Mapping[str, VehicleView], commands: Sequence[Command]) -> frozenset[str]:
    """The places that commands name or may lead to; of vehicles of which nothing is known, not where they stand."""
    places: set[str] = set()
    sent: dict[str, str] = {}
    """Where the commands so far have left each vehicle."""
    for command in commands:
        vehicles = vehicles_of(site, views, [command])
        if command.destination:
            sent |= dict.fromkeys(vehicles, command.destination)
        places |= {place for place in (command.origin, command.destination) if place}
        places |= set(_unsaid(site, views, command, vehicles, sent))
    return frozenset(places)


def _unsaid(
    site: Site, views: Mapping[str, VehicleView], command: Command, vehicles: set[str], sent: Mapping[str, str]
) -> Iterator[str]:
    if command.destination:
        return
    if command.action is Action.PARK:
        yield from (site.vehicles[v].home for v in vehicles or site.vehicles)
    elif command.action is Action.CHARGE:
        yield from (charger.id for charger in site.chargers())
    elif command.action in ON_THE_SPOT:
        for vehicle in vehicles or {view.id for view in views.values() if view.loaded}:
            yield from [sent[vehicle]] if vehicle in sent else _standing(site, views.get(vehicle))


def _standing(site: Site, view: VehicleView | None) -> Iterator[str]:
    """The places at which a vehicle stands."""
    if view is None or view.node is None:
        return
    for place in site.places.values():
        if view.node in {place.node, *site.layout.stations.get(place.station or "", ())}:
            yield place.id
