"""Errors of the simulated firmware.

BanksmanError
└── RefusedError    a message from master control is not taken over; becomes an error in ``state.errors``
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

from banksman_shared.errors import BanksmanError
from banksman_shared.vda5050 import Error, ErrorLevel, ErrorReference, ErrorType

KEPT_ERRORS = 20
"""Of a flood of refusals, the latest so many are reported; the factsheet says so."""


class RefusedError(BanksmanError):
    """A message is refused, for a reason in the terms of 3.0 §6.6.5.4 (2.1.0 §6.6.4)."""

    def __init__(self, error_type: ErrorType, description: str, **references: object) -> None:
        super().__init__(description)
        self.error_type = error_type
        self.references = references


class Until(Enum):
    """How long an error is reported (3.0 §6.6.5.4, last column of the table)."""

    NEW_ORDER = auto()
    INSTANT_ACTION = auto()
    MAP_ACTION = auto()
    MODE = auto()
    CLEARED = auto()
    """Until its cause is gone or its time is over."""


@dataclass(frozen=True, slots=True)
class _Entry:
    error: Error
    until: Until
    key: str
    ends_at: float


class ErrorBook:
    """All errors that are reported now. ``count`` grows with every change."""

    def __init__(self) -> None:
        self._entries: tuple[_Entry, ...] = ()
        self.active: tuple[Error, ...] = ()
        self.count = 0

    def report(self, error: Error, until: Until, *, key: str = "", ends_at: float = math.inf) -> None:
        """Report an error anew; the same one, or another under the same ``key``, gives way."""
        kept = [e for e in self._entries if e.error != error and (not key or e.key != key)]
        messages = [e for e in kept if e.until is not Until.CLEARED]
        surplus = messages[: max(0, len(messages) + 1 - KEPT_ERRORS)]
        self._set((*(e for e in kept if e not in surplus), _Entry(error, until, key, ends_at)))

    def end(self, until: Until) -> None:
        """Something happened that ends some errors."""
        self._set(tuple(e for e in self._entries if e.until is not until))

    def clear(self, key: str) -> None:
        """The cause of an error is gone."""
        self._set(tuple(e for e in self._entries if e.key != key))

    def expire(self, now: float) -> None:
        self._set(tuple(e for e in self._entries if e.ends_at > now))

    @property
    def next_at(self) -> float:
        return min((e.ends_at for e in self._entries), default=math.inf)

    def _set(self, entries: tuple[_Entry, ...]) -> None:
        if entries != self._entries:
            self._entries, self.active = entries, tuple(e.error for e in entries)
            self.count += 1


def an_error(error_type: str, level: ErrorLevel, description: str, **references: object) -> Error:
    """An error for ``state.errors`` with its references by key (2.1.0 §7.1)."""
    return Error(
        error_type=error_type,
        error_level=level,
        error_description=description,
        error_references=tuple(
            ErrorReference(reference_key=key, reference_value=str(value)) for key, value in references.items()
        ),
    )
