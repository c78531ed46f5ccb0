"""Numbers as people say them: digits, words, ordinals, with the endings and joins that a site's names are said with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from banksman_edge.understanding.text.inflection import split_prefixes
from banksman_edge.understanding.text.language import Language
from banksman_edge.understanding.text.scales import LARGE, SHORTEST, THOUSAND, scaled
from banksman_edge.understanding.text.tokens import RANK, Tokens, tokens_of
from banksman_shared.numerals import number_words

DIGITS = range(10)
HUNDRED = 100
LEAST_SPELT = 100
"""Numbers from which they may be said digit by digit."""
SPOKEN = range(121)
"""Numbers whose words are known in every case; larger ones are learnt from the site."""


_TENS = range(20, 100, 10)
_WHOLE_TENS = range(10, 100, 10)


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number at the start of some tokens: its value, how many tokens it takes, and whether it ranks."""

    value: int
    length: int
    ordinal: bool
    role: str = ""
    """What its ending makes of a place: "ikiye", to two."""


class NumberReader:
    """Reads numbers of one language. ``also``: values beyond SPOKEN that must be understood."""

    def __init__(self, language: Language, also: Iterable[int] = ()) -> None:
        inflection, numbers = language.inflection, language.numbers
        self._language = code = language.code
        self._remembered = lru_cache(4096)(self._read)
        self._suffixes = frozenset({RANK, *(s for suffix in numbers.ordinal_suffixes for s in tokens_of(suffix))})
        self._prefix = _rank_prefix(code)
        self._endings = inflection.suffixes
        ands = frozenset(language.closed.get("and", ()))
        self._prefixes = tuple(prefix for prefix in inflection.prefixes if (prefix,) in ands)
        self._words: dict[Tokens, tuple[int, bool, str]] = {}
        values = sorted({*SPOKEN, *also})
        spoken = _spoken(code, values, numbers.ordinals)
        spoken += [(word, value, False) for word, value in numbers.extra.items()]
        for word, value, ordinal in spoken:
            for form, role in inflection.forms(word).items():
                self._words.setdefault(form, (value, ordinal, role))
        # Whatever else a form may be, a base form is itself.
        self._words |= {tokens_of(word): (value, ordinal, "") for word, value, ordinal in spoken}
        # "وعشرين" in "خمسة وعشرين" is "and twenty", as in any other sentence.
        single = frozenset(tokens[0] for tokens in self._words if len(tokens) == 1)
        self._words = {split_prefixes(k, inflection.prefixes, single): v for k, v in self._words.items() if k}
        self._longest = max(map(len, self._words), default=1)
        self._spelt = frozenset(value for value in values if value >= LEAST_SPELT)
        self._hundreds = {
            words[0]: value
            for words, (value, ordinal, _) in self._words.items()
            if len(words) == 1
            and value >= HUNDRED
            and value % HUNDRED == 0
            and not ordinal
            and len(words[0]) > SHORTEST
        }
        self._joins = frozenset(tokens_of(word) for word in numbers.joins)
        self._digit_joins = frozenset(tokens_of(word) for word in numbers.digit_joins)

    @property
    def words(self) -> frozenset[str]:
        """All tokens of number words."""
        return frozenset(token for tokens in self._words for token in tokens)

    def read(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        """The longest number that starts at ``start``; the last ones are remembered."""
        return self._remembered(tokens, start)

    def read_of(
        self, tokens: Tokens, start: int, exists: Callable[[int], bool], ends: Callable[[Tokens, int], bool]
    ) -> SpokenNumber | None:
        """The number that starts at ``start``; where it does not exist, and one does that recognisers have written with
        tens and ones apart, "30 y 2", that one, if a number ``ends`` behind it."""
        found = self.read(tokens, start)
        if found is None or exists(found.value) or not tokens[start].isdigit() or found.value not in _WHOLE_TENS:
            return found
        for join in self._digit_joins:
            at = start + 1 + len(join)
            ones = self.read(tokens, at) if tokens[start + 1 : at] == join else None
            if ones and not ones.ordinal and 0 < ones.value < 10 and exists(found.value + ones.value):
                end = at + ones.length
                if ends(tokens, end):
                    return SpokenNumber(found.value + ones.value, end - start, ordinal=False)
        return found

    def _read(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        if start >= len(tokens):
            return None
        if tokens[start].isdigit():
            return self._scaled(tokens, start, self._digits(tokens, start))
        if tokens[start] == self._prefix and tokens[start + 1 : start + 2] and tokens[start + 1].isdigit():
            return SpokenNumber(int(tokens[start + 1][:9]), 2, ordinal=True)
        if spelt := self._digit_by_digit(tokens, start):
            return self._scaled(tokens, start, spelt)
        found = self._longest_word(tokens, start)
        return found and self._scaled(tokens, start, self._composed(tokens, start, found))

    def _scaled(self, tokens: Tokens, start: int, first: SpokenNumber) -> SpokenNumber:
        """With "hundred", "thousand" and what is added to them."""
        value, length, last = scaled(tokens, start, first, self._language, self._longest_word)
        return first if length == first.length else SpokenNumber(value, length, last.ordinal, last.role)

    def _longest_word(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        for length in range(min(self._longest, len(tokens) - start), 0, -1):
            if found := self._words.get(tokens[start : start + length]):
                value, ordinal, role = found
                return SpokenNumber(value, length, ordinal, role)
        return self._in_one_word(tokens[start]) or self._behind_prefix(tokens[start]) if start < len(tokens) else None

    def _behind_prefix(self, token: str) -> SpokenNumber | None:
        """A number with an "and" written onto it: "وأربعة"."""
        for prefix in self._prefixes:
            if token.startswith(prefix) and (found := self._words.get((token[len(prefix) :],))):
                return SpokenNumber(found[0], 1, found[1], found[2])
        return None

    def _in_one_word(self, token: str) -> SpokenNumber | None:
        """Hundreds written together with what is added to them: "zweihundertfünf"."""
        for hundreds, value in self._hundreds.items():
            if token.startswith(hundreds) and (rest := self._words.get((token[len(hundreds) :],))):
                return SpokenNumber(value + rest[0], 1, rest[1], rest[2]) if rest[0] < HUNDRED else None
        return None

    def _digit_by_digit(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        """A number of the site said in the words of its digits: 三零七, "three oh seven"."""
        value, at = 0, start
        while digit := self._words.get(tokens[at : at + 1]) or self._words.get(tokens[at : at + 2]):
            at += 1 if tokens[at : at + 1] in self._words else 2
            if digit[1] or digit[0] > DIGITS[-1]:
                return None
            value = 10 * value + digit[0]
            if value in self._spelt:
                return SpokenNumber(value, at - start, ordinal=False)
        return None

    def _composed(self, tokens: Tokens, start: int, first: SpokenNumber) -> SpokenNumber:
        """With what is joined to it: tens to ones, both to hundreds, "مئتين وخمسة وعشرين"."""
        after = start + first.length
        join = next((join for join in self._joins if tokens[after : after + len(join)] == join), None)
        if first.ordinal or join is None:
            return first
        second = self._longest_word(tokens, after + len(join))
        if second is None or second.ordinal:
            return first
        if first.value % 100 == 0 and first.value and second.value < 100:
            second = self._composed(tokens, after + len(join), second)
        elif not (first.value < 10 and second.value in _TENS):
            return first
        return SpokenNumber(first.value + second.value, first.length + len(join) + second.length, False, second.role)

    def _digits(self, tokens: Tokens, start: int) -> SpokenNumber:
        """Digits, with what ranks or inflects them: "3rd", "9.", "2'ye"."""
        value, following = int(tokens[start][:9]), tokens[start + 1] if start + 1 < len(tokens) else ""
        if following in self._suffixes:
            return SpokenNumber(value, 2, ordinal=True)
        if following in self._endings:
            return SpokenNumber(value, 2, ordinal=False, role=self._endings[following])
        return SpokenNumber(value, 1, ordinal=False)


def _rank_prefix(language: str) -> str:
    """What makes a rank of a number before it, also of digits: 第 in 第二."""
    cardinals = {tokens_of(word) for word in number_words(language, 2)}
    ranks = {tokens_of(word) for word in number_words(language, 2, ordinal=True)}
    return next((rank[0] for rank in ranks if len(rank) > 1 and rank[1:] in cardinals), "")


def _spoken(language: str, values: Sequence[int], ordinals: Mapping[str, int]) -> list[tuple[str, int, bool]]:
    """Words of numbers, their values, and whether they rank: ranks first."""
    spoken = [
        (form, value, ordinal)
        for ordinal in (True, False)
        for value in values
        for form in number_words(language, value, ordinal=ordinal)
    ]
    spoken += [
        (word, value, False)
        for value in set(LARGE).difference(values)
        for word in number_words(language, value)
        if value < THOUSAND or len(tokens_of(word)) == 1
    ]
    spoken += [(word, value, True) for word, value in _ranks_of_hundreds(language, ordinals, values).items()]
    return spoken


def _ranks_of_hundreds(language: str, ordinals: Mapping[str, int], values: Iterable[int]) -> dict[str, int]:
    """Ranks that a language's file has, and those of hundreds where only the rest ranks: "trzysta siódmy"."""
    ranks = dict(ordinals)
    for value in values:
        hundreds, rest = value - value % HUNDRED, value % HUNDRED
        for rank in [rank for rank, of in ordinals.items() if of == rest and hundreds and rest]:
            ranks |= {f"{word} {rank}": value for word in number_words(language, hundreds)}
    return ranks
