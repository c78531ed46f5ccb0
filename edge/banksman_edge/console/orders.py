"""Orders that are chosen on a page instead of said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from banksman_shared.actions import Action
from banksman_shared.commands import Command, check_against, parse_commands
from banksman_shared.errors import CommandError
from banksman_shared.site import Site

MOST = 10
"""Commands of one order."""


def stop(site: Site, references: Sequence[str]) -> tuple[Command, tuple[str, ...]]:
    """A stop of those of the vehicles, groups and kinds that the site has, and those that it has not.

    Raises:
        CommandError: it has none of them.
    """
    strange = tuple(each for each in references if not _is_known(site, each))
    known = tuple(each for each in references if each not in strange)
    if not known:
        raise CommandError(
            f"nobody was stopped: the site has no {_listed(strange)}" if strange else "say who is to stop"
        )
    return Command(Action.STOP, known), strange


def not_stopped(strange: Sequence[str]) -> str:
    """What is said of those that the site has not, while the others stop."""
    return f"the site has no {_listed(strange)}; the others are stopped"


def _listed(references: Sequence[str]) -> str:
    return ", ".join(references)[:200]


def _is_known(site: Site, reference: str) -> bool:
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
