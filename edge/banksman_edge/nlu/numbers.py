"""Numbers as people say them: digits, words, ordinals. Words come from Unicode's number rules (unicode-rbnf)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
        try:
            engine = RbnfEngine.for_language(language)
        except ValueError:
            engine = None
        values = sorted({*SPOKEN, *also})
        for ordinal, purpose in ((True, FormatPurpose.ORDINAL), (False, FormatPurpose.CARDINAL)):
            for value in values if engine else ():
                self._learn(engine, language, value, purpose, ordinal=ordinal)
        self._words |= {tokenize(word, language): (value, False) for word, value in extra.items()}
        self._longest = max(map(len, self._words), default=1)

    def _learn(self, engine: RbnfEngine, language: str, value: int, purpose: FormatPurpose, *, ordinal: bool) -> None:
        try:
            forms = engine.format_number(value, purpose).text_by_ruleset.values()
        except ValueError:
            return  # the rules of this language have no such form
        for form in forms:
            key = tokenize(form, language)
            if key and not key[0].isdigit():
                self._words[key] = (value, ordinal)

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
