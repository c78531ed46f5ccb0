"""Telling instant actions that come again from new ones."""

from __future__ import annotations

import math

from banksman_shared.clock import parse_timestamp
from banksman_shared.vda5050 import Action, Header, InstantActions, Order

REMEMBERED = 500
"""Ids of instant actions that a vehicle remembers, long after it has ceased to report them."""
_PAUSES = ("startPause", "stopPause")


class Repeats:
    """The ids of the instant actions that came, and when their senders wrote the latest messages."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        """How many orders had begun when each came."""
        self._orders = 0
        self._commanded_at = self._ordered_at = -math.inf

    def knows(self, action: Action) -> bool:
        return action.action_id in self._ids

    def take(self, action: Action) -> None:
        """An instant action is carried out."""
        self._ids.pop(action.action_id, None)
        self._ids[action.action_id] = self._orders
        if len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]

    def forget(self, action: Action) -> None:
        self._ids.pop(action.action_id, None)

    def note(self, message: InstantActions) -> None:
        """All actions of a message have been looked at."""
        self._commanded_at = max(self._commanded_at, _written_at(message))

    def begin_order(self, order: Order) -> None:
        self._orders += 1
        self._ordered_at = max(self._ordered_at, _written_at(order))

    def meant_anew(self, action: Action, message: InstantActions) -> bool:
        """Whether an action with a known id must be a new one, of a master that has one id for each kind of action.

        It is where it pauses or resumes, or where an order has begun in between. What the network doubled, held up
        or let be overtaken was written earlier than what came since, and is none.
        """
        written = _written_at(message)
        if written <= self._commanded_at:
            return False
        if action.action_type in _PAUSES:
            return True
        return written > self._ordered_at and self._ids.get(action.action_id, self._orders) < self._orders


def _written_at(message: Header) -> float:
    """Seconds since the epoch by its sender's clock; long ago where its timestamp is none."""
    try:
        return parse_timestamp(message.timestamp)
    except (ValueError, OverflowError):
        return -math.inf
