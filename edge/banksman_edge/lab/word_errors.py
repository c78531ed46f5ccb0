"""How wrong a text is: errors of words, and of characters where a script has no spaces."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import Levenshtein

from banksman_edge.understanding.text import Language, NumberReader, tokens_of


def errors(reference: str, heard: str, language: str) -> tuple[int, int]:
    """Wrong, missing and added words, and how many words there are in the reference.

    Words that Chinese and Japanese have no spaces between are counted by character. Case, punctuation, Chinese
    scripts and the spelling of numbers ("two", "2") make no difference.
    """
    wanted = normalised(reference, language)
    return Levenshtein.distance(wanted, normalised(heard, language)), len(wanted)


def normalised(text: str, language: str) -> tuple[str, ...]:
    """The words that count, numbers as digits."""
    tokens, reader = tokens_of(text), _reader(language)
    words: list[str] = []
    at = 0
    while at < len(tokens):
        number = reader.read(tokens, at)
        words.append(str(number.value) if number else tokens[at])
        at += number.length if number else 1
    return tuple(words)


@cache
def _reader(language: str) -> NumberReader:
    return NumberReader(Language(language))
