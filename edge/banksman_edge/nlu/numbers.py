"""Numbers as people say them: digits, words, ordinals. Words come from Unicode's number rules (unicode-rbnf)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from unicode_rbnf import FormatPurpose, RbnfEngine

from banksman_edge.nlu.tokens import Tokens, tokenize

SPOKEN = range(121)
"""Numbers whose words are known in every case; larger ones are learnt from the site."""


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number at the start of some tokens: its value, how many tokens it takes, and whether it ranks."""

    value: int
    length: int
    ordinal: bool


class NumberReader:
    """Reads numbers of one language. ``also``: values beyond SPOKEN that must be understood."""

    def __init__(
        self, language: str, *, suffixes: Iterable[str], extra: Mapping[str, int], also: Iterable[int]
    ) -> None:
        self._suffixes = frozenset(s for suffix in suffixes for s in tokenize(suffix, language))
        self._words: dict[Tokens, tuple[int, bool]] = {}
        for ordinal in (True, False):
            for value in sorted({*SPOKEN, *also}):
                for form in number_words(language, value, ordinal=ordinal):
                    self._words[tokenize(form, language)] = (value, ordinal)
        self._words |= {tokenize(word, language): (value, False) for word, value in extra.items()}
        self._longest = max(map(len, self._words), default=1)

    def read(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        """The longest number that starts at ``start``."""
        if start >= len(tokens):
            return None
        if tokens[start].isdigit():
            ranked = start + 1 < len(tokens) and tokens[start + 1] in self._suffixes
            return SpokenNumber(int(tokens[start][:9]), 2 if ranked else 1, ranked)
        for length in range(min(self._longest, len(tokens) - start), 0, -1):
            if found := self._words.get(tokens[start : start + length]):
                return SpokenNumber(found[0], length, found[1])
        return None


def number_words(language: str, value: int, *, ordinal: bool = False) -> tuple[str, ...]:
    """A number in words, in all genders and cases the language has; none where its rules are not known."""
    purpose = FormatPurpose.ORDINAL if ordinal else FormatPurpose.CARDINAL
    try:
        forms = _engine(language).format_number(value, purpose).text_by_ruleset.values()
    except ValueError:
        return ()
    return tuple(dict.fromkeys(form for form in forms if form and not unicodedata.normalize("NFKC", form)[0].isdigit()))


@cache
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)
