"""Sentences that are nothing but a yes or a no, which need no reader."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.understanding.text import Tokens, language_of, tokens_of


def answer_in(text: str, languages: Iterable[str]) -> bool | None:
    """Whether a sentence is a yes (True) or a no (False) in any of the languages; what is a yes in one and a no in
    another is a no."""
    tokens = tokens_of(text)
    answers = {
        answer
        for code in languages
        for answer, phrases in ((True, language_of(code).yes), (False, language_of(code).no))
        if _is_made_of(tokens, phrases)
    }
    return None if not answers else answers == {True}


def a_yes(language: str) -> str:
    """A word that is a yes in a language."""
    return _shortest(language_of(language).yes, "yes")


def a_no(language: str) -> str:
    """A word that is a no in a language."""
    return _shortest(language_of(language).no, "no")


def _shortest(phrases: Iterable[Tokens], default: str) -> str:
    return min((" ".join(phrase) for phrase in phrases), key=lambda text: (len(text), text), default=default)


def _is_made_of(tokens: Tokens, phrases: frozenset[Tokens]) -> bool:
    """Whether it is one or more of some phrases, and nothing else."""
    longest, at = max(map(len, phrases), default=0), 0
    while at < len(tokens):
        length = next((n for n in range(longest, 0, -1) if tokens[at : at + n] in phrases), 0)
        if not length:
            return False
        at += length
    return at > 0
