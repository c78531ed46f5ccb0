"""Which sentences are clearly orders to the fleet although no command can be made of them, so that whoever said them
is told: "go to dock two or dock three". All their words are known, but for a few where somebody is left out of those
that are told; talk stays unanswered.
"""

from __future__ import annotations

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import ARTICLES, FILLER, THEN, WISHES
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.rough import MAX_STRANGE_WORDS
from banksman_edge.nlu.talk import is_cited
from banksman_edge.nlu.tokens import ASKED
from banksman_shared.commands import Action

CERTAIN = 0.95
"""Likeness from which a name is named for certain."""
LEAST = 3
"""Names and verbs in such an order, at least: who, what and where, or two places and a verb."""
_TOLD = frozenset(Action) - {Action.STATUS, Action.NONE, Action.PLAN}


def is_clear_order(reading: Reading, finder: MentionFinder, text: str) -> bool:
    """Whether a sentence of which nothing was made names vehicles or places of the site for certain, and begins with
    an order: with a verb, or with whom it is said to; or tells somebody unnamed to wait until another is done."""
    clause = reading.clause
    if reading.retold or reading.taken_back or ASKED.search(text) or is_cited(text):
        return False
    if reading.waits_until:
        return True
    if clause.spares and not clause.is_talk and clause.unknown_words <= MAX_STRANGE_WORDS:
        return bool(clause.vehicles) and bool(clause.places)
    items = itemize(reading.tokens, finder, reading.mentions)
    told = [item for item in items if item.mention or item.actions & _TOLD or not item.plays(FILLER)]
    open_words = clause.unknown_words or clause.is_talk or clause.states or clause.may_tell or clause.weak_verbs
    if open_words or not told or not all(map(_is_certain, told)):
        return False
    before = items[: items.index(told[0])]  # "we go to dock two" is none
    begins = (told[0].actions or told[0].is_who) and all(item.plays(WISHES) or item.plays(ARTICLES) for item in before)
    said = sum(item.is_who or item.is_where or bool(item.actions & _TOLD) for item in told)
    return bool(begins) and said >= LEAST and any(item.actions & _TOLD for item in told) and not told[-1].plays(THEN)


def _is_certain(item: Item) -> bool:
    mention = item.mention
    return mention is None or (mention.score >= CERTAIN and mention.what is not What.UNKNOWN)
