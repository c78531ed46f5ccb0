"""What is particular to 3.0.0 (docs/spec, sections 6 and 7)."""

from __future__ import annotations

from typing import Any, Literal

from banksman_shared.vda5050.error_names import from_3_0, to_3_0
from banksman_shared.vda5050.factsheets import for_3, from_3
from banksman_shared.vda5050.messages.common import Action, AgvPosition, Ellipse, NodePosition
from banksman_shared.vda5050.messages.enums import (
    ConnectionState,
    CorridorRefPoint,
    DirectionLimit,
    EStop,
    OperatingMode,
)
from banksman_shared.vda5050.messages.order import Corridor, Edge, InstantActions, Node, Order
from banksman_shared.vda5050.messages.state import (
    ActionState,
    BatteryState,
    EdgeRequest,
    EdgeState,
    Info,
    MapRecord,
    NodeState,
    SafetyState,
    State,
    Visualization,
    ZoneRequest,
)
from banksman_shared.vda5050.messages.vehicle import Connection, Factsheet
from banksman_shared.vda5050.messages.zones import Responses, Zone, ZoneAction, ZoneSet, ZoneSetContent
from banksman_shared.vda5050.v2 import mend_order, whole_numbers
from banksman_shared.vda5050.wire import AnyStruct, Dialect, Shape

_SHAPES: dict[AnyStruct, Shape] = {
    Action: Shape(names={"action_description": "actionDescriptor"}),
    ActionState: Shape(names={"action_description": "actionDescriptor", "result_description": "actionResult"}),
    AgvPosition: Shape(names={"position_initialized": "localized"}, absent=frozenset({"map_description"})),
    BatteryState: Shape(names={"battery_charge": "stateOfCharge", "reach": "range"}),
    Corridor: Shape(names={"corridor_ref_point": "corridorReferencePoint"}),
    Edge: Shape(
        names={
            "edge_description": "edgeDescriptor",
            "max_speed": "maximumSpeed",
            "max_height": "maximumMobileRobotHeight",
            "min_height": "minimumLoadHandlingDeviceHeight",
            "rotation_allowed": "reachOrientationBeforeEntering",
            "max_rotation_speed": "maximumRotationSpeed",
        },
        optional={"start_node_id": "", "end_node_id": ""},
        unwritten=frozenset({"start_node_id", "end_node_id"}),
        # So the schema calls what the text calls maximumRotationSpeed: a limit that no peer may miss.
        second={"rotation_speed_of_schema": ("maxRotationSpeed", float | None)},
    ),
    EdgeRequest: Shape(types={"request_type": Literal["CORRIDOR"]}),
    EdgeState: Shape(names={"edge_description": "edgeDescriptor"}),
    Factsheet: Shape(
        names={"agv_geometry": "mobileRobotGeometry", "vehicle_config": "mobileRobotConfiguration"},
        required=frozenset(
            {
                "type_specification",
                "physical_parameters",
                "protocol_limits",
                "protocol_features",
                "agv_geometry",
                "load_specification",
            }
        ),
    ),
    Info: Shape(names={"info_description": "infoDescriptor"}),
    MapRecord: Shape(names={"map_description": "mapDescriptor"}),
    Node: Shape(names={"node_description": "nodeDescriptor"}),
    NodePosition: Shape(
        absent=frozenset({"map_description"}),
        types={"allowed_deviation_xy": Ellipse | None},
    ),
    NodeState: Shape(names={"node_description": "nodeDescriptor"}),
    Order: Shape(absent=frozenset({"zone_set_id"})),
    SafetyState: Shape(names={"e_stop": "activeEmergencyStop"}),
    State: Shape(
        names={"battery_state": "powerSupply", "agv_position": "mobileRobotPosition"},
        absent=frozenset({"zone_set_id"}),
        required=frozenset({"instant_action_states"}),
    ),
    Visualization: Shape(
        names={"agv_position": "mobileRobotPosition"}, required=frozenset({"reference_state_header_id"})
    ),
    Zone: Shape(
        names={"zone_description": "zoneDescriptor"},
        types={"bidirected_limitation": Literal[DirectionLimit.SOFT.value, DirectionLimit.RESTRICTED.value] | None},
    ),
    ZoneAction: Shape(names={"action_description": "actionDescriptor"}),
    ZoneRequest: Shape(types={"request_type": Literal["ACCESS", "REPLANNING"]}),
    ZoneSetContent: Shape(names={"zone_set_description": "zoneSetDescriptor"}),
}
_WORDS = {
    ConnectionState.CONNECTIONBROKEN: "CONNECTION_BROKEN",
    OperatingMode.TEACHIN: "TEACH_IN",
    CorridorRefPoint.KINEMATICCENTER: "KINEMATIC_CENTER",
}
_MEANINGS = {word: member.value for member, word in _WORDS.items()}
# An emergency stop that ends by itself is gone with 3.0; nobody may take this one for over.
_SUBSTITUTES = {EStop.AUTOACK: EStop.MANUAL}


