"""Small messages of 2.1.0 as documents, to be changed by tests."""

from __future__ import annotations

import json
from typing import Any

from banksman_shared.vda5050 import Codec, State, codec_for

HEADER = {
    "headerId": 7,
    "timestamp": "2026-01-01T00:00:00.00Z",
    "version": "2.1.0",
    "manufacturer": "A",
    "serialNumber": "1",
}
OWN_HEADER: dict[str, Any] = {
    "header_id": 7,
    "timestamp": "2026-01-01T00:00:00.00Z",
    "version": "2.1.0",
    "manufacturer": "A",
    "serial_number": "1",
}
POSITION = {"x": 1.0, "y": 2.0, "mapId": "m"}
NODE = {"nodeId": "N1", "sequenceId": 0, "released": True, "actions": []}
ORDER = {**HEADER, "orderId": "o", "orderUpdateId": 0, "nodes": [NODE], "edges": []}
STATE = {
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
ACTION = {"actionType": "startPause", "actionId": "a1", "blockingType": "HARD"}
TOLERANT, STRICT = codec_for("2.1.0"), codec_for("2.1.0", strict=True)


def payload(document: Any) -> bytes:
    return json.dumps(document).encode()


def state(codec: Codec = TOLERANT, **fields: Any) -> State:
    """A state with other fields; None leaves one out."""
    return codec.decode(State, payload({key: value for key, value in {**STATE, **fields}.items() if value is not None}))


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in names}
