"""Where somebody is sent to what the site does not have, in words that it does not know: "all forklifts to the second
corridor" is answered with that there is no second corridor."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import TO, Language
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.prepositions import preposition_of
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import UNSPACED, Tokens, together
from banksman_shared.commands import Action

MOST_WORDS = 3
"""Words, or half the characters where words are not separated, that the name of a place may have."""


def strange_place(reading: Reading, finder: MentionFinder) -> str:
    """What stands where a place would, in an order that is understood but for that; "" where nothing does."""
    clause = reading.clause
    told = clause.vehicles or clause.groups or (clause.kinds and (clause.everybody or clause.verbs))
    else_said = clause.places or clause.zones or clause.has_load or clause.is_talk or clause.planning or reading.retold
    goes = clause.weak_verbs or all(Action.MOVE in verb for verb in clause.verbs)
    if not told or else_said or not goes:
        return ""
    items = itemize(reading.tokens, finder, reading.mentions)
    strange = [at for at, item in enumerate(items) if _may_name(item)]
    first, last = (strange[0], strange[-1]) if strange else (0, 0)
    long = last - first + 1 > MOST_WORDS * (1 + (finder.language.code in UNSPACED))
    named = any(items[at].unknown and items[at].amount is None for at in strange)
    if long or not named or len(strange) != last - first + 1:
        return ""
    tokens = reading.tokens[items[first].start : items[last].end]
    return together(tokens) if _is_governed(items, first, last, tokens, finder.language) else ""


def _may_name(item: Item) -> bool:
    return item.unknown or (item.amount is not None and item.mention is None and not item.actions)


def _is_governed(items: Sequence[Item], first: int, last: int, tokens: Tokens, language: Language) -> bool:
    """Whether a preposition, or an ending, says that somebody goes there."""
    marker = preposition_of(items, last if language.postfix else first, postfix=language.postfix)
    ends = any(tokens[-1].endswith(ending) and role == TO for ending, role in language.inflection.suffixes.items())
    return ends or (marker is not None and marker.plays(TO))
