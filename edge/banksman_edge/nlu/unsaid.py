"""What a language model reads of a sentence though no known word of it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.for_planner import says_amounts
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import CALLS
from banksman_edge.nlu.tokens import BREAK
from banksman_shared.commands import Action, Command


def is_unsaid(action: Action, clause: Clause, *, questioned: bool) -> bool:
    """Whether no known word says that somebody goes on, that something is asked, or that it has to be planned: "welcome
    back to Falcon Crest, the story continues" was read as "resume"."""
    if action in (Action.RESUME, Action.STATUS):
        asked = action is Action.STATUS and (questioned or clause.asks or clause.able or clause.arrived)
        return not (asked or action in clause.actions)
    if action is not Action.PLAN:
        return False
    # "Is the hall shut on Fridays at five?" asks, and has a time.
    return (questioned and not clause.wishes) or not (clause.planning or clause.goal or says_amounts(clause))


def asks_something_else(command: Command, clause: Clause) -> bool:
    """Whether a model takes for a question about the state of a whole kind or group what no known word asks: "when does
    the early shift go home?"."""
    several = command.action is Action.STATUS and any(":" in vehicle for vehicle in command.vehicles)
    return several and not (Action.STATUS in clause.actions or clause.able or clause.arrived)


def calls_another(text: str, items_of: Callable[[str], Sequence[Item]]) -> bool:
    """Whether somebody else is spoken to, by a name that the site does not have, before a comma or behind a word that
    calls, about something unknown: "Marco, where did you put the keys of cart two?"."""
    first, *rest = [part for part in BREAK.split(text) if part] or [""]
    called = items_of(first) if rest else ()
    alone = any(item.unknown for item in called) and not any(item.mention or item.actions for item in called)
    alone = alone and any(item.unknown for part in rest for item in items_of(part))
    return alone or any(one.plays(CALLS) and other.unknown for one, other in pairwise(items_of(text)))
