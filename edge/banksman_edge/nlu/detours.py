"""An order with a place that it must not lead through: "go to dock three, but not through aisle two"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from banksman_edge.nlu.items import Item
from banksman_edge.nlu.language import AND, BUT, EXCEPTS, FILLER, NOT
from banksman_shared.commands import Command

_JOINTS = (AND, BUT, EXCEPTS, FILLER)


def shuts_a_way(items: Sequence[Item], read: Callable[[Sequence[Item]], tuple[Command, ...]]) -> bool:
    """Whether an order, as ``read`` reads it, is followed by places where it must not lead: for the planner."""
    at = next((at for at, item in enumerate(items) if item.plays(NOT) and not item.actions), 0)
    head, ban = items[:at], items[at + 1 :]
    while head and not (head[-1].mention or head[-1].actions) and any(map(head[-1].plays, _JOINTS)):
        head = head[:-1]
    shut = any(item.is_where for item in ban) and not any(item.is_who or item.plays(NOT) for item in ban)
    commands = read(head) if shut and head else ()
    return bool(commands) and all(command.action.drives and command.destination for command in commands)
