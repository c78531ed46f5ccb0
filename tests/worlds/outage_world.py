"""Vehicles of the yard that break down, are carried away or are repaired, and what of it the fleet does."""

from __future__ import annotations

from yard import Yard, orders_to

from banksman_edge.fleet.outage import OUT_S
from banksman_shared.vda5050 import Error, ErrorLevel

FATAL = Error(error_type="motorFault", error_level=ErrorLevel.FATAL)


def put(yard: Yard, vehicle: str, node: str) -> None:
    """Carry a vehicle to a node by hand."""
    car, there = yard.cars[vehicle], yard.site.layout.nodes[node]
    car.x, car.y, car.last_node = there.x, there.y, node


def break_down(yard: Yard, vehicle: str, node: str | None = None) -> None:
    if node:
        put(yard, vehicle, node)
    yard.cars[vehicle].errors = [FATAL]
    yard.cars[vehicle].paused = True
    yard.run(OUT_S + 1)


def repair(yard: Yard, vehicle: str) -> None:
    yard.cars[vehicle].errors, yard.cars[vehicle].paused = [], False
    yard.step()


def bars(yard: Yard, vehicle: str) -> tuple[str, ...]:
    return yard.master.vehicles()[vehicle].bars


def driven(yard: Yard, vehicle: str) -> list[str]:
    """The nodes that a vehicle was let drive to."""
    return [node.node_id for order in orders_to(yard, vehicle) for node in order.nodes if node.released]
