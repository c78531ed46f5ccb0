"""The typed command that an order becomes, and how it is read, checked and written.

The JSON form is part of the product's contract::

    {"action": "transport", "vehicles": ["agv-3"], "from": "aisle-9", "to": "dock-2"}

A sequence is an array of such objects; nothing understood is ``{"action": "none", "vehicles": []}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from banksman_shared.actions import Action
from banksman_shared.errors import CommandError

if TYPE_CHECKING:
    from banksman_shared.site import Site


DRIVING = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT, Action.CHARGE, Action.PARK, Action.OWN})
"""By which a vehicle is sent somewhere."""
HANDLING = frozenset({Action.PICK, Action.DROP, Action.TRANSPORT})
"""What a vehicle does with a load."""
ON_THE_SPOT = frozenset({Action.PICK, Action.DROP, Action.OWN})
"""What is done where a vehicle stands, if no place is said."""
EVERYBODY = "*"
SELECTORS = ("group:", "kind:", "at:")


class Command(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One checked wish. ``vehicles`` holds ids or one selector; empty means that the system chooses. ``name``: of an
    action of the site's own."""

    action: Action
    # No default: the contract wants the key written even when it is empty.
    vehicles: tuple[str, ...]
    origin: str | None = msgspec.field(default=None, name="from")
    destination: str | None = msgspec.field(default=None, name="to")
    name: str | None = None

    def given_to(self, *vehicles: str) -> Command:
        """The same command for other vehicles."""
        return msgspec.structs.replace(self, vehicles=vehicles)


NOTHING = Command(Action.NONE, ())
STOP_ALL = Command(Action.STOP, (EVERYBODY,))


def parse_commands(document: object) -> tuple[Command, ...]:
    """Read one command object or an array of them.

    Raises:
        CommandError: the document does not have the contract's form.
    """
    try:
        if isinstance(document, list):
            commands = msgspec.convert(document, tuple[Command, ...])
        else:
            commands = (msgspec.convert(document, Command),)
    except msgspec.ValidationError as error:
        raise CommandError(f"not a command: {error}; see docs/commands.md for the form") from error
    if not commands:
        raise CommandError("an empty list is not a command; nothing to do is the action 'none'")
    return commands


def to_document(commands: Sequence[Command]) -> Any:
    """The contract's JSON form: an object for one command, an array for a sequence."""
    documents = [msgspec.json.decode(msgspec.json.encode(command)) for command in commands]
    return documents[0] if len(documents) == 1 else documents


def check_against(site: Site, commands: Iterable[Command]) -> None:
    """See that everything a command names exists on the site.

    Raises:
        CommandError: the first name that does not.
    """
    for command in commands:
        for reference in command.vehicles:
            _check_vehicle(site, reference)
        for place in (command.origin, command.destination):
            if place is not None and place not in site.places:
                raise CommandError(f"site {site.id} has no place '{place}'")
        if (command.action is Action.OWN or command.name) and command.name not in site.actions:
            raise CommandError(f"site {site.id} has no action '{command.name}' of its own")


def _check_vehicle(site: Site, reference: str) -> None:
    kind, _, name = reference.partition(":")
    known = {
        "group": name in site.groups,
        "kind": name in site.vehicle_kinds,
        "at": name in site.places,
    }.get(kind, False)
    if reference != EVERYBODY and reference not in site.vehicles and not known:
        raise CommandError(f"site {site.id} has no vehicle, group, kind or place '{reference}'")
