"""Commands with other things in their slots: what a correction does to an order, within a sentence or after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from banksman_shared.commands import Command


def swapped(command: Command, old: str, new: str) -> Command:
    """The command with one thing in place of another."""
    return Command(
        command.action,
        tuple(new if v == old else v for v in command.vehicles),
        origin=new if command.origin == old else command.origin,
        destination=new if command.destination == old else command.destination,
    )


def told(commands: Iterable[Command], vehicles: Sequence[str]) -> tuple[Command, ...]:
    """The commands, for these vehicles."""
    return tuple(Command(c.action, tuple(vehicles), origin=c.origin, destination=c.destination) for c in commands)


def with_places(command: Command, *, origin: str | None = None, destination: str | None = None) -> Command:
    """The command with the places that are given in its slots."""
    return Command(
        command.action,
        command.vehicles,
        origin=origin or command.origin,
        destination=destination or command.destination,
    )


def fits_origin(kind: str | None, origin: str | None, destination: str | None) -> bool:
    """Whether a bare place, of this kind, fits where a load comes from and not where it is brought, by their kinds:
    after "from aisle two to dock five", "no, aisle three"."""
    return bool(kind) and kind == origin != destination
