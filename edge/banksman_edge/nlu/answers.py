"""Yes and no."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.nlu.language import FILLER, NO, YES, language_data
from banksman_edge.nlu.tokens import BREAK, tokenize


def yes_or_no(text: str, languages: Iterable[str]) -> bool | None:
    """Whether a sentence is nothing but a yes (True) or a no (False), in any of the languages; no wins."""
    answers = [_in_language(text, language) for language in languages]
    return False if False in answers else (True if True in answers else None)


def after_exclaimed_no(text: str, code: str) -> str | None:
    """What follows a no that is set off by a comma or the like, or None."""
    said, *rest = BREAK.split(text, maxsplit=1)
    words = [language_data(code).phrases.get((token,)) for token in tokenize(said, code)]
    is_no = bool(words) and all(word and NO in word.roles and not word.actions for word in words)
    return rest[0] if is_no and rest and rest[0] else None


def behind_yes(text: str, languages: Iterable[str]) -> str:
    """What follows a yes that is set off by a comma or the like; nothing where that is not there."""
    said, *rest = BREAK.split(text, maxsplit=1)
    return rest[0] if rest and any(_in_language(said, language) for language in languages) else ""


def _in_language(text: str, code: str) -> bool | None:
    language, tokens = language_data(code), tokenize(text, code)
    roles: set[str] = set()
    at = 0
    while at < len(tokens):
        found = language.match(tokens, at)
        if found is None or not found[0].roles & {YES, NO, FILLER}:
            return None
        roles |= found[0].roles & {YES, NO}
        at += found[1]
    if NO in roles and YES not in roles:
        return False
    return True if roles == {YES} else None
