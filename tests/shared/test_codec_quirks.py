"""What peers do to VDA 5050, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from codec_documents import (
    ACTION,
    HEADER,
    NODE,
    ORDER,
    POSITION,
    STATE,
    STRICT,
    TOLERANT,
    payload,
    state,
    without,
)

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    Connection,
    ConnectionState,
    ErrorLevel,
    EStop,
    Factsheet,
    Header,
    InstantActions,
    NodePosition,
    OperatingMode,
    Order,
    State,
    Visualization,
    codec_for,
)

MENDED: list[tuple[str, type[Header], dict[str, Any], Callable[[Any], object], object]] = [
    (
        "null-optional",
        State,
        {**STATE, "information": None, "loads": None},
        lambda m: (m.information, m.loads),
        ((), None),
    ),
    ("null-list", State, {**STATE, "errors": None}, lambda m: m.errors, ()),
    ("float-for-int", State, {**STATE, "orderUpdateId": 3.0}, lambda m: m.order_update_id, 3),
    (
        "no-empty-lists",
        State,
        without(STATE, "nodeStates", "edgeStates", "actionStates", "errors"),
        lambda m: m.node_states,
        (),
    ),
    ("no-actions", Order, {**ORDER, "nodes": [without(NODE, "actions")]}, lambda m: m.nodes[0].actions, ()),
    ("one-node-no-edges", Order, without(ORDER, "edges"), lambda m: m.edges, ()),
    (
        "lower-case",
        Connection,
        {**HEADER, "connectionState": "online"},
        lambda m: m.connection_state,
        ConnectionState.ONLINE,
    ),
    (
        "underscored",
        Connection,
        {**HEADER, "connectionState": "CONNECTION_BROKEN"},
        lambda m: m.connection_state,
        ConnectionState.CONNECTIONBROKEN,
    ),
    (
        "other-name-for-actions",
        InstantActions,
        {**HEADER, "instantActions": [ACTION]},
        lambda m: m.actions[0].action_type,
        "startPause",
    ),
    (
        "name-of-the-2.0.0-schema",
        InstantActions,
        {**HEADER, "actions": [{**without(ACTION, "actionType"), "actionName": "startPause"}]},
        lambda m: m.actions[0].action_type,
        "startPause",
    ),
    ("empty-factsheet", Factsheet, {}, lambda m: (m.serial_number, m.type_specification), ("", {})),
]


@pytest.mark.parametrize(
    ("kind", "document", "seen", "expected"), [case[1:] for case in MENDED], ids=[case[0] for case in MENDED]
)
def test_quirks_of_peers_are_put_right_unless_strictness_is_asked_for(
    kind: type[Header], document: dict[str, Any], seen: Callable[[Any], object], expected: object
) -> None:
    assert seen(TOLERANT.decode(kind, payload(document))) == expected
    with pytest.raises(MessageError):
        STRICT.decode(kind, payload(document))


@pytest.mark.parametrize(
    ("fields", "seen", "expected"),
    [
        ({"operatingMode": "DANCING"}, lambda m: m.operating_mode, OperatingMode.MANUAL),
        ({"operatingMode": "STARTUP"}, lambda m: m.operating_mode, OperatingMode.SERVICE),
        (
            {"errors": [{"errorType": "e", "errorLevel": "APOCALYPSE"}]},
            lambda m: m.errors[0].error_level,
            ErrorLevel.FATAL,
        ),
        (
            {"errors": [{"errorType": "e", "errorLevel": "URGENT"}]},
            lambda m: m.errors[0].error_level,
            ErrorLevel.WARNING,
        ),
        (
            {"actionStates": [{"actionId": "a", "actionStatus": "NEARLY"}]},
            lambda m: m.action_states[0].action_status.ended,
            False,
        ),
        ({"safetyState": {"eStop": "LOUD", "fieldViolation": False}}, lambda m: m.safety_state.e_stop, EStop.MANUAL),
    ],
    ids=["mode", "mode-of-3.0", "level", "level-of-3.0", "status", "stop"],
)
def test_words_nobody_knows_are_taken_for_what_promises_least(
    fields: dict[str, Any], seen: Callable[[Any], object], expected: object
) -> None:
    assert seen(state(**fields)) == expected


def test_a_connection_in_an_unknown_state_is_none() -> None:
    message = TOLERANT.decode(Connection, payload({**HEADER, "connectionState": "ASLEEP"}))
    assert message.connection_state is ConnectionState.CONNECTIONBROKEN


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
def test_the_deviation_is_read_in_either_spelling(version: str) -> None:
    node = {**NODE, "nodePosition": {**POSITION, "allowedDeviationXy": 0.5}}
    message = codec_for(version).decode(Order, payload({**ORDER, "nodes": [node]}))
    assert message.nodes[0].node_position == NodePosition(x=1.0, y=2.0, map_id="m", allowed_deviation_xy=0.5)


def test_a_radius_is_a_circle_in_3_0_too() -> None:
    node = {**NODE, "nodePosition": {**POSITION, "allowedDeviationXY": 0.5}}
    document = payload({**ORDER, "nodes": [node]})
    position = codec_for("3.0.0").decode(Order, document).nodes[0].node_position
    assert position is not None
    assert position.allowed_deviation_xy == 0.5
    with pytest.raises(MessageError, match="allowedDeviationXY"):
        codec_for("3.0.0", strict=True).decode(Order, document)


def test_a_byte_order_mark_is_stepped_over() -> None:
    assert TOLERANT.decode(State, b"\xef\xbb\xbf" + payload(STATE)) == state()


def test_a_visualization_of_2_x_needs_no_header() -> None:
    """Its schema wants none (2.1.0)."""
    assert STRICT.decode(Visualization, payload({"velocity": {"vx": 1.0}})).velocity is not None


@pytest.mark.parametrize("field", ["batteryState", "safetyState", "operatingMode", "orderId", "driving", "headerId"])
def test_what_a_state_must_say_is_never_made_up(field: str) -> None:
    with pytest.raises(MessageError, match=field):
        state(**{field: None})


@pytest.mark.parametrize(
    ("kind", "document", "names"),
    [
        (Order, without(ORDER, "nodes"), "nodes"),
        (Order, {**ORDER, "nodes": [NODE, NODE]} | {"edges": None}, "edges"),
        (Order, {**ORDER, "orderUpdateId": 1.5}, "orderUpdateId"),
        (
            Order,
            {**ORDER, "nodes": [{**NODE, "nodePosition": {**POSITION, "x": "left"}}]},
            r"nodes\[0\].nodePosition.x",
        ),
        (InstantActions, {**HEADER, "actions": [without(ACTION, "actionId")]}, "actionId"),
        (State, {**STATE, "driving": "yes"}, "driving"),
    ],
)
def test_what_stays_wrong_is_refused_in_a_sentence_that_names_the_field(
    kind: type[Header], document: dict[str, Any], names: str
) -> None:
    with pytest.raises(MessageError, match=names) as refused:
        TOLERANT.decode(kind, payload(document))
    assert "\n" not in str(refused.value)
    assert "VDA 5050 2.1.0" in str(refused.value)


@pytest.mark.parametrize(
    ("garbage", "says"),
    [
        (b"", "truncated"),
        (payload(STATE).replace(b"80", b"NaN"), "malformed"),
        (payload(STATE).replace(b"80", b"-Infinity"), "malformed"),
        (payload(STATE).replace(b"80", b"1e999"), "batteryCharge"),
        (json.dumps(STATE).encode("utf-16"), "malformed"),
        (payload(STATE).replace(b'"lastNodeId": ""', b'"lastNodeId": "\xfc"'), "not UTF-8"),
        (b"[" * 5_000_000, "object"),
        (b'{"x":' + b"[" * 5_000_000, "nested too deeply"),
        (b'{"errors":' + b'{"a":' * 1_000_000, "array"),
    ],
    ids=["empty", "nan", "infinity", "huge", "utf-16", "latin-1", "deep", "deep-unknown", "deep-known"],
)
@pytest.mark.parametrize("strict", [False, True])
def test_garbage_is_refused(garbage: bytes, says: str, strict: bool) -> None:
    with pytest.raises(MessageError, match=says):
        codec_for("2.1.0", strict=strict).decode(State, garbage)
