"""Where the vehicle is and how it rolls: pose, speed, and driving to the coordinates of an order."""

from __future__ import annotations

import math
from collections.abc import Sequence

from banksman_firmware_sim.motion import EPSILON, Stretch, advance, braking_distance, cut
from banksman_firmware_sim.profile import VehicleProfile
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import AgvPosition, Edge, NodePosition, Velocity

TOLERANCE_M = 0.3
"""How near counts as standing on a node that allows no deviation of its own (2.1.0 §6.7, allowedDeviationXY)."""

FARTHEST = 1e6
"""Metres from the origin of a map, or radians, beyond which a number is taken for a mistake."""


class Chassis:
    """Pose on the map and speed along the way. Turning on the spot takes no time."""

    def __init__(self, at: SiteNode, profile: VehicleProfile) -> None:
        self._profile = profile
        self.x, self.y, self.theta, self.map_id = at.x, at.y, at.theta or 0.0, at.map_id
        self.speed = 0.0
        self._heading = self.theta

    @property
    def position(self) -> AgvPosition:
        return AgvPosition(x=self.x, y=self.y, theta=self.theta, map_id=self.map_id, position_initialized=True)

    @property
    def velocity(self) -> Velocity:
        turned = self._heading - self.theta
        return Velocity(vx=self.speed * math.cos(turned), vy=self.speed * math.sin(turned), omega=0.0)

    @property
    def braking_distance(self) -> float:
        return braking_distance(self.speed, self._profile.deceleration)

    def distance_to(self, position: NodePosition) -> float:
        return math.hypot(position.x - self.x, position.y - self.y)

    def stands_on(self, position: NodePosition) -> bool:
        """Whether the pose is within the node's deviation range, on its map."""
        reach = max(TOLERANCE_M, position.allowed_deviation_xy or 0.0)
        return position.map_id == self.map_id and self.distance_to(position) <= reach

    def place(self, x: float, y: float, theta: float, map_id: str) -> None:
        """Put the vehicle somewhere: arrival, or a new localisation."""
        self.x, self.y, self.theta, self.map_id = x, y, _wrapped(theta), map_id
        self._heading = self.theta

    def arrive(self, position: NodePosition) -> None:
        theta = self.theta if position.theta is None else position.theta
        self.place(position.x, position.y, theta, position.map_id)

    def drive(
        self, path: Sequence[Stretch], target: NodePosition, edge: Edge, dt_s: float, *, braking: bool
    ) -> tuple[float, float]:
        """Move towards ``target`` along the first stretch of ``path``; ``braking``: come to a stop at once.

        Returns seconds used, which are fewer than ``dt_s`` where the stretch ended or the vehicle stands, and metres.
        """
        if braking:
            path = list(cut(path, self.braking_distance))
            if not path:
                self.speed = 0.0
                return 0.0, 0.0
        whole = self.distance_to(target)
        self._heading = math.atan2(target.y - self.y, target.x - self.x)
        self.theta = _wrapped(_orientation(edge, self._heading))
        progress = advance(self.speed, path, self._profile, dt_s)
        self.speed = progress.speed
        if whole - progress.distance <= EPSILON:
            self.x, self.y = target.x, target.y
        else:
            self.x += (target.x - self.x) * progress.distance / whole
            self.y += (target.y - self.y) * progress.distance / whole
        return progress.elapsed_s, progress.distance


def _orientation(edge: Edge, heading: float) -> float:
    """The angle the vehicle holds on an edge (2.1.0 §6.7: tangential unless said otherwise)."""
    if edge.orientation is None:
        return heading
    return edge.orientation if edge.orientation_type == "GLOBAL" else heading + edge.orientation


def _wrapped(angle: float) -> float:
    """The angle within plus and minus pi."""
    return math.remainder(angle, math.tau)
