"""The vehicles of a problem: which can be used, what is open to each, and how far its battery allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from banksman_cloud.errors import TooLargeError
from banksman_cloud.solving.instance import Carrier
from banksman_cloud.solving.travel_times import FOREVER, TICKS_PER_S, Roads, Window, nodes_of, one_way_edges, ticks
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, OneWayGoal, ReserveGoal, UseGoal, VehicleSnapshot
from banksman_shared.site import Site
from banksman_shared.verify import FLOOR, WORK_DRAIN

_LARGEST = 5_000_000
"""Nodes and edges of all roads together."""
_KEPT = 1_000_000
"""Ends of ways that are remembered with all that lies on them."""


def usable(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal]) -> dict[str, VehicleSnapshot]:
    """Those that are available and that no goal keeps out of the plan."""
    uses = [goal for goal in goals if isinstance(goal, UseGoal)]
    return {
        v.id: v
        for v in fleet.vehicles
        if v.available
        and v.id in site.vehicles
        and all((not use.only or v.id in use.only) and v.id not in use.never for use in uses)
    }


def carriers(
    site: Site, goals: Sequence[Goal], usable: Mapping[str, VehicleSnapshot], blocked: Iterable[str] = ()
) -> dict[str, Carrier]:
    """Those that are alike share their roads, and the ways that are remembered on them. Nobody passes nodes that are
    ``blocked``.

    Raises:
        TooLargeError: there is not the memory for so many roads.
    """
    back = (g for g in goals if isinstance(g, OneWayGoal))
    nodes = ((site.places[g.start].node, site.places[g.end].node) for g in back)
    edges = frozenset(e for start, end in nodes for e in one_way_edges(site.layout, start, end))
    barred = frozenset(blocked)
    keys = {v.id: (site.vehicles[v.id].kind, v.speed, *_closed(site, goals, v.id, barred)) for v in usable.values()}
    alike, layout = set(keys.values()), site.layout
    if len(alike) * (len(layout.nodes) + len(layout.edges)) > _LARGEST:
        raise TooLargeError(
            f"a layout of {len(layout.nodes)} nodes and {len(alike)} kinds and speeds of vehicles are too much for "
            "one plan; ask with fewer vehicles"
        )
    stops = frozenset((*(place.node for place in site.places.values()), *(v.node for v in usable.values())))
    roads = {
        (kind, speed, closed, windows): Roads(layout, kind, speed, closed, edges, windows, stops, _KEPT // len(alike))
        for kind, speed, closed, windows in alike
    }
    return {
        v.id: Carrier(v.id, v.node, roads[keys[v.id]], v.loaded, ticks(v.ready_s), budget_of(goals, v.id, v.battery))
        for v in usable.values()
    }


def _closed(
    site: Site, goals: Sequence[Goal], vehicle: str, blocked: frozenset[str]
) -> tuple[frozenset[str], tuple[Window, ...]]:
    """The nodes that are closed to a vehicle all the time, and those that are for a time."""
    closed, windows = set(blocked), list[Window]()
    for goal in goals:
        if not isinstance(goal, AvoidGoal) or (goal.vehicles and vehicle not in goal.vehicles):
            continue
        nodes = frozenset(node for place in goal.places for node in nodes_of(site, place))
        if goal.from_s is None and goal.until_s is None:
            closed |= nodes
        else:
            end = FOREVER if goal.until_s is None else ticks(goal.until_s)
            windows.append(Window(nodes, int((goal.from_s or 0.0) * TICKS_PER_S), end))
    return frozenset(closed), tuple(windows)


def budget_of(goals: Sequence[Goal], vehicle: str, battery: float | None) -> int | None:
    """Ticks of work that a battery allows; None where nobody knows its charge, or asked for a reserve."""
    wishes = (goal for goal in goals if isinstance(goal, ReserveGoal))
    reserves = [wish.percent for wish in wishes if not wish.vehicles or vehicle in wish.vehicles]
    if battery is None:
        return 0 if reserves else None
    return max(0, int((battery - max([FLOOR, *reserves])) / WORK_DRAIN * TICKS_PER_S))
