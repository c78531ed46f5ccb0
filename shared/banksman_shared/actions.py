"""What can be asked for of vehicles."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What can be asked for."""

    MOVE = "move"
    PICK = "pick"
    DROP = "drop"
    TRANSPORT = "transport"
    CHARGE = "charge"
    PARK = "park"
    STOP = "stop"
    RESUME = "resume"
    CANCEL = "cancel"
    STATUS = "status"
    OWN = "own"
    """One that the site declares; the command's ``name`` says which."""
    PLAN = "plan"
    NONE = "none"

    @property
    def drives(self) -> bool:
        """Whether a vehicle may start to move because of it."""
        return self not in (Action.STOP, Action.CANCEL, Action.STATUS, Action.NONE)
