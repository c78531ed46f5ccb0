"""Phrases of a language as its sentences are split, where words are written onto others."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.inflection import split_words
from banksman_edge.nlu.language import Language, Phrase
from banksman_edge.nlu.tokens import Tokens


def with_words_apart(language: Language, known: frozenset[str]) -> Language:
    """The language with phrases in which a word that is known alone is not written together with what precedes it, as
    in the sentences that they are looked for in: "بالشاحن" in "plug into the charger" hides the name in "بالشاحن 2",
    and "وخذ" in "go and take" the verb in "وخذه"."""
    prefixes = language.inflection.prefixes
    if not prefixes:
        return language
    phrases: dict[Tokens, Phrase] = {}
    for tokens, phrase in language.phrases.items():
        apart = split_words(tokens, prefixes, known)
        same = phrases.get(apart, phrase)
        phrases[apart] = Phrase(phrase.actions | same.actions, phrase.roles | same.roles)
    separable = {
        split_words(verb, prefixes, known): {split_words(rest, prefixes, known): found for rest, found in rests.items()}
        for verb, rests in language.separable.items()
    }
    return replace(language, phrases=phrases, longest=max(map(len, phrases), default=1), separable=separable)
