"""Forms of words: names and numbers stand in a site's file and in number rules in their base form only, and are
said with the endings of their language.

The endings are data (``[inflection]`` in ``data/xx.toml``): in place of which ending of the base form they stand, and
what they say: which role a place gets where endings do the work of prepositions ("rampaya", to the ramp), that there
are several, that something is not to be done. Endings that no word has cost nothing, so the tables say too much rather
than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product
from typing import Any

from banksman_edge.nlu.tokens import ARTICLE, Tokens, tokenize

OBJECT = "object"
"""The role of an ending that makes a noun what the verb acts on."""
THOSE = "those"
"""The role of an ending that makes a place those who are there: "mutfaktakiler"."""
PLURAL, PAIR = "plural", "pair"
"""The roles of endings that say that there are several, or two: the dual of Arabic. ``pair`` is also their table."""
ANY, VERB, NEGATED, SEVERAL, STATES, TOLD = "any", "verb", "negated", "several", "states", "told"
"""Tables of endings: of nouns that give no role, of verbs that ask for the same and for the contrary, of names of which
there are several, of verbs that tell as well as they ask, as of what will be or can be, and of those that only tell, of
what is being done or was."""

_DOUBLED = re.compile(r"[sxz][sx]\b")
"""No plural has two of them at the end of a word: "repas" is its own."""

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
    """The endings of one language."""

    code: str
    nouns: tuple[_Rule, ...] = ()
    verbs: tuple[_Rule, ...] = ()
    harmony: Harmony = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    """Words that are written onto the next, longest first: و in والرافعة."""
    several: tuple[_Rule, ...] = ()
    """Endings that say that there are several of what a name means, or two; other words do not take them."""
    suffixes: Mapping[str, str] = field(default_factory=dict)
    """Endings as tokens of their own, after a digit ("2'ye"), with their roles."""

    def written(self, phrase: str) -> dict[str, str]:
        """The forms of a name as they are written, with the role that the last word's ending gives: only the last
        word inflected, or all of them alike ("dwudziesta pierwsza", "dwudziestej pierwszej")."""
        forms = {phrase: ""}
        for form, rule in self._last_inflected(phrase, self.nouns):
            forms.setdefault(form, rule.role)
            *first, _ = phrase.split()
            for words in product(*(list(self._agreeing(word, rule)) for word in first)) if first else ():
                forms.setdefault(" ".join([*words, form.rpartition(" ")[2]]), rule.role)
        return forms

    def plurals(self, phrase: str) -> set[str]:
        """The forms of a name that may mean several of it: its first word inflected, its last, or both: "salles de
        soins", "wash bays", "chariots élévateurs"."""
        *first, last = phrase.split() or [""]
        found = {form for form, _ in self._last_inflected(phrase, self.several)}
        for head, _ in self._last_inflected(first[0], self.several) if first else ():
            found |= {" ".join([head, *first[1:], end]) for end in (last, *(f.rpartition(" ")[2] for f in found))}
        return {form for form in found if not _DOUBLED.search(form)}

    def forms(self, phrase: str) -> dict[Tokens, str]:
        """The forms of a name as tokens, with their roles."""
        return self._tokens(self.written(phrase))

    def pairs(self, phrase: str) -> dict[Tokens, str]:
        """The forms of a word that mean two of it, as tokens, with the role PAIR."""
        rules = [rule for rule in self.several if rule.role == PAIR]
        return self._tokens({form: rule.role for form, rule in self._last_inflected(phrase, rules)})

    def forms_of_verb(self, phrase: str) -> dict[Tokens, str]:
        """The forms of a phrase that ends in a verb, as tokens, with the role NEGATED, STATES, TOLD or none."""
        return self._tokens({form: rule.role for form, rule in self._last_inflected(phrase, self.verbs)})

    def forms_of_words(self, phrase: str) -> tuple[dict[str, str], ...]:
        """For each token of a name the forms it may take by itself, with their roles: in "zimny magazyn" both words
        have endings, in "strefa pakowania" one."""
        tokens = tokenize(phrase, self.code)
        words = phrase.split()
        if len(words) != len(tokens):
            return tuple({token: ""} for token in tokens)
        return tuple({form[0]: role for form, role in self._of_name(word).items() if len(form) == 1} for word in words)

    def _of_name(self, word: str) -> dict[Tokens, str]:
        several = {form: rule.role for form, rule in self._last_inflected(word, self.several)}
        return self.forms(word) | self._tokens(several)

    def _last_inflected(self, phrase: str, rules: Sequence[_Rule]) -> Iterator[tuple[str, _Rule]]:
        *first, last = phrase.split()
        for rule in rules:
            if _ends(last, rule.old):
                yield " ".join([*first, self._inflect(last, rule)]), rule

    def _agreeing(self, word: str, rule: _Rule) -> Iterator[str]:
        for other in self.nouns:
            if (other.role, other.position) == (rule.role, rule.position) and _ends(word, other.old):
                yield self._inflect(word, other)

    def _tokens(self, written: Mapping[str, str]) -> dict[Tokens, str]:
        found: dict[Tokens, str] = {}
        for form, role in written.items():
            found.setdefault(tokenize(form, self.code), role)
        return found

    def _inflect(self, word: str, rule: _Rule) -> str:
        made = word[: len(word) - len(rule.old)]
        for letter in rule.new:
            vowels = self.harmony.get(letter)
            before = next((v for v in reversed(made.casefold()) if v in vowels), "") if vowels else ""
            made += vowels[before] if vowels and before else letter
        return made


