"""Zones across the way from A (0, 0) to B (10, 0), and the master's side of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim_world import MAP, header, tell, vehicle

from banksman_firmware_sim import VirtualVehicle
from banksman_shared.clock import ManualClock
from banksman_shared.vda5050 import (
    ActionParameter,
    ActionStatus,
    BlockingType,
    GrantType,
    RequestStatus,
    Response,
    Responses,
    Vertex,
    Zone,
    ZoneAction,
    ZoneReleaseLoss,
    ZoneSet,
    ZoneSetContent,
    ZoneType,
)

RADIUS = (1.4**2 + 0.9**2) ** 0.5 / 2
"""Of the circle around the vehicle, in metres."""


def zone(kind: ZoneType, x: tuple[float, float] = (5.0, 7.0), name: str = "z", **fields: Any) -> Zone:
    """A zone between two x coordinates, two metres to either side of the way."""
    left, right = x
    corners = ((left, -2.0), (right, -2.0), (right, 2.0), (left, 2.0))
    return Zone(zone_id=name, zone_type=kind, vertices=tuple(Vertex(x=a, y=b) for a, b in corners), **fields)


def release(loss: ZoneReleaseLoss | None = None, **where: Any) -> Zone:
    return zone(ZoneType.RELEASE, release_loss_behavior=loss, **where)


def act(kind: str, blocking: str = "NONE", **parameters: Any) -> ZoneAction:
    return ZoneAction(
        action_type=kind,
        blocking_type=BlockingType(blocking),
        action_parameters=tuple(ActionParameter(key=k, value=v) for k, v in parameters.items()),
    )


def zone_set(zones: Sequence[Zone], name: str = "set", map_id: str = MAP) -> ZoneSet:
    return ZoneSet(**header(), zone_set=ZoneSetContent(zone_set_id=name, map_id=map_id, zones=tuple(zones)))


def zoned(*zones: Zone, at: str = "A", clock: ManualClock | None = None) -> VirtualVehicle:
    """A vehicle with these zones in force."""
    machine = vehicle(at, version="3.0.0", clock=clock)
    machine.handle_zone_set(zone_set(zones))
    assert tell(machine, "enableZoneSet", zoneSetId="set") is ActionStatus.FINISHED
    return machine


def answer(machine: VirtualVehicle, grant: str, lease: str | None = None, request_id: str | None = None) -> None:
    """Answer the vehicle's only request."""
    if request_id is None:
        (request,) = machine.state().zone_requests
        request_id = request.request_id
    response = Response(request_id=request_id, grant_type=GrantType(grant), lease_expiry=lease)
    machine.handle_responses(Responses(**header(), responses=(response,)))


def request_status(machine: VirtualVehicle) -> list[RequestStatus]:
    return [request.request_status for request in machine.state().zone_requests]
