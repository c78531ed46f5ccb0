"""Stops of somebody who is named where the sentence runs on: recognisers leave out the commas of those who shout."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.exclamations import behind_warning
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation
from banksman_edge.nlu.language import AWAITS, AWAITS_BARE, HESITATES, SHOUTS, only_stops
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import WHERE, WHO
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.stop import LIKELY, NOUN_BEHIND, begins_with_stop, exact_stop, shouts
from banksman_edge.nlu.tokens import UNSPACED, together

LEAST_BEHIND = 2
"""Words that are told behind a stop of somebody, where no comma parts them."""
FAR_BEHIND = 3
"""Words between the stop and a place that is told of then: "cart six stop at dock two" sends it there."""
LONGEST_BEFORE = 3
"""Words before a name that stop, at most."""
_WAITS = frozenset({AWAITS, AWAITS_BARE, HESITATES})


def stop_before_a_name(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named right behind it, where nothing parts them from what is told then: "stop cart
    six there's a patient coming"; not in one word, "halte Otto informiert"."""
    whole = grammar.read(text)
    named = _named(whole)
    first = whole.words.match(whole.tokens, 0)
    waits = first is not None and first[0].roles & _WAITS  # "wait for cart two"
    if named is None or waits or not begins_with_stop(whole) or len(whole.mentions) > 1:
        return None
    return _stop_up_to(named.end, whole, grammar)


def stop_behind_a_name(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named right before it: "cart six stop there's a patient coming"."""
    whole = grammar.read(text)
    named = _named(whole)
    found = whole.words.match(whole.tokens, named.end) if named and named.start == 0 else None
    if named is None or found is None or not only_stops(found[0]) or whole.clause.states:
        return None
    if found[0].roles & _WAITS and SHOUTS not in found[0].roles:
        return None  # "Margot attends que le camion arrive" may tell of her
    end = named.end + found[1]
    others = (other for other in whole.mentions if other is not named)
    apart = all(other.what in WHERE and other.start >= end + FAR_BEHIND for other in others)
    unsure = found[1] == 1 or not NOUN_BEHIND.isdisjoint(whole.tokens[end : end + 1])  # 停电, 停止中
    noun = grammar.language in UNSPACED and unsure
    return _stop_up_to(end, whole, grammar) if apart and not noun else None


def stop_after_warning(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop that ends a warning, beside the name of whom it is for: "careful there's somebody behind you cart six
    stop". Without a warning it may be told: "I saw cart six stop"."""
    warned_of = behind_warning(grammar.finder.tokens(text), grammar.language)
    if not warned_of:
        return None
    rest = grammar.read(together(warned_of))
    named = next((mention for mention in rest.mentions if mention.what in WHO), None)
    if named is None or rest.commands or rest.retold or rest.clause.negated:
        return None
    ends = (rest.tokens[start:] for start in range(max(1, named.start - LONGEST_BEFORE), named.start + 1))
    said = (grammar.read(together(tokens)) for tokens in ends if shouts(tokens, rest.words))
    stop = next((stop for end in said if end.mentions and (stop := exact_stop(end))), None)
    return replace(stop, confidence=LIKELY, reason="a stop behind a warning") if stop else None


def _named(whole: Reading) -> Mention | None:
    """Who is named first in what is no order, no tale and no plan."""
    calm = whole.commands or whole.retold or whole.planned or whole.clause.planning or whole.clause.negated
    return None if calm else next((mention for mention in whole.mentions if mention.what in WHO), None)


def _stop_up_to(end: int, whole: Reading, grammar: Grammar) -> Interpretation | None:
    """The stop that the first words are, before others that tell something."""
    if len(whole.tokens) - end < LEAST_BEHIND:
        return None
    said = tuple(mention for mention in whole.mentions if mention.end <= end)
    stop = exact_stop(grammar.reading(whole.tokens[:end], said))
    return replace(stop, confidence=LIKELY, reason="a stop before what else is said") if stop else None
