"""What several messages are made of."""

from __future__ import annotations

from typing import Any

import msgspec

from banksman_shared.vda5050.messages.enums import BlockingType


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A part of a message."""


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every message starts with (2.1.0 §6.4)."""

    header_id: int
    timestamp: str
    version: str
    manufacturer: str
    serial_number: str


class ActionParameter(Record, frozen=True, kw_only=True):
    key: str
    value: Any


class Action(Record, frozen=True, kw_only=True):
    action_type: str
    action_id: str
    blocking_type: BlockingType
    action_description: str | None = None
    action_parameters: tuple[ActionParameter, ...] = ()
    # 3.0: may become RETRIABLE where it would become FAILED.
    retriable: bool | None = None


class Ellipse(Record, frozen=True, kw_only=True):
    """How far from a node a vehicle may be for it to count as traversed (3.0 §6.6.2.1).

    Semi-axes in metres, and the angle from the x axis of the map to the major one.
    """

    a: float
    b: float
    theta: float


class NodePosition(Record, frozen=True, kw_only=True):
    x: float
    y: float
    map_id: str
    theta: float | None = None
    # A number is a radius. The standard and its schema spell it with "XY", which no camel-casing makes.
    allowed_deviation_xy: float | Ellipse | None = msgspec.field(default=None, name="allowedDeviationXY")
    allowed_deviation_theta: float | None = None
    map_description: str | None = None


class ControlPoint(Record, frozen=True, kw_only=True):
    x: float
    y: float
    weight: float | None = None


class Trajectory(Record, frozen=True, kw_only=True):
    """A path as a clamped NURBS (2.1.0 §6.6.6; 3.0 §7.3)."""

    control_points: tuple[ControlPoint, ...]
    degree: int | None = None
    knot_vector: tuple[float, ...] | None = None

    def whole(self) -> Trajectory:
        """The same path with the standard's defaults written out: degree 1, uniform knots, weights of 1."""
        degree = 1 if self.degree is None else self.degree
        knots = self.knot_vector
        if knots is None:
            spans = max(len(self.control_points) - degree, 1)
            knots = (0.0,) * degree + tuple(i / spans for i in range(spans + 1)) + (1.0,) * degree
        points = tuple(
            ControlPoint(x=p.x, y=p.y, weight=1.0 if p.weight is None else p.weight) for p in self.control_points
        )
        return Trajectory(control_points=points, degree=degree, knot_vector=knots)


class Velocity(Record, frozen=True, kw_only=True):
    """In the vehicle's coordinates: m/s, and rad/s around its vertical axis."""

    vx: float | None = None
    vy: float | None = None
    omega: float | None = None


class AgvPosition(Record, frozen=True, kw_only=True):
    x: float
    y: float
    theta: float
    map_id: str
    position_initialized: bool
    localization_score: float | None = None
    deviation_range: float | None = None
    map_description: str | None = None


class PlannedPath(Record, frozen=True, kw_only=True):
    """Where a freely navigating vehicle will drive within its order (3.0 §6.8)."""

    trajectory: Trajectory
    traversed_nodes: tuple[str, ...] = ()


class Waypoint(Record, frozen=True, kw_only=True):
    x: float
    y: float
    eta: str
    theta: float | None = None


class IntermediatePath(Record, frozen=True, kw_only=True):
    """What a freely navigating vehicle will drive next, as far as its sensors see (3.0 §6.8)."""

    polyline: tuple[Waypoint, ...]
