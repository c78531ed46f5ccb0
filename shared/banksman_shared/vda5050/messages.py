"""The messages of VDA 5050 2.1.0 (VDA5050_EN.md, section 6), with the field names of the standard.

Attributes are in snake case; on the wire they are in the standard's camel case. Lengths are metres, angles
radians, speeds m/s, masses kg, charges per cent. Fields this version does not know are ignored, so that a
peer's extensions never break anything. Absent optional fields are not written.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

VERSION = "2.1.0"


class BlockingType(StrEnum):
    """What may go on while an action runs (2.1.0 §6.6)."""

    NONE = "NONE"
    SOFT = "SOFT"
    HARD = "HARD"


class ActionStatus(StrEnum):
    """Life of an action (2.1.0 §6.11). ``PAUSED`` is in the text and missing from the official schema."""

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"

    @property
    def ended(self) -> bool:
        return self in (ActionStatus.FINISHED, ActionStatus.FAILED)


class ConnectionState(StrEnum):
    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    CONNECTIONBROKEN = "CONNECTIONBROKEN"


class OperatingMode(StrEnum):
    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    MANUAL = "MANUAL"
    SERVICE = "SERVICE"
    TEACHIN = "TEACHIN"


class ErrorLevel(StrEnum):
    WARNING = "WARNING"
    FATAL = "FATAL"


class EStop(StrEnum):
    AUTOACK = "AUTOACK"
    MANUAL = "MANUAL"
    REMOTE = "REMOTE"
    NONE = "NONE"


class _Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A part of a message."""


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every message starts with (2.1.0 §6.1.1)."""

    header_id: int
    timestamp: str
    version: str
    manufacturer: str
    serial_number: str


class ActionParameter(_Record, frozen=True, kw_only=True):
    key: str
    value: Any


class Action(_Record, frozen=True, kw_only=True):
    action_type: str
    action_id: str
    blocking_type: BlockingType
    action_description: str | None = None
    action_parameters: tuple[ActionParameter, ...] = ()


class NodePosition(_Record, frozen=True, kw_only=True):
    x: float
    y: float
    map_id: str
    theta: float | None = None
    # The standard and its schema spell it with "XY", which no camel-casing makes.
    allowed_deviation_xy: float | None = msgspec.field(default=None, name="allowedDeviationXY")
    allowed_deviation_theta: float | None = None
    map_description: str | None = None


class Node(_Record, frozen=True, kw_only=True):
    node_id: str
    sequence_id: int
    released: bool
    actions: tuple[Action, ...]
    node_description: str | None = None
    node_position: NodePosition | None = None


class Edge(_Record, frozen=True, kw_only=True):
    edge_id: str
    sequence_id: int
    released: bool
    start_node_id: str
    end_node_id: str
    actions: tuple[Action, ...]
    edge_description: str | None = None
    max_speed: float | None = None
    max_height: float | None = None
    min_height: float | None = None
    orientation: float | None = None
    orientation_type: str | None = None
    direction: str | None = None
    rotation_allowed: bool | None = None
    max_rotation_speed: float | None = None
    length: float | None = None
    trajectory: dict[str, Any] | None = None
    corridor: dict[str, Any] | None = None


class Order(Header, frozen=True, kw_only=True):
    """Topic ``order``: nodes have even, edges odd sequence ids, alternating along the path."""

    order_id: str
    order_update_id: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    zone_set_id: str | None = None


class InstantActions(Header, frozen=True, kw_only=True):
    """Topic ``instantActions``: to be carried out as they arrive."""

    actions: tuple[Action, ...]


class NodeState(_Record, frozen=True, kw_only=True):
    node_id: str
    sequence_id: int
    released: bool
    node_description: str | None = None
    node_position: NodePosition | None = None


class EdgeState(_Record, frozen=True, kw_only=True):
    edge_id: str
    sequence_id: int
    released: bool
    edge_description: str | None = None
    trajectory: dict[str, Any] | None = None


class ActionState(_Record, frozen=True, kw_only=True):
    action_id: str
    action_status: ActionStatus
    action_type: str | None = None
    action_description: str | None = None
    result_description: str | None = None


class AgvPosition(_Record, frozen=True, kw_only=True):
    x: float
    y: float
    theta: float
    map_id: str
    position_initialized: bool
    localization_score: float | None = None
    deviation_range: float | None = None
    map_description: str | None = None


class Velocity(_Record, frozen=True, kw_only=True):
    vx: float | None = None
    vy: float | None = None
    omega: float | None = None


class BoundingBoxReference(_Record, frozen=True, kw_only=True):
    x: float
    y: float
    z: float
    theta: float | None = None


class Load(_Record, frozen=True, kw_only=True):
    load_id: str | None = None
    load_type: str | None = None
    load_position: str | None = None
    bounding_box_reference: BoundingBoxReference | None = None
    load_dimensions: dict[str, float] | None = None
    weight: float | None = None


class BatteryState(_Record, frozen=True, kw_only=True):
    battery_charge: float
    charging: bool
    battery_voltage: float | None = None
    battery_health: float | None = None
    reach: float | None = None


class ErrorReference(_Record, frozen=True, kw_only=True):
    reference_key: str
    reference_value: str


class Error(_Record, frozen=True, kw_only=True):
    error_type: str
    error_level: ErrorLevel
    error_references: tuple[ErrorReference, ...] = ()
    error_description: str | None = None
    error_hint: str | None = None


class Info(_Record, frozen=True, kw_only=True):
    info_type: str
    info_level: str
    info_references: tuple[ErrorReference, ...] = ()
    info_description: str | None = None


class SafetyState(_Record, frozen=True, kw_only=True):
    e_stop: EStop
    field_violation: bool


class State(Header, frozen=True, kw_only=True):
    """Topic ``state``: all that a master may know of a vehicle (2.1.0 §6.10)."""

    order_id: str
    order_update_id: int
    last_node_id: str
    last_node_sequence_id: int
    driving: bool
    operating_mode: OperatingMode
    node_states: tuple[NodeState, ...]
    edge_states: tuple[EdgeState, ...]
    action_states: tuple[ActionState, ...]
    battery_state: BatteryState
    errors: tuple[Error, ...]
    safety_state: SafetyState
    paused: bool | None = None
    new_base_request: bool | None = None
    distance_since_last_node: float | None = None
    zone_set_id: str | None = None
    agv_position: AgvPosition | None = None
    velocity: Velocity | None = None
    # None: the vehicle does not say what it carries; empty: it carries nothing.
    loads: tuple[Load, ...] | None = None
    information: tuple[Info, ...] = ()
    maps: tuple[dict[str, Any], ...] = ()


class Visualization(Header, frozen=True, kw_only=True):
    """Topic ``visualization``: position and speed, more often than ``state``."""

    agv_position: AgvPosition | None = None
    velocity: Velocity | None = None


class Connection(Header, frozen=True, kw_only=True):
    """Topic ``connection``: retained, QoS 1, with a last will (2.1.0 §6.14)."""

    connection_state: ConnectionState


class Factsheet(Header, frozen=True, kw_only=True):
    """Topic ``factsheet`` (2.1.0 §6.15). The master reads two of its parts; the rest is kept as it came."""

    type_specification: dict[str, Any]
    physical_parameters: dict[str, Any]
    protocol_limits: dict[str, Any]
    protocol_features: dict[str, Any]
    agv_geometry: dict[str, Any]
    load_specification: dict[str, Any]
    vehicle_config: dict[str, Any] | None = None
