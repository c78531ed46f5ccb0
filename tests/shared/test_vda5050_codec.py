"""Messages of VDA 5050 as bytes, and its topics."""

from __future__ import annotations

import json

import pytest

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    BatteryState,
    Connection,
    ConnectionState,
    InstantActions,
    NodePosition,
    Order,
    State,
    Topics,
    VehicleAddress,
    codec_for,
)

CODEC = codec_for("2.1.0", strict=True)

HEADER = {
    "headerId": 7,
    "timestamp": "2026-01-01T00:00:00.000Z",
    "version": "2.1.0",
    "manufacturer": "Acme",
    "serialNumber": "A-1",
}
NODE = {"nodeId": "N1", "sequenceId": 0, "released": True, "actions": []}
ORDER = {**HEADER, "orderId": "o", "orderUpdateId": 0, "nodes": [NODE], "edges": []}


def test_names_on_the_wire_are_those_of_the_standard() -> None:
    message = CODEC.decode(Order, json.dumps(ORDER).encode())
    assert message.order_update_id == 0
    assert message.nodes[0].node_id == "N1"
    assert json.loads(CODEC.encode(message)) == ORDER, "absent fields are not written, and nothing is lost"


def test_deviation_is_spelled_as_in_the_schema() -> None:
    position = {"x": 1.0, "y": 2.0, "mapId": "m", "allowedDeviationXY": 0.5}
    message = CODEC.decode(Order, json.dumps({**ORDER, "nodes": [{**NODE, "nodePosition": position}]}).encode())
    assert message.nodes[0].node_position == NodePosition(x=1.0, y=2.0, map_id="m", allowed_deviation_xy=0.5)
    assert b'"allowedDeviationXY":0.5' in CODEC.encode(message)


def test_fields_that_are_not_known_are_ignored() -> None:
    strange = {**ORDER, "vendorField": {"deep": [1]}, "nodes": [{**NODE, "zone": "z"}]}
    assert CODEC.decode(Order, json.dumps(strange).encode()) == CODEC.decode(Order, json.dumps(ORDER).encode())


def test_whole_numbers_are_taken_for_measures() -> None:
    state = {
        **HEADER,
        "orderId": "",
        "orderUpdateId": 0,
        "lastNodeId": "",
        "lastNodeSequenceId": 0,
        "driving": False,
        "nodeStates": [],
        "edgeStates": [],
        "actionStates": [],
        "batteryState": {"batteryCharge": 80, "charging": False},
        "operatingMode": "AUTOMATIC",
        "errors": [],
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
    }
    message = CODEC.decode(State, json.dumps(state).encode())
    assert message.battery_state == BatteryState(battery_charge=80.0, charging=False)


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (b"", "connection"),
        (b"\xff\xfe", "connection"),
        (b"not json", "connection"),
        (b"[]", "connection"),
        (b"null", "connection"),
        (b'{"headerId": 1', "connection"),
        (json.dumps(HEADER).encode(), "connectionState"),
        (json.dumps({**HEADER, "connectionState": "ASLEEP"}).encode(), "connectionState"),
        (json.dumps({**HEADER, "connectionState": "ONLINE", "headerId": "x"}).encode(), "headerId"),
        (b"[" * 100_000, "connection"),
    ],
    ids=["empty", "no-utf8", "no-json", "array", "null", "cut-off", "missing", "unknown-value", "mistyped", "deep"],
)
def test_garbage_is_refused_and_the_field_named(payload: bytes, names: str) -> None:
    with pytest.raises(MessageError, match=names):
        CODEC.decode(Connection, payload)


@pytest.mark.parametrize("broken", [{"nodes": None}, {"nodes": [{}]}, {"orderUpdateId": 1.5}, {"edges": "none"}])
def test_a_mistyped_part_refuses_the_whole_order(broken: dict[str, object]) -> None:
    with pytest.raises(MessageError):
        CODEC.decode(Order, json.dumps({**ORDER, **broken}).encode())


def test_an_instant_action_keeps_its_parameters() -> None:
    action = {
        "actionType": "startCharging",
        "actionId": "a1",
        "blockingType": "HARD",
        "actionParameters": [{"key": "level", "value": {"any": [1, "json"]}}],
    }
    document = {**HEADER, "actions": [action]}
    assert json.loads(CODEC.encode(CODEC.decode(InstantActions, json.dumps(document).encode()))) == document


def test_a_connection_message_is_written_whole() -> None:
    message = Connection(
        header_id=0,
        timestamp="2026-01-01T00:00:00.000Z",
        version="2.1.0",
        manufacturer="Acme",
        serial_number="A-1",
        connection_state=ConnectionState.ONLINE,
    )
    assert json.loads(CODEC.encode(message)) == {**HEADER, "headerId": 0, "connectionState": "ONLINE"}


def test_topics_are_built_and_taken_apart() -> None:
    topics, vehicle = Topics(), VehicleAddress("Acme", "A-1")
    assert topics.of(vehicle, "order") == "uagv/v2/Acme/A-1/order"
    assert topics.every("state") == "uagv/v2/+/+/state"
    assert topics.parse("uagv/v2/Acme/A-1/state") == (vehicle, "state")


@pytest.mark.parametrize("topic", ["uagv/v3/Acme/A-1/state", "uagv/v2/Acme/state", "uagv/v2/Acme/A-1/state/x", "", "x"])
def test_topics_of_others_are_not_ours(topic: str) -> None:
    assert Topics().parse(topic) is None
