"""What tells names apart that share words. Of "washing line north" and "washing line south" the last word has to fit by
itself: the words that both have would outvote it. And "loading ramp forty" is no other ramp than number 40.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import contains
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from banksman_edge.nlu.tokens import UNSPACED, Tokens, plain
from banksman_edge.phonetics import alike, sound_of

if TYPE_CHECKING:
    from banksman_edge.nlu.names import Name

TELLING = 0.8
"""Least likeness of what tells names apart: "sowth" is south, "west" (.75 to "east") is not east."""
NUMBER_WORD = 0.55
"""The same for a number that was written as another word: "too"."""
LEAST_SHARED = 2
"""Characters that names share at least where words are not separated; one says nothing."""

Run = tuple[int, int]


def telling_runs(names: Sequence[Name], language: str) -> list[frozenset[Run]]:
    """For each name the stretches of its words by which it differs from names of other things that begin or end as it
    does."""
    alike_at_ends: dict[tuple[bool, str], list[Name]] = {}
    for name in names:
        for end in _ends(name):
            alike_at_ends.setdefault(end, []).append(name)
    least = LEAST_SHARED if language in UNSPACED else 1
    return [
        frozenset(
            run
            for end in _ends(name)
            for other in alike_at_ends[end]
            if (other.what, other.id) != (name.what, name.id)
            for run in _differing(name.tokens, other.tokens, least)
        )
        for name in names
    ]


def fits(name: Name, run: Run, tokens: Tokens, language: str) -> bool:
    """Whether a stretch of a name is among the words heard, misheard or misspelt at most."""
    first, end = run
    words = name.tokens[first:end]
    if name.number is not None and end > name.head:
        words, least = name.tokens[name.head :], NUMBER_WORD
    else:
        least = TELLING
    forms = name.forms[first:end] if len(name.forms) == len(name.tokens) else ()
    own = plain(words)
    sound = sound_of(own, language)
    for heard in _windows(tokens, len(words), own, fewer=len(tokens) < len(name.tokens)):
        if forms and len(heard) == len(forms) and all(map(contains, forms, heard)):
            return True
        text = plain(heard)
        sounds = sound_of(text, language)
        likeness = alike(sounds, sound) if language in UNSPACED else fuzz.ratio(text, own) / 100
        if likeness >= least or (sounds and sounds == sound):
            return True
    return False


def _ends(name: Name) -> set[tuple[bool, str]]:
    return {(True, name.tokens[0]), (False, name.tokens[-1])} if len(name.tokens) > 1 else set()


def _differing(tokens: Tokens, other: Tokens, least: int) -> Iterator[Run]:
    shorter = min(len(tokens), len(other))
    first = next((at for at in range(shorter) if tokens[at] != other[at]), shorter)
    last = next((at for at in range(shorter - first) if tokens[-1 - at] != other[-1 - at]), shorter - first)
    if first + last >= least and first < len(tokens) - last:
        yield first, len(tokens) - last


def _windows(tokens: Tokens, size: int, own: str, *, fewer: bool) -> Iterator[Tokens]:
    """The stretches of words that may be so many words; also parts of words where some were written together."""
    for length in (size, size + 1, size - 1):
        if length > 0:
            yield from (tokens[at : at + length] for at in range(len(tokens) - length + 1))
    if fewer:
        text = plain(tokens)
        yield from ((text[: len(own)],), (text[-len(own) :],))
