"""The state of a vehicle (2.1.0 §6.10; 3.0 §7.8) and its faster part (2.1.0 §6.13; 3.0 §7.9)."""

from __future__ import annotations

from banksman_shared.vda5050.messages.common import (
    AgvPosition,
    Header,
    IntermediatePath,
    NodePosition,
    PlannedPath,
    Record,
    Trajectory,
    Velocity,
)
from banksman_shared.vda5050.messages.enums import (
    ActionStatus,
    ErrorLevel,
    EStop,
    InfoLevel,
    MapStatus,
    OperatingMode,
    RequestStatus,
    RequestType,
)


class NodeState(Record, frozen=True, kw_only=True):
    node_id: str
    sequence_id: int
    released: bool
    node_description: str | None = None
    node_position: NodePosition | None = None


class EdgeState(Record, frozen=True, kw_only=True):
    edge_id: str
    sequence_id: int
    released: bool
    edge_description: str | None = None
    trajectory: Trajectory | None = None


class ActionState(Record, frozen=True, kw_only=True):
    action_id: str
    action_status: ActionStatus
    action_type: str | None = None
    action_description: str | None = None
    result_description: str | None = None


class BoundingBoxReference(Record, frozen=True, kw_only=True):
    x: float
    y: float
    z: float
    theta: float | None = None


class Load(Record, frozen=True, kw_only=True):
    load_id: str | None = None
    load_type: str | None = None
    load_position: str | None = None
    bounding_box_reference: BoundingBoxReference | None = None
    load_dimensions: dict[str, float] | None = None
    weight: float | None = None


class BatteryState(Record, frozen=True, kw_only=True):
    """Charge and health in per cent, reach in metres (2.1.0 §6.10.6)."""

    battery_charge: float
    charging: bool
    battery_voltage: float | None = None
    battery_health: float | None = None
    reach: float | None = None
    # 3.0: in amperes.
    battery_current: float | None = None


class ErrorReference(Record, frozen=True, kw_only=True):
    reference_key: str
    reference_value: str


class Translation(Record, frozen=True, kw_only=True):
    """A text in the language of an ISO 639-1 code (3.0 §6.6.5.3)."""

    translation_key: str
    translation_value: str


class Error(Record, frozen=True, kw_only=True):
    error_type: str
    error_level: ErrorLevel
    error_references: tuple[ErrorReference, ...] = ()
    error_description: str | None = None
    error_hint: str | None = None
    # 3.0.
    error_description_translations: tuple[Translation, ...] = ()
    error_hint_translations: tuple[Translation, ...] = ()


class Info(Record, frozen=True, kw_only=True):
    info_type: str
    info_level: InfoLevel
    info_references: tuple[ErrorReference, ...] = ()
    info_description: str | None = None


class SafetyState(Record, frozen=True, kw_only=True):
    e_stop: EStop
    field_violation: bool


class MapRecord(Record, frozen=True, kw_only=True):
    """A map that a vehicle has (2.1.0 §6.7.2). One version of a map at most is enabled."""

    map_id: str
    map_version: str
    map_status: MapStatus
    map_description: str | None = None


class ZoneSetRecord(Record, frozen=True, kw_only=True):
    """A zone set that a vehicle has (3.0 §7.8)."""

    zone_set_id: str
    map_id: str
    zone_set_status: MapStatus


class ZoneRequest(Record, frozen=True, kw_only=True):
    request_id: str
    request_type: RequestType
    zone_id: str
    zone_set_id: str
    request_status: RequestStatus
    trajectory: Trajectory | None = None


class EdgeRequest(Record, frozen=True, kw_only=True):
    request_id: str
    request_type: RequestType
    edge_id: str
    sequence_id: int
    request_status: RequestStatus


class State(Header, frozen=True, kw_only=True):
    """Topic ``state``: all that a master may know of a vehicle."""

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
    # None: the vehicle does not say which maps it has; empty: it has none (2.1.0 §6.7.2).
    maps: tuple[MapRecord, ...] | None = None
    # 3.0; a vehicle of 2.x reports instant actions among ``action_states``.
    instant_action_states: tuple[ActionState, ...] = ()
    zone_action_states: tuple[ActionState, ...] = ()
    zone_sets: tuple[ZoneSetRecord, ...] = ()
    zone_requests: tuple[ZoneRequest, ...] = ()
    edge_requests: tuple[EdgeRequest, ...] = ()
    planned_path: PlannedPath | None = None
    intermediate_path: IntermediatePath | None = None

    @property
    def every_action_state(self) -> tuple[ActionState, ...]:
        """Of the order, of instant actions and of zones, whichever version reported them."""
        return self.action_states + self.instant_action_states + self.zone_action_states


class Visualization(Header, frozen=True, kw_only=True):
    """Topic ``visualization``: position and speed, more often than ``state``."""

    agv_position: AgvPosition | None = None
    velocity: Velocity | None = None
    # 3.0: the header id of the state that this belongs to, and the paths.
    reference_state_header_id: int | None = None
    planned_path: PlannedPath | None = None
    intermediate_path: IntermediatePath | None = None
