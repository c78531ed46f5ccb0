"""The actions that a simulated vehicle can do, by version: where they may stand and what they need.

Tables of predefined actions: 2.0.0 and 2.1.0 §6.8.1, 3.0 §6.2.3. ``downloadZoneSet`` is not there: this vehicle
takes zone sets by the topic ``zoneSet``, since it fetches nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from banksman_firmware_sim.order.edition import Edition

Scope = Literal["INSTANT", "NODE", "EDGE", "ZONE"]
DataType = Literal["NUMBER", "STRING", "ARRAY", "ANY"]

INIT_POSITION = "initPosition"
INITIALIZE_POSITION = "initializePosition"
"""The name that 3.0 has for it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action."""

    key: str
    data_type: DataType = "STRING"
    optional: bool = False

    def accepts(self, value: object) -> bool:
        match self.data_type:
            case "NUMBER":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "STRING":
                return isinstance(value, str)
            case "ARRAY":
                return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            case "ANY":
                return True


@dataclass(frozen=True, slots=True)
class Ability:
    """One action type. ``pausable`` and ``cancellable`` speak of the time while it runs (3.0 §7.10)."""

    scopes: tuple[Scope, ...]
    parameters: tuple[Parameter, ...] = ()
    pausable: bool = False
    cancellable: bool = True
    lasts: bool = False
    """On an edge or in a zone it runs until that is left, instead of keeping the vehicle there until it is done."""


_INSTANT = Ability(("INSTANT",))
_BOTH = Ability(("INSTANT", "NODE"))
_POSE = (*(Parameter(key, "NUMBER") for key in ("x", "y", "theta")), Parameter("mapId"), Parameter("lastNodeId"))
_HANDLING = (
    *(Parameter(key, optional=True) for key in ("lhd", "stationType", "stationName", "loadType", "loadId", "side")),
    *(Parameter(key, "NUMBER", optional=True) for key in ("height", "depth")),
)
_STATION = (Parameter("stationType", optional=True), Parameter("stationName", optional=True))
_MAP = (Parameter("mapId"), Parameter("mapVersion"))
_ZONE_SET = (Parameter("zoneSetId"),)

_ALWAYS: Mapping[str, Ability] = {
    "startPause": _INSTANT,
    "stopPause": _INSTANT,
    "cancelOrder": _INSTANT,
    "stateRequest": _INSTANT,
    "factsheetRequest": _INSTANT,
    "logReport": Ability(("INSTANT",), (Parameter("reason"),)),
    "startCharging": _BOTH,
    "stopCharging": _BOTH,
    "pick": Ability(("NODE", "EDGE"), _HANDLING, pausable=True),
    # A load that is half put down cannot be left so.
    "drop": Ability(("NODE", "EDGE"), _HANDLING, pausable=True, cancellable=False),
}
_BEFORE_3: Mapping[str, Ability] = {
    INIT_POSITION: Ability(("INSTANT", "NODE"), _POSE),
    "detectObject": Ability(("NODE", "EDGE"), (Parameter("objectType", optional=True),), lasts=True),
    "finePositioning": Ability(("NODE", "EDGE"), _STATION, pausable=True, lasts=True),
    "waitForTrigger": Ability(("NODE",), (Parameter("triggerType"),)),
}
_MAPS: Mapping[str, Ability] = {
    "enableMap": Ability(("INSTANT", "NODE"), _MAP),
    "downloadMap": Ability(("INSTANT",), (*_MAP, Parameter("mapDownloadLink"), Parameter("mapHash", optional=True))),
    "deleteMap": Ability(("INSTANT",), _MAP),
}
_SINCE_3: Mapping[str, Ability] = {
    INITIALIZE_POSITION: Ability(("INSTANT", "NODE"), _POSE),
    "detectObject": Ability(("NODE", "EDGE", "ZONE"), (Parameter("objectType", optional=True),), lasts=True),
    "finePositioning": Ability(("NODE", "EDGE", "ZONE"), _STATION, pausable=True, lasts=True),
    "waitForTrigger": Ability(("NODE", "ZONE"), (Parameter("triggerType", "ARRAY"),)),
    "cancelOrder": Ability(("INSTANT",), (Parameter("orderId", optional=True),)),
    "trigger": _INSTANT,
    "retry": Ability(("INSTANT",), (Parameter("actionId"),)),
    "skipRetry": Ability(("INSTANT",), (Parameter("actionId"),)),
    "enableZoneSet": Ability(("INSTANT", "NODE"), _ZONE_SET),
    "deleteZoneSet": Ability(("INSTANT",), _ZONE_SET),
    "clearInstantActions": _BOTH,
    "clearZoneActions": _BOTH,
    "startHibernation": Ability(("INSTANT",), (Parameter("wakeUpTime", optional=True),)),
    "stopHibernation": _INSTANT,
    "shutdown": _INSTANT,
    "updateCertificate": Ability(
        ("INSTANT",),
        (
            Parameter("service"),
            Parameter("keyDownloadLink"),
            Parameter("certificateDownloadLink"),
            Parameter("certificateAuthorityDownloadLink", optional=True),
        ),
    ),
}


@cache
def abilities_of(edition: Edition, own: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Mapping[str, Ability]:
    """All actions of a vehicle that speaks this version, by action type. ``own``: types that the standard does not
    have, each with the keys of its parameters."""
    known = {
        kind: Ability(("NODE",), tuple(Parameter(key, "ANY", optional=True) for key in keys), pausable=True)
        for kind, keys in own
    }
    known |= _ALWAYS
    if edition.has_maps:
        known |= _MAPS
    known |= _SINCE_3 if edition.is_3 else _BEFORE_3
    return MappingProxyType(known)
