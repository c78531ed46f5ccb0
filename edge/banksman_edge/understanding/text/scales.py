"""Words that continue a number and make a larger one of it: "shuttle two hundred" is not shuttle two.

They are what Unicode's rules leave of two hundred, two thousand and so on without the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from banksman_edge.understanding.text.tokens import Tokens, is_unspaced, tokens_of
from banksman_shared.numerals import number_words

if TYPE_CHECKING:
    from banksman_edge.understanding.text.numbers import SpokenNumber

HUNDRED, THOUSAND = 100, 1000
SCALES = (HUNDRED, THOUSAND, 10_000, 100_000, 1_000_000)
LARGE = (*range(200, THOUSAND, HUNDRED), *range(2000, 10_000, THOUSAND))
"""Numbers that are written as one word in many languages: "dwieście", "zweitausend"."""
SHORTEST = 3
"""Letters that such a word has at least where it is written together with another."""
_COUNTS = (1, 2, 3, 5)
_REST = (5, 20)
_OTHERWISE = frozenset({("千", "万")})
"""What is hardly ever a number: "by all means"."""


@cache
def scales_of(language: str) -> dict[Tokens, int]:
    """The words for hundred, thousand and so on that may follow a number."""
    found: dict[Tokens, int] = {}
    for scale in SCALES:
        for count in _COUNTS:
            words = [word for o in (False, True) for word in number_words(language, count * scale, ordinal=o)]
            for word in words:
                tokens = tokens_of(word)
                if count == 1 and len(tokens) == 1 and scale <= THOUSAND:
                    found.setdefault(tokens, scale)
                for rest in _without(tokens, number_words(language, count)):
                    found.setdefault(rest, scale)
    return found


@cache
def joins_of(language: str) -> tuple[Tokens, ...]:
    """What stands between hundreds and what is added to them: "and", or nothing."""
    found: set[Tokens] = set()
    for rest in _REST:
        ends = [tokens_of(word) for word in number_words(language, rest)]
        for word in number_words(language, 2 * HUNDRED + rest):
            tokens = tokens_of(word)
            for end in ends:
                before = tokens[: -len(end)] if tokens[-len(end) :] == end else ()
                hundreds = [before[:n] for n in range(len(before), 0, -1) if _ends_with_scale(before[:n], language)]
                found |= {before[len(hundreds[0]) :]} if hundreds else set()
    return tuple(sorted(found, key=len, reverse=True))


def scaled(
    tokens: Tokens,
    start: int,
    first: SpokenNumber,
    language: str,
    read_word: Callable[[Tokens, int], SpokenNumber | None],
) -> tuple[int, int, SpokenNumber]:
    """The value and length of a number with the words that continue it, and the last word of it."""
    whole, part, at, last = 0, first.value, start + first.length, first
    room = HUNDRED if part >= HUNDRED and part % HUNDRED == 0 and not tokens[start].isdigit() else 0
    while not last.ordinal:
        length, scale = _scale_at(tokens, at, language)
        if scale:
            part, at, room = max(part, 1) * scale, at + length, scale
            if scale >= THOUSAND:
                whole, part = whole + part, 0
            continue
        added = _added(tokens, at, language, read_word) if room else None
        if added is None or added[1].value >= room:
            break
        last = added[1]
        part, at, room = part + last.value, added[0] + last.length, 0
    return whole + part, at - start, last


def _added(
    tokens: Tokens, at: int, language: str, read_word: Callable[[Tokens, int], SpokenNumber | None]
) -> tuple[int, SpokenNumber] | None:
    """What is added to hundreds, and where it begins."""
    for join in joins_of(language):
        begin = at + len(join)
        if tokens[at:begin] == join and (word := read_word(tokens, begin)) and word.value:
            return begin, word
    return None


def _scale_at(tokens: Tokens, at: int, language: str) -> tuple[int, int]:
    scales = scales_of(language)
    if tokens[at : at + 2] not in _OTHERWISE:
        for length in (2, 1):
            words = tokens[at : at + length]
            if scale := scales.get(words):
                return len(words), scale
    return 0, 0


def _without(tokens: Tokens, counts: tuple[str, ...]) -> Iterator[Tokens]:
    for word in counts:
        count = tokens_of(word)
        if len(tokens) > len(count) and tokens[: len(count)] == count:
            yield tokens[len(count) :]
        elif len(tokens) == len(count) == 1 and not is_unspaced(tokens[0][0]) and tokens[0].startswith(count[0]):
            rest = tokens[0][len(count[0]) :]
            if len(rest) >= SHORTEST:
                yield (rest,)


def _ends_with_scale(tokens: Tokens, language: str) -> bool:
    hundreds = {tokens_of(word) for word in number_words(language, 2 * HUNDRED)}
    return tokens in hundreds or tokens[-1:] in scales_of(language)
