"""What people on one site also say for an action, ``[phrases.xx]`` of its file, in place of which the language's own
words are read: "ga bunkeren" is "laden". So a phrase of a site is understood wherever the action is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.language import language_of
from banksman_edge.understanding.text.tokens import Tokens, tokens_of, words_of
from banksman_shared.actions import Action
from banksman_shared.site import Site

GAP = "…"
"""Stands in a phrase for the sentence between its two parts: "gooi … vol"."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    head: Tokens
    tail: Tokens
    stands_for: str


class SitePhrases:
    """The phrases of one site."""

    def __init__(self, site: Site) -> None:
        self._phrases = {code: tuple(_phrases(site, code)) for code in site.languages}

    def in_plain_words(self, text: str, code: str) -> str:
        """A text with the language's own words in place of the site's phrases."""
        for phrase in self._phrases.get(code, ()):
            text = _replaced(text, phrase)
        return text


def _phrases(site: Site, code: str) -> Iterator[_Phrase]:
    for action, phrases in site.phrases.get(code, {}).items():
        if stands_for := _own_word(Action(action), code):
            for phrase in phrases:
                head, _, tail = phrase.partition(GAP)
                yield _Phrase(tokens_of(head), tokens_of(tail), stands_for)


def _own_word(action: Action, code: str) -> str:
    """What a language says for an action, the shortest and surest way; nothing where no word is known."""
    if action is Action.STOP:
        known = sorted(language_of(code).shouts or language_of(code).stops, key=lambda one: (len(one), one))
    else:
        known = [phrase for phrase, actions in phrases_of(code).actions.items() if action in actions]
        known.sort(key=lambda one: len(phrases_of(code).actions[one]))
    return " ".join(known[0]) if known else ""


def _replaced(text: str, phrase: _Phrase) -> str:
    words = words_of(text)
    for at in range(len(words)):
        end = at + len(phrase.head)
        if not phrase.head or words.tokens[at:end] != phrase.head:
            continue
        behind = range(end, len(words) - len(phrase.tail) + 1) if phrase.tail else range(0)
        tail = next((b for b in behind if words.tokens[b : b + len(phrase.tail)] == phrase.tail), None)
        if phrase.tail and tail is None:
            continue
        text = words.text
        if tail is not None:
            start, stop = words.spans[tail][0], words.spans[tail + len(phrase.tail) - 1][1]
            text = f"{text[:start].rstrip()}{text[stop:]}"
        return f"{text[: words.spans[at][0]]}{phrase.stands_for}{text[words.spans[end - 1][1] :]}"
    return text