def _read_order(order: Any) -> None:
    names = {node.sequence_id: node.node_id for node in order.nodes}
    for node in order.nodes:
        if node.node_position is not None:
            _read_deviation(node.node_position)
    for edge in order.edges:
        # A gap in the sequence makes an order invalid; the vehicle sees it there, and here the name stays empty.
        edge.start_node_id = names.get(edge.sequence_id - 1, "")
        edge.end_node_id = names.get(edge.sequence_id + 1, "")
        if edge.rotation_allowed is not None:
            edge.rotation_allowed = not edge.rotation_allowed
        if edge.max_rotation_speed is None:
            edge.max_rotation_speed = edge.rotation_speed_of_schema
        if edge.corridor is not None:
            point = edge.corridor.corridor_ref_point
            edge.corridor.corridor_ref_point = _MEANINGS.get(point, point)


def _read_deviation(position: Any) -> None:
    deviation = position.allowed_deviation_xy
    if deviation is not None and deviation.a == deviation.b:
        position.allowed_deviation_xy = deviation.a


def _read_state(state: Any) -> None:
    state.operating_mode = _MEANINGS.get(state.operating_mode, state.operating_mode)
    for error in state.errors:
        error.error_type = from_3_0(error.error_type)


def _read_connection(connection: Any) -> None:
    connection.connection_state = _MEANINGS.get(connection.connection_state, connection.connection_state)


def _write_order(order: Any) -> None:
    for node in order.nodes:
        position = node.node_position
        if position is not None and isinstance(position.allowed_deviation_xy, float | int):
            radius = position.allowed_deviation_xy
            position.allowed_deviation_xy = Ellipse(a=radius, b=radius, theta=0.0)
    for edge in order.edges:
        # Where a vehicle may not turn, it has turned before.
        if edge.rotation_allowed is not None:
            edge.rotation_allowed = not edge.rotation_allowed
        edge.rotation_speed_of_schema = edge.max_rotation_speed


def _write_instant_actions(message: Any) -> None:
    # The only one that the schema knows for them: the master sends none that must wait for others.
    for action in message.actions:
        action.blocking_type = "NONE"


def _write_state(state: Any) -> None:
    for node in state.node_states:
        if node.node_position is not None:
            node.node_position.allowed_deviation_xy = None
            node.node_position.allowed_deviation_theta = None
    for error in state.errors:
        error.error_type = to_3_0(error.error_type)
    whole_numbers(state.battery_state)


def _write_visualization(message: Any) -> None:
    if message.reference_state_header_id is None:
        message.reference_state_header_id = 0


def _mend_node_position(document: dict[str, Any]) -> None:
    """A radius, as 2.x has it, is a circle."""
    radius = document.get("allowedDeviationXY")
    if isinstance(radius, float | int) and not isinstance(radius, bool):
        document["allowedDeviationXY"] = {"a": radius, "b": radius, "theta": 0.0}


V3_0 = Dialect(
    version="3.0.0",
    prefix="uagv/v3",
    kinds=(Connection, Factsheet, InstantActions, Order, Responses, State, Visualization, ZoneSet),
    shapes=_SHAPES,
    words=_WORDS,
    substitutes=_SUBSTITUTES,
    after_reading={Order: _read_order, State: _read_state, Connection: _read_connection, Factsheet: from_3},
    before_writing={
        Order: _write_order,
        InstantActions: _write_instant_actions,
        State: _write_state,
        Visualization: _write_visualization,
        Factsheet: for_3,
    },
    mends={NodePosition: _mend_node_position, Order: mend_order},
)
