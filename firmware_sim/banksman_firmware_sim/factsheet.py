"""The factsheet of a simulated vehicle (2.1.0 §6.15)."""

from __future__ import annotations

from typing import Any

from banksman_firmware_sim.actions import SUPPORTED
from banksman_firmware_sim.orders import SLOWEST
from banksman_firmware_sim.profile import VehicleProfile

_PARAMETERS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "pick": (("loadId", "STRING", True), ("loadType", "STRING", True)),
    "initPosition": (
        ("x", "FLOAT", False),
        ("y", "FLOAT", False),
        ("theta", "FLOAT", False),
        ("mapId", "STRING", False),
        ("lastNodeId", "STRING", False),
    ),
}


_OPTIONAL = {
    "order.nodes.nodePosition": "REQUIRED",
    "order.nodes.nodePosition.theta": "SUPPORTED",
    "order.nodes.nodePosition.allowedDeviationXY": "SUPPORTED",
    "order.edges.maxSpeed": "SUPPORTED",
    "order.edges.orientation": "SUPPORTED",
    "order.edges.orientationType": "SUPPORTED",
}


def factsheet_parts(
    profile: VehicleProfile, min_state_interval_s: float, state_interval_s: float, visualization_interval_s: float
) -> dict[str, Any]:
    """All fields but the header, by attribute name of the message."""
    return {
        "type_specification": {
            "seriesName": profile.series,
            "seriesDescription": "a vehicle that exists only on the wire",
            "agvKinematic": "DIFF",
            "agvClass": profile.agv_class,
            "maxLoadMass": profile.max_load_kg,
            "localizationTypes": ["NATURAL"],
            "navigationTypes": ["VIRTUAL_LINE_GUIDED"],
        },
        "physical_parameters": {
            "speedMin": SLOWEST,
            "speedMax": profile.speed,
            "accelerationMax": profile.acceleration,
            "decelerationMax": profile.deceleration,
            "heightMax": profile.height,
            "width": profile.width,
            "length": profile.length,
        },
        "protocol_limits": {
            "maxStringLens": {},
            "maxArrayLens": {"state.loads": 1},
            "timing": {
                "minOrderInterval": 0.0,
                "minStateInterval": min_state_interval_s,
                "defaultStateInterval": state_interval_s,
                "visualizationInterval": visualization_interval_s,
            },
        },
        "protocol_features": {
            "optionalParameters": [{"parameter": name, "support": need} for name, need in _OPTIONAL.items()],
            "agvActions": [_action(name) for name in SUPPORTED],
        },
        "agv_geometry": {"envelopes2d": [{"set": "outline", "polygonPoints": _outline(profile)}]},
        "load_specification": {
            "loadPositions": ["lift"],
            "loadSets": [_load_set(profile)],
        },
    }


def _load_set(profile: VehicleProfile) -> dict[str, Any]:
    return {
        "setName": "DEFAULT",
        "loadType": "EPAL",
        "maxWeight": profile.max_load_kg,
        "pickTime": profile.setup_s + profile.pick_s,
        "dropTime": profile.setup_s + profile.drop_s,
    }


def _action(name: str) -> dict[str, Any]:
    described: dict[str, Any] = {"actionType": name, "actionScopes": list(SUPPORTED[name])}
    # No blockingTypes: the official schema puts the enumeration on the array and so refuses every value.
    if parameters := _PARAMETERS.get(name):
        described["actionParameters"] = [
            {"key": key, "valueDataType": kind, "isOptional": optional} for key, kind, optional in parameters
        ]
    return described


def _outline(profile: VehicleProfile) -> list[dict[str, float]]:
    x, y = profile.length / 2, profile.width / 2
    return [{"x": x, "y": y}, {"x": -x, "y": y}, {"x": -x, "y": -y}, {"x": x, "y": -y}]
