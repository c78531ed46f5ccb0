"""Error types of 2.1 and of 3.0, translated one to one (2.1.0 §6.6.3.2, §6.6.4; 3.0 §6.6.5.4, §7.8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from banksman_shared.vda5050.messages.enums import ErrorType

_RENAMED: dict[ErrorType, str] = {
    ErrorType.VALIDATION_ERROR: "VALIDATION_FAILURE",
    ErrorType.ORDER_ERROR: "INVALID_ORDER_ACTION",
    ErrorType.ORDER_UPDATE_ERROR: "OUTDATED_ORDER_UPDATE",
    ErrorType.NO_ROUTE_ERROR: "NO_ROUTE_TO_TARGET",
    ErrorType.INSTANT_ACTION_ERROR: "INVALID_INSTANT_ACTION",
}
# The other members are called here as in 3.0.
TO_3_0: Mapping[str, str] = MappingProxyType({kind.value: _RENAMED.get(kind, kind.name) for kind in ErrorType})
FROM_3_0: Mapping[str, str] = MappingProxyType({there: here for here, there in TO_3_0.items()})
# §7.8 has it where the table of §6.6.5.4 has INVALID_ORDER_ACTION.
_ALSO_READ = {"INVALID_ORDER": ErrorType.ORDER_ERROR.value}


def to_3_0(error_type: str) -> str:
    """The 3.0 name; an unknown one, a maker's own, stays as it is."""
    return TO_3_0.get(error_type, error_type)


def from_3_0(error_type: str) -> str:
    """The internal name; an unknown one, a maker's own, stays as it is."""
    return FROM_3_0.get(error_type) or _ALSO_READ.get(error_type, error_type)
