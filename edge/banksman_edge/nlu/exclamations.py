"""What is called out before something else: a warning before a stop, "look out, cart six, stop!", or that all is well
again. The words are ``warns`` and ``clears`` of the table ``[provisos]``."""

from __future__ import annotations

from functools import cache

from banksman_edge.nlu.language import Language, table_of
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, together, tokenize


def behind_all_clear(text: str, language: Language) -> str:
    """The text without a first clause that only says that all is well again: "all clear, all carts can go on". Anywhere
    else such words may be a condition, or what is asked."""
    first, *rest = BREAK.split(text, maxsplit=1)
    cleared = rest and rest[0] and tokenize(first, language.code) in _phrases("clears", language.code)
    return rest[0] if cleared else text


def behind_warning(text: str, code: str) -> str:
    """What is said behind the warning with which a text begins; nothing where it begins with none. Where words have
    spaces between them something must set it off, for it may lead on: "cuidado para"."""
    if code not in UNSPACED:
        first, *rest = BREAK.split(text, maxsplit=1)
        return rest[0] if rest and tokenize(first, code) in _phrases("warns", code) else ""
    tokens = tokenize(text, code)
    begun = [len(warning) for warning in _phrases("warns", code) if tokens[: len(warning)] == warning]
    return together(tokens[max(begun) :]) if begun else ""


@cache
def _phrases(key: str, code: str) -> frozenset[Tokens]:
    return frozenset(tokenize(phrase, code) for phrase in table_of(code).get("provisos", {}).get(key, ()))
