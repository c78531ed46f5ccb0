"""Faults that a vehicle can be given while it runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FaultKind(StrEnum):
    """What can go wrong with a vehicle or its network."""

    OBSTACLE = "obstacle"
    EMERGENCY_STOP = "emergency-stop"
    LOCALISATION_LOST = "localisation-lost"
    BATTERY_DYING = "battery-dying"
    LOAD_LOST = "load-lost"
    ACTION_FAILS = "action-fails"
    MANUAL_MODE = "manual-mode"
    CLOCK_WRONG = "clock-wrong"
    NETWORK_AWAY = "network-away"
    MESSAGES_LOST = "messages-lost"
    MESSAGES_DUPLICATED = "messages-duplicated"
    MESSAGES_LATE = "messages-late"
    MESSAGES_REORDERED = "messages-reordered"
    REBOOT = "reboot"


@dataclass(frozen=True, slots=True)
class Amount:
    """What ``amount`` means for a kind of fault: its unit, its range, and what it is when nobody says."""

    meaning: str
    unit: str
    default: float
    least: float = 0.0
    most: float = math.inf


def _share(meaning: str) -> Amount:
    return Amount(meaning, "share of messages, 0 to 1", 0.3, 0.0, 1.0)


AMOUNTS: Mapping[FaultKind, Amount] = MappingProxyType(
    {
        FaultKind.BATTERY_DYING: Amount("charge that is left", "per cent", 5.0, 0.0, 100.0),
        FaultKind.CLOCK_WRONG: Amount("error of the timestamps, behind when negative", "seconds", 3600.0, -1e9, 1e9),
        FaultKind.MESSAGES_LOST: _share("messages that get lost"),
        FaultKind.MESSAGES_DUPLICATED: _share("messages that come twice"),
        FaultKind.MESSAGES_LATE: Amount("delay of a message, drawn between none and this", "seconds", 2.0, 0.0, 3600.0),
        FaultKind.MESSAGES_REORDERED: _share("messages that the next one overtakes"),
    }
)
"""Kinds whose ``amount`` means something; the others take none."""

DURATIONS: Mapping[FaultKind, float] = MappingProxyType({FaultKind.REBOOT: 10.0})
"""Seconds that these last when nobody says; all others last until cleared."""

MOMENTARY = frozenset({FaultKind.LOAD_LOST})
"""Kinds that happen and are over; they take no duration."""

NETWORK = frozenset(
    {
        FaultKind.NETWORK_AWAY,
        FaultKind.MESSAGES_LOST,
        FaultKind.MESSAGES_DUPLICATED,
        FaultKind.MESSAGES_LATE,
        FaultKind.MESSAGES_REORDERED,
        FaultKind.REBOOT,
    }
)
"""Kinds that happen to the connection; all others happen to the vehicle itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``seconds``: how long, None until cleared; ``amount``: how much, None for the kind's default.

    Raises:
        ValueError: the kind takes no such duration or amount; the text says what it takes.
    """

    kind: FaultKind
    seconds: float | None = None
    amount: float | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None:
            if self.kind in MOMENTARY:
                raise ValueError(f"{self.kind} happens once and takes no duration")
            if not 0 < self.seconds < math.inf:
                raise ValueError(f"a fault lasts more than 0 seconds, not {self.seconds:g}")
        if self.amount is None:
            return
        known = AMOUNTS.get(self.kind)
        if known is None:
            raise ValueError(f"{self.kind} takes no amount")
        if not known.least <= self.amount <= known.most:
            raise ValueError(f"the amount of {self.kind} is in {known.unit}, which {self.amount:g} is not")

    @property
    def lasts(self) -> float | None:
        """Seconds until it ends by itself, with the kind's default; None until cleared."""
        return DURATIONS.get(self.kind) if self.seconds is None else self.seconds

    @property
    def degree(self) -> float:
        """The amount, or the kind's default; 0 for kinds that take none."""
        if self.amount is not None:
            return self.amount
        known = AMOUNTS.get(self.kind)
        return known.default if known else 0.0
