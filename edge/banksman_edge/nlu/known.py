"""Whether words that are only similar to a name are known to be something else."""

from __future__ import annotations

from banksman_edge.nlu.language import LOAD, Language
from banksman_edge.nlu.tokens import Tokens


def is_known_otherwise(tokens: Tokens, start: int, end: int, language: Language, *, made_of_words: bool) -> bool:
    """Whether they are part of a verb, a load or a longer phrase: the "sotto" of "mettilo sotto carica" is no vehicle
    called Otto, the "qui" of "celui qui est" no "quai"; or, where ``made_of_words``, of several: 货放 is no 厨房.
    """
    for at in range(max(0, start - language.longest), start + 1):
        longest = language.match(tokens, at)
        if longest is None or at + longest[1] < end:
            continue
        phrase, length = longest
        if phrase.actions or LOAD in phrase.roles or length > end - start:
            return True
    return made_of_words and _is_made_of_words(tokens, start, end, language)


def _is_made_of_words(tokens: Tokens, start: int, end: int, language: Language) -> bool:
    """Whether verbs and loads follow each other there, and the last of them does not end before ``end``."""
    at = start
    while at < end and (found := language.match(tokens, at)):
        if not (found[0].actions or LOAD in found[0].roles or (at > start and found[1] > 1)):
            return False
        at += found[1]
    return at >= end
