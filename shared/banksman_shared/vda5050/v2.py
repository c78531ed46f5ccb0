"""What is particular to 2.0.0 and 2.1.0. The internal messages have the names of 2.1.0."""

from __future__ import annotations

import dataclasses
from typing import Any

from banksman_shared.vda5050.factsheets import for_2
from banksman_shared.vda5050.messages.common import Action, NodePosition, Trajectory
from banksman_shared.vda5050.messages.enums import (
    ActionStatus,
    BlockingType,
    ConnectionState,
    ErrorLevel,
    OperatingMode,
)
from banksman_shared.vda5050.messages.order import Corridor, Edge, InstantActions, Order
from banksman_shared.vda5050.messages.state import BatteryState, Error, State, Visualization
from banksman_shared.vda5050.messages.vehicle import Connection, Factsheet
from banksman_shared.vda5050.wire import AnyStruct, Dialect, Shape

_HEADERLESS = {"header_id": 0, "timestamp": "", "version": "", "manufacturer": "", "serial_number": ""}
# What 3.0 brought: not on a 2.x wire.
_PATHS = frozenset({"planned_path", "intermediate_path"})
_SHAPES: dict[AnyStruct, Shape] = {
    Action: Shape(absent=frozenset({"retriable"})),
    BatteryState: Shape(absent=frozenset({"battery_current"})),
    Corridor: Shape(absent=frozenset({"release_required", "release_loss_behavior"})),
    Error: Shape(absent=frozenset({"error_description_translations", "error_hint_translations"})),
    # Both schemas leave these of the header optional.
    Factsheet: Shape(
        optional={"header_id": 0, "timestamp": ""},
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
    # The schema of 2.0.0 spells it with a small y, and so do peers of either version.
    NodePosition: Shape(
        types={"allowed_deviation_xy": float | None},
        second={"allowed_deviation_small_y": ("allowedDeviationXy", float | None)},
    ),
    Order: Shape(absent=frozenset({"order_description"})),
    State: Shape(absent=_PATHS | {"zone_action_states", "zone_sets", "zone_requests", "edge_requests"}),
    Visualization: Shape(absent=_PATHS | {"reference_state_header_id"}, optional=_HEADERLESS),
}
_SUBSTITUTES = {
    # No driving beside it is more than SINGLE asks for, and no other action is what it asks for.
    BlockingType.SINGLE: BlockingType.HARD,
    # Neither goes on nor has ended, until somebody outside decides.
    ActionStatus.RETRIABLE: ActionStatus.PAUSED,
    # Away on purpose.
    ConnectionState.HIBERNATING: ConnectionState.OFFLINE,
    # Holds no order and no last node, as in service (3.0 §6.6.6, table 10).
    OperatingMode.STARTUP: OperatingMode.SERVICE,
    OperatingMode.INTERVENED: OperatingMode.MANUAL,
    # The vehicle goes on with its order, or does not.
    ErrorLevel.URGENT: ErrorLevel.WARNING,
    ErrorLevel.CRITICAL: ErrorLevel.FATAL,
}


def _read_deviation(position: Any) -> None:
    if position is not None and position.allowed_deviation_xy is None:
        position.allowed_deviation_xy = position.allowed_deviation_small_y


def _read_order(order: Any) -> None:
    for node in order.nodes:
        _read_deviation(node.node_position)


def _read_state(state: Any) -> None:
    for node in state.node_states:
        _read_deviation(node.node_position)


def _write_deviation(position: Any) -> None:
    deviation = position.allowed_deviation_xy
    if deviation is not None and not isinstance(deviation, float | int):
        # All that a circle allows lies within what the ellipse allows.
        position.allowed_deviation_xy = min(deviation.a, deviation.b)


def _write_trajectory(holder: Any) -> None:
    if holder.trajectory is not None:
        holder.trajectory = Trajectory.whole(holder.trajectory)


def _write_order(order: Any) -> None:
    for node in order.nodes:
        if node.node_position is not None:
            _write_deviation(node.node_position)
    for edge in order.edges:
        _write_trajectory(edge)


def _write_state(state: Any) -> None:
    # 2.x reports them together (2.1.0 §6.10.6).
    state.action_states += state.instant_action_states
    state.instant_action_states = ()
    for node in state.node_states:
        if node.node_position is not None:
            _write_deviation(node.node_position)
    for edge in state.edge_states:
        _write_trajectory(edge)
    whole_numbers(state.battery_state)


def whole_numbers(battery: Any) -> None:
    """The text wants integers (int8 and uint32), and typed peers insist; a reach is never rounded up."""
    if battery.battery_health is not None:
        battery.battery_health = round(battery.battery_health)
    if battery.reach is not None:
        battery.reach = int(battery.reach)


def _mend_instant_actions(document: dict[str, Any]) -> None:
    if "actions" not in document and "instantActions" in document:
        document["actions"] = document["instantActions"]


def mend_order(document: dict[str, Any]) -> None:
    """One node alone needs no edges (2.1.0 §6.6.6)."""
    if document.get("edges") is None and isinstance(document.get("nodes"), list) and len(document["nodes"]) == 1:
        document["edges"] = []


def _mend_action(document: dict[str, Any]) -> None:
    # So the schema of 2.0.0 calls it, for instant actions only.
    if "actionType" not in document and "actionName" in document:
        document["actionType"] = document["actionName"]


V2_1 = Dialect(
    version="2.1.0",
    prefix="uagv/v2",
    kinds=(Connection, Factsheet, InstantActions, Order, State, Visualization),
    shapes=_SHAPES,
    words={},
    substitutes=_SUBSTITUTES,
    after_reading={Order: _read_order, State: _read_state},
    before_writing={Order: _write_order, State: _write_state, Factsheet: for_2},
    mends={InstantActions: _mend_instant_actions, Action: _mend_action, Order: mend_order},
)


def _write_state_2_0(state: Any) -> None:
    _write_state(state)
    for node in state.node_states:
        # Its schema wants the angle with every position, and a position is for information only.
        if node.node_position is not None and node.node_position.theta is None:
            node.node_position = None


def _spell_order(order: Any) -> None:
    for node in order.nodes:
        if node.node_position is not None:
            node.node_position.allowed_deviation_small_y = node.node_position.allowed_deviation_xy


def _spell_instant_actions(message: Any) -> None:
    message.instant_actions = message.actions
    for action in message.actions:
        action.action_name = action.action_type


V2_0 = dataclasses.replace(
    V2_1,
    version="2.0.0",
    shapes={
        **_SHAPES,
        Action: Shape(absent=frozenset({"retriable"}), second={"action_name": ("actionName", str | None)}),
        Edge: Shape(absent=frozenset({"corridor"})),
        Error: Shape(absent=_SHAPES[Error].absent | {"error_hint"}),
        InstantActions: Shape(second={"instant_actions": ("instantActions", tuple[Action, ...] | None)}),
        State: Shape(absent=_SHAPES[State].absent | {"maps"}),
    },
    before_writing={**V2_1.before_writing, State: _write_state_2_0},
    # The text, its schema and peers disagree on three names; each finds its own.
    second_spellings={Order: _spell_order, InstantActions: _spell_instant_actions},
)
