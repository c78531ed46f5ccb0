"""What a vehicle does otherwise in one version of the standard than in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from banksman_shared.vda5050 import ErrorLevel, ErrorType, OperatingMode

_BEFORE_3: Mapping[ErrorType, ErrorType] = MappingProxyType(
    {
        ErrorType.UNSUPPORTED_PARAMETER: ErrorType.ORDER_ERROR,
        ErrorType.INSUFFICIENT_MEMORY: ErrorType.ORDER_ERROR,
        ErrorType.MOBILE_ROBOT_NOT_AVAILABLE: ErrorType.ORDER_ERROR,
        ErrorType.UNKNOWN_MAP_ID: ErrorType.ORDER_ERROR,
        ErrorType.OTHER_ORDER_ACTIVE: ErrorType.ORDER_UPDATE_ERROR,
        ErrorType.ORDER_UPDATE_FOLLOWING_CANCEL: ErrorType.ORDER_UPDATE_ERROR,
        ErrorType.START_NODE_OUT_OF_RANGE: ErrorType.NO_ROUTE_ERROR,
    }
)
"""The coarser names that 2.x has for what 3.0 tells apart (2.1.0 §6.6.4, figure 8)."""

_LEVELS: Mapping[str, ErrorLevel] = MappingProxyType(
    {
        ErrorType.UNSUPPORTED_PARAMETER: ErrorLevel.CRITICAL,
        ErrorType.INSUFFICIENT_MEMORY: ErrorLevel.URGENT,
        ErrorType.INSTANT_ACTION_STATES_FULL: ErrorLevel.URGENT,
        ErrorType.ZONE_ACTION_STATES_FULL: ErrorLevel.URGENT,
        ErrorType.BLOCKED_ZONE_VIOLATION: ErrorLevel.CRITICAL,
        ErrorType.RELEASE_LOST: ErrorLevel.CRITICAL,
        ErrorType.NODE_UNREACHABLE: ErrorLevel.CRITICAL,
        ErrorType.LOCALIZATION_ERROR: ErrorLevel.FATAL,
    }
)
"""3.0 §6.6.5.4; all others are warnings."""

AUTOMATIC_MODES = (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC)
"""Those in which the vehicle carries out orders."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of VDA 5050 as a vehicle lives by it."""

    version: str
    has_maps: bool
    """Maps are distributed, reported and checked (2.1.0 §6.7)."""
    is_3: bool
    """Zones, requests, separate instant action states, retries, hibernation (3.0)."""

    def error_name(self, error_type: ErrorType) -> ErrorType:
        return error_type if self.is_3 else _BEFORE_3.get(error_type, error_type)

    def error_level(self, error_type: str) -> ErrorLevel:
        """The level that 3.0 demands; before it there were only warnings and what needs a person."""
        return self.level(_LEVELS.get(error_type, ErrorLevel.WARNING))

    def level(self, level: ErrorLevel) -> ErrorLevel:
        if self.is_3:
            return level
        return ErrorLevel.FATAL if level is ErrorLevel.FATAL else ErrorLevel.WARNING

    @property
    def modes(self) -> tuple[OperatingMode, ...]:
        """The operating modes there are (2.1.0 §6.10.6; 3.0 §6.6.6)."""
        new = (OperatingMode.STARTUP, OperatingMode.INTERVENED)
        return tuple(mode for mode in OperatingMode if self.is_3 or mode not in new)


_EDITIONS = MappingProxyType(
    {
        "2.0.0": Edition("2.0.0", has_maps=False, is_3=False),
        "2.1.0": Edition("2.1.0", has_maps=True, is_3=False),
        "3.0.0": Edition("3.0.0", has_maps=True, is_3=True),
    }
)


def edition_of(version: str) -> Edition:
    """Raises :class:`ValueError` where the vehicle does not speak ``version``."""
    try:
        return _EDITIONS[version]
    except KeyError:
        raise ValueError(f"the vehicles speak {', '.join(_EDITIONS)}; {version} is not among them") from None