def inflection_of(code: str, table: Mapping[str, Any]) -> Inflection:
    """From ``[inflection]`` of a language's file; a language without it has no forms but the base form."""
    nouns = [rule for role in table if role not in _NOT_NOUNS for rule in _rules(role, table)]
    verbs = [rule for role in (VERB, STATES, TOLD, NEGATED) for rule in _rules(role, table)]
    harmony: Harmony = table.get("harmony", {})
    suffixes: dict[str, str] = {}
    for rule in nouns:
        for written in _in_all_harmonies(rule.new, harmony) if table.get("digits") and not rule.old else ():
            if len(token := tokenize(written, code)) == 1:
                suffixes.setdefault(token[0], rule.role)
    prefixes = tuple(sorted(table.get("prefixes", ()), key=len, reverse=True))
    several = tuple(replace(rule, role=PLURAL) for rule in _rules(SEVERAL, table)) + tuple(_rules(PAIR, table))
    return Inflection(code, tuple(nouns), tuple(verbs), harmony, prefixes, several, suffixes)


_NOT_NOUNS = frozenset(
    {VERB, NEGATED, STATES, TOLD, SEVERAL, PAIR, "harmony", "prefixes", "digits", "imperfect", "indicative"}
)


def _rules(role: str, table: Mapping[str, Any]) -> Iterator[_Rule]:
    said = "" if role in (ANY, VERB) else role
    return (
        _Rule(said, old, new, position)
        for old, endings in table.get(role, {}).items()
        for position, new in enumerate(endings)
    )


def _in_all_harmonies(ending: str, harmony: Harmony) -> Iterator[str]:
    choices = (sorted(set(harmony[letter].values())) if letter in harmony else [letter] for letter in ending)
    return map("".join, product(*choices))


def split_words(tokens: Tokens, prefixes: Sequence[str], known: frozenset[str]) -> Tokens:
    """Take prefixes off the words that are known only without them."""
    return tuple(chain.from_iterable(_split(token, prefixes, known) or (token,) for token in tokens))


def _split(token: str, prefixes: Sequence[str], known: frozenset[str]) -> Tokens | None:
    """The known word at the end of a token after its prefixes, without an article among them, as it is without one
    before them; None if there is none. A letter by itself is no such word: with an aisle called "أ", "لا", no, is not
    "to A"."""
    if token in known:
        return (token,)
    for prefix in prefixes:
        rest = token[len(prefix) :] if token.startswith(prefix) else ""
        if len(rest) > 1 and (apart := _split(rest, prefixes, known)):
            return apart if prefix == ARTICLE else (prefix, *apart)
    return None


def _ends(word: str, ending: str) -> bool:
    return word.casefold().endswith(ending) and len(word) > len(ending)
