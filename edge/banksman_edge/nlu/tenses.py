"""What tells by the word beside it: what is going on or to come, "عم تروح", "هتروح", and what became of a load."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import BEFALLS, FILLER, FORETELLS, HAPPENS, IMPERFECT, INDICATIVE, ONGOING, TASKS, THERE
from banksman_edge.nlu.neighbours import is_done
from banksman_shared.commands import Action

if TYPE_CHECKING:
    from banksman_edge.nlu.clause import Clause


def add_what_is_told(clause: Clause, items: Sequence[Item]) -> None:
    """Whether the clause tells how things are; or may, as what is to come also tells whoever is named to do it."""
    # "There is a pallet at dock one" tells, "there is a pallet at dock one, bring it here" orders.
    clause.tells |= not clause.verbs and any(
        item.plays(THERE) or (item.ends_in(THERE) and len(clause.places) == 1) for item in items
    )
    done = any(is_done(items, index) for index in range(1, len(items)))
    clause.tells, clause.facts = clause.tells or done, clause.facts or done
    going_on = _is_going_on(items)
    clause.tells |= going_on or _befell_load(items)
    clause.facts |= (going_on and not clause.wishes) or _task_happens(items)
    told = bool(clause.vehicles or clause.groups or clause.kinds)
    clause.states |= told and _is_to_come(items)
    clause.facts |= not told and (_is_to_come(items) or any(item.plays(INDICATIVE) for item in items))
    clause.facts |= _is_mine_to_come(items)


def _is_going_on(items: Sequence[Item]) -> bool:
    """Whether a word says of a verb that it is being done, "بتروح", "قاعد سالم يروح". What stops nevertheless does."""
    apart = [item for item in items if not item.is_who]
    pairs = [*pairwise(items), *(pair for pair in pairwise(apart) if not pair[0].plays(FILLER))]
    return any(word.plays(ONGOING) and verb.plays(IMPERFECT) and verb.actions != {Action.STOP} for word, verb in pairs)


def _task_happens(items: Sequence[Item]) -> bool:
    """Whether it is told how far a task is, whoever does it: "خلص عنتر نقل البضاعة"."""
    words = [item for item in items if not item.is_who]
    return any(word.plays(HAPPENS) and task.plays(TASKS) for word, task in pairwise(words))


def _is_to_come(items: Sequence[Item]) -> bool:
    return any(word.plays(FORETELLS) and verb.plays(IMPERFECT) for word, verb in pairwise(items))


def _is_mine_to_come(items: Sequence[Item]) -> bool:
    """Whether the words of what is to come are no small words, as the "ه" of "هالرصيف", this dock, is, and say so of
    whoever speaks: "هشحن", I will charge; or stand for themselves: "راح", went."""
    behind = [*items[1:], Item(0, 0)]
    return any(
        word.plays(FORETELLS) and not verb.plays(IMPERFECT) and (bool(verb.actions) or not word.plays(FILLER))
        for word, verb in zip(items, behind, strict=False)
    )


def _befell_load(items: Sequence[Item]) -> bool:
    """Whether the first verb tells what became of the load before it, "الطرد وصل", where an order would say "وصله"."""
    first = next((at for at, item in enumerate(items) if item.actions and not item.leads_as_verb), 0)
    before = items[:first]
    named = any(item.is_who for item in before)
    return bool(before) and items[first].plays(BEFALLS) and not named and any(item.is_load for item in before)
