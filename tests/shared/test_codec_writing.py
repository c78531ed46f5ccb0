"""What each version of VDA 5050 is given to read, where they differ."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest
from codec_documents import (
    ACTION,
    HEADER,
    OWN_HEADER,
    STRICT,
    TOLERANT,
    payload,
    state,
)

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    VERSIONS,
    Action,
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    BlockingType,
    ControlPoint,
    Corridor,
    CorridorRefPoint,
    Edge,
    Ellipse,
    Error,
    ErrorLevel,
    ErrorType,
    Header,
    InstantActions,
    Node,
    NodePosition,
    Order,
    State,
    Trajectory,
    Visualization,
    codec_for,
)


def order(*positions: NodePosition, **edge: Any) -> Order:
    nodes = tuple(
        Node(node_id=f"N{i}", sequence_id=2 * i, released=True, actions=(), node_position=position)
        for i, position in enumerate(positions)
    )
    edges = tuple(
        Edge(
            edge_id=f"E{i}",
            sequence_id=2 * i + 1,
            released=True,
            start_node_id=a.node_id,
            end_node_id=b.node_id,
            actions=(),
            **edge,
        )
        for i, (a, b) in enumerate(itertools.pairwise(nodes))
    )
    return Order(**OWN_HEADER, order_id="o", order_update_id=0, nodes=nodes, edges=edges)


def written(version: str, message: Header, *, strict: bool = False) -> Any:
    return json.loads(codec_for(version, strict=strict).encode(message))


def test_an_ellipse_becomes_the_circle_within_it_for_2_x() -> None:
    there = NodePosition(x=0.0, y=0.0, map_id="m", allowed_deviation_xy=Ellipse(a=2.0, b=0.5, theta=1.0))
    assert written("2.1.0", order(there))["nodes"][0]["nodePosition"]["allowedDeviationXY"] == 0.5


def test_a_radius_becomes_a_circle_for_3_0() -> None:
    there = NodePosition(x=0.0, y=0.0, map_id="m", allowed_deviation_xy=0.5)
    position = written("3.0.0", order(there))["nodes"][0]["nodePosition"]
    assert position["allowedDeviationXY"] == {"a": 0.5, "b": 0.5, "theta": 0.0}


def test_an_edge_of_3_0_gets_its_ends_from_the_nodes_around_it() -> None:
    here, there = (NodePosition(x=x, y=0.0, map_id="m") for x in (0.0, 1.0))
    message = order(here, there, rotation_allowed=False, max_rotation_speed=0.4)
    edge = written("3.0.0", message)["edges"][0]
    assert "startNodeId" not in edge
    assert edge["reachOrientationBeforeEntering"] is True
    assert edge["maxRotationSpeed"] == edge["maximumRotationSpeed"] == 0.4
    assert codec_for("3.0.0").decode(Order, codec_for("3.0.0").encode(message)).edges == message.edges


LINE = Trajectory(control_points=tuple(ControlPoint(x=float(x), y=0.0) for x in range(3)))
HERE, THERE = (NodePosition(x=x, y=0.0, map_id="m") for x in (0.0, 1.0))


def test_2_x_is_told_the_defaults_of_a_trajectory() -> None:
    """Its schemas want them; with 3.0 they may stay away (3.0 §7.3)."""
    assert written("2.1.0", order(HERE, THERE, trajectory=LINE))["edges"][0]["trajectory"] == {
        "controlPoints": [{"x": float(x), "y": 0.0, "weight": 1.0} for x in range(3)],
        "degree": 1,
        "knotVector": [0.0, 0.0, 0.5, 1.0, 1.0],
    }
    assert list(written("3.0.0", order(HERE, THERE, trajectory=LINE))["edges"][0]["trajectory"]) == ["controlPoints"]


def test_2_0_0_knows_no_corridor() -> None:
    corridor = Corridor(left_width=1.0, right_width=0.5, corridor_ref_point=CorridorRefPoint.KINEMATICCENTER)
    message = order(HERE, THERE, corridor=corridor)
    assert "corridor" not in written("2.0.0", message)["edges"][0]
    assert written("2.1.0", message)["edges"][0]["corridor"]["corridorRefPoint"] == "KINEMATICCENTER"
    assert written("3.0.0", message)["edges"][0]["corridor"]["corridorReferencePoint"] == "KINEMATIC_CENTER"


@pytest.mark.parametrize(
    ("version", "battery", "reach"), [("2.1.0", "batteryState", "reach"), ("3.0.0", "powerSupply", "range")]
)
def test_health_and_reach_are_integers_on_the_wire(version: str, battery: str, reach: str) -> None:
    """For peers that read them into integers, as the text has them; what is left to drive is never rounded up."""
    own = BatteryState(battery_charge=80.0, charging=False, battery_health=97.6, reach=1499.9)
    message = msgspec.structs.replace(state(), battery_state=own)
    assert f'"batteryHealth":98,"{reach}":1499'.encode() in codec_for(version).encode(message)
    assert written(version, message)[battery][reach] == 1499


@pytest.mark.parametrize(
    ("version", "actions"),
    [("2.1.0", ["HARD", "SOFT"]), ("3.0.0", ["SINGLE", "SOFT"])],
)
def test_an_action_that_allows_driving_only_stops_the_driving_too_where_that_cannot_be_said(
    version: str, actions: list[str]
) -> None:
    kinds = (BlockingType.SINGLE, BlockingType.SOFT)
    some = tuple(Action(action_type="beep", action_id=kind, blocking_type=kind, retriable=True) for kind in kinds)
    bare = order(HERE)
    message = msgspec.structs.replace(bare, nodes=(msgspec.structs.replace(bare.nodes[0], actions=some),))
    sent = written(version, message)["nodes"][0]["actions"]
    assert [action["blockingType"] for action in sent] == actions
    assert [action.get("retriable") for action in sent] == [True if version == "3.0.0" else None] * 2


def test_an_idle_state_of_3_0_has_its_empty_lists() -> None:
    assert written("3.0.0", state())["instantActionStates"] == []


def test_2_0_0_finds_its_own_spellings_unless_strictness_is_asked_for() -> None:
    action = Action(action_type="startPause", action_id="a", blocking_type=BlockingType.NONE)
    message = InstantActions(**OWN_HEADER, actions=(action,))
    both = written("2.0.0", message)
    assert both["actions"] == both["instantActions"]
    assert both["actions"][0]["actionName"] == both["actions"][0]["actionType"] == "startPause"
    there = NodePosition(x=0.0, y=0.0, map_id="m", allowed_deviation_xy=0.5)
    position = written("2.0.0", order(there))["nodes"][0]["nodePosition"]
    assert position["allowedDeviationXy"] == position["allowedDeviationXY"] == 0.5
    only = written("2.0.0", message, strict=True)
    assert "instantActions" not in only
    assert "actionName" not in only["actions"][0]


def test_instant_actions_are_reported_where_each_version_has_them() -> None:
    mine = ActionState(action_id="order", action_status=ActionStatus.RUNNING)
    instant = ActionState(action_id="instant", action_status=ActionStatus.FINISHED)
    message = msgspec.structs.replace(state(), action_states=(mine,), instant_action_states=(instant,))
    ids = {v: [s["actionId"] for s in written(v, message)["actionStates"]] for v in VERSIONS}
    assert ids == {"2.0.0": ["order", "instant"], "2.1.0": ["order", "instant"], "3.0.0": ["order"]}
    assert [s["actionId"] for s in written("3.0.0", message)["instantActionStates"]] == ["instant"]
    assert "instantActionStates" not in written("2.1.0", message)
    for version in VERSIONS:
        codec = codec_for(version)
        assert codec.decode(State, codec.encode(message)).every_action_state == (mine, instant)


def test_errors_have_the_names_and_levels_of_the_version() -> None:
    errors = (
        Error(error_type=ErrorType.NO_ORDER_TO_CANCEL, error_level=ErrorLevel.WARNING),
        Error(error_type="acme.hot", error_level=ErrorLevel.CRITICAL),
    )
    message = msgspec.structs.replace(state(), errors=errors)
    names = {v: [(e["errorType"], e["errorLevel"]) for e in written(v, message)["errors"]] for v in VERSIONS}
    assert names["2.1.0"] == names["2.0.0"] == [("noOrderToCancel", "WARNING"), ("acme.hot", "FATAL")]
    assert names["3.0.0"] == [("NO_ORDER_TO_CANCEL", "WARNING"), ("acme.hot", "CRITICAL")]


def test_a_number_that_is_none_is_not_sent() -> None:
    position = AgvPosition(x=float("nan"), y=0.0, theta=0.0, map_id="m", position_initialized=True)
    message = Visualization(**OWN_HEADER, agv_position=position)
    with pytest.raises(MessageError, match=r"agvPosition\.x is not a finite number"):
        TOLERANT.encode(message)


def test_a_null_among_action_parameters_is_sent() -> None:
    document = {**HEADER, "actions": [{**ACTION, "actionParameters": [{"key": "k", "value": None}]}]}
    assert (
        json.loads(TOLERANT.encode(STRICT.decode(InstantActions, payload(document))))["actions"] == document["actions"]
    )
