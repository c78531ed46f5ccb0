"""Forms of words: names and numbers stand in a site's file and in number rules in their base form only, and are
said with the endings of their language.

The endings are data (``[inflection]`` in ``data/xx.toml``): in place of which ending of the base form they stand, and
which role a place gets by them where endings do the work of prepositions ("rampaya", to the ramp). Endings that no
word has cost nothing, so the tables say too much rather than too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from banksman_edge.nlu.tokens import Tokens, tokenize

OBJECT = "object"
"""The role of an ending that makes a noun what the verb acts on."""
ANY = "any"
"""Endings that give no role."""

_SHORTEST_STEM = 2
"""Letters that must be left of a word when its ending is taken off."""


@dataclass(frozen=True, slots=True)
class Inflection:
    """The endings of one language. ``rules``: role, ending of the base form, ending in its place."""

    code: str
    rules: tuple[tuple[str, str, str], ...] = ()
    prefixes: tuple[str, ...] = ()
    """Words that are written onto the next, longest first: و in والرافعة."""
    suffixes: Mapping[str, str] = field(default_factory=dict)
    """Endings as tokens of their own, after a digit ("2'ye"), with their roles."""

    def written(self, phrase: str) -> dict[str, str]:
        """The forms of a name as they are written, with the role that the last word's ending gives: only the last
        word inflected, or all of them alike ("dwudziesta pierwsza", "dwudziestej pierwszej")."""
        *first, last = phrase.split()
        forms = {phrase: ""}
        for role, old, new in self.rules:
            if not _ends(last, old):
                continue
            ended = _with(last, old, new)
            forms.setdefault(" ".join([*first, ended]), role)
            if first and all(_ends(word, old) for word in first):
                forms.setdefault(" ".join([*(_with(word, old, new) for word in first), ended]), role)
        return forms

    def forms(self, phrase: str) -> dict[Tokens, str]:
        """The forms of a name as tokens, with their roles."""
        found: dict[Tokens, str] = {}
        for form, role in self.written(phrase).items():
            found.setdefault(tokenize(form, self.code), role)
        return found

    def forms_of_words(self, phrase: str) -> tuple[dict[str, str], ...]:
        """For each token of a name the forms it may take by itself, with their roles: in "zimny magazyn" both words
        have endings, in "strefa pakowania" one."""
        tokens = tokenize(phrase, self.code)
        words = phrase.split()
        if len(words) != len(tokens):
            return tuple({token: ""} for token in tokens)
        return tuple({form[0]: role for form, role in self.forms(word).items() if len(form) == 1} for word in words)


def inflection_of(code: str, table: Mapping[str, object]) -> Inflection:
    """From ``[inflection]`` of a language's file; a language without it has no forms but the base form."""
    rules = tuple(_rules(table))
    suffixes: dict[str, str] = {}
    for role, old, new in rules:
        if not old and len(token := tokenize(new, code)) == 1:
            suffixes.setdefault(token[0], role)
    prefixes = table.get("prefixes", ())
    assert isinstance(prefixes, Sequence)  # noqa: S101  the files are ours
    return Inflection(code, rules, tuple(sorted(prefixes, key=len, reverse=True)), suffixes)


def _rules(table: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for role, endings in table.items():
        if isinstance(endings, Mapping):
            for old, new in endings.items():
                yield from (("" if role == ANY else role, old, ending) for ending in new)


def split_words(tokens: Tokens, prefixes: Sequence[str], known: frozenset[str]) -> Tokens:
    """Take prefixes off the words that are known only without them."""
    return tuple(chain.from_iterable(_split(token, prefixes, known) or (token,) for token in tokens))


def _split(token: str, prefixes: Sequence[str], known: frozenset[str]) -> Tokens | None:
    """The known word at the end of a token after its prefixes; None if there is none."""
    if token in known:
        return (token,)
    for prefix in prefixes:
        if token.startswith(prefix) and (rest := _split(token[len(prefix) :], prefixes, known)):
            return prefix, *rest
    return None


def _ends(word: str, ending: str) -> bool:
    return word.casefold().endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM


def _with(word: str, old: str, new: str) -> str:
    return word[: len(word) - len(old)] + new
