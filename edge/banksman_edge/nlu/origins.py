"""Where a load comes from, where no word says "from"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, FILLER, HITHER, IT, THERE
from banksman_edge.nlu.names import What
from banksman_edge.nlu.neighbours import fetches
from banksman_shared.commands import Action

if TYPE_CHECKING:
    from banksman_edge.nlu.clause import Clause


_GOING = frozenset({Action.MOVE, Action.TRANSPORT})


def put_fetched_at_origin(clause: Clause, items: Sequence[Item]) -> None:
    """What is brought back is where somebody goes for it: "go to the lab and bring the box back". Who takes something
    there, too, does two things, which are for the planner."""
    joint = next((i for i, item in enumerate(items) if item.plays(AND)), len(items))
    before, behind = items[:joint], items[joint:]
    brought = any(item.plays(HITHER) for item in behind) and any(item.is_load for item in behind)
    if not brought or len(clause.places) != 1 or not any(_is_place(item) for item in before):
        return
    if any(item.is_load for item in before):
        clause.planning = True
    elif any(item.actions for item in before) and all(item.actions <= _GOING for item in before):
        clause.origins = clause.places
        clause.destinations, clause.neutral = [], []


def _is_place(item: Item) -> bool:
    return item.mention is not None and item.mention.what is What.PLACE


def _tells_where(items: Sequence[Item], at: int) -> bool:
    """Whether it is told first that a load is at the place at ``at``: "रैंप चौदह पर पैलेट है, उसे लाइन दो ले जाओ"."""
    second = next((i for i, item in enumerate(items) if i > at and _is_place(item)), len(items))
    told, before = items[at + 1 : second], items[:at]
    told_of = any(item.is_load for item in (*before, *told)) and not any(item.is_who for item in told)
    return told_of and any(item.plays(THERE) for item in told) and not any(item.actions for item in (*before, *told))


def put_load_at_origin(clause: Clause, items: Sequence[Item]) -> None:
    """Of two places, the one that a load is said to be at is where it comes from: "the crate by gate two belongs at the
    glass store". The word for "to" may say where it is, before the verb: "la cassa al cancello due va nel deposito"."""
    at = next((i for i, item in enumerate(items) if item.mention and item.mention.what is What.PLACE), 0)
    verb_first = any(item.actions and not item.leads for item in items[:at])
    alike = len(clause.neutral) == 2 and not clause.destinations
    if len(clause.destinations) == len(clause.places) == 2 and fetches(items):
        clause.origins.append(clause.destinations.pop(0))
    loads = [item for item in items if item.is_load and not item.plays(IT)]
    one_load = len(loads) <= 1 and not any(item.plays(AND) for item in items)
    subject = not verb_first and bool(clause.verbs) and not clause.weak_verbs
    if clause.origins or len(clause.places) != 2 or not (one_load and (alike or subject)):
        return
    verb = next((i for i, item in enumerate(items) if i > at and item.actions and not item.leads), at)
    said = next((item for item in reversed(items[:at]) if item.is_load or not (item.leads or item.plays(FILLER))), None)
    first = items[at].mention
    if alike and not verb_first and any(item.is_load for item in items[at:verb]):
        clause.origins.append(clause.neutral.pop(0))  # "na linii drugiej stoją skrzynki, zawieź je na rampę pierwszą"
    elif first and (_tells_where(items, at) or (said and not said.actions and (said.is_load or said.unknown))):
        for places in (clause.neutral, clause.destinations):
            if first.ids[0] in places:
                places.remove(first.ids[0])
                clause.origins.append(first.ids[0])
