"""Forms of words: names and numbers stand in a site's file in their base form, and are said with endings.

The endings are data (``[endings]`` of ``languages/xx.toml``): in place of which ending of the base form they stand, and
what they say: which role a place gets where endings do the work of prepositions ("rampaya", to the ramp), or that there
are several. Endings that no word has cost nothing, so the tables say too much rather than too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, product
from typing import Any

from banksman_edge.understanding.text.tokens import ARTICLE, Tokens, tokens_of

PLURAL, PAIR, THOSE, OBJECT = "plural", "pair", "those", "object"
"""Roles of endings: there are several, or two (the dual of Arabic); those who are at a place ("mutfaktakiler"); what
the verb acts on."""
_ROLES = ("any", "plural", "those", "from", "there", "to", "object")

Harmony = Mapping[str, Mapping[str, str]]
"""Letters of endings that stand for a vowel, by the vowel before: -lAr is -lar after a and -ler after e."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """``old``: ending of the base form; ``new``: what stands in its place; ``role``: what that says. Endings of equal
    role and ``position`` in their lists agree: "drugiego" with "trzydziestego"."""

    role: str
    old: str
    new: str
    position: int


@dataclass(frozen=True, slots=True)
class Inflection:
    """The endings of one language. ``prefixes``: words that are written onto the next, longest first: و in والرافعة;
    ``suffixes``: endings as tokens of their own, after a digit or an apostrophe ("2'ye"), with their roles."""

    nouns: tuple[_Rule, ...] = ()
    several: tuple[_Rule, ...] = ()
    harmony: Harmony = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    suffixes: Mapping[str, str] = field(default_factory=dict)

    def forms(self, phrase: str) -> dict[Tokens, str]:
        """The forms of a phrase as tokens, with the role of the last word's ending: only the last word inflected, or
        all of them alike ("dwudziesta pierwsza", "dwudziestej pierwszej")."""
        found = {tokens_of(phrase): ""}
        *first, last = phrase.split()
        before = tuple(chain.from_iterable(map(_tokens_of_word, first)))
        for rule in self.nouns:
            if not _ends(last, rule.old):
                continue
            form = _tokens_of_word(self._inflected(last, rule))
            found.setdefault(before + form, rule.role)
            for words in product(*(list(self._agreeing(word, rule)) for word in first)) if first else ():
                found.setdefault((*chain.from_iterable(map(_tokens_of_word, words)), *form), rule.role)
        return found

    def written(self, phrase: str) -> set[str]:
        """The forms of a phrase as they are written."""
        return {phrase, *self._written(phrase, self.nouns)}

    def plurals(self, phrase: str) -> set[str]:
        """Those that say that there are several."""
        several = tuple(rule for rule in self.nouns if rule.role in (PLURAL, PAIR))
        return set(self._written(phrase, (*several, *self.several)))

    def _written(self, phrase: str, rules: Sequence[_Rule]) -> Iterator[str]:
        *first, last = phrase.split()
        yield from (" ".join([*first, self._inflected(last, rule)]) for rule in rules if _ends(last, rule.old))

    def forms_of_words(self, phrase: str) -> tuple[dict[str, str], ...]:
        """For each token of a name the forms it may take by itself, with their roles: in "zimny magazyn" both words
        have endings, in "strefa pakowania" one."""
        tokens, words = tokens_of(phrase), phrase.split()
        if len(words) != len(tokens):
            return tuple({token: ""} for token in tokens)
        return tuple(self._forms_of_word(word) for word in words)

    def _forms_of_word(self, word: str) -> dict[str, str]:
        found = {form[0]: role for form, role in self.forms(word).items() if len(form) == 1}
        for rule in self.several:
            if _ends(word, rule.old) and len(form := tokens_of(self._inflected(word, rule))) == 1:
                found.setdefault(form[0], PLURAL)
        return found

    def _agreeing(self, word: str, rule: _Rule) -> Iterator[str]:
        for other in self.nouns:
            if (other.role, other.position) == (rule.role, rule.position) and _ends(word, other.old):
                yield self._inflected(word, other)

    def _inflected(self, word: str, rule: _Rule) -> str:
        made = word[: len(word) - len(rule.old)]
        for letter in rule.new:
            vowels = self.harmony.get(letter)
            before = next((v for v in reversed(made.casefold()) if v in vowels), "") if vowels else ""
            made += vowels[before] if vowels and before else letter
        return made


@lru_cache(1 << 15)
def _tokens_of_word(word: str) -> Tokens:
    """The tokens of a word; numbers are made of few words, in very many forms."""
    return tokens_of(word)


def inflection_of(table: Mapping[str, Any]) -> Inflection:
    """From ``[endings]`` of a language's file; a language without it has no forms but the base form."""
    nouns = [rule for role in _ROLES for rule in _rules(role, table)]
    several = [rule for role in ("several", PAIR) for rule in _rules(role, table)]
    harmony: Harmony = table.get("harmony", {})
    suffixes: dict[str, str] = {}
    for rule in nouns:
        for written in _in_all_harmonies(rule.new, harmony) if table.get("digits") and not rule.old else ():
            if len(token := tokens_of(written)) == 1:
                suffixes.setdefault(token[0], rule.role)
    prefixes = tuple(sorted(table.get("prefixes", ()), key=len, reverse=True))
    return Inflection(tuple(nouns), tuple(several), harmony, prefixes, suffixes)


def split_prefixes(tokens: Tokens, prefixes: Sequence[str], known: frozenset[str]) -> Tokens:
    """Take prefixes off the words that are known only without them: وعشرين is و and عشرين."""
    return tuple(chain.from_iterable(without_prefixes(token, prefixes, known) or (token,) for token in tokens))


def without_prefixes(token: str, prefixes: Sequence[str], known: frozenset[str]) -> Tokens | None:
    """The prefixes of a token, without an article among them, and the known word behind them; None if there is none.
    A letter by itself is no such word: with an aisle called "أ", "لا", no, is not "to A"."""
    if token in known:
        return (token,)
    for prefix in prefixes:
        rest = token[len(prefix) :] if token.startswith(prefix) else ""
        if len(rest) > 1 and (apart := without_prefixes(rest, prefixes, known)):
            return apart if prefix == ARTICLE else (prefix, *apart)
    return None


def _rules(role: str, table: Mapping[str, Any]) -> Iterator[_Rule]:
    said = "" if role == "any" else role
    return (
        _Rule(said, old, new, position)
        for old, endings in table.get(role, {}).items()
        for position, new in enumerate(endings)
    )


def _in_all_harmonies(ending: str, harmony: Harmony) -> Iterator[str]:
    choices = (sorted(set(harmony[letter].values())) if letter in harmony else [letter] for letter in ending)
    return map("".join, product(*choices))


def _ends(word: str, ending: str) -> bool:
    return word.casefold().endswith(ending) and len(word) > len(ending)
