"""Whether words that are only similar to a name, or follow a number, are known to be something else."""

from __future__ import annotations

from banksman_edge.nlu.language import (
    ALL,
    AND,
    ARTICLES,
    ASKS,
    BUT,
    FACTS,
    FROM,
    HAPPENS,
    LOAD,
    LOADS,
    NO,
    NOT,
    PLAN,
    TELLS,
    THEN,
    THERE,
    TO,
    Language,
)
from banksman_edge.nlu.tokens import Tokens

_APART = frozenset({FROM, NOT, NO})
_SMALL = _APART | {TO, AND, BUT, THEN, ARTICLES}
_PARTS = frozenset({LOAD, ALL})
_KNOWN = frozenset({LOAD, ARTICLES, ASKS, TELLS, FACTS, THERE, NOT, HAPPENS})


def is_known_otherwise(tokens: Tokens, start: int, end: int, language: Language, *, made_of_words: bool) -> bool:
    """Whether they are part of a verb, a load, what tells or asks, or a longer phrase: the "sotto" of "mettilo sotto
    carica" is no vehicle called Otto, the "qui" of "celui qui est" no "quai", "اللي على", what is on, no ليلى, the
    article "una" no Luna, "no a" and "un'ora" no Nora and "waste from" no waste room; or, where ``made_of_words``, of
    several: 货放 is no 厨房.
    """
    for at in range(max(0, start - language.longest), start + 1):
        longest = language.match(tokens, at)
        if longest is None or at + longest[1] < end:
            continue
        phrase, length = longest
        several = length > 1 and phrase.roles & {FROM, TO, PLAN}
        if phrase.actions or phrase.roles & _KNOWN or length > end - start or several:
            return True
    small = _is_made_of_small_words(tokens[start:end], language)
    return (
        small
        or _is_verb_with_article(tokens[start:end], language)
        or (made_of_words and _is_made_of_words(tokens, start, end, language))
    )


def counts_nothing(tokens: Tokens, at: int, language: Language) -> bool:
    """Whether what follows a number that ends ``at`` there is known and nothing to be counted, or nothing follows."""
    phrase = language.match(tokens, at)
    return at >= len(tokens) or (phrase is not None and not phrase[0].roles & {LOAD, LOADS})


def _is_verb_with_article(tokens: Tokens, language: Language) -> bool:
    """Whether it is a verb and the article of what follows: the "carrega o" of "carrega o papel" is no carregador."""
    verb, article = (language.phrases.get(part) for part in (tokens[:1], tokens[1:]))
    return bool(verb and verb.actions and article and ARTICLES in article.roles)


def _is_made_of_small_words(tokens: Tokens, language: Language) -> bool:
    """Whether several words are all prepositions and the like, or end in one that says where from or what not."""
    roles = [language.roles_of((token,)) for token in tokens]
    return len(roles) > 1 and (all(role & _SMALL for role in roles) or bool(roles[-1] & _APART))


def _is_made_of_words(tokens: Tokens, start: int, end: int, language: Language) -> bool:
    """Whether verbs, loads and the like follow each other there, and the last of them does not end before ``end``: 都到
    is no 豆豆."""
    at = start
    while at < end and (found := language.match(tokens, at)):
        if not (found[0].actions or found[0].roles & _PARTS or (at > start and found[1] > 1)):
            return False
        at += found[1]
    return at >= end
