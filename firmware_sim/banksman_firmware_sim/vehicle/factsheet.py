"""The factsheet of a simulated vehicle (2.1.0 §6.15; 3.0 §7.10)."""

from __future__ import annotations

from typing import Any

from banksman_firmware_sim.errors import KEPT_ERRORS
from banksman_firmware_sim.motion import VehicleProfile
from banksman_firmware_sim.order import (
    KEPT_INSTANT_ACTIONS,
    KEPT_ZONE_ACTIONS,
    LOAD_POSITION,
    MAX_ACTIONS,
    MAX_NODES,
    SLOWEST,
    Ability,
    Edition,
    Parameter,
    abilities_of,
)
from banksman_firmware_sim.vehicle.battery import LOW_CHARGE
from banksman_firmware_sim.vehicle.outbox import MIN_STATE_INTERVAL_S, VISUALIZATION_INTERVAL_S
from banksman_firmware_sim.vehicle.zones import SUPPORTED_ZONES

_OPTIONAL = {
    "order.nodes.nodePosition": "REQUIRED",
    "order.nodes.nodePosition.theta": "SUPPORTED",
    "order.nodes.nodePosition.allowedDeviationXY": "SUPPORTED",
    "order.nodes.nodePosition.allowedDeviationTheta": "SUPPORTED",
    "order.edges.maxSpeed": "SUPPORTED",
    "order.edges.maxHeight": "SUPPORTED",
    "order.edges.orientation": "SUPPORTED",
    "order.edges.orientationType": "SUPPORTED",
    "order.edges.rotationAllowed": "SUPPORTED",
    "order.edges.length": "SUPPORTED",
}
_CORRIDOR = {"order.edges.corridor": "SUPPORTED"}
"""The vehicle never leaves the straight line, which lies within any corridor, so it never asks to use one."""


def factsheet_parts(profile: VehicleProfile, edition: Edition) -> dict[str, Any]:
    """All fields but the header, by attribute name of the message; within, the names of 2.1.0."""
    optional = _OPTIONAL | (_CORRIDOR if edition.has_maps else {})
    zones = {"supportedZones": [str(zone) for zone in SUPPORTED_ZONES]} if edition.is_3 else {}
    return {
        "type_specification": {
            "seriesName": profile.series,
            "seriesDescription": "a vehicle that exists only on the wire",
            "agvKinematic": "DIFF",
            "agvClass": profile.agv_class,
            "maxLoadMass": profile.max_load_kg,
            "localizationTypes": ["NATURAL"],
            "navigationTypes": ["VIRTUAL_LINE_GUIDED"],
            **zones,
        },
        "physical_parameters": {
            "speedMin": SLOWEST,
            "speedMax": profile.speed,
            "accelerationMax": profile.acceleration,
            "decelerationMax": profile.deceleration,
            "heightMin": profile.height,
            "heightMax": profile.height,
            "width": profile.width,
            "length": profile.length,
        },
        "protocol_limits": _limits(profile, edition),
        "protocol_features": {
            "optionalParameters": [{"parameter": name, "support": need} for name, need in optional.items()],
            "agvActions": [
                _action(name, ability, edition) for name, ability in abilities_of(edition, profile.own_actions).items()
            ],
        },
        "agv_geometry": {"envelopes2d": [{"set": "outline", "polygonPoints": _outline(profile)}]},
        "load_specification": {
            "loadPositions": [LOAD_POSITION],
            "loadSets": [_load_set(profile)],
        },
        "vehicle_config": (
            {"batteryCharging": {"minimumDesiredChargingLevel": LOW_CHARGE}, "versions": []} if edition.is_3 else None
        ),
    }


def _limits(profile: VehicleProfile, edition: Edition) -> dict[str, Any]:
    arrays = {
        "order.nodes": MAX_NODES,
        "order.edges": MAX_NODES - 1,
        "state.actionStates": MAX_ACTIONS,
        "state.loads": 1,
        "state.errors": KEPT_ERRORS,
    }
    if edition.is_3:
        arrays |= {
            "state.instantActionStates": KEPT_INSTANT_ACTIONS,
            "state.zoneActionStates": KEPT_ZONE_ACTIONS,
        }
    return {
        "maxStringLens": {},
        "maxArrayLens": arrays,
        "timing": {
            "minOrderInterval": 0.0,
            "minStateInterval": MIN_STATE_INTERVAL_S,
            "defaultStateInterval": profile.state_interval_s,
            "visualizationInterval": VISUALIZATION_INTERVAL_S,
        },
    }


def _load_set(profile: VehicleProfile) -> dict[str, Any]:
    return {
        "setName": "DEFAULT",
        "loadType": "EPAL",
        "maxWeight": profile.max_load_kg,
        "minLoadhandlingHeight": 0.0,
        "maxLoadhandlingHeight": profile.lift_m,
        "pickTime": profile.setup_s + profile.pick_s,
        "dropTime": profile.setup_s + profile.drop_s,
    }


def _action(name: str, ability: Ability, edition: Edition) -> dict[str, Any]:
    described: dict[str, Any] = {"actionType": name, "actionScopes": list(ability.scopes)}
    # No blockingTypes: the official schema of 2.1 puts the enumeration on the array and so refuses every value.
    if edition.is_3:
        described |= {"pauseAllowed": ability.pausable, "cancelAllowed": ability.cancellable}
    if ability.parameters:
        described["actionParameters"] = [_parameter(parameter) for parameter in ability.parameters]
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "key": parameter.key,
        "valueDataType": "STRING" if parameter.data_type == "ANY" else parameter.data_type,
        "isOptional": parameter.optional,
    }


def _outline(profile: VehicleProfile) -> list[dict[str, float]]:
    x, y = profile.length / 2, profile.width / 2
    return [{"x": x, "y": y}, {"x": -x, "y": y}, {"x": -x, "y": -y}, {"x": x, "y": -y}]
