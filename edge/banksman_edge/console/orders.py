"""Orders that are chosen on a page instead of said."""

from __future__ import annotations

from typing import Any

from banksman_shared.actions import Action
from banksman_shared.commands import Command, check_against, parse_commands
from banksman_shared.errors import CommandError
from banksman_shared.site import Site

MOST = 10
"""Commands of one order."""


def is_known(site: Site, reference: str) -> bool:
    """Whether the site has such a vehicle, group or kind, or it is all of them."""
    try:
        check_against(site, (Command(Action.STOP, (reference,)),))
    except CommandError:
        return False
    return True


def orders(site: Site, document: Any) -> tuple[Command, ...]:
    """The commands of a document, as in docs/commands.md.

    Raises:
        CommandError: it is none, names what the site lacks, or cannot be chosen.
    """
    commands = parse_commands(document)
    if len(commands) > MOST:
        raise CommandError(f"{len(commands)} commands are more than one order has; choose {MOST} at most")
    if any(command.action in (Action.NONE, Action.PLAN) for command in commands):
        raise CommandError("'plan' and 'none' cannot be chosen; say what is wanted")
    check_against(site, commands)
    return commands
