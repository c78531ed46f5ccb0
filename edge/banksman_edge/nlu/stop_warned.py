"""Stops at the end of a warning that runs on: recognisers leave out the commas of those who shout."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.exclamations import behind_warning, shouts
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation
from banksman_edge.nlu.names import WHO
from banksman_edge.nlu.stop import LIKELY, exact_stop
from banksman_edge.nlu.tokens import together

LONGEST_BEFORE = 3
"""Words before a name that stop, at most."""


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
