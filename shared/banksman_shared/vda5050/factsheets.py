"""The factsheet in 2.x and in 3.0: what is called otherwise (2.1.0 §6.15; 3.0 §7.10; both schemas).

Internally a factsheet has the names of 2.1.0. Fields without an entry here are called the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_Names = Mapping[str, Mapping[str, str]]

# Part, then the key of the object or array that a field stands in ("" for the part itself), then the names.
NAMES: Mapping[str, _Names] = {
    "type_specification": {
        "": {
            "agvKinematic": "mobileRobotKinematics",
            "agvClass": "mobileRobotClass",
            "maxLoadMass": "maximumLoadMass",
        }
    },
    "physical_parameters": {
        "": {
            "speedMin": "minimumSpeed",
            "speedMax": "maximumSpeed",
            "angularSpeedMin": "minimumAngularSpeed",
            "angularSpeedMax": "maximumAngularSpeed",
            "accelerationMax": "maximumAcceleration",
            "decelerationMax": "maximumDeceleration",
            "heightMin": "minimumHeight",
            "heightMax": "maximumHeight",
        }
    },
    "protocol_limits": {
        "": {"maxStringLens": "maximumStringLengths", "maxArrayLens": "maximumArrayLengths"},
        "maxStringLens": {
            "msgLen": "maximumMessageLength",
            "topicSerialLen": "maximumTopicSerialLength",
            "topicElemLen": "maximumTopicElementLength",
            "idLen": "maximumIdLength",
            "loadIdLen": "maximumLoadIdLength",
        },
        "timing": {"minOrderInterval": "minimumOrderInterval", "minStateInterval": "minimumStateInterval"},
    },
    "protocol_features": {
        "": {"agvActions": "mobileRobotActions"},
        "agvActions": {"resultDescription": "actionResult"},
    },
    "agv_geometry": {
        "envelopes2d": {"set": "envelope2dId", "polygonPoints": "vertices"},
        "envelopes3d": {"set": "envelope3dId"},
    },
    "load_specification": {
        "loadSets": {
            "maxWeight": "maximumWeight",
            "minLoadhandlingHeight": "minimumLoadhandlingHeight",
            "maxLoadhandlingHeight": "maximumLoadhandlingHeight",
            "minLoadhandlingDepth": "minimumLoadhandlingDepth",
            "maxLoadhandlingDepth": "maximumLoadhandlingDepth",
            "minLoadhandlingTilt": "minimumLoadhandlingTilt",
            "maxLoadhandlingTilt": "maximumLoadhandlingTilt",
            "agvSpeedLimit": "maximumSpeed",
            "agvAccelerationLimit": "maximumAcceleration",
            "agvDecelerationLimit": "maximumDeceleration",
        }
    },
}
VALUES: Mapping[str, Mapping[str, str]] = {
    "agvKinematic": {"DIFF": "DIFFERENTIAL", "OMNI": "OMNIDIRECTIONAL", "THREEWHEEL": "THREE_WHEEL"},
    "navigationTypes": {"AUTONOMOUS": "FREELY_NAVIGATING"},
}
# The last names of optional parameters, such as order.edges.maxSpeed.
PARAMETERS: Mapping[str, str] = {
    "maxSpeed": "maximumSpeed",
    "maxHeight": "maximumMobileRobotHeight",
    "minHeight": "minimumLoadHandlingDeviceHeight",
    "rotationAllowed": "reachOrientationBeforeEntering",
    "maxRotationSpeed": "maximumRotationSpeed",
    "corridorRefPoint": "corridorReferencePoint",
    "nodeDescription": "nodeDescriptor",
    "edgeDescription": "edgeDescriptor",
    "actionDescription": "actionDescriptor",
    "resultDescription": "actionResult",
    "infoDescription": "infoDescriptor",
    "agvPosition": "mobileRobotPosition",
    "batteryState": "powerSupply",
    "batteryCharge": "stateOfCharge",
    "reach": "range",
}


def for_3(sheet: Any) -> None:
    """Puts the parts of a message that is about to be written into the terms of 3.0."""
    for part, names in NAMES.items():
        setattr(sheet, part, _renamed(getattr(sheet, part), names, VALUES, ""))
    _parameters(sheet, PARAMETERS)
    physical = sheet.physical_parameters
    if "maximumHeight" in physical:
        # Required with 3.0: without a lift, it is as high as it is.
        physical.setdefault("minimumHeight", physical["maximumHeight"])
    sheet.protocol_limits.get("maximumStringLengths", {}).pop("enumLen", None)
    for action in _records(sheet.protocol_features, "mobileRobotActions"):
        # Required with 3.0; what is not said is not promised.
        action.setdefault("pauseAllowed", False)
        action.setdefault("cancelAllowed", False)
        for parameter in _records(action, "actionParameters"):
            if parameter.get("valueDataType") == "FLOAT":
                parameter["valueDataType"] = "NUMBER"


def from_3(sheet: Any) -> None:
    """Puts the parts of a message that was read from 3.0 into the internal terms."""
    back_values = {_key_of_3(key): _turned(values) for key, values in VALUES.items()}
    for part, names in NAMES.items():
        back = {_container_of_3(names, container): _turned(pairs) for container, pairs in names.items()}
        setattr(sheet, part, _renamed(getattr(sheet, part), back, back_values, ""))
    _parameters(sheet, _turned(PARAMETERS))


def for_2(sheet: Any) -> None:
    """Drops what only 3.0 knows from a message that is about to be written for 2.x."""
    features = _renamed(sheet.protocol_features, {}, {}, "")
    for action in _records(features, "agvActions"):
        for key, new in (("actionScopes", "ZONE"), ("blockingTypes", "SINGLE")):
            if isinstance(action.get(key), list | tuple):
                action[key] = [value for value in action[key] if value != new]
    sheet.protocol_features = features


def _renamed(value: Any, names: _Names, values: Mapping[str, Mapping[str, str]], container: str) -> Any:
    """A copy with other keys, and other words where ``values`` has them for the key."""
    if isinstance(value, Mapping):
        pairs = names.get(container, {})
        return {pairs.get(key, key): _renamed(item, names, values, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, names, values, container) for item in value]
    return values.get(container, {}).get(value, value) if isinstance(value, str) else value


def _records(part: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of an array, as far as a peer or a caller has put objects there."""
    found = part.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _parameters(sheet: Any, names: Mapping[str, str]) -> None:
    for entry in _records(sheet.protocol_features, "optionalParameters"):
        parameter = entry.get("parameter")
        if isinstance(parameter, str):
            entry["parameter"] = ".".join(names.get(word, word) for word in parameter.split("."))


def _turned(pairs: Mapping[str, str]) -> dict[str, str]:
    return {there: here for here, there in pairs.items()}


def _container_of_3(names: _Names, container: str) -> str:
    """The key under which 3.0 has an object that 2.1 has under ``container``."""
    return names.get("", {}).get(container, container)


def _key_of_3(key: str) -> str:
    return NAMES["type_specification"][""].get(key, key)
