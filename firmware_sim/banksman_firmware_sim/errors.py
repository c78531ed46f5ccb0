"""Errors of the simulated firmware.

BanksmanError
└── RefusedError    a message from master control is not taken over; becomes a warning in ``state.errors``
"""

from __future__ import annotations

from banksman_shared.errors import BanksmanError
from banksman_shared.vda5050 import Error, ErrorLevel, ErrorReference

VALIDATION_ERROR = "validationError"
ORDER_ERROR = "orderError"
ORDER_UPDATE_ERROR = "orderUpdateError"
NO_ROUTE_ERROR = "noRouteError"
NO_ORDER_TO_CANCEL = "noOrderToCancel"
ACTION_ERROR = "actionError"
INSTANT_ACTION_ERROR = "instantActionError"


class RefusedError(BanksmanError):
    """A message is refused. ``error_type`` is the standard's name for the reason (2.1.0 §6.6.4)."""

    def __init__(self, error_type: str, description: str, **references: object) -> None:
        super().__init__(description)
        self.error_type = error_type
        self.references = references


def warning(error_type: str, description: str, **references: object) -> Error:
    """A warning for ``state.errors`` with its references by key (2.1.0 §7.1)."""
    return Error(
        error_type=error_type,
        error_level=ErrorLevel.WARNING,
        error_description=description,
        error_references=tuple(
            ErrorReference(reference_key=key, reference_value=str(value)) for key, value in references.items()
        ),
    )
