"""Where the vehicle is and how it rolls: pose, speed, and driving to the coordinates of an order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from banksman_firmware_sim.motion.motion import EPSILON, Motion
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import AgvPosition, Edge, Ellipse, NodePosition, Velocity

TOLERANCE_M = 0.3
"""How near counts as standing on a node that allows no deviation of its own (2.1.0 §6.6.6, allowedDeviationXY)."""
TOLERANCE_RAD = 0.1

FARTHEST = 1e6
"""Metres from the origin of a map, or radians, beyond which a number is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The straight way along one edge, or as far along it as the vehicle may go."""

    start: tuple[float, float]
    direction: tuple[float, float]
    heading: float
    theta: float
    begin_m: float
    """Metres from the start of the journey."""
    end_m: float
    stretch: int
    """Index of the last stretch of the motion that belongs to it."""
    to_node: bool
    """Whether it ends at a node, rather than before."""


@dataclass(slots=True)
class Journey:
    """A motion that is under way, over the legs that are yet to be driven."""

    motion: Motion
    legs: list[Leg]
    started_at: float

    @property
    def arrives_at(self) -> float:
        """When the leg that is being driven will be done."""
        return self.started_at + self.motion.ends_s[self.legs[0].stretch]


class Chassis:
    """Pose on the map and speed along the way. Turning on the spot takes no time.

    Pose and speed are those of the last :meth:`sync`.
    """

    def __init__(self, at: SiteNode) -> None:
        self.x, self.y, self.theta, self.map_id = at.x, at.y, at.theta or 0.0, at.map_id
        self.speed = 0.0
        self.localised = True
        self.journey: Journey | None = None
        self._heading = self.theta
        self._driven_m = 0.0

    # Where it is

    def sync(self, now: float) -> None:
        """Bring pose and speed up to the moment ``now``."""
        journey = self.journey
        if journey is None:
            return
        metres, self.speed = journey.motion.at(now - journey.started_at)
        if not journey.legs:
            return
        leg = journey.legs[0]
        along = min(metres, leg.end_m) - leg.begin_m
        (x, y), (dx, dy) = leg.start, leg.direction
        self.x, self.y = x + dx * along, y + dy * along
        self.theta, self._heading = leg.theta, leg.heading

    def metres(self, now: float) -> float:
        """Metres driven on the journey that is under way."""
        journey = self.journey
        return journey.motion.at(now - journey.started_at)[0] if journey else 0.0

    def odometer(self, now: float) -> float:
        """Metres driven in all."""
        return self._driven_m + self.metres(now)

    @property
    def position(self) -> AgvPosition:
        return AgvPosition(
            x=self.x, y=self.y, theta=self.theta, map_id=self.map_id, position_initialized=self.localised
        )

    @property
    def velocity(self) -> Velocity:
        turned = self._heading - self.theta
        return Velocity(vx=self.speed * math.cos(turned), vy=self.speed * math.sin(turned), omega=0.0)

    def distance_to(self, position: NodePosition) -> float:
        return math.hypot(position.x - self.x, position.y - self.y)

    def stands_on(self, position: NodePosition) -> bool:
        """Whether the pose is within the node's deviation range, on its map (3.0 §6.6.2.1 for the ellipse)."""
        if position.map_id != self.map_id:
            return False
        distance, allowed = self.distance_to(position), position.allowed_deviation_xy
        if distance <= TOLERANCE_M:
            return True
        if not isinstance(allowed, Ellipse):
            return distance <= (allowed or 0.0)
        dx, dy = self.x - position.x, self.y - position.y
        cos, sin = math.cos(allowed.theta), math.sin(allowed.theta)
        along, across = dx * cos + dy * sin, dy * cos - dx * sin
        # Degenerate axes reach nowhere.
        return min(allowed.a, allowed.b) > 0 and (along / allowed.a) ** 2 + (across / allowed.b) ** 2 <= 1

    # How it moves

    def place(self, x: float, y: float, theta: float, map_id: str) -> None:
        """Put the standing vehicle somewhere: a new localisation."""
        self.x, self.y, self.theta, self.map_id = x, y, wrapped(theta), map_id
        self._heading = self.theta

    def turn_to(self, position: NodePosition) -> None:
        """Assume the angle that a node asks for, unless the present one is near enough (2.1.0 §6.6.6, theta)."""
        if position.theta is None:
            return
        allowed = max(TOLERANCE_RAD, position.allowed_deviation_theta or 0.0)
        if abs(wrapped(self.theta - position.theta)) > allowed or not position.allowed_deviation_theta:
            self.theta = self._heading = wrapped(position.theta)

    def start(self, motion: Motion, legs: Sequence[Leg], now: float) -> None:
        self.journey = Journey(motion, list(legs), now)

    def stop_journey(self, now: float) -> float:
        """End the journey where the vehicle is. Returns the metres driven on it; the speed stays what it is."""
        if self.journey is None:
            return 0.0
        self.sync(now)
        metres = self.metres(now)
        self._driven_m += metres
        self.journey = None
        return metres

    def arrive(self, position: NodePosition) -> None:
        """The node is reached, exactly; a journey goes on with its next leg."""
        self.x, self.y, self.map_id = position.x, position.y, position.map_id
        if self.journey is not None:
            self.journey.legs.pop(0)
        if self.journey is None or not self.journey.legs:
            self.turn_to(position)

    def halt(self) -> None:
        """Stand. Exactly, where rounding would leave a creep."""
        self.speed = 0.0


def leg_theta(edge: Edge, heading: float) -> float:
    """The angle the vehicle holds on an edge (2.1.0 §6.6.6: tangential unless said otherwise)."""
    if edge.orientation is None:
        return wrapped(heading)
    return wrapped(edge.orientation if edge.orientation_type == "GLOBAL" else heading + edge.orientation)


def wrapped(angle: float) -> float:
    """The angle within plus and minus pi."""
    return math.remainder(angle, math.tau)


def lies_on(chassis: Chassis, position: NodePosition) -> bool:
    """Whether the vehicle is exactly there."""
    return chassis.distance_to(position) <= EPSILON
