"""From a command with its places to a VDA 5050 order (2.1.0 §6.6)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.fleet.routing import Drive
from banksman_shared.commands import Action as Wish
from banksman_shared.site import Place
from banksman_shared.vda5050 import Action, ActionParameter, BlockingType, Edge, Node, NodePosition, Order

PICK, DROP, START_CHARGING, STOP_CHARGING = "pick", "drop", "startCharging", "stopCharging"
"""Predefined actions (2.1.0 §6.8.2)."""

ACTION_S = 20.0
"""Seconds that handling a load or docking to a charger is expected to take."""

_OFFSET_WORTH_SAYING_M = 0.1
_OFFSET_MARGIN_M = 0.2


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way and what to do there. ``place`` None: where the vehicle stands."""

    place: Place | None
    action_type: str | None = None


def stops_for(wish: Wish, origin: Place | None, destination: Place | None) -> tuple[Stop, ...]:
    """What a driving command comes to."""
    match wish:
        case Wish.PICK:
            return (Stop(destination, PICK),)
        case Wish.DROP:
            return (Stop(destination, DROP),)
        case Wish.TRANSPORT:
            return (*((Stop(origin, PICK),) if origin else ()), Stop(destination, DROP))
        case Wish.CHARGE:
            return (Stop(destination, START_CHARGING),)
        case _:
            return (Stop(destination),)


def nodes_of(stops: Sequence[Stop]) -> list[str | None]:
    """The nodes to pass, None for where the vehicle stands."""
    return [stop.place.node if stop.place else None for stop in stops]


def new_action(action_type: str, parameters: Mapping[str, str] | None = None) -> Action:
    """An action with an id of its own that nothing else may run beside."""
    return Action(
        action_type=action_type,
        action_id=f"{action_type}-{uuid.uuid4()}",
        blocking_type=BlockingType.HARD,
        action_parameters=tuple(ActionParameter(key=k, value=v) for k, v in (parameters or {}).items()),
    )


def build_order(drive: Drive, stops: Sequence[Stop], *, charging: bool) -> Order:
    """The order for a drive, all of it released. The header is filled in when it is sent."""
    actions: dict[int, list[Action]] = {0: [new_action(STOP_CHARGING)]} if charging else {}
    for index, stop in zip(drive.stops, stops, strict=True):
        if stop.action_type:
            actions.setdefault(index, []).append(new_action(stop.action_type, _station(stop)))
    route = drive.route
    return Order(
        header_id=0,
        timestamp="",
        version="",
        manufacturer="",
        serial_number="",
        order_id=str(uuid.uuid4()),
        order_update_id=0,
        nodes=tuple(
            Node(
                node_id=node.id,
                sequence_id=2 * i,
                released=True,
                actions=tuple(actions.get(i, ())),
                node_position=NodePosition(
                    x=node.x,
                    y=node.y,
                    map_id=node.map_id,
                    theta=node.theta,
                    allowed_deviation_xy=_deviation(drive.offset) if i == 0 else None,
                ),
            )
            for i, node in enumerate(route.nodes)
        ),
        edges=tuple(
            Edge(
                edge_id=edge.id,
                sequence_id=2 * i + 1,
                released=True,
                start_node_id=edge.start,
                end_node_id=edge.end,
                actions=(),
                max_speed=edge.max_speed,
            )
            for i, edge in enumerate(route.edges)
        ),
    )


def expected_seconds(drive: Drive, stops: Sequence[Stop], speed: float) -> float:
    """How long the drive should take on free roads."""
    driving = sum(edge.length / min(edge.max_speed or speed, speed) for edge in drive.route.edges)
    return driving + ACTION_S * sum(stop.action_type is not None for stop in stops)


def _deviation(offset: float) -> float | None:
    # A vehicle refuses an order whose first node is not within reach, so say how far off it may be.
    return round(offset + _OFFSET_MARGIN_M, 2) if offset > _OFFSET_WORTH_SAYING_M else None


def _station(stop: Stop) -> dict[str, str]:
    place = stop.place
    if place is None or stop.action_type not in (PICK, DROP):
        return {}
    return {k: v for k, v in (("stationType", place.kind), ("stationName", place.station)) if v}
