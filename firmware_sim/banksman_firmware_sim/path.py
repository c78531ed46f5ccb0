"""The way ahead: as far as the vehicle may roll without another word from master control."""

from __future__ import annotations

import math

from banksman_firmware_sim.actions import ActionList
from banksman_firmware_sim.chassis import Chassis
from banksman_firmware_sim.motion import EPSILON, Stretch, braking_distance
from banksman_firmware_sim.orders import OrderProgress
from banksman_firmware_sim.profile import VehicleProfile


def path_ahead(order: OrderProgress, actions: ActionList, chassis: Chassis, profile: VehicleProfile) -> list[Stretch]:
    """The way to where the vehicle must stand: the end of the base, or an action that forbids driving.

    It reaches only as far as what lies there can matter before the next node.
    """
    path: list[Stretch] = []
    reach = braking_distance(profile.speed, profile.deceleration)
    if actions.blocks_driving:
        return path
    x, y = chassis.x, chassis.y
    for node, edge in zip(order.nodes, order.edges, strict=True):
        position = node.node_position
        if not node.released or position is None or reach <= 0:
            break
        if path and actions.open(edge.actions, blocking=True):
            break
        length = math.hypot(position.x - x, position.y - y)
        if not path and length <= EPSILON:
            break
        reach -= length if path else 0.0
        path.append(Stretch(length, profile.speed if edge.max_speed is None else edge.max_speed))
        x, y = position.x, position.y
        # What was begun on an edge must end on it (2.1.0 §6.10.2), so its end may be a stop.
        if actions.open(edge.actions) or actions.open(node.actions, blocking=True):
            break
    return path


def wants_base(order: OrderProgress, chassis: Chassis, profile: VehicleProfile) -> bool:
    """Whether the base ends so soon that the vehicle will brake for it (2.1.0 §6.10.3)."""
    if not order.has_horizon:
        return False
    left, x, y = 0.0, chassis.x, chassis.y
    for node in order.nodes:
        if not node.released or node.node_position is None:
            break
        left += math.hypot(node.node_position.x - x, node.node_position.y - y)
        x, y = node.node_position.x, node.node_position.y
    return left <= 2 * braking_distance(profile.speed, profile.deceleration)
