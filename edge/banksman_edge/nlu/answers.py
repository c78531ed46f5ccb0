"""Yes and no."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.nlu.language import CORRECTS, FILLER, NO, YES, Phrase, language_data
from banksman_edge.nlu.tokens import ASKED, BREAK, tokenize
from banksman_shared.commands import Action


def yes_or_no(text: str, languages: Iterable[str]) -> bool | None:
    """Whether a sentence is nothing but a yes (True) or a no (False), in any of the languages; no wins. Yes, and
    then no, is a no."""
    answers = [_in_language(text, language) for language in languages]
    return False if False in answers else (True if True in answers else None)


def wavers(text: str, languages: Iterable[str]) -> bool:
    """Whether a sentence says no and then yes, in one of the languages: whoever asked has to ask once more."""
    orders = [_said(text, language) for language in languages]
    return any(order and order[-1] and not all(order) for order in orders)


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
    said = _said(text, code)
    if not said or len(set(said)) == 1:
        return said[0] if said else None
    return None if said[-1] else False


def _said(text: str, code: str) -> list[bool]:
    """The yes and no of a sentence that has nothing else in it, in order; empty where it has, or asks. A stop beside a
    yes is a stop."""
    language, tokens = language_data(code), tokenize(text, code)
    found: list[Phrase] = []
    at = 0
    while at < len(tokens):
        phrase, length = language.match(tokens, at) or (None, 1)
        if phrase is None or not phrase.roles & {YES, NO, FILLER, CORRECTS}:
            return []
        found.append(phrase)
        at += length
    said = [phrase for phrase in found if phrase.roles & {YES, NO}]
    answers = [YES in phrase.roles for phrase in said]
    stops = any(Action.STOP in phrase.actions for phrase in found)
    return [] if len(set(answers)) > 1 and (stops or ASKED.search(text)) else answers
