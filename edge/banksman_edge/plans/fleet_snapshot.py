"""The fleet as a planner is told of it, and as a plan is proven against it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from banksman_edge.fleet import VehicleView
from banksman_edge.loads import Stock
from banksman_shared.plans import FleetSnapshot, LoadSnapshot, VehicleSnapshot


def fleet_now(
    views: Mapping[str, VehicleView], among: Collection[str] | None = None, stock: Stock | None = None
) -> FleetSnapshot:
    """Where everybody is, where vehicles that are out of order bar the way, and the loads of ``stock``. Vehicles that
    have nothing to do are available, if they are ``among`` these; None: all."""
    vehicles = tuple(
        VehicleSnapshot(
            id=view.id,
            node=view.node or "",
            battery=None if view.battery is None else min(100.0, max(0.0, view.battery)),
            loaded=bool(view.loaded),
            speed=min(20.0, view.speed),
            available=view.idle and view.node is not None and (among is None or view.id in among),
        )
        for view in views.values()
    )
    loads = None if stock is None else tuple(LoadSnapshot(id=x.id, place=x.place, type=x.type) for x in stock.loads)
    uncounted = tuple(sorted(stock.uncounted)) or None if stock else None
    return FleetSnapshot(vehicles=vehicles, loads=loads, uncounted=uncounted, blocked=barred_nodes(views.values()))


def barred_nodes(views: Iterable[VehicleView]) -> tuple[str, ...] | None:
    """The nodes of the layout where nobody can pass, since a vehicle that is out of order stands there; None for
    nowhere."""
    return tuple(dict.fromkeys(node for view in views for node in view.bars)) or None
