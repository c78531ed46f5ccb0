"""Things of a site by id: their numbers, and what references to them mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from banksman_edge.dialogue.resolve import Now, Resolver
from banksman_shared.commands import Action, Command
from banksman_shared.site import Place, Site, Vehicle

Commands = tuple[Command, ...]
GOING = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT})
"""What happens at a place that is named."""


class Things:
    """The vehicles and places of one site, and what references to them mean."""

    def __init__(self, site: Site, resolver: Resolver) -> None:
        self.site, self.resolver = site, resolver

    def who(self, tokens: Sequence[str], commands: Commands, now: Now) -> tuple[str, ...]:
        """The vehicles that names and references mean, in the place of those of the commands.

        Raises:
            Unclear: a reference has nothing to refer to, or several things.
        """
        command = next((c for c in commands if c.action in GOING), commands[0])
        asked = Command(command.action, tuple(tokens), origin=command.origin, destination=command.destination)
        return self.resolver.fill([asked], now)[0][0].vehicles

    def number(self, key: str) -> int | None:
        """The number of a vehicle or place."""
        thing: Vehicle | Place | None = self.site.vehicles.get(key) or self.site.places.get(key)
        return thing.number if thing else None

    def pool(self, key: str | None) -> Mapping[str, Vehicle | Place]:
        """All things of the sort that an id belongs to: vehicles or places."""
        return self.site.vehicles if key in self.site.vehicles else self.site.places

    def same_kind(self, key: str | None, number: int) -> str | None:
        """The thing of the same kind with another number."""
        pool = self.pool(key)
        kind = pool[key].kind if key and key in pool else None
        return next((i for i, thing in pool.items() if kind and thing.kind == kind and thing.number == number), None)


def things_of(commands: Commands) -> Iterator[str]:
    """All ids of commands, once each."""
    yield from dict.fromkeys(t for c in commands for t in (*c.vehicles, c.destination, c.origin) if t)
